//! Reminders: what stands, when to look again, and what is recorded of doses that passed.

use chrono::Duration;
use doseline_client::{ask::LogAct, remind::Reminders};
use doseline_shared::{
    dose::{DoseState, NotNotified},
    record::Record,
};
use futures::executor::block_on;

use crate::world::{Phone, World, at, daily};

fn reminders(phone: &Phone) -> Reminders {
    block_on(phone.core.reminders(phone.clock.get())).unwrap()
}

#[test]
fn a_dose_is_announced_when_due_put_off_and_announced_again() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-03-01T06:30:00Z"));
    phone.add(daily("Metformin", &["08:00", "20:00"]));
    let before = reminders(&phone);
    assert_eq!((before.due.len(), before.wake), (0, Some(at("2026-03-01T07:00:00Z"))));

    world.clock.set(at("2026-03-01T07:00:00Z"));
    let now = reminders(&phone);
    assert_eq!(now.due.len(), 1);
    assert_eq!(now.due[0].amount.as_ref().unwrap().to_string(), "1 tablet");
    assert_eq!(
        now.wake,
        Some(at("2026-03-01T11:00:00Z")),
        "four hours later it counts as missed"
    );
    block_on(phone.core.reminded(&now.due[0], Ok(()))).unwrap();
    block_on(phone.core.reminded(&now.due[0], Ok(()))).unwrap();
    assert!(matches!(phone.doses()[0].state, DoseState::Notified {}));
    assert_eq!(reminders(&phone).due, now.due, "it stands until it is answered");

    phone.log(&phone.doses()[0], LogAct::Snoozed { minutes: 10 }).unwrap();
    let put_off = reminders(&phone);
    assert_eq!((put_off.due.len(), put_off.wake), (0, Some(at("2026-03-01T07:10:00Z"))));
    world.clock.set(at("2026-03-01T07:10:00Z"));
    assert_eq!(reminders(&phone).due.len(), 1);
    phone.take(&phone.doses()[0]);
    assert_eq!(reminders(&phone).due.len(), 0);
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 3, "notified once, put off, taken");
}

#[test]
fn what_passed_unanswered_is_missed_and_what_was_never_announced_is_not_the_patients_miss() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-03-01T05:00:00Z"));
    phone.add(daily("Metformin", &["08:00"]));
    reminders(&phone);
    world.clock.set(at("2026-03-01T07:00:00Z"));
    let due = reminders(&phone).due;
    block_on(phone.core.reminded(&due[0], Ok(()))).unwrap();
    world.clock.set(at("2026-03-01T11:00:00Z"));
    assert_eq!(reminders(&phone).due, []);
    assert!(matches!(phone.doses()[0].state, DoseState::Missed {}));

    // The computer sleeps through the second day, and is woken on the third.
    phone.restart();
    world.clock.set(at("2026-03-03T06:00:00Z"));
    reminders(&phone);
    reminders(&phone);
    world.clock.set(at("2026-03-02T12:00:00Z"));
    assert!(matches!(phone.doses()[0].state, DoseState::NotNotified {}));
    phone.sync();
    assert_eq!(
        world.server.borrow().events().len(),
        3,
        "notified, missed, not notified; each once"
    );

    // Logged late all the same.
    let late = phone.doses().remove(0);
    phone.take(&late);
    assert!(matches!(phone.doses()[0].state, DoseState::Taken { late: true, .. }));
}

#[test]
fn two_devices_record_one_miss() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-03-01T05:00:00Z"));
    phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    let tablet = world.device();
    tablet
        .ask(doseline_client::ask::SignIn {
            server: None,
            email: "ada@example.org".to_owned(),
            password: doseline_client::ask::Secret("correct horse".to_owned()),
            code: None,
            keep: true,
        })
        .unwrap();
    reminders(&phone);
    reminders(&tablet);
    world.clock.set(at("2026-03-01T07:00:00Z"));
    let due = reminders(&phone).due;
    block_on(phone.core.reminded(&due[0], Ok(()))).unwrap();
    phone.sync();
    tablet.sync();
    world.clock.set(at("2026-03-01T11:30:00Z"));
    reminders(&phone);
    world.pass(Duration::seconds(3));
    reminders(&tablet);
    phone.sync();
    tablet.sync();
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 2, "one notice, one miss");
    assert_eq!((phone.today().network.unsent, tablet.today().network.unsent), (0, 0));
    assert_eq!(tablet.today().attention, []);
}

#[test]
fn what_was_prescribed_years_ago_and_imported_at_noon_has_no_missed_morning() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let added = phone.add(daily("Metformin", &["08:00", "13:05"]));
    phone.sync();
    let id = added.row.medication.uuid();
    let Some(Record::Medication(mut imported)) = world.server.borrow().current.get(&id).cloned() else {
        panic!("the medication is there");
    };
    imported.version += 1;
    imported.authored = Some(at("2019-05-01T00:00:00Z"));
    imported.plan[0].since = Some(at("2026-03-01T12:00:00Z"));
    world.server.borrow_mut().write(Record::Medication(imported));
    phone.sync();

    world.clock.set(at("2026-03-01T12:01:00Z"));
    assert_eq!(reminders(&phone).due, []);
    assert!(matches!(phone.doses()[0].state, DoseState::Scheduled {}));
    phone.sync();
    assert_eq!(
        world.server.borrow().events().len(),
        0,
        "nothing is written of the morning"
    );
    world.clock.set(at("2026-03-02T06:00:00Z"));
    reminders(&phone);
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1, "the dose at 13:05 was missed");
}

#[test]
fn a_medicine_added_at_noon_has_no_missed_morning_and_a_refused_notification_is_told() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    reminders(&phone);
    world.clock.set(at("2026-03-01T12:00:00Z"));
    phone.add(daily("Metformin", &["08:00", "13:05"]));
    assert_eq!(reminders(&phone).due, []);
    assert!(matches!(phone.doses()[0].state, DoseState::Scheduled {}));

    world.clock.set(at("2026-03-01T12:05:00Z"));
    let due = reminders(&phone).due;
    block_on(phone.core.reminded(&due[0], Err(NotNotified::Refused))).unwrap();
    assert!(matches!(phone.doses()[1].state, DoseState::NotNotified {}));
    world.clock.set(at("2026-03-02T06:00:00Z"));
    reminders(&phone);
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1);
}
