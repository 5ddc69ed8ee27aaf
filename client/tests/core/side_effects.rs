//! How a patient feels: reported with no network, ended and taken back, on two devices, and told to those who care.

use chrono::Duration;
use doseline_client::{
    ask::{
        EndSideEffect, Fault, OpenCaregiver, OpenFeel, OpenMedicine, OpenPatient, ReportSideEffect, RetractSideEffect,
        StopMedicine,
    },
    view::{FeltView, Need, SideEffectView},
};
use doseline_shared::{
    api::ErrorCode,
    id::{MedicationId, PatientId, SideEffectEntryId},
    record::{Record, Report, Scope, Severity, SideEffectEntry, Symptom},
};

use crate::{
    people::{grant, person},
    world::{Phone, World, at, daily},
};

fn dizzy(severity: Severity, from: &str, medication: Option<MedicationId>) -> Report {
    Report {
        symptom: Symptom::Dizziness,
        severity,
        from: from.parse().unwrap(),
        medication,
        note: None,
    }
}

fn report(phone: &Phone, patient: PatientId, report: Report) -> Result<FeltView, Fault> {
    phone.ask(ReportSideEffect { patient, report })
}

fn end(phone: &Phone, patient: PatientId, entry: SideEffectEntryId) -> Result<FeltView, Fault> {
    phone.ask(EndSideEffect { patient, entry })
}

fn retract(phone: &Phone, patient: PatientId, entry: SideEffectEntryId) -> Result<FeltView, Fault> {
    phone.ask(RetractSideEffect { patient, entry })
}

fn all(phone: &Phone) -> Vec<SideEffectView> {
    phone.ask(OpenFeel { patient: None }).unwrap().side_effects
}

/// What the backend holds, the oldest first.
fn arrived(world: &World) -> Vec<SideEffectEntry> {
    let mut entries: Vec<_> = world
        .server
        .borrow()
        .records()
        .into_iter()
        .filter_map(|record| match record {
            Record::SideEffectEntry(entry) => Some(entry),
            _ => None,
        })
        .collect();
    entries.sort_by_key(|entry| entry.id);
    entries
}

#[test]
fn what_is_reported_with_no_network_is_kept_and_arrives_once() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    let page = phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    let patient = phone.today().patient;
    world.server.borrow_mut().offline = true;
    let said = Report {
        symptom: Symptom::Other("  Ringing in the ears ".to_owned()),
        note: Some("  ".to_owned()),
        ..dizzy(Severity::Moderate, "2026-02-27", Some(page.row.medication))
    };
    let felt = report(&phone, patient, said.clone()).unwrap();
    assert_eq!(felt.undo_until, world.clock.get() + Duration::seconds(8));
    let twice = report(&phone, patient, said).unwrap();
    assert_eq!(twice.entry, felt.entry, "a second tap is the same report");
    phone.restart();
    let [one] = &all(&phone)[..] else {
        panic!("it is kept once")
    };
    assert_eq!(one.report.symptom, Symptom::Other("Ringing in the ears".to_owned()));
    assert_eq!(
        (one.report.note.as_deref(), one.medicine.as_deref(), one.sent),
        (None, Some("Metformin"), false)
    );
    // The answer to what was sent is lost, and it is sent again.
    world.server.borrow_mut().offline = false;
    world.server.borrow_mut().lose_answers = 1;
    for _ in 0..3 {
        phone.sync();
    }
    assert_eq!(arrived(&world).len(), 1);
    assert!(all(&phone)[0].sent);
    assert_eq!(phone.today().network.unsent, 0);
}

#[test]
fn it_ends_goes_on_after_all_and_is_taken_back() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let patient = phone.today().patient;
    let felt = report(&phone, patient, dizzy(Severity::Mild, "2026-02-27", None)).unwrap();
    world.pass(Duration::days(2));
    let ended = end(&phone, patient, felt.entry).unwrap();
    assert_eq!(end(&phone, patient, felt.entry).unwrap().entry, ended.entry);
    assert_eq!(all(&phone)[0].ended, Some(("2026-03-03".parse().unwrap(), ended.entry)));
    retract(&phone, patient, ended.entry).unwrap();
    assert_eq!(all(&phone)[0].ended, None);
    retract(&phone, patient, felt.entry).unwrap();
    retract(&phone, patient, felt.entry).unwrap();
    assert!(all(&phone).is_empty());
    assert_eq!(end(&phone, patient, felt.entry).unwrap_err().code, ErrorCode::NotFound);
    phone.sync();
    let entries = arrived(&world);
    assert_eq!(entries.len(), 4, "the same again writes nothing");
    let last = entries.last().unwrap().id;
    assert_eq!(retract(&phone, patient, last).unwrap_err().code, ErrorCode::TooLate);
}

