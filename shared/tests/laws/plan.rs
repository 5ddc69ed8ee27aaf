//! The plan of a medication: revisions, the stop, and chains that count from the last dose.

use chrono_tz::Tz;
use doseline_shared::{
    dose::{DoseAct, answers},
    record::MedicationStatus,
    schedule::{Answer, Days, Occurrence, OccurrenceKey, misses_at, plan_answered, plan_occurrences},
};
use proptest::prelude::*;

use crate::{
    build::{at, date, dues, elapsed, event, last_taken, locals, medication, taken, wall},
    wall::{a_schedule, a_zone, the_slow_way},
};

fn ids(occurrences: &[Occurrence]) -> Vec<String> {
    occurrences.iter().map(|one| one.id.to_string()).collect()
}

#[test]
fn a_revision_holds_from_its_date_to_the_day_before_the_next() {
    let morning = wall("Africa/Lagos", &[("am", "08:00")], Days::Every {});
    let twice = wall("Africa/Lagos", &[("am", "09:00"), ("pm", "21:00")], Days::Every {});
    let plan = medication(vec![("2026-03-01", morning), ("2026-03-03", twice)]);
    let range = at("2026-02-01T00:00:00Z")..at("2026-03-05T00:00:00Z");
    let found = plan_occurrences(&plan, range, Tz::UTC.into(), &[]);
    assert_eq!(
        locals(&found),
        [
            "2026-03-01T08:00:00+01:00",
            "2026-03-02T08:00:00+01:00",
            "2026-03-03T09:00:00+01:00",
            "2026-03-03T21:00:00+01:00",
            "2026-03-04T09:00:00+01:00",
            "2026-03-04T21:00:00+01:00"
        ]
    );
    // The slot keeps its identity through the edit.
    assert_eq!(ids(&found)[1..3], ["2026-03-02/am", "2026-03-03/am"]);
}

#[test]
fn elapsed_occurrences_carry_the_number_of_their_revision() {
    let first = elapsed("UTC", 720, "2026-03-01T06:00:00Z", None);
    let second = elapsed("UTC", 480, "2026-03-02T08:00:00Z", None);
    let plan = medication(vec![("2026-03-01", first), ("2026-03-02", second)]);
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-03T00:00:00Z");
    let found = plan_occurrences(&plan, range, Tz::UTC.into(), &[]);
    assert_eq!(ids(&found), ["r1/0", "r1/1", "r2/0", "r2/1"]);
    assert_eq!(dues(&found)[1..3], ["2026-03-01T18:00:00Z", "2026-03-02T08:00:00Z"]);
}

#[test]
fn of_two_revisions_from_one_date_the_later_one_holds() {
    let early = wall("UTC", &[("am", "08:00")], Days::Every {});
    let late = wall("UTC", &[("am", "10:00")], Days::Every {});
    let plan = medication(vec![("2026-03-01", early), ("2026-03-01", late)]);
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-02T00:00:00Z");
    assert_eq!(
        dues(&plan_occurrences(&plan, range, Tz::UTC.into(), &[])),
        ["2026-03-01T10:00:00Z"]
    );
}

#[test]
fn a_stopped_medication_has_none_from_the_date_of_its_stop() {
    let mut plan = medication(vec![("2026-03-01", wall("UTC", &[("am", "08:00")], Days::Every {}))]);
    plan.status = MedicationStatus::Stopped {
        from: date("2026-03-03"),
    };
    let range = at("2026-02-01T00:00:00Z")..at("2026-05-01T00:00:00Z");
    let found = plan_occurrences(&plan, range.clone(), Tz::UTC.into(), &[]);
    assert_eq!(dues(&found), ["2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z"]);
    plan.plan.clear();
    assert!(plan_occurrences(&plan, range, Tz::UTC.into(), &[]).is_empty());
}

