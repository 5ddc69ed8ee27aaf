//! Who looked at one's record: told to the patient alone, by day on the clock at home, and only with the network.

use chrono_tz::Tz;
use doseline_client::{
    ask::{OpenAudit, Secret, SignUp},
    view::AuditRow,
};
use doseline_shared::{
    api::{ErrorCode, audit::AuditEvent},
    audit::Way,
    id::{ClinicId, PersonId},
};
use uuid::Uuid;

use crate::world::{World, at};

/// Someone whose name is known has looked through a grant.
fn look(link: u64, time: &str, name: &str) -> AuditEvent {
    let number = name.bytes().map(u128::from).sum();
    AuditEvent {
        link,
        at: at(time),
        person: Some(PersonId::from_uuid(Uuid::from_u128(number))),
        name: Some(name.to_owned()),
        way: Some(Way::Caregiver),
        clinic: None,
        clinic_name: None,
        asked: "GET /v1/sync/changes".to_owned(),
        refused: None,
    }
}

fn nurse(link: u64, time: &str) -> AuditEvent {
    AuditEvent {
        way: Some(Way::Staff),
        clinic: Some(ClinicId::from_uuid(Uuid::from_u128(0xc1))),
        clinic_name: Some("Harmony".to_owned()),
        ..look(link, time, "Amara")
    }
}

fn nobody(link: u64, time: &str) -> AuditEvent {
    AuditEvent {
        person: None,
        name: None,
        way: None,
        refused: Some(ErrorCode::SignedOut),
        ..look(link, time, "")
    }
}

/// Who, when at last on which clock, and how often.
fn told(rows: &[AuditRow]) -> Vec<(Option<&str>, String, u32)> {
    let row = |row: &AuditRow| row.last.format("%m-%d %H:%M").to_string();
    rows.iter()
        .map(|one| (one.name.as_deref(), row(one), one.times))
        .collect()
}

#[test]
fn a_patient_reads_who_looked_page_by_page() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    let none = ada.ask(OpenAudit { before: None }).unwrap();
    assert_eq!((none.rows.len(), none.before), (0, None));
    // The patient's own looks have links too, and are not told.
    world.server.borrow_mut().trail = vec![
        nobody(2, "2026-02-27T08:00:00Z"),
        nurse(3, "2026-02-28T08:00:00Z"),
        look(5, "2026-02-28T22:50:00Z", "Chidi"),
        look(6, "2026-03-01T06:30:00Z", "Chidi"),
        look(9, "2026-03-01T07:00:00Z", "Chidi"),
    ];

    let newest = ada.ask(OpenAudit { before: None }).unwrap();
    assert_eq!(
        told(&newest.rows),
        [
            (Some("Chidi"), "03-01 08:00".to_owned(), 2),
            (Some("Chidi"), "02-28 23:50".to_owned(), 1)
        ]
    );
    assert_eq!(newest.before, Some(5));
    let older = ada.ask(OpenAudit { before: newest.before }).unwrap();
    assert_eq!(
        told(&older.rows),
        [
            (Some("Amara"), "02-28 09:00".to_owned(), 1),
            (None, "02-27 09:00".to_owned(), 1)
        ]
    );
    let [amara, unknown] = older.rows.as_slice() else {
        panic!("two rows: {:?}", older.rows);
    };
    assert_eq!(
        (amara.way, amara.clinic.as_deref()),
        (Some(Way::Staff), Some("Harmony"))
    );
    assert!(!amara.refused && unknown.refused && unknown.person.is_none());
    assert_eq!(older.before, None);
}

#[test]
fn the_days_stay_those_at_home_on_a_journey() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    world.server.borrow_mut().trail = vec![
        look(1, "2026-02-28T22:50:00Z", "Chidi"),
        look(2, "2026-03-01T06:30:00Z", "Chidi"),
    ];
    // There both are on the last of February.
    world.zone.set(Tz::Pacific__Honolulu);
    let rows = ada.ask(OpenAudit { before: None }).unwrap().rows;
    assert_eq!(told(&rows)[0].1, "03-01 07:30");
    assert_eq!(rows.len(), 2);
}

#[test]
fn without_the_network_it_is_not_told_and_nothing_of_it_was_kept() {
    let world = World::new();
    let mut ada = world.phone_of("ada@example.org");
    ada.sync();
    world.server.borrow_mut().trail = vec![look(1, "2026-03-01T06:30:00Z", "Chidi")];
    assert_eq!(ada.ask(OpenAudit { before: None }).unwrap().rows.len(), 1);
    world.server.borrow_mut().offline = true;
    let offline = |phone: &crate::world::Phone| phone.ask(OpenAudit { before: None }).unwrap_err().code;
    assert_eq!(offline(&ada), ErrorCode::Offline);
    ada.restart();
    assert_eq!(offline(&ada), ErrorCode::Offline);
}

#[test]
fn it_is_only_for_who_has_a_record_of_their_own() {
    let world = World::new();
    let chidi = world.device();
    let fault = || chidi.ask(OpenAudit { before: None }).unwrap_err().code;
    assert_eq!(fault(), ErrorCode::SignedOut);
    chidi
        .ask(SignUp {
            server: None,
            name: "Chidi".to_owned(),
            email: "chidi@example.org".to_owned(),
            password: Secret("correct horse".to_owned()),
            as_patient: false,
            keep: true,
        })
        .unwrap();
    assert_eq!(fault(), ErrorCode::NotFound);
}
