//! The table of the changes of the clocks says what `chrono-tz` says, and local times are read by the rules.

use std::{collections::BTreeMap, env, fs, ops::Range, path::Path};

use chrono::{DateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use doseline_shared::zone;
use proptest::{prelude::*, sample::select};

use crate::{
    build::{at, date, tz},
    wall::slowly,
};

/// The table as it is committed.
const TABLE: &[u8] = include_bytes!("../../src/zone/changes.bin");

/// Set by `cargo xtask zones`.
const WRITE: &str = "DOSELINE_WRITE_ZONES";

const DAY: i64 = 86_400;
const UNIT: i64 = 30;

/// The last change that `chrono-tz` knows is in 2099.
const END: i64 = 131 * 365 * DAY;

/// From one look to the next. Two changes that take each other back within it would go unseen; the nearest two known are
/// just under seven days apart, in Brazil in 2000.
const STRIDE: i64 = 2 * DAY;

/// The offset of a zone at an instant, in seconds east.
pub fn by_chrono_tz(tz: Tz, instant: i64) -> i64 {
    let utc = DateTime::from_timestamp(instant, 0).unwrap().naive_utc();
    i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc())
}

/// The changes of a zone: when, and the offset from then on.
fn changes(tz: Tz) -> Vec<(i64, i64)> {
    changes_within(tz, 0..END)
}

/// Those within a range of instants.
pub fn changes_within(tz: Tz, range: Range<i64>) -> Vec<(i64, i64)> {
    let mut changes = Vec::new();
    let (mut from, mut offset) = (range.start, by_chrono_tz(tz, range.start));
    while from < range.end {
        let to = from + STRIDE;
        let after = by_chrono_tz(tz, to);
        if after != offset {
            let (mut low, mut high) = (from, to);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if by_chrono_tz(tz, middle) == offset {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            changes.push((high, after));
            offset = after;
        }
        from = to;
    }
    changes
}

fn number(bytes: &mut Vec<u8>, value: i64) {
    let mut left = u64::try_from(value).unwrap();
    while left > 0x7f {
        bytes.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    bytes.push(u8::try_from(left).unwrap());
}

fn units(seconds: i64) -> i64 {
    assert_eq!(seconds % UNIT, 0, "{seconds} seconds are no whole number of units");
    seconds / UNIT
}

fn signed(bytes: &mut Vec<u8>, seconds: i64) {
    number(bytes, units(seconds.abs()) * 2 + i64::from(seconds < 0));
}

fn packed(tz: Tz) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut from, mut offset) = (0, by_chrono_tz(tz, 0));
    signed(&mut bytes, offset);
    for (at, after) in changes(tz) {
        number(&mut bytes, units(at - from));
        signed(&mut bytes, after - offset);
        (from, offset) = (at, after);
    }
    bytes
}

fn table() -> Vec<u8> {
    let mut lists: Vec<Vec<u8>> = Vec::new();
    let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut bytes = Vec::new();
    number(&mut bytes, i64::try_from(TZ_VARIANTS.len()).unwrap());
    for tz in TZ_VARIANTS {
        let list = packed(tz);
        let place = *places.entry(list.clone()).or_insert_with(|| {
            lists.push(list);
            lists.len() - 1
        });
        number(&mut bytes, i64::try_from(place).unwrap());
    }
    for list in lists {
        number(&mut bytes, i64::try_from(list.len()).unwrap());
        bytes.extend(list);
    }
    bytes
}

#[test]
fn the_table_is_what_chrono_tz_says() {
    let due = table();
    match env::var_os(WRITE) {
        Some(_) => write(&due),
        None => assert!(
            TABLE == due,
            "chrono-tz and the table of the clocks disagree: run cargo xtask zones"
        ),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the format is written down here only, so it is also here that the table is written"
)]
fn write(table: &[u8]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/zone/changes.bin");
    fs::write(path, table).unwrap();
}

/// The place in the table is the place in the list of all zones.
#[test]
fn every_zone_is_found_under_its_own_place() {
    for (place, tz) in TZ_VARIANTS.into_iter().enumerate() {
        assert_eq!(tz as usize, place, "{tz}");
        for year in 0..131 {
            let at = year * 365 * DAY + 86_399 * (year % 7);
            let instant = DateTime::from_timestamp(at, 0).unwrap();
            let offset = i64::from(zone::offset_at(tz, instant).local_minus_utc());
            assert_eq!(offset, by_chrono_tz(tz, at), "{tz} at {instant}");
        }
    }
}

/// What [`STRIDE`] rests on, what the search of a local time does (offsets under 15 h), and what reading whole days by
/// addition does.
#[test]
fn changes_lie_far_apart_and_offsets_are_narrow() {
    for tz in TZ_VARIANTS {
        let changes = changes(tz);
        for pair in changes.windows(2) {
            assert!(pair[1].0 - pair[0].0 > 3 * STRIDE, "{tz} at {}", pair[1].0);
        }
        for (at, offset) in changes.into_iter().chain([(0, by_chrono_tz(tz, 0))]) {
            assert!(offset.abs() < 15 * 3_600, "{tz} at {at}");
        }
    }
}

#[test]
fn every_change_comes_to_the_second_in_every_zone_of_a_continent() {
    for name in [
        "Africa/Casablanca",
        "Africa/Monrovia",
        "America/Nuuk",
        "America/Sao_Paulo",
        "Antarctica/Troll",
        "Asia/Gaza",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Pacific/Apia",
    ] {
        let tz = tz(name);
        for (at, _) in changes(tz) {
            for near in at - 2..at + 2 {
                let instant = DateTime::from_timestamp(near, 0).unwrap();
                let offset = i64::from(zone::offset_at(tz, instant).local_minus_utc());
                assert_eq!(offset, by_chrono_tz(tz, near), "{name} at {instant}");
            }
        }
    }
}

#[test]
fn a_date_begins_at_midnight_or_at_the_change_that_skips_it() {
    let starts = [
        ("Europe/Paris", "2026-03-29", "2026-03-28T23:00:00Z"),
        // Midnight becomes 01:00.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),
        // 01:00 becomes midnight: the first of the two.
        ("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z"),
        // The day that Samoa left out.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ];
    for (name, day, start) in starts {
        assert_eq!(zone::day_start(tz(name), date(day)), at(start), "{name} {day}");
    }
}

proptest! {
    /// Beside `chrono-tz` itself, at any instant of any zone, near a change more often than not.
    #[test]
    fn local_times_are_read_by_the_rules(
        tz in select(TZ_VARIANTS.to_vec()),
        around in any::<prop::sample::Index>(),
        away in -2 * DAY..2 * DAY,
    ) {
        let changes = changes(tz);
        let near = if changes.is_empty() { 1_800_000_000 } else { around.get(&changes).0 };
        let instant = DateTime::from_timestamp(near.max(3 * DAY) + away, 0).unwrap();
        prop_assert_eq!(zone::local(tz, instant), instant.with_timezone(&tz).fixed_offset());
        prop_assert_eq!(zone::date(tz, instant), instant.with_timezone(&tz).date_naive());
        let clock = instant.naive_utc();
        prop_assert_eq!(zone::instant(tz, clock), slowly(tz, clock));
        let day = clock.date();
        let start = zone::day_start(tz, day);
        let before = start - TimeDelta::seconds(1);
        prop_assert!(zone::date(tz, before) < day);
        prop_assert!(zone::date(tz, start) >= day);
    }
}
