//! Changes of the clocks, one by one, with the expected instants written out by hand.

use doseline_shared::schedule::{Context, Days, occurrences};

use crate::build::{at, date, dues, elapsed, ever, locals, tz, wall};

/// Zone, local date and time, the instant, and what the clock on the wall then shows.
const CASES: &[(&str, &str, &str, &str, &str)] = &[
    // Western and central Europe: 02:00 becomes 03:00, 03:00 becomes 02:00.
    (
        "Europe/Paris",
        "2026-03-29",
        "01:59",
        "2026-03-29T00:59:00Z",
        "2026-03-29T01:59:00+01:00",
    ),
    (
        "Europe/Paris",
        "2026-03-29",
        "02:00",
        "2026-03-29T01:00:00Z",
        "2026-03-29T03:00:00+02:00",
    ),
    (
        "Europe/Paris",
        "2026-03-29",
        "02:30",
        "2026-03-29T01:30:00Z",
        "2026-03-29T03:30:00+02:00",
    ),
    (
        "Europe/Paris",
        "2026-03-29",
        "03:00",
        "2026-03-29T01:00:00Z",
        "2026-03-29T03:00:00+02:00",
    ),
    (
        "Europe/Paris",
        "2026-10-25",
        "01:59",
        "2026-10-24T23:59:00Z",
        "2026-10-25T01:59:00+02:00",
    ),
    (
        "Europe/Paris",
        "2026-10-25",
        "02:00",
        "2026-10-25T00:00:00Z",
        "2026-10-25T02:00:00+02:00",
    ),
    (
        "Europe/Paris",
        "2026-10-25",
        "02:30",
        "2026-10-25T00:30:00Z",
        "2026-10-25T02:30:00+02:00",
    ),
    (
        "Europe/Paris",
        "2026-10-25",
        "03:00",
        "2026-10-25T02:00:00Z",
        "2026-10-25T03:00:00+01:00",
    ),
    (
        "Europe/London",
        "2026-03-29",
        "01:30",
        "2026-03-29T01:30:00Z",
        "2026-03-29T02:30:00+01:00",
    ),
    (
        "Europe/London",
        "2026-10-25",
        "01:30",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00+01:00",
    ),
    (
        "Atlantic/Azores",
        "2026-03-29",
        "00:30",
        "2026-03-29T01:30:00Z",
        "2026-03-29T01:30:00+00:00",
    ),
    (
        "Europe/Istanbul",
        "2026-03-29",
        "02:30",
        "2026-03-28T23:30:00Z",
        "2026-03-29T02:30:00+03:00",
    ),
    // Two hours at once.
    (
        "Antarctica/Troll",
        "2026-03-29",
        "01:30",
        "2026-03-29T01:30:00Z",
        "2026-03-29T03:30:00+02:00",
    ),
    (
        "Antarctica/Troll",
        "2026-03-29",
        "02:30",
        "2026-03-29T02:30:00Z",
        "2026-03-29T04:30:00+02:00",
    ),
    (
        "Antarctica/Troll",
        "2026-10-25",
        "01:30",
        "2026-10-24T23:30:00Z",
        "2026-10-25T01:30:00+02:00",
    ),
    (
        "Antarctica/Troll",
        "2026-10-25",
        "02:59",
        "2026-10-25T00:59:00Z",
        "2026-10-25T02:59:00+02:00",
    ),
    // North America, with and without.
    (
        "America/New_York",
        "2026-03-08",
        "02:30",
        "2026-03-08T07:30:00Z",
        "2026-03-08T03:30:00-04:00",
    ),
    (
        "America/New_York",
        "2026-11-01",
        "01:30",
        "2026-11-01T05:30:00Z",
        "2026-11-01T01:30:00-04:00",
    ),
    (
        "America/New_York",
        "2026-11-01",
        "02:00",
        "2026-11-01T07:00:00Z",
        "2026-11-01T02:00:00-05:00",
    ),
    (
        "America/Los_Angeles",
        "2026-03-08",
        "02:15",
        "2026-03-08T10:15:00Z",
        "2026-03-08T03:15:00-07:00",
    ),
    (
        "America/Phoenix",
        "2026-03-08",
        "02:30",
        "2026-03-08T09:30:00Z",
        "2026-03-08T02:30:00-07:00",
    ),
    (
        "America/St_Johns",
        "2026-03-08",
        "02:30",
        "2026-03-08T06:00:00Z",
        "2026-03-08T03:30:00-02:30",
    ),
    // At midnight.
    (
        "America/Havana",
        "2026-03-08",
        "00:30",
        "2026-03-08T05:30:00Z",
        "2026-03-08T01:30:00-04:00",
    ),
    (
        "America/Havana",
        "2026-11-01",
        "00:30",
        "2026-11-01T04:30:00Z",
        "2026-11-01T00:30:00-04:00",
    ),
    (
        "America/Santiago",
        "2026-04-04",
        "23:30",
        "2026-04-05T02:30:00Z",
        "2026-04-04T23:30:00-03:00",
    ),
    (
        "America/Santiago",
        "2026-09-06",
        "00:30",
        "2026-09-06T04:30:00Z",
        "2026-09-06T01:30:00-03:00",
    ),
    (
        "Africa/Cairo",
        "2026-04-24",
        "00:30",
        "2026-04-23T22:30:00Z",
        "2026-04-24T01:30:00+03:00",
    ),
    (
        "Africa/Cairo",
        "2026-10-29",
        "23:30",
        "2026-10-29T20:30:00Z",
        "2026-10-29T23:30:00+03:00",
    ),
    (
        "Asia/Beirut",
        "2026-03-29",
        "00:15",
        "2026-03-28T22:15:00Z",
        "2026-03-29T01:15:00+03:00",
    ),
    (
        "America/Sao_Paulo",
        "2018-11-04",
        "00:00",
        "2018-11-04T03:00:00Z",
        "2018-11-04T01:00:00-02:00",
    ),
    // Over midnight, onto the next date.
    (
        "America/Nuuk",
        "2026-03-28",
        "23:30",
        "2026-03-29T01:30:00Z",
        "2026-03-29T00:30:00-01:00",
    ),
    (
        "America/Nuuk",
        "2026-10-24",
        "23:30",
        "2026-10-25T00:30:00Z",
        "2026-10-24T23:30:00-01:00",
    ),
    // Half an hour, and zones with odd offsets.
    (
        "Australia/Lord_Howe",
        "2026-10-04",
        "02:15",
        "2026-10-03T15:45:00Z",
        "2026-10-04T02:45:00+11:00",
    ),
    (
        "Australia/Lord_Howe",
        "2026-04-05",
        "01:45",
        "2026-04-04T14:45:00Z",
        "2026-04-05T01:45:00+11:00",
    ),
    (
        "Pacific/Chatham",
        "2026-09-27",
        "03:00",
        "2026-09-26T14:15:00Z",
        "2026-09-27T04:00:00+13:45",
    ),
    (
        "America/Caracas",
        "2016-05-01",
        "02:45",
        "2016-05-01T07:15:00Z",
        "2016-05-01T03:15:00-04:00",
    ),
    (
        "Asia/Pyongyang",
        "2018-05-04",
        "23:45",
        "2018-05-04T15:15:00Z",
        "2018-05-05T00:15:00+09:00",
    ),
    (
        "Asia/Kathmandu",
        "2026-03-29",
        "08:00",
        "2026-03-29T02:15:00Z",
        "2026-03-29T08:00:00+05:45",
    ),
    // The south.
    (
        "Australia/Sydney",
        "2026-10-04",
        "02:30",
        "2026-10-03T16:30:00Z",
        "2026-10-04T03:30:00+11:00",
    ),
    (
        "Australia/Sydney",
        "2026-04-05",
        "02:30",
        "2026-04-04T15:30:00Z",
        "2026-04-05T02:30:00+11:00",
    ),
    (
        "Pacific/Auckland",
        "2026-09-27",
        "02:30",
        "2026-09-26T14:30:00Z",
        "2026-09-27T03:30:00+13:00",
    ),
    (
        "Pacific/Auckland",
        "2026-04-05",
        "02:30",
        "2026-04-04T13:30:00Z",
        "2026-04-05T02:30:00+13:00",
    ),
    // Ramadan in Morocco: back before it, forward after it. Nigeria: never.
    (
        "Africa/Casablanca",
        "2026-02-15",
        "02:30",
        "2026-02-15T01:30:00Z",
        "2026-02-15T02:30:00+01:00",
    ),
    (
        "Africa/Casablanca",
        "2026-03-22",
        "02:30",
        "2026-03-22T02:30:00Z",
        "2026-03-22T03:30:00+01:00",
    ),
    (
        "Africa/Lagos",
        "2026-03-29",
        "02:30",
        "2026-03-29T01:30:00Z",
        "2026-03-29T02:30:00+01:00",
    ),
    (
        "Asia/Tehran",
        "2026-03-22",
        "00:30",
        "2026-03-21T21:00:00Z",
        "2026-03-22T00:30:00+03:30",
    ),
    (
        "Asia/Jerusalem",
        "2026-03-27",
        "02:30",
        "2026-03-27T00:30:00Z",
        "2026-03-27T03:30:00+03:00",
    ),
    (
        "Asia/Jerusalem",
        "2026-10-25",
        "01:30",
        "2026-10-24T22:30:00Z",
        "2026-10-25T01:30:00+03:00",
    ),
    // A whole day that never was.
    (
        "Pacific/Apia",
        "2011-12-29",
        "22:00",
        "2011-12-30T08:00:00Z",
        "2011-12-29T22:00:00-10:00",
    ),
    (
        "Pacific/Apia",
        "2011-12-30",
        "08:00",
        "2011-12-30T18:00:00Z",
        "2011-12-31T08:00:00+14:00",
    ),
    (
        "Pacific/Apia",
        "2011-12-31",
        "08:00",
        "2011-12-30T18:00:00Z",
        "2011-12-31T08:00:00+14:00",
    ),
    (
        "Pacific/Kwajalein",
        "1993-08-21",
        "09:00",
        "1993-08-21T21:00:00Z",
        "1993-08-22T09:00:00+12:00",
    ),
];

