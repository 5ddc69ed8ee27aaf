//! A clinic with five hundred patients: its worklist comes up, is searched and is scrolled. It says how long each takes; a measure of speed is the bench.

use std::{
    fs,
    time::{Duration, Instant},
};

use chrono::{Days as CalendarDays, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    access::StaffRole,
    api::{
        account::{DEVICES, Device},
        sync::{MAX_OPERATIONS, Operation, OperationBody, Outcome, PUSH, Push, Pushed},
    },
    dose::{DoseAct, DoseEvent},
    id::{DeviceId, DoseEventId, MedicationId, OperationId, PatientId},
    quantity::Quantity,
    record::{Colour, Form, Look, Medication, MedicationStatus, Revision},
    schedule::{Days, Dose, Rule, Schedule, SlotTime, Window, Zone, plan_occurrences},
};
use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::alone;

const ADMIN: &str = "admin@story.example";
const DOCTOR: &str = "doctor@story.example";
const PATIENTS: usize = 500;
const ZONE: Tz = Tz::Africa__Lagos;
/// Entries of each patient.
const ENTRIES: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_patients_come_up_and_are_searched_and_scrolled() {
    let _alone = alone().await;
    let backend = Backend::start(Engine::Embedded).await;
    backend.found_clinic("Administrator", ADMIN).await;
    import(&backend).await;
    let account = doctor(&backend).await;
    let patients = account.patients().await;
    assert_eq!(patients.len(), PATIENTS);
    fill(&account, &patients).await;

    let browser = Browser::start().await;
    browser.go(&backend.url()).await;
    browser.fill("sign-in-email", DOCTOR).await;
    browser.fill("sign-in-password", PASSWORD).await;
    let start = Instant::now();
    browser.press("sign-in-submit").await;
    whole(&browser).await;
    println!(
        "{PATIENTS} patients: from the sign-in to the worklist {:?}",
        start.elapsed()
    );

    browser.press("tab-settings").await;
    browser.screen("settings").await;
    let start = Instant::now();
    browser.press("tab-clinic").await;
    whole(&browser).await;
    let again = start.elapsed();
    println!("{PATIENTS} patients: back to the worklist {again:?}");

    let start = Instant::now();
    browser.fill("worklist-search", "Patient 0499").await;
    browser
        .gone(r#"[data-test="worklist-row"]:nth-child(2)"#, Duration::from_secs(20))
        .await;
    let searched = start.elapsed();
    println!("{PATIENTS} patients: searched in {searched:?}");
    browser.fill("worklist-search", "P").await;
    whole(&browser).await;

    let longest = scrolled(&browser).await;
    println!("{PATIENTS} patients: the longest picture while scrolling took {longest} ms");
    browser.held_its_tongue(&[]).await;
}

/// A doctor of the clinic.
async fn doctor(backend: &Backend) -> Account {
    let admin = Account::sign_in(backend, ADMIN).await;
    admin.hire(backend, "Bola Ade", DOCTOR, StaffRole::Doctor).await;
    Account::sign_in(backend, DOCTOR).await
}

/// Waits until every patient has a row.
async fn whole(browser: &Browser) {
    browser
        .find_within(
            &format!(r#"[data-test="worklist-row"]:nth-child({PATIENTS})"#),
            Duration::from_secs(120),
        )
        .await;
}

/// Scrolls from the top to the end in steps; the longest time from one picture to the next, in milliseconds.
async fn scrolled(browser: &Browser) -> f64 {
    let script = "const done = arguments[0]; let last = performance.now(), longest = 0, at = 0; \
                  const step = now => { longest = Math.max(longest, now - last); last = now; at += 400; \
                    window.scrollTo({ top: at, behavior: 'instant' }); \
                    if (at < document.documentElement.scrollHeight) requestAnimationFrame(step); else done(longest); }; \
                  requestAnimationFrame(now => { last = now; step(now); });";
    browser.run_async(script, vec![]).await.as_f64().expect("a number")
}

/// Brings the patients in as another system hands them over.
async fn import(backend: &Backend) {
    let folder = TempDir::new().expect("a temporary folder");
    let files: Vec<String> = (0..PATIENTS)
        .map(|number| {
            let id = Uuid::from_u128(number as u128 + 1);
            let patient = json!({
                "resourceType": "Patient", "id": id, "gender": "female", "birthDate": "1950-03-04",
                "name": [{"use": "official", "family": format!("{number:04}"), "given": ["Patient"]}],
            });
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [{
                "fullUrl": format!("urn:uuid:{id}"), "resource": patient, "request": {"method": "POST", "url": "Patient"},
            }]});
            let path = folder.path().join(format!("{number}.json"));
            fs::write(&path, bundle.to_string()).expect("the folder is ours");
            path.display().to_string()
        })
        .collect();
    let arguments: Vec<&str> = ["import", "fhir", "--zone", ZONE.name()]
        .into_iter()
        .chain(files.iter().map(String::as_str))
        .collect();
    backend.succeed(&arguments).await;
}

