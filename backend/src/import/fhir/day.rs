//! The times of an ordinary day: what "twice a day", "at bedtime" and "before meals" come to on the clock.

use std::collections::HashSet;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use doseline_shared::schedule::SlotTime;
use fhirkit::r4;

use super::value;

/// The usual times for so many doses a day, within waking hours.
pub(super) fn slots(a_day: u32) -> Option<Vec<SlotTime>> {
    let times: &[(&str, u32)] = match a_day {
        1 => &[("am", 8)],
        2 => &[("am", 8), ("pm", 20)],
        3 => &[("am", 8), ("noon", 14), ("pm", 20)],
        4 => &[("am", 8), ("noon", 12), ("afternoon", 16), ("pm", 20)],
        5 => &[("am", 7), ("forenoon", 10), ("noon", 13), ("afternoon", 16), ("pm", 20)],
        6 => &[
            ("am", 7),
            ("forenoon", 10),
            ("noon", 13),
            ("afternoon", 16),
            ("pm", 19),
            ("night", 22),
        ],
        _ => return None,
    };
    Some(times.iter().map(|(name, hour)| slot(name, clock(*hour, 0))).collect())
}

/// The times that are stated by the clock (`timeOfDay`) or by the part of the day (`when`).
pub(super) fn stated_times(repeat: &r4::TimingRepeat) -> Result<(Vec<SlotTime>, Option<&'static str>), &'static str> {
    let mut times: Vec<SlotTime> = Vec::new();
    for stated in &repeat.time_of_day {
        let time = stated
            .value
            .as_deref()
            .and_then(|time| NaiveTime::parse_from_str(time, "%H:%M:%S").ok())
            .and_then(|time| time.with_second(0))
            .ok_or("has a time of day that cannot be read")?;
        times.push(slot(&time.format("t%H%M").to_string(), time));
    }
    let offset = value(&repeat.offset).map(i64::from);
    let mut meals = None;
    for stated in &repeat.when {
        let (parts, relation) = stated
            .value
            .as_deref()
            .and_then(part_of_day)
            .ok_or("names a part of the day that is not known here")?;
        let (shift, words) = match relation {
            Meal::None => (0, None),
            Meal::Before => (-offset.unwrap_or(30), Some("before a meal")),
            Meal::With => (0, Some("with a meal")),
            Meal::After => (offset.unwrap_or(30), Some("after a meal")),
        };
        meals = words.or(meals);
        for (name, time) in parts {
            let (time, _) = time.overflowing_add_signed(chrono::TimeDelta::minutes(shift));
            times.push(slot(name, time));
        }
    }
    times.sort_by_key(|time| time.at);
    times.dedup_by(|a, b| a.at == b.at);
    // Before and after one meal are two doses: the later one is named by its time.
    let mut names = HashSet::new();
    for time in &mut times {
        if !names.insert(time.slot.clone()) {
            time.slot = time.at.format("t%H%M").to_string();
            names.insert(time.slot.clone());
        }
    }
    Ok((times, meals))
}

enum Meal {
    None,
    Before,
    With,
    After,
}

type Parts = Vec<(&'static str, NaiveTime)>;

/// FHIR's EventTiming and v3 TimingEvent codes, by the times of an ordinary day.
fn part_of_day(code: &str) -> Option<(Parts, Meal)> {
    let one = |name, hour, minute| vec![(name, clock(hour, minute))];
    let breakfast = || ("breakfast", clock(8, 0));
    let lunch = || ("lunch", clock(13, 0));
    let dinner = || ("dinner", clock(19, 0));
    let all = || vec![breakfast(), lunch(), dinner()];
    Some(match code {
        "MORN" => (one("am", 8, 0), Meal::None),
        "MORN.early" => (one("am", 6, 0), Meal::None),
        "MORN.late" => (one("am", 10, 0), Meal::None),
        "NOON" => (one("noon", 12, 0), Meal::None),
        "AFT" => (one("afternoon", 15, 0), Meal::None),
        "AFT.early" => (one("afternoon", 13, 0), Meal::None),
        "AFT.late" => (one("afternoon", 17, 0), Meal::None),
        "EVE" => (one("pm", 19, 0), Meal::None),
        "EVE.early" => (one("pm", 18, 0), Meal::None),
        "EVE.late" => (one("pm", 21, 0), Meal::None),
        "NIGHT" | "HS" => (one("night", 22, 0), Meal::None),
        "PHS" => (one("night", 23, 0), Meal::None),
        "WAKE" => (one("wake", 7, 0), Meal::None),
        "C" => (all(), Meal::With),
        "CM" => (vec![breakfast()], Meal::With),
        "CD" => (vec![lunch()], Meal::With),
        "CV" => (vec![dinner()], Meal::With),
        "AC" => (all(), Meal::Before),
        "ACM" => (vec![breakfast()], Meal::Before),
        "ACD" => (vec![lunch()], Meal::Before),
        "ACV" => (vec![dinner()], Meal::Before),
        "PC" => (all(), Meal::After),
        "PCM" => (vec![breakfast()], Meal::After),
        "PCD" => (vec![lunch()], Meal::After),
        "PCV" => (vec![dinner()], Meal::After),
        _ => return None,
    })
}

pub(super) fn slot(name: &str, at: NaiveTime) -> SlotTime {
    SlotTime {
        slot: name.to_owned(),
        at,
    }
}

pub(super) fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("the constants of this file are times of day")
}

/// The instant of a local time; in a gap an hour later, in a fold the first.
pub(super) fn at(date: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(time);
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => zone
            .from_local_datetime(&(local + chrono::TimeDelta::hours(1)))
            .earliest()
            .map_or_else(|| local.and_utc(), |at| at.to_utc()),
    }
}