#[test]
fn two_devices_say_at_once_that_it_has_stopped_and_one_of_them_takes_it_back() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    let patient = ada.today().patient;
    let chidi = world.phone_of("chidi@example.org");
    grant(&world, patient, person(&chidi), Scope::Log, false);
    let felt = report(&ada, patient, dizzy(Severity::Moderate, "2026-02-27", None)).unwrap();
    ada.sync();
    chidi.sync();
    let first = end(&ada, patient, felt.entry).unwrap();
    world.pass(Duration::days(1));
    end(&chidi, patient, felt.entry).unwrap();
    for phone in [&ada, &chidi, &ada] {
        phone.sync();
    }
    let on_chidis = || chidi.ask(OpenFeel { patient: Some(patient) }).unwrap().side_effects;
    assert_eq!(all(&ada), on_chidis());
    assert_eq!(on_chidis()[0].ended, Some(("2026-03-01".parse().unwrap(), first.entry)));
    // Whoever says that it goes on means both.
    retract(&chidi, patient, first.entry).unwrap();
    for phone in [&chidi, &ada] {
        phone.sync();
    }
    assert_eq!((all(&ada)[0].ended, arrived(&world).len()), (None, 5));
    assert_eq!(all(&ada), on_chidis());
}

#[test]
fn it_shows_with_the_medicine_it_began_under_and_with_no_other() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let patient = phone.today().patient;
    let metformin = phone.add(daily("Metformin", &["08:00"])).row.medication;
    let aspirin = phone.add(daily("Aspirin", &["08:00"])).row.medication;
    let before = report(&phone, patient, dizzy(Severity::Mild, "2026-02-20", None))
        .unwrap()
        .entry;
    let since = report(&phone, patient, dizzy(Severity::Mild, "2026-03-01", None))
        .unwrap()
        .entry;
    let suspected = report(&phone, patient, dizzy(Severity::Mild, "2026-02-20", Some(metformin)))
        .unwrap()
        .entry;
    let shown = |medication| {
        let page = phone.ask(OpenMedicine {
            patient: None,
            medication,
            until: None,
        });
        let shown = page.unwrap().side_effects;
        shown.into_iter().map(|one| one.entry).collect::<Vec<_>>()
    };
    assert_eq!(shown(metformin), [since, suspected]);
    assert_eq!(shown(aspirin), [since]);
    let order: Vec<_> = all(&phone).into_iter().map(|one| one.entry).collect();
    assert_eq!(order, [since, suspected, before], "what began last comes first");
    phone
        .ask(StopMedicine {
            patient: None,
            medication: aspirin,
        })
        .unwrap();
    let medicines = phone.ask(OpenFeel { patient: None }).unwrap().medicines;
    assert_eq!(
        medicines,
        [(metformin, "Metformin".to_owned())],
        "only what is taken is asked about"
    );
}

#[test]
fn what_cannot_be_is_named_by_its_field_and_writes_nothing() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let patient = phone.today().patient;
    let stranger = MedicationId::from_uuid(uuid::Uuid::from_u128(5));
    let mild = dizzy(Severity::Mild, "2026-03-01", None);
    for (said, field) in [
        (dizzy(Severity::Mild, "2026-03-02", None), "report.from"),
        (dizzy(Severity::Mild, "2026-03-01", Some(stranger)), "report.medication"),
        (
            Report {
                symptom: Symptom::Other(" ".to_owned()),
                ..mild.clone()
            },
            "what.report.symptom",
        ),
        (
            Report {
                note: Some("x".repeat(501)),
                ..mild.clone()
            },
            "what.report.note",
        ),
    ] {
        let fault = report(&phone, patient, said).unwrap_err();
        assert_eq!(fault.field.as_deref(), Some(field));
    }
    assert_eq!(phone.today().network.unsent, 0);

    // A caregiver who may see, and no more.
    let chidi = world.phone_of("chidi@example.org");
    grant(&world, patient, person(&chidi), Scope::View, false);
    chidi.sync();
    assert!(!chidi.ask(OpenFeel { patient: Some(patient) }).unwrap().may_log);
    assert_eq!(report(&chidi, patient, mild).unwrap_err().code, ErrorCode::Forbidden);
}

