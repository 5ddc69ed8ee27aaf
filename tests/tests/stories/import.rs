//! Real records arrive from another system, become a person's own, and the main job runs on them.

use std::{collections::BTreeSet, fs, time::Duration};

use doseline_client::{
    ask::{
        Draft, DraftAmount, DraftDose, Invite, LogAct, LogDose, OpenMedicine, OpenPatient, OpenToday, OpenWorklist,
        RedeemCode, SaveMedicine,
    },
    view::{Need, TodayView},
};
use doseline_shared::{
    access::StaffRole,
    api::invitation::NewInvitation,
    dose::DoseState,
    id::{ClinicId, PatientId},
};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    device::Device,
    on_both_engines, place,
    seed::Seed,
};

use crate::{
    DEVICE, beside_others,
    regimen::{daily, doses},
};

const ADMIN: &str = "admin@story.example";
const NURSE: &str = "nurse@story.example";
const BUNDLES: [&str; 3] = ["Dennis_Durgan.json", "Douglas_Walsh.json", "Roberto_Graham.json"];

/// What is prescribed to a patient of a bundle, each by a word of its name.
struct Prescribed {
    surname: &'static str,
    /// With the hours from one dose to the next.
    scheduled: &'static [(&'static str, i64)],
    as_needed: &'static [&'static str],
    without_times: &'static [&'static str],
}

const PRESCRIBED: [Prescribed; 3] = [
    Prescribed {
        surname: "Durgan",
        scheduled: &[("metoprolol", 24), ("lasix", 24)],
        as_needed: &["diphenhydramine"],
        without_times: &["hydrochlorothiazide", "naproxen", "furosemide"],
    },
    Prescribed {
        surname: "Walsh",
        scheduled: &[("metoprolol", 24), ("lasix", 24)],
        as_needed: &["fluticasone", "albuterol", "diphenhydramine"],
        without_times: &["carbamazepine", "furosemide", "diazepam"],
    },
    Prescribed {
        surname: "Graham",
        scheduled: &[("oxycodone", 6), ("sertraline", 24), ("metoprolol", 24), ("lasix", 24)],
        as_needed: &["hydrocortisone"],
        without_times: &[
            "hydrochlorothiazide",
            "naproxen",
            "hydrocodone",
            "vitamin b 12",
            "furosemide",
        ],
    },
];

on_both_engines!(three_real_records_are_imported_claimed_completed_and_lived_with);

async fn three_real_records_are_imported_claimed_completed_and_lived_with(engine: Engine) {
    let _beside = beside_others().await;
    let mut backend = Backend::start(engine).await;
    backend.found_clinic("Administrator", ADMIN).await;
    backend.stop().await;
    let first = import(&backend).await;
    assert!(
        first.contains("medication: 10 added") && first.contains("not used by Doseline"),
        "{first}"
    );
    backend.start_again().await;
    let (clinic, nurse) = with_nurse(&backend).await;
    let before = all_changes(&nurse).await;
    assert_eq!(before.len(), 3, "there are three patients");

    backend.stop().await;
    let again = import(&backend).await;
    assert!(only_unchanged(&again), "{again}");
    refused(&backend).await;
    backend.start_again().await;
    let nurse = Account::sign_in(&backend, NURSE).await;
    assert_eq!(
        all_changes(&nurse).await,
        before,
        "importing twice changes nothing, a malformed file leaves nothing"
    );

    let (mut seed, _) = Seed::of_this_run();
    let desk = Device::new(DEVICE, chrono_tz::Africa::Lagos, seed.split()).await;
    desk.sign_in(&backend, NURSE).await;
    let list = OpenWorklist {
        clinic,
        search: String::new(),
    };
    desk.until(Duration::from_secs(20), list.clone(), |list| list.rows.len() == 3)
        .await;
    for (number, prescribed) in PRESCRIBED.iter().enumerate() {
        let rows = desk
            .ask(OpenWorklist {
                clinic,
                search: prescribed.surname.to_owned(),
            })
            .await
            .rows;
        assert_eq!(rows.len(), 1, "the search finds {}", prescribed.surname);
        let patient = rows[0].patient;
        let what = NewInvitation::ClaimRecord { clinic, patient };
        let code = desk.ask(Invite { what }).await.code;
        let home = Device::new(DEVICE, chrono_tz::Africa::Lagos, seed.split()).await;
        let email = format!("patient-{number}@story.example");
        home.sign_up(&backend, &rows[0].name, &email, false).await;
        home.ask(RedeemCode { code: code.clone() }).await;
        home.until(Duration::from_secs(20), OpenToday { patient: None }, |today| {
            !today.empty
        })
        .await;
        let today = home.ask(OpenToday { patient: None }).await;
        assert!(
            today.own && today.may_log && today.patient == patient,
            "the record is the patient's own now"
        );
        shows_what_was_prescribed(&today, prescribed);
        assert!(home.try_ask(RedeemCode { code }).await.is_err(), "a code serves once");
        lives_with_it(&desk, &home, patient, prescribed).await;
    }
    let urgent = desk.ask(list).await.rows;
    assert!(urgent.iter().any(|row| matches!(
        row.need,
        Some(Need::NoTimes { .. } | Need::Missed { .. } | Need::Late { .. })
    )));
    backend.stop().await;
    backend.succeed(&["audit", "verify"]).await;
}