#[test]
fn a_change_of_zone_keeps_the_order_of_due() {
    // From the 3rd on, read in Auckland: its morning of the 3rd comes before Honolulu's evening of the 2nd.
    let west = wall("Pacific/Honolulu", &[("pm", "20:00")], Days::Every {});
    let east = wall("Pacific/Auckland", &[("am", "08:00")], Days::Every {});
    let plan = medication(vec![("2026-03-01", west), ("2026-03-03", east)]);
    let range = at("2026-03-02T00:00:00Z")..at("2026-03-03T23:00:00Z");
    let found = plan_occurrences(&plan, range, Tz::UTC.into(), &[]);
    assert_eq!(
        ids(&found),
        ["2026-03-01/pm", "2026-03-03/am", "2026-03-02/pm", "2026-03-04/am"]
    );
}

#[test]
fn a_chain_from_the_last_dose_keeps_what_was_due_when_it_was_answered() {
    let plan = medication(vec![("2026-03-01", last_taken("UTC", 480, "2026-03-01T06:00:00Z"))]);
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-02T16:00:00Z");
    // Taken on time; the next one missed; the one after it, due at 22:20, taken at 23:00.
    let taken = [at("2026-03-01T06:20:00Z"), at("2026-03-01T23:00:00Z")];
    let found = plan_occurrences(&plan, range.clone(), Tz::UTC.into(), &taken);
    let due = [
        "2026-03-01T06:00:00Z",
        "2026-03-01T14:20:00Z",
        "2026-03-01T22:20:00Z",
        "2026-03-02T07:00:00Z",
        "2026-03-02T15:00:00Z",
    ];
    assert_eq!(dues(&found), due);
    assert_eq!(ids(&found), ["r1/0", "r1/1", "r1/2", "r1/3", "r1/4"]);
    let answered = |number: &str, at_: &str| Answer {
        occurrence: Some(number.parse().unwrap()),
        at: at(at_),
    };
    let known = [
        answered("r1/2", "2026-03-01T23:00:00Z"),
        answered("r1/0", "2026-03-01T06:20:00Z"),
    ];
    assert_eq!(plan_answered(&plan, range, Tz::UTC.into(), &known), found);
}

#[test]
fn a_very_late_dose_answers_the_one_that_the_patient_named() {
    let plan = medication(vec![("2026-03-01", last_taken("UTC", 480, "2026-03-01T06:00:00Z"))]);
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-02T04:00:00Z");
    // The dose of 06:00 at 11:00, nearer to 14:00: named, the next is due at 19:00, and nothing at 14:00 beside it.
    let mut late = event(9, 180, taken());
    late.occurrence = Some("r1/0".parse().unwrap());
    let answers = answers(&[&late]);
    let found = plan_answered(&plan, range, Tz::UTC.into(), &answers);
    assert_eq!(
        dues(&found),
        ["2026-03-01T06:00:00Z", "2026-03-01T19:00:00Z", "2026-03-02T03:00:00Z"]
    );
}

#[test]
fn a_revision_counts_from_its_own_doses_only() {
    let plan = medication(vec![
        ("2026-03-01", last_taken("UTC", 480, "2026-03-01T06:00:00Z")),
        ("2026-03-02", last_taken("UTC", 720, "2026-03-02T06:00:00Z")),
    ]);
    let range = at("2026-03-01T12:00:00Z")..at("2026-03-03T00:00:00Z");
    let due = [
        "2026-03-01T15:00:00Z",
        "2026-03-01T23:00:00Z",
        "2026-03-02T06:00:00Z",
        "2026-03-02T18:00:00Z",
    ];
    let known = [Answer {
        occurrence: Some("r1/0".parse().unwrap()),
        at: at("2026-03-01T07:00:00Z"),
    }];
    assert_eq!(dues(&plan_answered(&plan, range.clone(), Tz::UTC.into(), &known)), due);
    assert_eq!(
        dues(&plan_occurrences(&plan, range, Tz::UTC.into(), &[known[0].at])),
        due
    );
}