/// Two medicines twice a day for four weeks, and what was recorded of them.
async fn fill(account: &Account, patients: &[PatientId]) {
    let devices: Vec<Device> = account.get(DEVICES).await;
    let device = devices
        .iter()
        .find(|device| device.current)
        .expect("it is signed in")
        .id;
    let mut bodies = Vec::new();
    for patient in patients {
        for name in ["Metformin 500 mg", "Lisinopril 10 mg"] {
            let medication = medication(account, *patient, name);
            let events = events(account, device, &medication);
            bodies.push(OperationBody::PutMedication { base: 0, medication });
            bodies.extend(events.into_iter().map(|event| OperationBody::LogDose { event }));
        }
    }
    let operations: Vec<Operation> = bodies
        .into_iter()
        .map(|body| Operation {
            id: OperationId::from_uuid(Uuid::now_v7()),
            body,
        })
        .collect();
    for batch in operations.chunks(MAX_OPERATIONS) {
        let push = Push {
            operations: batch.to_vec(),
        };
        let pushed: Pushed = account.post(PUSH, &push).await;
        for result in pushed.results {
            assert!(matches!(result.outcome, Outcome::Applied { .. }), "{result:?}");
        }
    }
}

fn medication(account: &Account, patient: PatientId, name: &str) -> Medication {
    let start = Utc::now().with_timezone(&ZONE).date_naive() - CalendarDays::new(28);
    let slot = |slot: &str, hour| SlotTime {
        slot: slot.to_owned(),
        at: NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour"),
    };
    let schedule = Schedule {
        zone: Zone::Home { tz: ZONE },
        start,
        end: None,
        max_count: None,
        rule: Rule::Wall {
            times: vec![slot("am", 8), slot("pm", 20)],
            days: Days::Every {},
        },
        dose: Dose::Fixed {
            amount: Quantity::new(1, "tablet"),
        },
        window: Window {
            early_min: 60,
            late_min: 60,
            miss_after_min: None,
        },
    };
    Medication {
        id: MedicationId::from_uuid(Uuid::now_v7()),
        patient,
        clinic: account.session.me.staff.first().map(|membership| membership.clinic),
        version: 0,
        name: name.to_owned(),
        codes: Vec::new(),
        ingredients: Vec::new(),
        instruction: None,
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: false,
        plan: vec![Revision {
            number: 1,
            from: start,
            since: None,
            schedule,
        }],
        status: MedicationStatus::Active {},
        authored: Some(Utc::now() - TimeDelta::days(28)),
        stock: None,
    }
}

fn events(account: &Account, device: DeviceId, medication: &Medication) -> Vec<DoseEvent> {
    let now = Utc::now();
    let all = plan_occurrences(
        medication,
        now - TimeDelta::days(28)..now - TimeDelta::hours(4),
        ZONE.into(),
        &[],
    );
    let event = |occurrence: &doseline_shared::schedule::Occurrence| DoseEvent {
        id: DoseEventId::from_uuid(Uuid::now_v7()),
        patient: medication.patient,
        medication: medication.id,
        occurrence: Some(occurrence.id.clone()),
        due: Some(occurrence.due),
        what: DoseAct::Taken {
            amount: None,
            override_reason: None,
        },
        at: occurrence.due.with_timezone(&ZONE).fixed_offset(),
        zone: ZONE,
        recorded_at: occurrence.due,
        by: account.session.me.person,
        device,
    };
    all.iter().take(ENTRIES / 2).map(event).collect()
}