async fn import(backend: &Backend) -> String {
    let files: Vec<String> = BUNDLES
        .iter()
        .map(|name| place::bundle(name).display().to_string())
        .collect();
    let mut arguments = vec!["import", "fhir", "--zone", "Africa/Lagos"];
    arguments.extend(files.iter().map(String::as_str));
    backend.succeed(&arguments).await
}

/// Whether the report of an import counts nothing but what it found as it was.
fn only_unchanged(report: &str) -> bool {
    let counts = report.lines().map(str::trim).filter(|line| {
        ["patient:", "allergy:", "condition:", "medication:"]
            .iter()
            .any(|kind| line.starts_with(kind))
    });
    counts.clone().count() >= 9 && counts.clone().all(|line| line.ends_with("unchanged"))
}

/// Files with a fault in them are refused with its place, and the clinic is as it was.
async fn refused(backend: &Backend) {
    let whole = fs::read_to_string(place::bundle(BUNDLES[0])).expect("the bundle is there");
    let wrong = whole.replace(
        "\"resourceType\": \"MedicationRequest\"",
        "\"resourceType\": \"MedicationRequest\", \"authoredOn\": 5",
    );
    let wrong = wrong.replace("Durgan", "Nobody");
    let cut: String = whole.chars().take(20_000).collect();
    for (name, text, place) in [("wrong.json", wrong, "entry["), ("cut.json", cut, "line ")] {
        let file = backend.folder().join(name);
        fs::write(&file, text).expect("the folder is ours");
        let output = backend.command(&["import", "fhir", &file.display().to_string()]).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(place),
            "{name} is refused by its place: {said}"
        );
        assert!(!said.contains("Nobody"), "no error names a patient: {said}");
        fs::remove_file(&file).expect("the folder is ours");
    }
}

/// The clinic, and a nurse of it.
async fn with_nurse(backend: &Backend) -> (ClinicId, Account) {
    let admin = Account::sign_in(backend, ADMIN).await;
    admin.hire(backend, "Bola Ade", NURSE, StaffRole::Nurse).await;
    (admin.clinic(), Account::sign_in(backend, NURSE).await)
}

/// Every change of every patient that the account sees, without what making a code adds.
async fn all_changes(account: &Account) -> Vec<(PatientId, usize)> {
    let mut all = Vec::new();
    for patient in account.patients().await.into_iter().collect::<BTreeSet<_>>() {
        all.push((patient, account.changes(patient).await.len()));
    }
    all
}