#[test]
fn an_entry_that_is_out_of_order_hides_no_occurrence() {
    // The first dose late, the second said to have been before it: the third falls before the second.
    let plan = medication(vec![("2026-03-01", last_taken("UTC", 480, "2026-03-01T06:00:00Z"))]);
    let known = [("r1/0", "2026-03-01T10:00:00Z"), ("r1/1", "2026-03-01T09:00:00Z")].map(|(key, time)| Answer {
        occurrence: Some(key.parse().unwrap()),
        at: at(time),
    });
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-01T17:30:00Z");
    assert_eq!(
        dues(&plan_answered(&plan, range, Tz::UTC.into(), &known)),
        ["2026-03-01T06:00:00Z", "2026-03-01T17:00:00Z"]
    );
}

#[test]
fn a_dose_taken_beside_the_plan_holds_the_next_one_off() {
    let plan = medication(vec![("2026-03-01", last_taken("UTC", 480, "2026-03-01T06:00:00Z"))]);
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-02T08:00:00Z");
    let answer = |occurrence: Option<&str>, at_: &str| Answer {
        occurrence: occurrence.map(|key| key.parse().unwrap()),
        at: at(at_),
    };
    // The dose of 06:00 on time, one more at noon: the next not at 14:00, but eight hours after the one more.
    let known = [
        answer(Some("r1/0"), "2026-03-01T06:00:00Z"),
        answer(None, "2026-03-01T12:00:00Z"),
    ];
    let found = plan_answered(&plan, range.clone(), Tz::UTC.into(), &known);
    assert_eq!(
        dues(&found),
        ["2026-03-01T06:00:00Z", "2026-03-01T20:00:00Z", "2026-03-02T04:00:00Z"]
    );
    assert_eq!(ids(&found), ["r1/0", "r1/1", "r1/2"]);
    // Before the first of all, it holds that one off as well.
    let known = [answer(None, "2026-03-01T04:00:00Z")];
    let found = plan_answered(&plan, range.clone(), Tz::UTC.into(), &known);
    assert_eq!(
        dues(&found),
        ["2026-03-01T12:00:00Z", "2026-03-01T20:00:00Z", "2026-03-02T04:00:00Z"]
    );
    // Of two entries for one dose, the later one: the next must not come too soon.
    let known = [
        answer(Some("r1/0"), "2026-03-01T06:00:00Z"),
        answer(Some("r1/0"), "2026-03-01T08:00:00Z"),
    ];
    let found = plan_answered(&plan, range, Tz::UTC.into(), &known);
    assert_eq!(dues(&found)[1], "2026-03-01T16:00:00Z");
    let mut one = event(1, 60, taken());
    one.occurrence = None;
    assert_eq!(answers(&[&one, &one]), [answer(None, "2026-03-01T09:00:00Z")]);
}

#[test]
fn answers_are_the_doses_taken_and_skipped_that_still_stand() {
    let on = |id, minutes, number: &str, what| {
        let mut event = event(id, minutes, what);
        event.occurrence = Some(number.parse().unwrap());
        event
    };
    let events = [
        on(1, 5, "r1/0", DoseAct::Skipped { reason: None }),
        on(2, 10, "r1/0", taken()),
        on(3, 20, "r1/0", taken()),
        on(4, 30, "r1/1", taken()),
        on(
            5,
            31,
            "r1/1",
            DoseAct::Retracted {
                event: on(4, 0, "r1/1", taken()).id,
            },
        ),
        on(6, 40, "r1/2", DoseAct::Notified {}),
    ];
    let mut all: Vec<_> = events.iter().collect();
    let found = answers(&all);
    assert_eq!(
        found,
        [Answer {
            occurrence: Some("r1/0".parse().unwrap()),
            at: at("2026-03-01T08:10:00Z")
        }]
    );
    all.reverse();
    assert_eq!(answers(&all), found);
}

