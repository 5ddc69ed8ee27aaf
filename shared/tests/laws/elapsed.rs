//! The laws of elapsed schedules: constant distance, numbers, windows, and the chain from the last dose taken.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::schedule::{Context, DailyWindow, Occurrence, OccurrenceKey, Rule, Schedule, expand, occurrences};
use proptest::prelude::*;

use crate::{
    build::{at, date, dues, elapsed, ever, last_taken, locals, tz},
    wall::{a_zone, schedules, slowly},
};

pub fn number(occurrence: &Occurrence) -> u64 {
    match occurrence.id {
        OccurrenceKey::Elapsed { number, .. } => number,
        OccurrenceKey::Wall { .. } | OccurrenceKey::After { .. } => panic!("an elapsed occurrence"),
    }
}

/// `at`, or where it lies outside the daily window, the window's next start.
pub fn into_window(schedule: &Schedule, at: DateTime<Utc>) -> DateTime<Utc> {
    let Rule::Elapsed {
        daily: Some(DailyWindow { from, to }),
        ..
    } = schedule.rule
    else {
        return at;
    };
    let zone = schedule.tz(Tz::UTC);
    let local = at.with_timezone(&zone).naive_local();
    if (from..=to).contains(&local.time()) {
        return at;
    }
    let mut date = local.date();
    if local.time() > to {
        date = date.succ_opt().unwrap();
    }
    at.max(slowly(zone, date.and_time(from)))
}

/// Where the chain begins, and the distance.
pub fn chain(schedule: &Schedule) -> (DateTime<Utc>, TimeDelta) {
    let Rule::Elapsed { every_min, anchor, .. } = schedule.rule else {
        panic!("an elapsed rule");
    };
    (into_window(schedule, anchor), TimeDelta::minutes(i64::from(every_min)))
}

/// The chain step by step from its `first` with the number of each, of which the first `counted` count already.
pub fn the_slow_way(
    schedule: &Schedule,
    (counted, first): (u32, DateTime<Utc>),
    to: DateTime<Utc>,
) -> Vec<(u64, DateTime<Utc>)> {
    let (_, every) = chain(schedule);
    let zone = schedule.tz(Tz::UTC);
    let mut left = schedule.max_count.unwrap_or(u32::MAX).saturating_sub(counted);
    let mut found = Vec::new();
    let (mut at, mut number) = (first, u64::from(counted));
    while at < to {
        let date = at.with_timezone(&zone).date_naive();
        if schedule.start <= date && schedule.end.is_none_or(|end| date <= end) && left > 0 {
            left -= 1;
            found.push((number, at));
        }
        at = into_window(schedule, at + every);
        number += 1;
    }
    found
}

pub fn a_schedule() -> impl Strategy<Value = Schedule> {
    let window = (0..1_380_u32, 1..1_440_u32).prop_map(|(from, length)| (from, (from + length).min(1_439)));
    (
        a_zone(),
        prop_oneof![30..3_000_u32, Just(480), Just(1_440), Just(10_080)],
        0..8_000_000_i64,
        proptest::option::of(window),
        (
            -20..60_i64,
            proptest::option::of(0..120_i64),
            proptest::option::of(1..80_u32),
        ),
    )
        .prop_map(|(zone, every_min, minute, window, (start, length, max_count))| {
            let anchor = at("2020-01-01T00:00:00Z") + TimeDelta::minutes(minute);
            let clock = |minute: u32| chrono::NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap();
            let mut schedule = elapsed(zone, every_min, &anchor.to_rfc3339(), None);
            if let Rule::Elapsed { daily, .. } = &mut schedule.rule {
                *daily = window.map(|(from, to)| DailyWindow {
                    from: clock(from),
                    to: clock(to),
                });
            }
            schedule.start += TimeDelta::days(start);
            schedule.end = length.map(|days| schedule.start + TimeDelta::days(days));
            schedule.max_count = max_count;
            schedule
        })
}

