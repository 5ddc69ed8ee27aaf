//! A dose is recorded: once, durably, with or without a network.

use chrono::Duration;
use doseline_client::{
    ask::{DraftWhen, LogAct, LogAsNeeded, OpenMedicine, Retract},
    view::{Attention, DayPart, Mark, Timing},
};
use doseline_shared::{api::ErrorCode, dose::DoseState};

use crate::world::{TAKEN, World, at, daily};

#[test]
fn a_dose_that_was_confirmed_offline_is_there_after_a_restart_and_arrives_once() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00", "20:00"]));
    phone.sync();
    world.server.borrow_mut().offline = true;

    let morning = phone.today().next.expect("the morning dose is due");
    assert_eq!(morning.timing, Timing::Due {});
    phone.take(&morning);
    phone.restart();

    let today = phone.today();
    assert_eq!(today.network.unsent, 1);
    assert!(!today.network.online);
    let parts: Vec<_> = today.parts.iter().map(|part| (part.part, part.doses.len())).collect();
    assert_eq!(parts, [(DayPart::Morning, 1), (DayPart::Evening, 1)]);
    let dose = &today.parts[0].doses[0];
    assert!(matches!(dose.state, DoseState::Taken { late: false, .. }) && !dose.sent);
    assert_eq!(
        today.next.unwrap().due.to_rfc3339(),
        "2026-03-01T20:00:00+01:00",
        "the evening comes next"
    );

    world.server.borrow_mut().offline = false;
    // The push takes effect, and its answer is lost: the same operation goes out again.
    world.server.borrow_mut().lose_answers = 1;
    phone.sync();
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 1);
    assert_eq!(phone.today().network.unsent, 0);
    assert!(phone.doses()[0].sent);
}

#[test]
fn a_double_tap_is_one_entry_and_an_undo_leaves_the_dose_open() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    let dose = phone.today().next.unwrap();
    let first = phone.take(&dose);
    let second = phone.take(&dose);
    assert_eq!(first.event, second.event);
    assert_eq!(first.undo_until, world.clock.get() + Duration::seconds(8));

    let patient = phone.today().patient;
    phone
        .ask(Retract {
            patient,
            event: first.event,
        })
        .unwrap();
    assert!(matches!(phone.doses()[0].state, DoseState::Scheduled {}));
    phone
        .ask(Retract {
            patient,
            event: first.event,
        })
        .unwrap();
    phone.sync();
    assert_eq!(
        world.server.borrow().events().len(),
        2,
        "the entry and its retraction, and no second retraction"
    );

    phone.take(&dose);
    assert!(
        matches!(phone.doses()[0].state, DoseState::Taken { .. }),
        "the dose can be logged anew"
    );
}

#[test]
fn two_devices_that_record_one_dose_have_taken_it_once_and_one_undo_is_enough() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
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
    let dose = phone.today().next.unwrap();
    phone.take(&dose);
    tablet.take(&dose);
    phone.sync();
    tablet.sync();
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), 2);
    let entry = |phone: &crate::world::Phone| phone.doses()[0].entry.unwrap();
    assert_eq!(entry(&phone), entry(&tablet), "both show the same effective entry");

    let medication = dose.medication;
    let page = phone
        .ask(OpenMedicine {
            patient: None,
            medication,
            until: None,
        })
        .unwrap();
    assert_eq!((page.taking.prescribed, page.taking.taken), (1, 1));
    phone
        .ask(Retract {
            patient: phone.today().patient,
            event: entry(&phone),
        })
        .unwrap();
    phone.sync();
    tablet.sync();
    assert!(matches!(tablet.doses()[0].state, DoseState::Scheduled {}));
}

#[test]
fn another_answer_to_the_same_dose_takes_the_first_back() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    let dose = phone.today().next.unwrap();
    phone.take(&dose);
    phone
        .log(
            &dose,
            LogAct::Skipped {
                reason: Some("felt sick".to_owned()),
            },
        )
        .unwrap();
    assert!(
        matches!(&phone.doses()[0].state, DoseState::Skipped { reason: Some(reason), .. } if reason == "felt sick")
    );
    let medication = dose.medication;
    let page = phone
        .ask(OpenMedicine {
            patient: None,
            medication,
            until: None,
        })
        .unwrap();
    let shown: Vec<_> = page.entries.iter().map(|entry| (entry.mark, entry.retracted)).collect();
    assert_eq!(shown, [(Mark::Skipped, false), (Mark::Taken, true)]);
}

