//! The laws of wall schedules, over many zones, patterns and ranges, against a slow reading of the same rules.

use std::ops::Range;

use chrono::{
    DateTime, Datelike, Days as Span, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use doseline_shared::{
    quantity::Quantity,
    schedule::{
        Context, Days, Dose, Occurrence, OccurrenceKey, Rule, Schedule, ShortMonth, SlotTime, TaperStep, Zone, expand,
        occurrences,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::build::{at, date, dues, ever, locals, tablet, tz, wall};

/// Zones with every sort of change between 2011 and 2035.
const ZONES: &[&str] = &[
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Africa/Lagos",
    "Africa/Windhoek",
    "America/Asuncion",
    "America/Caracas",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Phoenix",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Etc/GMT+12",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Paris",
    "Europe/Volgograd",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Fiji",
    "Pacific/Kiritimati",
    "Pacific/Tongatapu",
];

/// Any zone of the world, the ones above the most often.
pub fn a_zone() -> impl Strategy<Value = &'static str> {
    let all: Vec<_> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    prop_oneof![select(ZONES), select(all)]
}

/// How many random schedules the fast expansion is held against the slow one with: 10,000, or what the environment says.
pub fn schedules() -> ProptestConfig {
    let said = std::env::var_os("DOSELINE_SCHEDULES").map(|count| count.to_str().unwrap().parse().unwrap());
    ProptestConfig::with_cases(said.unwrap_or(10_000))
}

/// The instant of a local time, found without any search for the change: in a gap, by going back minute by minute to a
/// local time that exists and using its offset.
pub fn slowly(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    if let Some(first) = tz.from_local_datetime(&local).earliest() {
        return first.to_utc();
    }
    let mut before = local;
    loop {
        before -= TimeDelta::minutes(1);
        if let Some(found) = tz.from_local_datetime(&before).latest() {
            return (local - found.offset().fix()).and_utc();
        }
    }
}

fn falls_on(days: &Days, date: NaiveDate) -> bool {
    let last = date.with_day(1).unwrap() + chrono::Months::new(1) - Span::new(1);
    match days {
        Days::Every {} => true,
        Days::Weekdays { on } => on.contains(&date.weekday()),
        Days::MonthDays { on, short_month } => on.iter().any(|day| {
            let day = u32::from(*day);
            match short_month {
                ShortMonth::Clamp => day.min(last.day()) == date.day(),
                ShortMonth::Skip => day == date.day(),
            }
        }),
        Days::EveryN { n, anchor } => (date - *anchor).num_days().rem_euclid(i64::from(*n)) == 0,
        Days::Cycle { on, off, anchor } => (date - *anchor).num_days().rem_euclid(i64::from(on + off)) < i64::from(*on),
    }
}

fn amount(dose: &Dose, day: i64) -> Option<&Quantity> {
    match dose {
        Dose::Fixed { amount } => Some(amount),
        Dose::Taper { steps } => {
            let mut now = None;
            for step in steps {
                if i64::from(step.from_day) <= day {
                    now = Some(&step.amount);
                }
            }
            now
        }
        Dose::Table { days } => days.get(usize::try_from(day).unwrap() % days.len()),
        Dose::Ask {} => None,
    }
}

/// Every occurrence from the start on to the end of the range, date by date.
pub fn the_slow_way(schedule: &Schedule, range: Range<DateTime<Utc>>, device: Tz) -> Vec<Occurrence> {
    let zone = schedule.tz(device);
    let Rule::Wall { times, days } = &schedule.rule else {
        panic!("a wall rule");
    };
    let last = schedule
        .end
        .unwrap_or(NaiveDate::MAX)
        .min((range.end + TimeDelta::days(2)).date_naive());
    let mut left = schedule.max_count.unwrap_or(u32::MAX);
    let mut all = Vec::new();
    for date in schedule.start.iter_days().take_while(|date| *date <= last) {
        if !falls_on(days, date) {
            continue;
        }
        let mut of_day: Vec<_> = times
            .iter()
            .enumerate()
            .map(|(place, time)| (slowly(zone, date.and_time(time.at)), place))
            .collect();
        of_day.sort();
        for (due, place) in of_day {
            if left == 0 {
                break;
            }
            left -= 1;
            let slot = &times[place].slot;
            let occurrence = Occurrence {
                id: OccurrenceKey::Wall {
                    date,
                    slot: slot.clone(),
                },
                due,
                local: due.with_timezone(&zone).fixed_offset(),
                slot: Some(slot.clone()),
                amount: amount(&schedule.dose, (date - schedule.start).num_days()).cloned(),
            };
            all.push(((due, place, date), occurrence));
        }
    }
    all.sort_by_key(|(order, _)| *order);
    all.into_iter()
        .map(|(_, one)| one)
        .filter(|one| range.contains(&one.due))
        .collect()
}

fn a_date(from: &str, days: u64) -> impl Strategy<Value = NaiveDate> + use<> {
    let from = date(from);
    (0..days).prop_map(move |ahead| from + Span::new(ahead))
}

fn some_days() -> impl Strategy<Value = Days> {
    let weekdays = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    prop_oneof![
        3 => Just(Days::Every {}),
        1 => proptest::sample::subsequence(weekdays.to_vec(), 1..=7).prop_map(|on| Days::Weekdays { on }),
        1 => (
            proptest::sample::subsequence((1..=31).collect::<Vec<u8>>(), 1..=6),
            select(vec![ShortMonth::Clamp, ShortMonth::Skip])
        )
            .prop_map(|(on, short_month)| Days::MonthDays { on, short_month }),
        1 => (1..40_u32, a_date("2010-06-01", 9_000)).prop_map(|(n, anchor)| Days::EveryN { n, anchor }),
        1 => (1..30_u32, 0..30_u32, a_date("2010-06-01", 9_000))
            .prop_map(|(on, off, anchor)| Days::Cycle { on, off, anchor }),
    ]
}

fn some_dose() -> impl Strategy<Value = Dose> {
    let amounts = |size| vec((1..9_i64).prop_map(|value| Quantity::new(value, "mg")), size);
    prop_oneof![
        2 => Just(Dose::Fixed { amount: tablet() }),
        1 => Just(Dose::Ask {}),
        1 => amounts(1..9).prop_map(|days| Dose::Table { days }),
        1 => amounts(1..5).prop_map(|amounts| Dose::Taper {
            steps: (0..).zip(amounts).map(|(place, amount)| TaperStep { from_day: place * 5, amount }).collect(),
        }),
    ]
}

/// Times between midnight and four favour the hours in which clocks change.
fn some_times() -> impl Strategy<Value = Vec<SlotTime>> {
    let minute = prop_oneof![2 => 0..240_u32, 1 => 0..1_440_u32, 1 => 1_380..1_440_u32];
    vec(minute, 1..5).prop_map(|minutes| {
        let slot = |(place, minute): (usize, u32)| SlotTime {
            slot: format!("s{place}"),
            at: NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap(),
        };
        minutes.into_iter().enumerate().map(slot).collect()
    })
}

pub fn a_schedule() -> impl Strategy<Value = Schedule> {
    let bounds = (
        prop_oneof![1 => a_date("2011-11-01", 60), 4 => a_date("2020-01-01", 5_800)],
        proptest::option::of(0..400_u64),
        proptest::option::of(1..60_u32),
    );
    (a_zone(), any::<bool>(), bounds, some_times(), some_days(), some_dose()).prop_map(
        |(zone, floating, (start, length, max_count), times, days, dose)| Schedule {
            zone: if floating {
                Zone::Floating {}
            } else {
                Zone::Home { tz: tz(zone) }
            },
            start,
            end: length.map(|days| start + Span::new(days)),
            max_count,
            rule: Rule::Wall { times, days },
            dose,
            ..wall(zone, &[], Days::Every {})
        },
    )
}

/// A range that begins around the start, with a point inside it.
fn a_range(start: NaiveDate) -> impl Strategy<Value = (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>)> {
    let midnight = start.and_time(NaiveTime::MIN).and_utc();
    (-100..400_i64 * 24, 0..200_i64 * 24, 0..=1_000_i64, 0..3_600_000_i64).prop_map(move |(from, hours, part, ms)| {
        let from = midnight + TimeDelta::hours(from) + TimeDelta::milliseconds(ms);
        let length = TimeDelta::hours(hours);
        (
            from,
            from + length / 1_000 * i32::try_from(part).unwrap(),
            from + length,
        )
    })
}

proptest! {
    #![proptest_config(schedules())]

    #[test]
    fn expansion_is_what_the_slow_reading_gives(
        (schedule, (from, _, to)) in a_schedule().prop_flat_map(|one| (Just(one.clone()), a_range(one.start))),
        device in a_zone(),
    ) {
        let found = occurrences(&schedule, from..to, &Context::new(tz(device)));
        prop_assert_eq!(found, the_slow_way(&schedule, from..to, tz(device)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn two_ranges_side_by_side_give_what_the_whole_gives(
        (schedule, (from, between, to)) in a_schedule().prop_flat_map(|one| (Just(one.clone()), a_range(one.start))),
        device in a_zone(),
    ) {
        let context = Context::new(tz(device));
        let mut parts = occurrences(&schedule, from..between, &context);
        parts.extend(occurrences(&schedule, between..to, &context));
        prop_assert_eq!(parts, occurrences(&schedule, from..to, &context));
    }

    #[test]
    fn each_date_and_slot_has_exactly_one_occurrence_and_they_ascend(schedule in a_schedule(), device in a_zone()) {
        let until = schedule.start + Span::new(120);
        let schedule = Schedule { end: Some(until), max_count: None, ..schedule };
        let Rule::Wall { times, days } = &schedule.rule else { unreachable!() };
        let found = occurrences(&schedule, ever(), &Context::new(tz(device)));
        prop_assert!(found.is_sorted_by_key(|one| one.due));
        let mut ids: Vec<_> = found.iter().map(|one| one.id.clone()).collect();
        ids.sort();
        let mut wanted: Vec<_> = schedule
            .start
            .iter_days()
            .take_while(|date| *date <= until)
            .filter(|date| falls_on(days, *date))
            .flat_map(|date| times.iter().map(move |time| OccurrenceKey::Wall { date, slot: time.slot.clone() }))
            .collect();
        wanted.sort();
        prop_assert_eq!(ids, wanted);
    }

    #[test]
    fn a_limit_cuts_the_unlimited_run_short_and_changes_nothing_else(schedule in a_schedule(), most in 1..80_u32) {
        let context = Context::new(Tz::UTC);
        let range = ever().start..at("2040-01-01T00:00:00Z");
        let unlimited = Schedule { max_count: None, ..schedule.clone() };
        let limited = Schedule { max_count: Some(most), ..schedule };
        let some: Vec<_> = occurrences(&limited, range.clone(), &context);
        let all: Vec<_> = expand(&unlimited, range, &context).take(usize::try_from(most).unwrap() + 8).collect();
        prop_assert!(some.len() <= usize::try_from(most).unwrap());
        prop_assert!(some.iter().all(|one| all.contains(one)));
        prop_assert_eq!(some.len(), all.len().min(usize::try_from(most).unwrap()));
    }
}

fn on_days(start: &str, days: Days, until: &str) -> Vec<String> {
    let mut schedule = wall("Africa/Lagos", &[("am", "08:00")], days);
    schedule.start = date(start);
    schedule.end = Some(date(until));
    let found = occurrences(&schedule, ever(), &Context::new(Tz::UTC));
    found.iter().map(|one| one.local.date_naive().to_string()).collect()
}

#[test]
fn the_thirty_first_is_clamped_once_or_skipped() {
    let month_days = |short_month| Days::MonthDays {
        on: vec![30, 31],
        short_month,
    };
    assert_eq!(
        on_days("2026-01-31", month_days(ShortMonth::Clamp), "2026-04-30"),
        ["2026-01-31", "2026-02-28", "2026-03-30", "2026-03-31", "2026-04-30"]
    );
    assert_eq!(
        on_days("2026-01-31", month_days(ShortMonth::Skip), "2026-04-30"),
        ["2026-01-31", "2026-03-30", "2026-03-31", "2026-04-30"]
    );
    let leap = Days::MonthDays {
        on: vec![29],
        short_month: ShortMonth::Clamp,
    };
    assert_eq!(on_days("2028-02-01", leap.clone(), "2028-03-01"), ["2028-02-29"]);
    assert_eq!(on_days("2027-02-01", leap, "2027-03-01"), ["2027-02-28"]);
}

#[test]
fn days_are_counted_from_the_anchor_on_both_sides_of_it() {
    let anchor = date("2026-03-10");
    assert_eq!(
        on_days("2026-03-01", Days::EveryN { n: 3, anchor }, "2026-03-14"),
        ["2026-03-01", "2026-03-04", "2026-03-07", "2026-03-10", "2026-03-13"]
    );
    assert_eq!(
        on_days("2026-03-01", Days::Cycle { on: 2, off: 3, anchor }, "2026-03-16"),
        [
            "2026-03-01",
            "2026-03-05",
            "2026-03-06",
            "2026-03-10",
            "2026-03-11",
            "2026-03-15",
            "2026-03-16"
        ]
    );
    let weekdays = Days::Weekdays {
        on: vec![Weekday::Wed, Weekday::Mon],
    };
    assert_eq!(
        on_days("2026-03-01", weekdays, "2026-03-11"),
        ["2026-03-02", "2026-03-04", "2026-03-09", "2026-03-11"]
    );
}

#[test]
fn a_floating_schedule_follows_the_device_and_a_home_one_does_not() {
    let mut schedule = wall("Africa/Lagos", &[("am", "08:00")], Days::Every {});
    let day = at("2026-06-01T00:00:00Z")..at("2026-06-02T00:00:00Z");
    let on = |schedule: &Schedule, device| occurrences(schedule, day.clone(), &Context::new(tz(device)));
    assert_eq!(locals(&on(&schedule, "Asia/Tokyo")), ["2026-06-01T08:00:00+01:00"]);
    schedule.zone = Zone::Floating {};
    assert_eq!(locals(&on(&schedule, "Asia/Tokyo")), ["2026-06-02T08:00:00+09:00"]);
    assert_eq!(dues(&on(&schedule, "Asia/Tokyo")), ["2026-06-01T23:00:00Z"]);
}

#[test]
fn a_taper_holds_each_step_until_the_next_and_a_table_repeats() {
    let amounts = |dose| {
        let mut schedule = wall("Africa/Lagos", &[("am", "08:00")], Days::Every {});
        schedule.end = Some(date("2026-01-06"));
        schedule.dose = dose;
        let found = occurrences(&schedule, ever(), &Context::new(Tz::UTC));
        found
            .iter()
            .map(|one| one.amount.as_ref().map(ToString::to_string))
            .collect::<Vec<_>>()
    };
    let mg = |value| Quantity::new(value, "mg");
    let texts = |values: [i64; 6]| values.map(|value| Some(format!("{value} mg"))).to_vec();
    let step = |from_day, value| TaperStep {
        from_day,
        amount: mg(value),
    };
    assert_eq!(
        amounts(Dose::Taper {
            steps: vec![step(0, 40), step(2, 20), step(5, 5)]
        }),
        texts([40, 40, 20, 20, 20, 5])
    );
    assert_eq!(
        amounts(Dose::Table {
            days: vec![mg(5), mg(4), mg(3), mg(0)]
        }),
        texts([5, 4, 3, 0, 5, 4])
    );
    assert_eq!(amounts(Dose::Ask {}), vec![None; 6]);
}

#[test]
fn expansion_is_lazy() {
    let mut schedule = wall("Europe/Paris", &[("am", "08:00")], Days::Every {});
    schedule.start = date("1970-01-01");
    let mut endless = expand(
        &schedule,
        DateTime::<Utc>::MIN_UTC..DateTime::<Utc>::MAX_UTC,
        &Context::new(Tz::UTC),
    );
    assert_eq!(endless.next().unwrap().due, at("1970-01-01T07:00:00Z"));
    assert_eq!(endless.nth(20_000).unwrap().local.date_naive(), date("2024-10-05"));
}

#[test]
fn what_follows_another_dose_or_the_patients_need_has_no_due_times_of_its_own() {
    let mut schedule = wall("Europe/Paris", &[], Days::Every {});
    schedule.rule = Rule::After {
        schedule: crate::build::medication(Vec::new()).id,
        delay_min: 30,
    };
    assert!(occurrences(&schedule, ever(), &Context::new(Tz::UTC)).is_empty());
    schedule.rule = Rule::AsNeeded {
        min_gap_min: 240,
        max_count: None,
        max_amount: None,
        per_min: 1_440,
        ingredients: Vec::new(),
    };
    assert!(occurrences(&schedule, ever(), &Context::new(Tz::UTC)).is_empty());
}

#[test]
fn a_rule_that_cannot_be_falls_on_no_day_and_harms_nobody() {
    // Refused at every boundary; but a draft or an old device may hold one.
    let anchor = date("2026-01-01");
    for days in [
        Days::EveryN { n: 0, anchor },
        Days::Cycle { on: 0, off: 0, anchor },
        Days::Cycle { on: 0, off: 7, anchor },
        Days::Weekdays { on: Vec::new() },
        Days::MonthDays {
            on: vec![0, 77],
            short_month: ShortMonth::Skip,
        },
    ] {
        assert!(on_days("2026-01-01", days, "2026-12-31").is_empty());
    }
    let mut schedule = wall("Europe/Paris", &[], Days::Every {});
    assert!(occurrences(&schedule, ever(), &Context::new(Tz::UTC)).is_empty());
    schedule.dose = Dose::Table { days: Vec::new() };
    schedule.rule = Rule::Wall {
        times: vec![SlotTime {
            slot: "am".to_owned(),
            at: NaiveTime::MIN,
        }],
        days: Days::Every {},
    };
    let found: Vec<_> = expand(&schedule, ever(), &Context::new(Tz::UTC)).take(3).collect();
    assert!(found.iter().all(|one| one.amount.is_none()));
}