/// Ada, and Chidi who cares for her.
fn cared_for(world: &World) -> (Phone, Phone, PatientId) {
    let ada = world.phone_of("ada@example.org");
    let patient = ada.today().patient;
    let chidi = world.phone_of("chidi@example.org");
    grant(world, patient, person(&chidi), Scope::View, false);
    (ada, chidi, patient)
}

/// What Chidi sees that Ada needs, once both have reached the backend.
fn need(ada: &Phone, chidi: &Phone) -> Option<Need> {
    for phone in [ada, chidi] {
        phone.sync();
    }
    chidi.ask(OpenCaregiver {}).unwrap().people[0].need.clone()
}

fn dizziness(count: u32) -> Option<Need> {
    Some(Need::SideEffect {
        count,
        symptom: Symptom::Dizziness,
    })
}

#[test]
fn what_is_severe_needs_someone_right_after_missed_doses_that_matter() {
    let world = World::new();
    let (ada, chidi, patient) = cared_for(&world);
    let mut warfarin = daily("Warfarin", &["09:00"]);
    warfarin.critical = true;
    ada.add(warfarin);
    for severity in [Severity::Mild, Severity::Moderate] {
        report(&ada, patient, dizzy(severity, "2026-02-28", None)).unwrap();
    }
    assert_eq!(need(&ada, &chidi), None);
    let felt = report(&ada, patient, dizzy(Severity::Severe, "2026-02-27", None)).unwrap();
    assert_eq!(need(&ada, &chidi), dizziness(1));
    assert_eq!(chidi.ask(OpenPatient { patient }).unwrap().side_effects, all(&ada));
    let ended = end(&ada, patient, felt.entry).unwrap();
    assert_eq!(need(&ada, &chidi), None);
    retract(&ada, patient, ended.entry).unwrap();
    report(&ada, patient, dizzy(Severity::Severe, "2026-03-01", None)).unwrap();
    assert_eq!(need(&ada, &chidi), dizziness(2));

    // Nine o'clock passes with no entry.
    world.clock.set(at("2026-03-01T13:00:00Z"));
    let missed = need(&ada, &chidi).unwrap();
    assert!(matches!(missed, Need::MissedCritical { .. }), "{missed:?}");
    let ranks = [
        missed,
        dizziness(1).unwrap(),
        Need::Missed {
            count: 9,
            name: "Metformin".to_owned(),
        },
        Need::LowTaking { percent: 1 },
    ]
    .map(|need| need.rank());
    assert!(ranks.is_sorted(), "{ranks:?}");
}

#[test]
fn what_is_severe_is_news_for_a_week() {
    let world = World::new();
    let (ada, chidi, patient) = cared_for(&world);
    report(&ada, patient, dizzy(Severity::Severe, "2026-01-01", None)).unwrap();
    world.pass(Duration::days(6));
    assert_eq!(need(&ada, &chidi), dizziness(1));
    world.pass(Duration::days(1));
    assert_eq!(need(&ada, &chidi), None);
}

#[test]
fn a_backend_that_was_restored_gets_what_it_lacks_again() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let patient = phone.today().patient;
    phone.sync();
    let (feed, current) = {
        let server = world.server.borrow();
        (server.feed.clone(), server.current.clone())
    };
    let felt = report(&phone, patient, dizzy(Severity::Mild, "2026-02-27", None)).unwrap();
    phone.sync();
    end(&phone, patient, felt.entry).unwrap();
    phone.sync();
    let before = arrived(&world);
    assert_eq!(before.len(), 2);
    {
        let mut server = world.server.borrow_mut();
        server.feed = feed;
        server.current = current;
        server.epoch += 1;
    }
    for _ in 0..3 {
        phone.sync();
    }
    assert_eq!(arrived(&world), before);
    assert!(all(&phone)[0].sent);
}