#[test]
fn what_cannot_be_is_refused_with_its_field() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    let mut dose = phone.today().next.unwrap();
    let future = LogAct::Taken {
        at: Some(world.clock.get() + Duration::hours(1)),
        amount: None,
    };
    assert_eq!(phone.log(&dose, future).unwrap_err().field.as_deref(), Some("act.at"));
    assert_eq!(
        phone
            .log(&dose, LogAct::Snoozed { minutes: 0 })
            .unwrap_err()
            .field
            .as_deref(),
        Some("act.minutes")
    );
    dose.occurrence = "2026-03-01/noon".parse().unwrap();
    assert_eq!(
        phone.log(&dose, TAKEN).unwrap_err().field.as_deref(),
        Some("occurrence")
    );
    assert_eq!(phone.today().network.unsent, 1, "only the medicine itself waits");
}

#[test]
fn as_needed_is_held_to_its_limits_and_an_override_needs_a_reason() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let mut draft = daily("Paracetamol", &[]);
    draft.when = DraftWhen::AsNeeded {
        gap_hours: 4,
        max_per_day: Some(3),
        max_amount: None,
    };
    phone.add(draft.clone());
    draft.name = "Cold remedy".to_owned();
    draft.ingredients = vec!["Acetaminophen".to_owned()];
    phone.add(draft);

    let today = phone.today();
    assert!(!today.empty && today.parts.is_empty());
    let patient = today.patient;
    let take = |place: usize, reason: Option<&str>| {
        phone.ask(LogAsNeeded {
            patient,
            medication: today.as_needed[place].medication,
            amount: None,
            override_reason: reason.map(str::to_owned),
        })
    };
    take(0, None).unwrap();
    world.pass(Duration::hours(1));
    let refused = take(1, None).unwrap_err();
    assert_eq!(
        refused.code,
        ErrorCode::AboveLimit,
        "the other medicine has the same ingredient, by another name"
    );
    assert_eq!(refused.next_allowed, Some(at("2026-03-01T11:10:00Z")));
    let shown = phone.today().as_needed;
    assert_eq!(shown[0].next_allowed.unwrap(), at("2026-03-01T11:10:00Z"));
    assert_eq!((shown[0].taken, shown[1].taken, shown[0].max), (1, 0, Some(3)));

    assert_eq!(
        take(1, Some("  ")).unwrap_err().code,
        ErrorCode::AboveLimit,
        "blanks are no reason"
    );
    take(1, Some("the doctor said so")).unwrap();
    phone.sync();
    let server = world.server.borrow();
    let reasons = server.current.values().filter(|record| {
        serde_json::to_value(record)
            .unwrap()
            .pointer("/what/override_reason")
            .is_some_and(|reason| reason == "the doctor said so")
    });
    assert_eq!(reasons.count(), 1);
}

#[test]
fn a_clock_that_was_set_back_is_told_and_the_entries_keep_their_order() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00", "08:05"]));
    world.server.borrow_mut().offline = true;
    let doses = phone.doses();
    let first = phone.take(&doses[0]);
    world.pass(Duration::minutes(-90));
    phone.restart();
    assert_eq!(phone.today().attention, [Attention::ClockSetBack { minutes: 90 }]);
    let second = phone.take(&doses[1]);
    assert!(second.event > first.event);
    let DoseState::Taken { at: taken, .. } = phone.doses()[1].state.clone() else {
        panic!("the entry counts, with the time that the clock shows");
    };
    assert_eq!(taken, world.clock.get());
    world.pass(Duration::minutes(90));
    assert_eq!(phone.today().attention, []);
}

#[test]
fn a_dose_of_last_evening_stays_on_today_while_it_can_be_taken() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Atorvastatin", &["23:30"]));
    world.clock.set(at("2026-03-01T23:20:00Z"));
    let today = phone.today();
    assert_eq!(today.now.to_rfc3339(), "2026-03-02T00:20:00+01:00");
    let next = today.next.unwrap();
    assert_eq!(next.due.to_rfc3339(), "2026-03-01T23:30:00+01:00");
    assert_eq!(next.timing, Timing::Due {});
    assert_eq!(today.parts[0].part, DayPart::Early);
    phone.take(&next);
    let next = phone.today().next.unwrap();
    assert_eq!(next.due.to_rfc3339(), "2026-03-02T23:30:00+01:00");
}
