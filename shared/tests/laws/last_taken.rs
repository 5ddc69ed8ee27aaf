//! The laws of chains that count from the last dose, over random lives: doses taken early and late, skipped, missed,
//! entered twice and taken beside the plan, held against a slow reading that goes from dose to dose.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    record::Medication,
    schedule::{
        Answer, Context, ElapsedFrom, Occurrence, OccurrenceKey, Rule, Schedule, occurrences, plan_answered,
        plan_occurrences,
    },
};
use proptest::{collection::vec, prelude::*};

use crate::{
    build::medication,
    elapsed::{self, chain, into_window, number, the_slow_way},
    wall::schedules,
};

/// What became of one dose. The times are parts of the distance after it was due, in hundredths; early ones negative.
#[derive(Clone, Debug)]
enum Fate {
    /// Nobody answered it.
    Missed,
    /// It was taken, or skipped: either restarts the chain.
    Answered(i32),
    /// Two devices answered it.
    Twice(i32, i32),
}

fn a_fate() -> impl Strategy<Value = Fate> {
    let when = || prop_oneof![3 => -20..60_i32, 1 => -150..300_i32];
    prop_oneof![
        2 => Just(Fate::Missed),
        6 => when().prop_map(Fate::Answered),
        1 => (when(), when()).prop_map(|(one, other)| Fate::Twice(one, other)),
    ]
}

fn a_schedule() -> impl Strategy<Value = Schedule> {
    elapsed::a_schedule().prop_map(|mut schedule| {
        if let Rule::Elapsed { from, every_min, .. } = &mut schedule.rule {
            *from = ElapsedFrom::LastTaken;
            *every_min = (*every_min).max(120);
        }
        schedule
    })
}

/// The range from so many minutes around the start on.
fn a_range(schedule: &Schedule, before: i64, length: i64) -> std::ops::Range<DateTime<Utc>> {
    let from = schedule.start.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(before);
    from..from + TimeDelta::minutes(length)
}

/// A medication with this schedule from its start on.
fn only(schedule: &Schedule) -> Medication {
    medication(vec![(&schedule.start.to_string(), schedule.clone())])
}

fn numbered(found: &[Occurrence]) -> Vec<(u64, DateTime<Utc>)> {
    found.iter().map(|one| (number(one), one.due)).collect()
}

/// Whether the plan knows of an instant: its local date is one of the revision's.
fn of_the_plan(schedule: &Schedule, at: DateTime<Utc>) -> bool {
    at.with_timezone(&schedule.tz(Tz::UTC)).date_naive() >= schedule.start
}

/// What `schedule` has until `to`, dose by dose: `next` is told a number and its due time, and answers from when the
/// chain goes on, with the next due time.
fn dose_by_dose(
    schedule: &Schedule,
    first: DateTime<Utc>,
    (to, at_least): (DateTime<Utc>, u64),
    mut next: impl FnMut(u64, DateTime<Utc>) -> DateTime<Utc>,
) -> Vec<(u64, DateTime<Utc>)> {
    let zone = schedule.tz(Tz::UTC);
    let mut left = schedule.max_count.unwrap_or(u32::MAX);
    let (mut due, mut number, mut found) = (first, 0, Vec::new());
    while due < to || number <= at_least {
        let date = due.with_timezone(&zone).date_naive();
        if schedule.start <= date && schedule.end.is_none_or(|end| date <= end) && left > 0 {
            left -= 1;
            found.push((number, due));
        }
        due = next(number, due);
        number += 1;
    }
    // An early dose pulls those after it back.
    found.sort_by_key(|(_, due)| *due);
    found
}

/// The due time after a restart: one distance later, or one distance after the last dose beside the plan before that.
fn held_off(
    schedule: &Schedule,
    restart: Option<DateTime<Utc>>,
    beside: &[DateTime<Utc>],
    mut due: DateTime<Utc>,
) -> DateTime<Utc> {
    let (_, every) = chain(schedule);
    // Until nothing changes, and in no order.
    while let Some(later) = beside
        .iter()
        .filter(|at| restart.is_none_or(|restart| restart < **at) && **at < due)
        .map(|at| into_window(schedule, *at + every))
        .find(|later| *later > due)
    {
        due = later;
    }
    due
}