#[test]
fn each_known_change_gives_the_instant_written_by_hand() {
    for (zone, day, clock, due, local) in CASES {
        let mut schedule = wall(zone, &[("only", clock)], Days::Every {});
        (schedule.start, schedule.end) = (date(day), Some(date(day)));
        let found = occurrences(&schedule, ever(), &Context::new(tz("UTC")));
        assert_eq!(dues(&found), [*due], "{zone} {day} {clock}");
        assert_eq!(locals(&found), [*local], "{zone} {day} {clock}");
        // Not only on its own: in the middle of a long run, the date has the same instant.
        schedule.start = date(day) - chrono::Days::new(40);
        schedule.end = None;
        let run = occurrences(
            &schedule,
            at(due)..at(due) + chrono::TimeDelta::days(9),
            &Context::new(tz("UTC")),
        );
        assert!(
            run.iter().any(|one| one.id == found[0].id && one.due == at(due)),
            "{zone} {day} {clock}"
        );
    }
}

#[test]
fn two_slots_that_fall_on_one_instant_stay_two_in_the_order_of_the_list() {
    let schedule = wall(
        "Europe/Paris",
        &[("late", "03:30"), ("early", "02:30"), ("between", "03:15")],
        Days::Every {},
    );
    let day = at("2026-03-28T23:00:00Z")..at("2026-03-29T22:00:00Z");
    let found = occurrences(&schedule, day, &Context::new(tz("UTC")));
    let slots: Vec<_> = found.iter().map(|one| one.slot.as_deref().unwrap()).collect();
    assert_eq!(slots, ["between", "late", "early"]);
    assert_eq!(
        dues(&found),
        ["2026-03-29T01:15:00Z", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"]
    );
}

#[test]
fn the_doses_of_a_day_that_never_was_come_beside_those_of_the_next() {
    let mut schedule = wall("Pacific/Apia", &[("am", "08:00"), ("pm", "20:00")], Days::Every {});
    schedule.start = date("2011-12-29");
    schedule.end = Some(date("2012-01-01"));
    let found = occurrences(&schedule, ever(), &Context::new(tz("UTC")));
    let ids: Vec<_> = found.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(
        ids,
        [
            "2011-12-29/am",
            "2011-12-29/pm",
            "2011-12-30/am",
            "2011-12-31/am",
            "2011-12-30/pm",
            "2011-12-31/pm",
            "2012-01-01/am",
            "2012-01-01/pm"
        ]
    );
    // A limit counts date by date: the third and fourth are those of the day that never was.
    schedule.max_count = Some(4);
    let limited = occurrences(&schedule, ever(), &Context::new(tz("UTC")));
    let ids: Vec<_> = limited.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(
        ids,
        ["2011-12-29/am", "2011-12-29/pm", "2011-12-30/am", "2011-12-30/pm"]
    );
}

#[test]
fn at_one_instant_the_order_of_the_list_comes_before_that_of_the_dates() {
    let mut schedule = wall("Pacific/Apia", &[("b", "08:00"), ("a", "08:00")], Days::Every {});
    schedule.start = date("2011-12-30");
    schedule.end = Some(date("2011-12-31"));
    let found = occurrences(&schedule, ever(), &Context::new(tz("UTC")));
    let ids: Vec<_> = found.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(ids, ["2011-12-30/b", "2011-12-31/b", "2011-12-30/a", "2011-12-31/a"]);
}

#[test]
fn a_limit_within_a_date_counts_by_due_and_then_by_the_list() {
    // On this date "early" moves forward past "between".
    let mut schedule = wall(
        "Europe/Paris",
        &[("early", "02:30"), ("between", "03:15")],
        Days::Every {},
    );
    schedule.start = date("2026-03-29");
    schedule.max_count = Some(1);
    let found = occurrences(&schedule, ever(), &Context::new(tz("UTC")));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].slot.as_deref(), Some("between"));
}

