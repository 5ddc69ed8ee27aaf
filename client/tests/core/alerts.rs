//! Alerts of missed doses: whoever they are for sees them first, and says so once; the patient chooses how soon.

use chrono::Duration;
use doseline_client::{
    ask::{AckAlerts, ChooseTelling, OpenCaregiver, OpenPeople},
    view::{Need, PeopleView},
};
use doseline_shared::{
    api::ErrorCode,
    dose::{Closing, DoseAct, DoseEvent, DoseState, SYSTEM, SYSTEM_DEVICE, closing_id},
    id::{MedicationId, PatientId},
    record::{Alert, AlertFor, AlertRule, Grantee, Record, Scope, Seen, Tell},
};
use futures::executor::block_on;

use crate::{
    people::{grant, person},
    world::{Phone, World, at, daily},
};

/// Ada has a dose at eight that matters; her phone sleeps. Chidi cares for her.
fn story() -> (World, Phone, Phone, PatientId, MedicationId) {
    let world = World::new();
    world.clock.set(at("2026-03-01T05:00:00Z"));
    let ada = world.phone_of("ada@example.org");
    let mut draft = daily("Warfarin", &["08:00"]);
    draft.critical = true;
    ada.add(draft);
    let medication = ada.doses()[0].medication;
    ada.sync();
    block_on(ada.core.reminders(world.clock.get())).unwrap();
    let patient = ada.today().patient;
    let chidi = world.phone_of("chidi@example.org");
    grant(&world, patient, person(&chidi), Scope::View, false);
    chidi.sync();
    ada.sync();
    (world, ada, chidi, patient, medication)
}

/// What the backend's watch writes.
fn raise(world: &World, ada: &Phone, to: Grantee, medication: MedicationId) -> Alert {
    let dose = ada.doses().remove(0);
    let alert = Alert {
        id: Alert::id_of(medication, &dose.occurrence, to),
        patient: ada.today().patient,
        version: 1,
        medication,
        occurrence: dose.occurrence,
        due: dose.due.to_utc(),
        missed_at: dose.due.to_utc() + Duration::hours(4),
        to,
        critical: true,
        raised_at: world.clock.get(),
        seen: None,
        answered_at: None,
    };
    world.server.borrow_mut().write(Record::Alert(alert.clone()));
    alert
}

#[test]
fn an_alert_comes_first_and_whoever_has_seen_it_is_not_asked_again() {
    let (world, ada, chidi, patient, medication) = story();
    world.clock.set(at("2026-03-01T11:10:00Z"));
    let to = Grantee::Caregiver { person: person(&chidi) };
    let alert = raise(&world, &ada, to, medication);
    chidi.sync();
    let row = chidi.ask(OpenCaregiver {}).unwrap().people.remove(0);
    let due = alert.due.fixed_offset();
    let need = row.need.unwrap();
    let Need::Alert {
        count,
        name,
        due: shown,
        critical,
    } = &need
    else {
        panic!("{need:?}")
    };
    assert_eq!(
        (*count, name.as_str(), shown.to_utc(), *critical),
        (1, "Warfarin", due.to_utc(), true)
    );

    // Somebody else who is told the same, on another device, was first.
    let first = Seen {
        at: at("2026-03-01T11:09:00Z"),
        by: person(&chidi),
    };
    world.server.borrow_mut().write(Record::Alert(Alert {
        version: 2,
        seen: Some(first),
        ..alert.clone()
    }));
    let seen = AckAlerts {
        patient,
        alerts: row.alerts.iter().map(|alert| alert.id).collect(),
    };
    world.server.borrow_mut().offline = true;
    chidi.ask(seen.clone()).unwrap();
    let need = chidi.ask(OpenCaregiver {}).unwrap().people[0].need.clone();
    assert!(
        matches!(need, Some(Need::MissedCritical { .. })),
        "it was said with no network: {need:?}"
    );
    world.server.borrow_mut().offline = false;
    chidi.sync();
    assert_eq!(chidi.today().network.unsent, 0);
    assert_eq!(chidi.today().attention, []);
    chidi.ask(seen).unwrap();
    assert_eq!(chidi.today().network.unsent, 0, "the same again says nothing");

    let other = AckAlerts {
        patient,
        alerts: vec![alert.id],
    };
    assert_eq!(
        ada.ask(other).unwrap_err().code,
        ErrorCode::NotFound,
        "it is for someone else"
    );
}

