//! Every way that a dose can stand, medicines as needed, and a medicine with no times yet that the clinic completes.

use std::time::Duration;

use chrono::{DateTime, Days as CalendarDays, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    api::{
        account::{DEVICES, Device},
        sync::{Operation, OperationBody, Outcome, PUSH, Push, Pushed},
    },
    dose::{DoseAct, DoseEvent, NotNotified},
    id::{DeviceId, DoseEventId, MedicationId, OperationId, PatientId},
    quantity::Quantity,
    record::{Colour, Form, Look as Drawn, Medication, MedicationStatus, Revision},
    schedule::{Days, Dose, Rule, Schedule, SlotTime, Window, Zone, plan_occurrences},
};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::{Browser, morning_zone},
};
use uuid::Uuid;

use super::{gallery::Gallery, signed_in};
use crate::{beside_others, main_job::sign_up};

const ADA: &str = "ada@story.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_that_a_dose_can_stand_is_told_in_words_and_shape() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    ada.screen("today").await;
    fill(&Account::sign_in(&backend, ADA).await).await;

    // The record as it was before the browser looks: what the reminders of another device have noted.
    for state in [
        "missed",
        "taken-late",
        "not-notified",
        "no-entry",
        "skipped",
        "taken",
        "late",
        "snoozed",
        "due",
        "ahead",
    ] {
        ada.find(&format!(r#"[data-test="dose-row"][data-state="{state}"]"#))
            .await;
    }
    gallery.state(&ada, "doses-card-late").await;
    for state in ["missed", "taken", "late", "ahead"] {
        let row = format!(r#"[data-test="dose-row"][data-state="{state}"]"#);
        gallery.state_at(&ada, &format!("doses-{state}"), Some(&row)).await;
    }
    ada.press_css(r#"[data-test="dose-row"][data-name^="Warfarin"] [data-test="row-enter"]"#)
        .await;
    ada.see("amount-ask").await;
    ada.press_css(r#"[data-test="dose-card"] [data-test="dose-taken"]"#)
        .await;
    ada.see("field-fault").await;
    gallery.state(&ada, "doses-amount-asked").await;
    ada.fill("amount-ask", "2.5").await;
    ada.press_css(r#"[data-test="dose-card"] [data-test="dose-taken"]"#)
        .await;
    ada.see("undo").await;
    // The bar stays for eight seconds; then it is looked at no more.
    gallery.in_place(&ada, "undo", super::gallery::Look::Light, None).await;

    ada.press("as-needed-take").await;
    ada.find(r#"[data-test="as-needed-row"] .tag.late"#).await;
    gallery
        .state_at(&ada, "as-needed-next-allowed", Some(r#"[data-test="as-needed-row"]"#))
        .await;
    ada.press("as-needed-take").await;
    ada.see("limit").await;
    gallery
        .state_at(&ada, "as-needed-limit", Some(r#"[data-test="limit"]"#))
        .await;
    ada.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_medicine_without_times_waits_until_the_clinic_completes_it() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = signed_in(&url, "ada@demo.example").await;
    ada.press("add-medicine").await;
    ada.fill("medicine-name", "Levothyroxine 50 mcg").await;
    ada.choose("preset-not-yet").await;
    ada.press("save-medicine").await;
    ada.screen("medicine").await;
    gallery.state(&ada, "medicine-without-times").await;
    ada.press("tab-medicines").await;
    let row = r#"[data-test="medicine-row"][data-name^="Levothyroxine"]"#;
    gallery.state_at(&ada, "medicines-without-times", Some(row)).await;
    ada.press("tab-today").await;
    let waiting = r#"[data-test="no-times-row"][data-name^="Levothyroxine"]"#;
    ada.find(waiting).await;
    gallery.state_at(&ada, "today-without-times", Some(waiting)).await;

    let nurse = signed_in(&url, "nurse@demo.example").await;
    nurse.press("open-patient").await;
    nurse.screen("patient").await;
    nurse.press_css(row).await;
    nurse.press("edit-medicine").await;
    nurse.screen("medicine-form").await;
    nurse.choose("preset-once").await;
    nurse.fill("amount-value", "50").await;
    nurse.set("amount-unit", "mcg").await;
    nurse.set("time-0", "23:59").await;
    nurse.see("preview-time").await;
    gallery.state(&nurse, "clinic-sets-times").await;
    nurse.press("save-medicine").await;
    nurse.screen("medicine").await;
    gallery.state(&nurse, "clinic-medicine").await;

    ada.find_within(
        r#"[data-test="dose-row"][data-name^="Levothyroxine"][data-time="23:59"]"#,
        Duration::from_secs(10),
    )
    .await;
    ada.gone(waiting, Duration::from_secs(1)).await;
    ada.held_its_tongue(&[]).await;
    nurse.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}

/// A medicine of one time a day, and what happened to it this morning.
struct Morning {
    name: &'static str,
    at: (u32, u32),
    miss_after_min: u32,
    dose: Option<Quantity>,
    critical: bool,
    /// What was recorded, and how many minutes after it was due.
    happened: Option<(DoseAct, i64)>,
}

/// A day with a dose in every state that there is, on a clock where it is past eight in the morning.
async fn fill(account: &Account) {
    let zone = morning_zone();
    let tablet = || Some(Quantity::new(1, "tablet"));
    let morning = |name, at, happened| Morning {
        name,
        at,
        miss_after_min: 180,
        dose: tablet(),
        critical: false,
        happened,
    };
    let taken = || DoseAct::Taken {
        amount: None,
        override_reason: None,
    };
    let snoozed = DoseAct::Snoozed {
        until: Utc::now() + TimeDelta::minutes(10),
    };
    let asleep = DoseAct::NotNotified {
        reason: NotNotified::Asleep,
    };
    let day = [
        morning("Bisoprolol 5 mg", (1, 0), Some((DoseAct::Missed {}, 180))),
        morning("Ramipril 10 mg", (1, 30), Some((taken(), 370))),
        morning("Omeprazole 20 mg", (2, 0), Some((asleep, 5))),
        morning("Folic acid 5 mg", (2, 30), None),
        morning(
            "Furosemide 40 mg",
            (5, 0),
            Some((DoseAct::Skipped { reason: None }, 10)),
        ),
        morning("Hydrochlorothiazide 12.5 mg", (6, 0), Some((taken(), 4))),
        Morning {
            critical: true,
            ..morning("Levetiracetam 500 mg", (6, 30), None)
        },
        morning("Metformin 500 mg", (7, 45), Some((snoozed, 10))),
        morning("Amlodipine 5 mg", (8, 0), None),
        Morning {
            dose: None,
            ..morning("Warfarin", (8, 0), None)
        },
        morning("Simvastatin 20 mg", (21, 0), None),
    ];
    let devices: Vec<Device> = account.get(DEVICES).await;
    let device = devices
        .iter()
        .find(|device| device.current)
        .expect("it is signed in")
        .id;
    let mut bodies = Vec::new();
    for one in day {
        let medication = scheduled(account.patient(), zone, &one);
        let event = one
            .happened
            .map(|(what, after)| event(account, device, zone, &medication, what, after));
        bodies.push(OperationBody::PutMedication { base: 0, medication });
        bodies.extend(event.map(|event| OperationBody::LogDose { event }));
    }
    bodies.push(OperationBody::PutMedication {
        base: 0,
        medication: as_needed(account.patient(), zone),
    });
    let operations = bodies
        .into_iter()
        .map(|body| Operation {
            id: OperationId::from_uuid(Uuid::now_v7()),
            body,
        })
        .collect();
    let pushed: Pushed = account.post(PUSH, &Push { operations }).await;
    for result in pushed.results {
        assert!(matches!(result.outcome, Outcome::Applied { .. }), "{result:?}");
    }
}

fn scheduled(patient: PatientId, zone: Tz, one: &Morning) -> Medication {
    let times = vec![SlotTime {
        slot: "only".to_owned(),
        at: NaiveTime::from_hms_opt(one.at.0, one.at.1, 0).expect("a time of day"),
    }];
    let rule = Rule::Wall {
        times,
        days: Days::Every {},
    };
    let dose = one.dose.clone().map_or(Dose::Ask {}, |amount| Dose::Fixed { amount });
    Medication {
        critical: one.critical,
        ..medication(patient, one.name, schedule(zone, rule, dose, Some(one.miss_after_min)))
    }
}

fn as_needed(patient: PatientId, zone: Tz) -> Medication {
    let rule = Rule::AsNeeded {
        min_gap_min: 240,
        max_count: Some(4),
        max_amount: None,
        per_min: 1_440,
        ingredients: vec!["paracetamol".to_owned()],
    };
    let amount = Quantity::new(500, "mg");
    medication(
        patient,
        "Paracetamol 500 mg",
        schedule(zone, rule, Dose::Fixed { amount }, None),
    )
}

fn schedule(zone: Tz, rule: Rule, dose: Dose, miss_after_min: Option<u32>) -> Schedule {
    Schedule {
        zone: Zone::Home { tz: zone },
        start: Utc::now().with_timezone(&zone).date_naive(),
        end: None,
        max_count: None,
        rule,
        dose,
        window: Window {
            early_min: 60,
            late_min: 60,
            miss_after_min,
        },
    }
}

fn medication(patient: PatientId, name: &str, schedule: Schedule) -> Medication {
    Medication {
        id: MedicationId::from_uuid(Uuid::now_v7()),
        patient,
        clinic: None,
        version: 0,
        name: name.to_owned(),
        codes: Vec::new(),
        ingredients: Vec::new(),
        instruction: Some("with water".to_owned()),
        look: Drawn {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: false,
        plan: vec![Revision {
            number: 1,
            from: schedule.start,
            since: None,
            schedule,
        }],
        status: MedicationStatus::Active {},
        authored: Some(Utc::now() - TimeDelta::days(2)),
        stock: None,
    }
}

fn event(
    account: &Account,
    device: DeviceId,
    zone: Tz,
    medication: &Medication,
    what: DoseAct,
    after: i64,
) -> DoseEvent {
    let today = Utc::now().with_timezone(&zone).date_naive();
    let midnight = |date: chrono::NaiveDate| -> DateTime<Utc> {
        let local = date.and_time(NaiveTime::MIN).and_local_timezone(zone);
        local.single().expect("this zone never changes").with_timezone(&Utc)
    };
    let range = midnight(today)..midnight(today + CalendarDays::new(1));
    let all = plan_occurrences(medication, range, zone.into(), &[]);
    let occurrence = all.first().expect("it is due today");
    let at = occurrence.due + TimeDelta::minutes(after);
    DoseEvent {
        id: DoseEventId::from_uuid(Uuid::now_v7()),
        patient: medication.patient,
        medication: medication.id,
        occurrence: Some(occurrence.id.clone()),
        due: Some(occurrence.due),
        what,
        at: at.with_timezone(&zone).fixed_offset(),
        zone,
        recorded_at: at,
        by: account.session.me.person,
        device,
    }
}