#[test]
fn a_dose_is_missed_after_the_window_or_half_the_gap_or_four_hours() {
    let due = at("2026-03-01T08:00:00Z");
    let mut window = wall("UTC", &[], Days::Every {}).window;
    let next = |text| Some(at(text));
    assert_eq!(misses_at(due, None, &window), at("2026-03-01T12:00:00Z"));
    assert_eq!(
        misses_at(due, next("2026-03-01T20:00:00Z"), &window),
        at("2026-03-01T12:00:00Z")
    );
    assert_eq!(
        misses_at(due, next("2026-03-01T14:00:00Z"), &window),
        at("2026-03-01T11:00:00Z")
    );
    // Another slot at the same instant is no reason to miss this one at once.
    assert_eq!(
        misses_at(due, next("2026-03-01T08:00:00Z"), &window),
        at("2026-03-01T12:00:00Z")
    );
    window.miss_after_min = Some(30);
    assert_eq!(
        misses_at(due, next("2026-03-01T20:00:00Z"), &window),
        at("2026-03-01T08:30:00Z")
    );
}

proptest! {
    #[test]
    fn an_edit_leaves_the_past_alone(from in 1..40_u64, every in prop::sample::select(vec![300_u32, 480, 1_000])) {
        let edit = date("2026-03-01") + chrono::Days::new(from);
        let before = elapsed("Europe/Paris", every, "2026-03-01T05:00:00Z", Some(("07:00", "22:00")));
        let after = wall("Europe/Paris", &[("am", "06:30")], Days::Every {});
        let whole = medication(vec![("2026-03-01", before.clone())]);
        let edited = medication(vec![("2026-03-01", before), (&edit.to_string(), after)]);
        let range = at("2026-03-01T00:00:00Z")..at("2026-05-01T00:00:00Z");
        let past = |plan| {
            let mut found = plan_occurrences(plan, range.clone(), Tz::UTC.into(), &[]);
            found.retain(|one| one.local.date_naive() < edit);
            found
        };
        prop_assert_eq!(past(&whole), past(&edited));
        let later = plan_occurrences(&edited, range.clone(), Tz::UTC.into(), &[]);
        prop_assert!(later.iter().filter(|one| one.local.date_naive() >= edit).all(|one| one.slot.is_some()));
    }

    #[test]
    fn a_plan_gives_of_each_revision_what_the_slow_reading_gives_on_its_dates(
        schedules in prop::collection::vec((a_schedule(), 0..200_u64), 1..5),
        device in a_zone(),
        (begin, length) in (0..6_000_i64, 0..200_i64),
    ) {
        let device: Tz = device.parse().unwrap();
        let first = date("2020-01-01");
        let mut from = first + chrono::Days::new(u64::try_from(begin).unwrap());
        let plan: Vec<_> = schedules
            .into_iter()
            .map(|(schedule, later)| {
                from = from + chrono::Days::new(later);
                (from, schedule)
            })
            .collect();
        let range = at("2020-01-01T00:00:00Z") + chrono::TimeDelta::days(begin)
            ..at("2020-01-01T00:00:00Z") + chrono::TimeDelta::days(begin + length);
        let mut slow: Vec<Occurrence> = Vec::new();
        for (place, (from, schedule)) in plan.iter().enumerate() {
            let next = plan.get(place + 1).map_or(chrono::NaiveDate::MAX, |(next, _)| *next);
            slow.extend(the_slow_way(schedule, range.clone(), device).into_iter().filter(|one| match &one.id {
                OccurrenceKey::Wall { date, .. } => (*from..next).contains(date),
                OccurrenceKey::Elapsed { .. } | OccurrenceKey::After { .. } => false,
            }));
        }
        slow.sort_by_key(|one| one.due);
        let texts: Vec<_> = plan.iter().map(|(from, _)| from.to_string()).collect();
        let plan = texts.iter().map(String::as_str).zip(plan.iter().map(|(_, schedule)| schedule.clone())).collect();
        prop_assert_eq!(plan_answered(&medication(plan), range, device.into(), &[]), slow);
    }
}