proptest! {
    #![proptest_config(schedules())]

    #[test]
    fn expansion_is_what_the_chain_gives_step_by_step(
        schedule in a_schedule(), before in -100..100 * 1_440_i64, length in 0..100 * 1_440_i64
    ) {
        let from = schedule.start.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes(before);
        let to = from + TimeDelta::minutes(length);
        let found = occurrences(&schedule, from..to, &Context::new(Tz::UTC));
        let found: Vec<_> = found.iter().map(|one| (number(one), one.due)).collect();
        let mut wanted = the_slow_way(&schedule, (0, chain(&schedule).0), to);
        wanted.retain(|(_, due)| from <= *due);
        prop_assert_eq!(found, wanted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn two_ranges_side_by_side_give_what_the_whole_gives(schedule in a_schedule(), cut in 0..200 * 1_440_i64) {
        let context = Context::new(Tz::UTC);
        let from = schedule.start.and_time(chrono::NaiveTime::MIN).and_utc() - TimeDelta::days(2);
        let (between, to) = (from + TimeDelta::minutes(cut), from + TimeDelta::days(200));
        let mut parts = occurrences(&schedule, from..between, &context);
        parts.extend(occurrences(&schedule, between..to, &context));
        prop_assert_eq!(parts, occurrences(&schedule, from..to, &context));
    }

    #[test]
    fn without_a_window_the_distance_never_changes(zone in a_zone(), every_min in 5..3_000_u32) {
        let schedule = elapsed(zone, every_min, "2026-01-01T03:17:00Z", None);
        let found: Vec<_> = expand(&schedule, ever(), &Context::new(Tz::UTC)).take(400).collect();
        for (pair, place) in found.windows(2).zip(0..) {
            prop_assert_eq!(pair[1].due - pair[0].due, TimeDelta::minutes(i64::from(every_min)));
            prop_assert_eq!(number(&pair[0]), place);
        }
    }

    #[test]
    fn with_a_window_every_dose_is_inside_it_or_at_its_start(schedule in a_schedule()) {
        let Rule::Elapsed { daily, every_min, .. } = &schedule.rule else { unreachable!() };
        let zone = schedule.tz(Tz::UTC);
        let found: Vec<_> = expand(&schedule, ever(), &Context::new(Tz::UTC)).take(200).collect();
        for one in &found {
            if let Some(window) = daily {
                let inside = (window.from..=window.to).contains(&one.local.time());
                // A start in a gap moves forward, perhaps past the window's end, or over midnight; and where the clocks
                // go back over the start, the window stays open.
                let today = one.local.date_naive();
                let starts = [today, today.pred_opt().unwrap()].map(|date| slowly(zone, date.and_time(window.from)));
                let open = starts.iter().any(|start| (*start..*start + TimeDelta::hours(1)).contains(&one.due));
                prop_assert!(inside || open);
            }
        }
        for pair in found.windows(2) {
            prop_assert!(pair[1].due - pair[0].due >= TimeDelta::minutes(i64::from(*every_min)));
        }
    }
}

#[test]
fn where_the_clocks_go_back_over_the_windows_start_it_stays_open() {
    // The chain comes to 02:10 the second time round; the window opened at 02:30 the first time.
    let schedule = elapsed("Europe/Paris", 600, "2026-10-24T15:10:00Z", Some(("02:30", "20:00")));
    let found: Vec<_> = expand(&schedule, ever(), &Context::new(Tz::UTC)).take(3).collect();
    assert_eq!(
        locals(&found),
        [
            "2026-10-24T17:10:00+02:00",
            "2026-10-25T02:10:00+01:00",
            "2026-10-25T12:10:00+01:00"
        ]
    );
}

#[test]
fn a_date_that_comes_back_is_a_date_still() {
    // In St John's the clocks went back at one minute past midnight, to 23:01 of the day before.
    let mut schedule = elapsed("America/St_Johns", 1, "2010-11-07T02:28:00Z", None);
    schedule.end = Some(date("2010-11-06"));
    let found: Vec<_> = expand(&schedule, ever(), &Context::new(Tz::UTC)).take(4).collect();
    assert_eq!(
        locals(&found),
        [
            "2010-11-06T23:58:00-02:30",
            "2010-11-06T23:59:00-02:30",
            "2010-11-06T23:01:00-03:30",
            "2010-11-06T23:02:00-03:30"
        ]
    );
}

#[test]
fn what_lies_before_the_start_or_after_the_end_is_none_but_the_chain_runs_through() {
    let mut schedule = elapsed("UTC", 480, "2026-03-01T06:00:00Z", None);
    schedule.start = date("2026-03-02");
    schedule.end = Some(date("2026-03-02"));
    let found = occurrences(&schedule, ever(), &Context::new(Tz::UTC));
    assert_eq!(
        dues(&found),
        ["2026-03-02T06:00:00Z", "2026-03-02T14:00:00Z", "2026-03-02T22:00:00Z"]
    );
    assert_eq!(found.iter().map(number).collect::<Vec<_>>(), [3, 4, 5]);
    schedule.max_count = Some(2);
    let found = occurrences(&schedule, ever(), &Context::new(Tz::UTC));
    assert_eq!(found.iter().map(number).collect::<Vec<_>>(), [3, 4]);
    // The limit counts from the start, whatever range is asked for.
    let later = at("2026-03-02T10:00:00Z")..at("2026-03-03T00:00:00Z");
    let found = occurrences(&schedule, later, &Context::new(Tz::UTC));
    assert_eq!(found.iter().map(number).collect::<Vec<_>>(), [4]);
}

#[test]
fn local_dates_are_those_of_the_schedules_zone() {
    let mut schedule = elapsed("Asia/Tokyo", 720, "2026-03-01T00:00:00Z", None);
    schedule.start = date("2026-03-02");
    schedule.end = Some(date("2026-03-02"));
    let found = occurrences(&schedule, ever(), &Context::new(Tz::UTC));
    // 21:00 on the 1st and 09:00 on the 2nd, as Tokyo counts; the next falls on 21:00 of the 2nd.
    assert_eq!(
        locals(&found),
        ["2026-03-02T09:00:00+09:00", "2026-03-02T21:00:00+09:00"]
    );
}

#[test]
fn from_the_last_dose_taken_the_next_is_one_distance_away() {
    let schedule = last_taken("Africa/Lagos", 480, "2026-03-01T06:00:00Z");
    let range = at("2026-03-01T00:00:00Z")..at("2026-03-02T07:00:00Z");
    let on = |taken: &[&str], skipped: &[&str]| {
        let instants = |texts: &[&str]| texts.iter().map(|text| at(text)).collect::<Vec<_>>();
        let context = Context {
            taken: &instants(taken),
            skipped: &instants(skipped),
            ..Context::new(tz("UTC"))
        };
        occurrences(&schedule, range.clone(), &context)
    };
    // With no dose yet, the anchor, and on as if each were taken when due.
    assert_eq!(
        dues(&on(&[], &[])),
        [
            "2026-03-01T06:00:00Z",
            "2026-03-01T14:00:00Z",
            "2026-03-01T22:00:00Z",
            "2026-03-02T06:00:00Z"
        ]
    );
    let after = on(&["2026-03-01T15:10:00Z", "2026-03-01T06:40:00Z"], &[]);
    assert_eq!(dues(&after), ["2026-03-01T23:10:00Z"]);
    assert_eq!(after[0].id.to_string(), "r1/2");
    // A skip restarts the chain as well.
    assert_eq!(
        dues(&on(&["2026-03-01T06:40:00Z"], &["2026-03-01T15:10:00Z"])),
        ["2026-03-01T23:10:00Z"]
    );
}

#[test]
fn from_the_last_dose_taken_each_one_taken_counts_for_the_limit() {
    let mut schedule = last_taken("Africa/Lagos", 480, "2026-03-01T06:00:00Z");
    schedule.max_count = Some(3);
    let taken = [at("2026-03-01T06:40:00Z"), at("2026-03-01T15:10:00Z")];
    let context = Context {
        taken: &taken,
        ..Context::new(Tz::UTC)
    };
    assert_eq!(
        dues(&occurrences(&schedule, ever(), &context)),
        ["2026-03-01T23:10:00Z"]
    );
    schedule.max_count = Some(2);
    assert!(occurrences(&schedule, ever(), &context).is_empty());
}

#[test]
fn from_the_last_dose_taken_the_daily_window_holds() {
    let mut schedule = last_taken("Africa/Lagos", 480, "2026-03-01T06:00:00Z");
    if let Rule::Elapsed { daily, .. } = &mut schedule.rule {
        *daily = Some(DailyWindow {
            from: crate::build::time("07:00"),
            to: crate::build::time("22:00"),
        });
    }
    let taken = [at("2026-03-01T15:10:00Z")];
    let context = Context {
        taken: &taken,
        ..Context::new(Tz::UTC)
    };
    let found: Vec<_> = expand(&schedule, ever(), &context).take(3).collect();
    assert_eq!(
        locals(&found),
        [
            "2026-03-02T07:00:00+01:00",
            "2026-03-02T15:00:00+01:00",
            "2026-03-03T07:00:00+01:00"
        ]
    );
}

#[test]
fn a_dose_taken_changes_nothing_where_the_rule_counts_from_the_due_times() {
    let schedule = elapsed("Africa/Lagos", 480, "2026-03-01T06:00:00Z", None);
    let taken = [at("2026-03-01T07:10:00Z")];
    let context = Context {
        taken: &taken,
        ..Context::new(Tz::UTC)
    };
    let found: Vec<_> = expand(&schedule, ever(), &context).take(2).collect();
    assert_eq!(dues(&found), ["2026-03-01T06:00:00Z", "2026-03-01T14:00:00Z"]);
}

#[test]
fn a_far_range_is_reached_at_once() {
    // Every minute for a hundred years, in a window: fifty million links, of which only the last are asked for.
    let mut schedule = elapsed("Europe/Paris", 1, "2000-01-01T12:00:00Z", Some(("07:00", "22:00")));
    schedule.start = date("2000-01-01");
    let range = at("2099-12-31T20:00:00Z")..at("2100-01-02T00:00:00Z");
    let found: Vec<_> = expand(&schedule, range, &Context::new(Tz::UTC)).take(63).collect();
    assert_eq!(found[0].due, at("2099-12-31T20:00:00Z"));
    assert_eq!(found[60].local.to_rfc3339(), "2099-12-31T22:00:00+01:00");
    assert_eq!(found[61].local.to_rfc3339(), "2100-01-01T07:00:00+01:00");
}
