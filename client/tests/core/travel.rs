//! A journey: the times stay until the patient says so, move without losing a dose, and an unsafe first dose is held.

use doseline_client::{
    ask::{AnswerTravel, Draft, LogAct, Retract},
    view::Attention,
};
use doseline_shared::{dose::DoseState, record::Record};
use futures::executor::block_on;

use crate::sync::second_device;
use crate::world::{Phone, World, at, daily};
use chrono_tz::Tz;

fn travels(name: &str, times: &[&str]) -> Draft {
    Draft {
        travels: true,
        ..daily(name, times)
    }
}

fn dues(phone: &Phone) -> Vec<String> {
    phone
        .doses()
        .iter()
        .map(|dose| dose.due.format("%H:%M %z").to_string())
        .collect()
}

fn question(phone: &Phone) -> Option<bool> {
    phone.today().attention.iter().find_map(|attention| match attention {
        Attention::Travel { answered, .. } => Some(*answered),
        _ => None,
    })
}

fn on_hold(phone: &Phone) -> Vec<Attention> {
    let mut all = phone.today().attention;
    all.retain(|attention| matches!(attention, Attention::Held { .. }));
    all
}

#[test]
fn the_times_stay_until_the_answer_and_move_from_the_first_date_that_has_not_begun() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-06-10T06:00:00Z"));
    phone.add(travels("Metformin", &["08:00", "20:00"]));
    world.clock.set(at("2026-06-10T07:00:00Z"));
    phone.take(&phone.doses()[0]);
    assert_eq!(question(&phone), None, "at home nobody is asked");

    world.zone.set(Tz::America__New_York);
    world.clock.set(at("2026-06-10T17:00:00Z"));
    assert_eq!(question(&phone), Some(false));
    assert_eq!(
        dues(&phone),
        ["08:00 +0100", "20:00 +0100"],
        "until answered, the old zone stands"
    );

    phone.ask(AnswerTravel { follow: true }).unwrap();
    assert_eq!(question(&phone), None);
    assert_eq!(dues(&phone), ["08:00 +0100", "20:00 +0100"], "today has begun at home");
    world.clock.set(at("2026-06-10T19:00:00Z"));
    phone.take(&phone.doses()[1]);
    world.clock.set(at("2026-06-11T10:00:00Z"));
    assert_eq!(dues(&phone), ["08:00 -0400", "20:00 -0400"]);
    assert_eq!(on_hold(&phone), [], "17 hours are less than one and a half of 12");

    phone.sync();
    let server = world.server.borrow();
    let stored = server.records().into_iter().find_map(|record| match record {
        Record::Patient(patient) => Some(patient),
        _ => None,
    });
    assert_eq!(
        stored.unwrap().travels.len(),
        1,
        "the answer reaches every device of the patient"
    );
}

#[test]
fn who_keeps_home_time_is_not_asked_again_and_can_still_change_their_mind() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-06-10T06:00:00Z"));
    phone.add(travels("Metformin", &["08:00", "20:00"]));
    world.zone.set(Tz::Asia__Tokyo);
    phone.ask(AnswerTravel { follow: false }).unwrap();
    phone.restart();
    assert_eq!(question(&phone), Some(true));
    assert_eq!(dues(&phone), ["08:00 +0100", "20:00 +0100"]);
    phone.ask(AnswerTravel { follow: true }).unwrap();
    assert_eq!(question(&phone), None);
    world.zone.set(Tz::Africa__Lagos);
    assert_eq!(question(&phone), Some(false), "at home again, it is asked anew");
}

#[test]
fn what_has_a_home_asks_nothing_on_a_journey() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Warfarin", &["18:00"]));
    world.zone.set(Tz::Asia__Tokyo);
    assert_eq!(question(&phone), None);
}

#[test]
fn a_first_dose_that_would_come_too_soon_is_held_and_let_go_by_the_patient() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-06-10T06:00:00Z"));
    phone.add(travels("Metformin", &["08:00", "20:00"]));
    world.clock.set(at("2026-06-10T19:00:00Z"));
    for dose in phone.doses() {
        phone.log(&dose, LogAct::Taken { at: None, amount: None }).unwrap();
    }
    // In Tokyo it is six in the morning of the next day: 08:00 there is two hours and four after the evening dose.
    world.zone.set(Tz::Asia__Tokyo);
    world.clock.set(at("2026-06-10T21:00:00Z"));
    phone.ask(AnswerTravel { follow: true }).unwrap();
    let held = on_hold(&phone);
    let [
        Attention::Held {
            patient, event, due, ..
        },
    ] = held.as_slice()
    else {
        panic!("one dose is held: {held:?}");
    };
    assert_eq!(due.to_utc(), at("2026-06-10T23:00:00Z"));
    let state = || phone.doses().iter().map(|dose| dose.state.clone()).collect::<Vec<_>>();
    assert!(matches!(
        state().as_slice(),
        [DoseState::Taken { .. }, DoseState::Held {}, DoseState::Scheduled {}]
    ));

    world.clock.set(at("2026-06-11T08:00:00Z"));
    block_on(phone.core.reminders(world.clock.get())).unwrap();
    assert!(
        matches!(state()[1], DoseState::Held {}),
        "what is held is nobody's miss"
    );
    phone
        .ask(Retract {
            patient: *patient,
            event: *event,
        })
        .unwrap();
    assert_eq!(on_hold(&phone), []);
    assert!(!matches!(state()[1], DoseState::Held {}));
}

#[test]
fn two_devices_that_answer_apart_agree_once_they_meet() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    world.clock.set(at("2026-06-10T06:00:00Z"));
    phone.add(travels("Metformin", &["08:00", "20:00"]));
    phone.sync();
    let tablet = second_device(&world);
    tablet.sync();
    world.zone.set(Tz::Asia__Tokyo);
    phone.ask(AnswerTravel { follow: false }).unwrap();
    world.pass(chrono::Duration::minutes(1));
    tablet.ask(AnswerTravel { follow: true }).unwrap();
    for _ in 0..2 {
        phone.sync();
        tablet.sync();
    }
    assert_eq!(dues(&phone), dues(&tablet));
    assert_eq!(question(&phone), None, "the later answer moved the times here");
    let server = world.server.borrow();
    let stored = server.records().into_iter().find_map(|record| match record {
        Record::Patient(patient) => Some(patient),
        _ => None,
    });
    assert_eq!(stored.unwrap().travels.len(), 2, "and both are kept");
}