fn shows_what_was_prescribed(today: &TodayView, prescribed: &Prescribed) {
    let names = |names: Vec<&str>, expected: &[&str], what: &str| {
        let mut expected: Vec<_> = expected.iter().map(|word| (*word).to_owned()).collect();
        for name in &names {
            let name = name.to_lowercase();
            let place = expected.iter().position(|word| name.contains(word.as_str()));
            expected.remove(place.unwrap_or_else(|| panic!("{name} is not prescribed {what}")));
        }
        assert!(expected.is_empty(), "{expected:?} are prescribed {what} and not shown");
    };
    let scheduled = |name: &str| {
        prescribed
            .scheduled
            .iter()
            .find(|(word, _)| name.to_lowercase().contains(word))
    };
    for (word, hours) in prescribed.scheduled {
        let shown: Vec<_> = doses(today)
            .filter(|dose| dose.name.to_lowercase().contains(word))
            .collect();
        // What counts in hours begins when it was imported, which may be late in the day.
        let most = usize::try_from(24 / hours).expect("a few");
        assert!(
            (1..=most).contains(&shown.len()),
            "{word} is shown {} times",
            shown.len()
        );
        assert!(
            shown
                .windows(2)
                .all(|pair| (pair[1].due - pair[0].due).num_hours() == *hours),
            "{word}"
        );
    }
    assert!(
        doses(today).all(|dose| scheduled(&dose.name).is_some()),
        "nothing else is scheduled"
    );
    names(
        today.as_needed.iter().map(|row| row.name.as_str()).collect(),
        prescribed.as_needed,
        "as needed",
    );
    names(
        today.without_times.iter().map(|row| row.name.as_str()).collect(),
        prescribed.without_times,
        "without times",
    );
}

/// The patient completes a prescription, takes a dose, and the clinic sees both.
async fn lives_with_it(desk: &Device, home: &Device, patient: PatientId, prescribed: &Prescribed) {
    let today = home.ask(OpenToday { patient: None }).await;
    let open = &today.without_times[0];
    let medicine = home
        .ask(OpenMedicine {
            patient: None,
            medication: open.medication,
            until: None,
        })
        .await;
    let dose = match medicine.draft.dose.clone() {
        DraftDose::Same { amount } if amount.value.is_empty() => DraftDose::Same {
            amount: DraftAmount {
                value: "1".to_owned(),
                unit: "tablet".to_owned(),
            },
        },
        stated => stated,
    };
    let draft = Draft {
        when: daily(&["8:00", "20:00"]),
        dose,
        ..medicine.draft
    };
    home.ask(SaveMedicine {
        patient: None,
        medication: Some(open.medication),
        draft,
    })
    .await;
    let now = home.ask(OpenToday { patient: None }).await;
    assert_eq!(
        now.without_times.len(),
        prescribed.without_times.len() - 1,
        "it has its times now"
    );
    assert_eq!(doses(&now).filter(|dose| dose.medication == open.medication).count(), 2);

    let word = prescribed.scheduled[0].0;
    let dose = doses(&now)
        .find(|dose| dose.name.to_lowercase().contains(word))
        .expect("it is shown")
        .clone();
    let (medication, occurrence) = (dose.medication, dose.occurrence.clone());
    home.ask(LogDose {
        patient,
        medication,
        occurrence,
        act: LogAct::Taken { at: None, amount: None },
    })
    .await;
    let seen = desk
        .until(Duration::from_secs(20), OpenPatient { patient }, |page| {
            let taken = page.today.iter().any(|shown| {
                shown.medication == dose.medication
                    && shown.occurrence == dose.occurrence
                    && matches!(shown.state, DoseState::Taken { .. })
            });
            taken && page.claimed && page.today.iter().any(|shown| shown.medication == open.medication)
        })
        .await;
    println!("the clinic saw {}'s dose after {seen:?}", prescribed.surname);
}