proptest! {
    #![proptest_config(schedules())]

    #[test]
    fn expansion_is_what_the_last_dose_leaves_to_come(
        schedule in a_schedule(),
        taken in vec(-100..40 * 1_440_i64, 0..6),
        skipped in vec(-100..40 * 1_440_i64, 0..3),
        before in -10 * 1_440..30 * 1_440_i64,
        length in 0..40 * 1_440_i64,
    ) {
        let (first, every) = chain(&schedule);
        let instants = |minutes: &[i64]| -> Vec<_> { minutes.iter().map(|at| first + TimeDelta::minutes(*at)).collect() };
        let (taken, skipped) = (instants(&taken), instants(&skipped));
        let range = a_range(&schedule, before, length);
        let context = Context { taken: &taken, skipped: &skipped, ..Context::new(Tz::UTC) };
        let found = numbered(&occurrences(&schedule, range.clone(), &context));
        let mut last = None;
        for at in taken.iter().chain(&skipped) {
            last = Some(last.map_or(*at, |last: DateTime<Utc>| last.max(*at)));
        }
        let counted = u32::try_from(taken.len() + skipped.len()).unwrap();
        let begin = last.map_or(first, |last| into_window(&schedule, last + every));
        let mut wanted = the_slow_way(&schedule, (counted, begin), range.end);
        wanted.retain(|(_, due)| range.contains(due));
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn expansion_is_what_each_answer_makes_of_the_next(
        schedule in a_schedule(),
        fates in vec(a_fate(), 0..30),
        beside in vec(-2 * 1_440..20 * 1_440_i64, 0..4),
        before in -10 * 1_440..20 * 1_440_i64,
        length in 0..30 * 1_440_i64,
    ) {
        let (first, every) = chain(&schedule);
        let beside: Vec<_> = beside.into_iter().map(|at| first + TimeDelta::minutes(at)).collect();
        let range = a_range(&schedule, before, length);
        let mut answers: Vec<Answer> = beside.iter().map(|at| Answer { occurrence: None, at: *at }).collect();
        let known: Vec<_> = beside.iter().copied().filter(|at| of_the_plan(&schedule, *at)).collect();
        let begin = held_off(&schedule, None, &known, first);
        let lived = (range.end, fates.len() as u64);
        let mut wanted = dose_by_dose(&schedule, begin, lived, |number, due| {
            let mut restart = due;
            let mut answer = |part: i32| {
                let at = due + every * part / 100;
                answers.push(Answer { occurrence: Some(OccurrenceKey::Elapsed { revision: 1, number }), at });
                at
            };
            match usize::try_from(number).ok().and_then(|number| fates.get(number)) {
                None | Some(Fate::Missed) => {}
                Some(Fate::Answered(part)) => restart = answer(*part),
                Some(Fate::Twice(one, other)) => restart = answer(*one).max(answer(*other)),
            }
            held_off(&schedule, Some(restart), &known, into_window(&schedule, restart + every))
        });
        wanted.retain(|(_, due)| range.contains(due));
        let found = numbered(&plan_answered(&only(&schedule), range.clone(), Tz::UTC.into(), &answers));
        prop_assert_eq!(&found, &wanted);
        answers.reverse();
        prop_assert_eq!(numbered(&plan_answered(&only(&schedule), range, Tz::UTC.into(), &answers)), wanted);
    }

    #[test]
    fn expansion_is_what_each_dose_nearest_to_its_time_makes_of_the_next(
        schedule in a_schedule(),
        taken in vec(-2 * 1_440..20 * 1_440_i64, 0..12),
        before in -10 * 1_440..20 * 1_440_i64,
        length in 0..30 * 1_440_i64,
    ) {
        let (first, every) = chain(&schedule);
        let taken: Vec<_> = taken.into_iter().map(|at| first + TimeDelta::minutes(at)).collect();
        let range = a_range(&schedule, before, length);
        let mut ahead: Vec<_> = taken.iter().copied().filter(|at| of_the_plan(&schedule, *at)).collect();
        ahead.sort();
        ahead.reverse();
        // A dose answers the first that is due less than half the distance before it; those before were missed.
        let until = ahead.first().map_or(range.end, |last| range.end.max(*last + every));
        let mut wanted = dose_by_dose(&schedule, first, (until, 0), |_, due| {
            let restart = match ahead.last() {
                Some(at) if *at - every / 2 < due => ahead.pop().unwrap(),
                Some(_) | None => due,
            };
            into_window(&schedule, restart + every)
        });
        wanted.retain(|(_, due)| range.contains(due));
        let found = plan_occurrences(&only(&schedule), range, Tz::UTC.into(), &taken);
        prop_assert_eq!(numbered(&found), wanted);
    }
}