#[test]
fn the_patient_chooses_how_soon_someone_is_told() {
    let (world, ada, chidi, patient, medication) = story();
    let to = Grantee::Caregiver { person: person(&chidi) };
    let telling = ada.ask(OpenPeople {}).unwrap().telling;
    assert_eq!(
        telling
            .iter()
            .map(|telling| (telling.to, telling.critical, telling.others))
            .collect::<Vec<_>>(),
        [(to, Tell::After { minutes: 5 }, Tell::After { minutes: 60 })]
    );
    let choose = |tell| ChooseTelling {
        to,
        of: AlertFor::Others {},
        tell,
    };
    let fault = ada.ask(choose(Tell::After { minutes: 241 })).unwrap_err();
    assert_eq!(fault.field.as_deref(), Some("tell.minutes"));
    let people = ada.ask(choose(Tell::Never {})).unwrap();
    assert_eq!(people.telling[0].others, Tell::Never {});
    ada.ask(choose(Tell::Never {})).unwrap();
    assert_eq!(ada.today().network.unsent, 1, "the same again changes nothing");
    ada.sync();
    let id = AlertRule::id_of(patient, to, AlertFor::Others {});
    let kept = world.server.borrow().current.get(&id.uuid()).cloned();
    let Some(Record::AlertRule(rule)) = kept else {
        panic!("the rule arrived")
    };
    assert_eq!((rule.tell, rule.version), (Tell::Never {}, 1));

    // One medicine has a time of its own, and has it no more.
    let of = AlertFor::Medication { medication };
    let of_one = |tell| ChooseTelling { to, of, tell };
    let told = |people: PeopleView| people.telling[0].medicines[0].tell;
    assert_eq!(told(ada.ask(OpenPeople {}).unwrap()), Tell::AsOthers {});
    let soon = Tell::After { minutes: 15 };
    assert_eq!(told(ada.ask(of_one(soon)).unwrap()), soon);
    assert_eq!(told(ada.ask(of_one(Tell::AsOthers {})).unwrap()), Tell::AsOthers {});
    ada.sync();
    let id = AlertRule::id_of(patient, to, of);
    assert!(world.server.borrow().current.contains_key(&id.uuid()), "it arrived");
    let fault = ada.ask(choose(Tell::AsOthers {})).unwrap_err();
    assert_eq!(
        fault.field.as_deref(),
        Some("tell"),
        "the others are told as nobody else is"
    );
    let of = AlertFor::Medication {
        medication: MedicationId::from_uuid(patient.uuid()),
    };
    let unknown = ChooseTelling { to, of, tell: soon };
    assert_eq!(ada.ask(unknown).unwrap_err().code, ErrorCode::NotFound);

    let stranger = Grantee::Caregiver { person: person(&ada) };
    let nobody = ChooseTelling {
        to: stranger,
        of: AlertFor::Critical {},
        tell: Tell::Never {},
    };
    assert_eq!(ada.ask(nobody).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn a_device_that_slept_says_so_even_where_the_watch_was_first() {
    let (world, ada, _, patient, medication) = story();
    world.clock.set(at("2026-03-01T12:00:00Z"));
    let dose = ada.doses().remove(0);
    let missed_at = dose.due + Duration::hours(4);
    world.server.borrow_mut().write(Record::DoseEvent(DoseEvent {
        id: closing_id(medication, &dose.occurrence, Closing::Missed),
        patient,
        medication,
        occurrence: Some(dose.occurrence.clone()),
        due: Some(dose.due.to_utc()),
        what: DoseAct::Missed {},
        at: missed_at,
        zone: chrono_tz::Tz::UTC,
        recorded_at: missed_at.to_utc(),
        by: SYSTEM,
        device: SYSTEM_DEVICE,
    }));
    ada.sync();
    for _ in 0..2 {
        block_on(ada.core.reminders(world.clock.get())).unwrap();
    }
    assert!(
        matches!(ada.doses()[0].state, DoseState::NotNotified {}),
        "{:?}",
        ada.doses()[0].state
    );
    ada.sync();
    assert_eq!(
        world.server.borrow().events().len(),
        2,
        "the watch's entry and the device's; each once"
    );
}
