//! Dose events: the fold does not care how they arrived, and the measure counts what the fold says.

use chrono::TimeDelta;
use doseline_shared::{
    adherence::{Ratio, Taking, taking},
    dose::{DoseAct, DoseEvent, DoseState, NotNotified, fold},
    id::DoseEventId,
    schedule::{Context, Days, Occurrence, occurrences},
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use crate::build::{at, event, ever, taken, tz, wall};

fn skipped() -> DoseAct {
    DoseAct::Skipped { reason: None }
}

fn retracted(id: u128) -> DoseAct {
    DoseAct::Retracted {
        event: DoseEventId::from_uuid(Uuid::from_u128(id)),
    }
}

fn snoozed(until: &str) -> DoseAct {
    DoseAct::Snoozed { until: at(until) }
}

fn not_notified() -> DoseAct {
    DoseAct::NotNotified {
        reason: NotNotified::Asleep,
    }
}

/// The state after these events, each recorded so many minutes after 08:00; the dose is missed at 12:00.
fn after(events: &[(u128, i64, DoseAct)]) -> DoseState {
    let events: Vec<DoseEvent> = events
        .iter()
        .map(|(id, minutes, what)| event(*id, *minutes, what.clone()))
        .collect();
    fold(&events.iter().collect::<Vec<_>>(), at("2026-03-01T12:00:00Z"))
}

/// Which entry is effective, and whether it is late.
fn effective(state: &DoseState) -> Option<(u128, bool)> {
    match state {
        DoseState::Taken { event, late, .. } => Some((event.uuid().as_u128(), *late)),
        _ => None,
    }
}

#[test]
fn from_reminder_to_taken() {
    assert_eq!(after(&[]), DoseState::Scheduled {});
    assert_eq!(after(&[(1, 0, DoseAct::Notified {})]), DoseState::Notified {});
    let until = DoseState::Snoozed {
        until: at("2026-03-01T08:10:00Z"),
    };
    assert_eq!(
        after(&[(1, 0, DoseAct::Notified {}), (2, 1, snoozed("2026-03-01T08:10:00Z"))]),
        until
    );
    let all = [
        (1, 0, DoseAct::Notified {}),
        (2, 1, snoozed("2026-03-01T08:10:00Z")),
        (3, 10, DoseAct::Notified {}),
    ];
    assert_eq!(after(&all), DoseState::Notified {});
    assert_eq!(
        effective(&after(&[(1, 0, DoseAct::Notified {}), (2, 5, taken())])),
        Some((2, false))
    );
}

#[test]
fn of_two_takes_one_is_effective_whichever_device_was_first_to_sync() {
    assert_eq!(effective(&after(&[(7, 5, taken()), (3, 6, taken())])), Some((7, false)));
    assert_eq!(effective(&after(&[(3, 6, taken()), (7, 5, taken())])), Some((7, false)));
    // At one instant, the smaller id.
    assert_eq!(effective(&after(&[(7, 5, taken()), (3, 5, taken())])), Some((3, false)));
    // Taken back, the other stands.
    assert_eq!(
        effective(&after(&[(7, 5, taken()), (3, 6, taken()), (8, 7, retracted(7))])),
        Some((3, false))
    );
}

#[test]
fn what_is_taken_back_does_not_count() {
    let notified = (1, 0, DoseAct::Notified {});
    assert_eq!(
        after(&[notified.clone(), (2, 5, taken()), (3, 6, retracted(2))]),
        DoseState::Notified {}
    );
    assert_eq!(
        after(&[(2, 5, skipped()), (3, 6, retracted(2))]),
        DoseState::Scheduled {}
    );
    assert_eq!(
        after(&[(2, 5, snoozed("2026-03-01T09:00:00Z")), (3, 6, retracted(2))]),
        DoseState::Scheduled {}
    );
    // And logged anew, it counts anew.
    assert_eq!(
        effective(&after(&[(2, 5, taken()), (3, 6, retracted(2)), (4, 7, taken())])),
        Some((4, false))
    );
}

#[test]
fn taken_stands_above_skipped() {
    assert_eq!(
        effective(&after(&[(1, 1, skipped()), (2, 5, taken())])),
        Some((2, false))
    );
    assert!(matches!(
        after(&[(1, 1, skipped()), (2, 240, DoseAct::Missed {})]),
        DoseState::Skipped { .. }
    ));
}

#[test]
fn a_dose_logged_after_it_was_missed_is_taken_late() {
    assert_eq!(after(&[(1, 240, DoseAct::Missed {})]), DoseState::Missed {});
    assert_eq!(
        effective(&after(&[(1, 240, DoseAct::Missed {}), (2, 300, taken())])),
        Some((2, true))
    );
    // Logged after the miss, as taken in time: the person says when, and that it was logged late stays to be seen.
    let missed = event(1, 240, DoseAct::Missed {});
    let mut said = event(2, 300, taken());
    said.at -= TimeDelta::minutes(270);
    assert_eq!(
        effective(&fold(&[&missed, &said], at("2026-03-01T12:00:00Z"))),
        Some((2, true))
    );
    // Late by the clock, though no device was there to record the miss.
    assert_eq!(effective(&after(&[(2, 300, taken())])), Some((2, true)));
    // Logged in time on another device, and only then recorded as missed by one that had not heard of it.
    assert_eq!(
        effective(&after(&[(1, 240, DoseAct::Missed {}), (2, 30, taken())])),
        Some((2, false))
    );
}

#[test]
fn a_reminder_that_failed_is_never_the_patients_miss() {
    assert_eq!(after(&[(1, 0, not_notified())]), DoseState::NotNotified {});
    assert_eq!(
        after(&[(1, 0, not_notified()), (2, 240, DoseAct::Missed {})]),
        DoseState::NotNotified {}
    );
    // Another device did remind.
    let both = [
        (1, 0, not_notified()),
        (2, 1, DoseAct::Notified {}),
        (3, 240, DoseAct::Missed {}),
    ];
    assert_eq!(after(&both), DoseState::Missed {});
}

fn an_event() -> impl Strategy<Value = DoseEvent> {
    let what = prop_oneof![
        Just(DoseAct::Notified {}),
        Just(not_notified()),
        Just(taken()),
        Just(skipped()),
        Just(snoozed("2026-03-01T08:30:00Z")),
        Just(snoozed("2026-03-01T09:30:00Z")),
        Just(DoseAct::Missed {}),
        (0..12_u128).prop_map(retracted),
    ];
    (0..400_i64, what).prop_map(|(minutes, what)| event(0, minutes, what))
}

/// Events with distinct ids, at few enough instants that some collide.
fn events() -> impl Strategy<Value = Vec<DoseEvent>> {
    vec(an_event(), 0..10).prop_map(|events| {
        let numbered = (0_u128..).zip(events);
        numbered
            .map(|(id, one)| DoseEvent {
                id: DoseEventId::from_uuid(Uuid::from_u128(id)),
                ..one
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn order_and_duplicates_do_not_matter(
        (events, shuffled) in events().prop_flat_map(|events| {
            let places: Vec<usize> = (0..events.len()).collect();
            let twice = [places.clone(), places].concat();
            (Just(events), Just(twice).prop_shuffle())
        }),
        extra in 0..10_usize,
    ) {
        let misses_at = at("2026-03-01T12:00:00Z");
        let plain: Vec<_> = events.iter().collect();
        // Every event once or twice, in any order.
        let mixed: Vec<_> = shuffled.iter().map(|place| &events[*place]).collect();
        prop_assert_eq!(fold(&plain, misses_at), fold(&mixed, misses_at));
        let some: Vec<_> = plain.iter().chain(plain.iter().take(extra)).copied().rev().collect();
        prop_assert_eq!(fold(&plain, misses_at), fold(&some, misses_at));
    }

    #[test]
    fn the_effective_entry_is_one_that_stands(events in events()) {
        let gone = |id| events.iter().any(|one| one.what == DoseAct::Retracted { event: id });
        let stands = |wanted: fn(&DoseAct) -> bool| events.iter().any(|one| wanted(&one.what) && !gone(one.id));
        let state = fold(&events.iter().collect::<Vec<_>>(), at("2026-03-01T12:00:00Z"));
        prop_assert_eq!(
            matches!(state, DoseState::Taken { .. }),
            stands(|what| matches!(what, DoseAct::Taken { .. }))
        );
        if let DoseState::Taken { event, .. } | DoseState::Skipped { event, .. } = state {
            prop_assert!(!gone(event));
        }
    }
}

fn closed(states: &[DoseState]) -> Vec<(Occurrence, DoseState)> {
    let schedule = wall("UTC", &[("am", "08:00")], Days::Every {});
    let range = ever().start..at("2026-02-01T00:00:00Z");
    occurrences(&schedule, range, &Context::new(tz("UTC")))
        .into_iter()
        .zip(states.iter().cloned())
        .collect()
}

#[test]
fn the_measure_lies_between_what_was_logged_and_what_is_known() {
    let state = |what| after(&[(1, 1, what)]);
    let states = [
        state(taken()),
        after(&[(1, 240, DoseAct::Missed {}), (2, 300, taken())]),
        state(skipped()),
        state(DoseAct::Missed {}),
        state(not_notified()),
        state(DoseAct::Notified {}),
        DoseState::Scheduled {},
        DoseState::Held {},
    ];
    let measure = taking(&closed(&states), 1);
    let counts = Taking {
        prescribed: 7,
        taken: 2,
        skipped: 1,
        missed: 1,
        extra: 1,
    };
    assert_eq!(measure, counts);
    assert_eq!(measure.rate(), Ratio { num: 3, den: 7 });
    assert_eq!(measure.lower(), Ratio { num: 2, den: 7 });
    assert_eq!(measure.upper(), Ratio { num: 2, den: 4 });
    assert_eq!(measure.completeness(), Ratio { num: 3, den: 7 });
    assert_eq!(measure.upper().percent(), Some(50));
    assert_eq!(taking(&[], 0).lower().percent(), None);
}

#[test]
fn extra_doses_take_the_rate_past_one_and_leave_the_bounds_alone() {
    let measure = taking(&closed(&[after(&[(1, 1, taken())])]), 2);
    assert_eq!(measure.rate().percent(), Some(300));
    assert_eq!(measure.lower().percent(), Some(100));
    assert_eq!(measure.upper().percent(), Some(100));
}