#[test]
fn eight_hours_stay_eight_hours_through_a_change() {
    let schedule = elapsed("Europe/Paris", 480, "2026-03-28T06:00:00Z", None);
    let range = at("2026-03-28T00:00:00Z")..at("2026-03-30T00:00:00Z");
    let found = occurrences(&schedule, range, &Context::new(tz("UTC")));
    assert_eq!(
        locals(&found),
        [
            "2026-03-28T07:00:00+01:00",
            "2026-03-28T15:00:00+01:00",
            "2026-03-28T23:00:00+01:00",
            "2026-03-29T08:00:00+02:00",
            "2026-03-29T16:00:00+02:00",
            "2026-03-30T00:00:00+02:00"
        ]
    );
}

#[test]
fn outside_the_daily_window_a_dose_waits_for_its_start_and_the_chain_goes_on_from_there() {
    let schedule = elapsed("Europe/Paris", 300, "2026-03-28T06:00:00Z", Some(("07:00", "22:00")));
    let range = at("2026-03-28T00:00:00Z")..at("2026-03-31T00:00:00Z");
    let found = occurrences(&schedule, range, &Context::new(tz("UTC")));
    assert_eq!(
        locals(&found),
        [
            "2026-03-28T07:00:00+01:00",
            "2026-03-28T12:00:00+01:00",
            "2026-03-28T17:00:00+01:00",
            "2026-03-28T22:00:00+01:00",
            "2026-03-29T07:00:00+02:00",
            "2026-03-29T12:00:00+02:00",
            "2026-03-29T17:00:00+02:00",
            "2026-03-29T22:00:00+02:00",
            "2026-03-30T07:00:00+02:00",
            "2026-03-30T12:00:00+02:00",
            "2026-03-30T17:00:00+02:00",
            "2026-03-30T22:00:00+02:00"
        ]
    );
}

#[test]
fn a_daily_window_that_begins_in_a_gap_begins_after_it() {
    let schedule = elapsed("Europe/Paris", 600, "2026-03-28T08:00:00Z", Some(("02:30", "20:00")));
    let range = at("2026-03-28T00:00:00Z")..at("2026-03-30T00:00:00Z");
    let found = occurrences(&schedule, range, &Context::new(tz("UTC")));
    assert_eq!(
        locals(&found),
        [
            "2026-03-28T09:00:00+01:00",
            "2026-03-28T19:00:00+01:00",
            "2026-03-29T06:00:00+02:00",
            "2026-03-29T16:00:00+02:00"
        ]
    );
    let schedule = elapsed("Europe/Paris", 660, "2026-03-28T08:00:00Z", Some(("02:30", "18:00")));
    let range = at("2026-03-28T00:00:00Z")..at("2026-03-30T00:00:00Z");
    let found = occurrences(&schedule, range, &Context::new(tz("UTC")));
    assert_eq!(
        locals(&found),
        [
            "2026-03-28T09:00:00+01:00",
            "2026-03-29T03:30:00+02:00",
            "2026-03-29T14:30:00+02:00"
        ]
    );
}
