//! `Timing`: from FHIR's repeat to Doseline's rule.
//!
//! What is certain becomes a rule: times a day, hours between doses, stated weekdays, stated times, parts of the day.
//! What leaves something open (a weekly dose with no day, "one to two times", a count begun at an unknown time) becomes
//! nothing, with a note: a person decides it. A weekly methotrexate on a day of our own choosing could kill.

use chrono::{Days as CalendarDays, NaiveDate, Weekday};
use chrono_tz::Tz;
use doseline_shared::schedule::{Days, ElapsedFrom, Rule, SlotTime};
use fhirkit::r4;

use super::{
    date,
    day::{at, clock, slot, slots, stated_times},
    text, value,
};

/// A rule with the dates that it holds for.
pub(super) struct Timed {
    pub(super) rule: Rule,
    pub(super) start: NaiveDate,
    pub(super) end: Option<NaiveDate>,
    pub(super) max_count: Option<u32>,
    /// What the times mean in relation to meals.
    pub(super) meals: Option<&'static str>,
}

/// What a timing becomes.
pub(super) enum Read {
    Timed(Timed),
    /// Something is left open.
    Open(&'static str),
    /// The time that it was meant for is over.
    Over,
}

/// How often, for the limits of an as-needed medicine.
pub(super) enum Often {
    /// At least so many minutes between doses.
    Gap(u32),
    /// At most so many in a day.
    PerDay(u32),
}

/// Reads `timing` of a prescription authored on `authored`, for an import on `today`.
pub(super) fn read(timing: &r4::Timing, authored: Option<NaiveDate>, today: NaiveDate, zone: Tz) -> Read {
    if !timing.event.is_empty() {
        return Read::Open("names single events");
    }
    let Some(repeat) = &timing.repeat else {
        return match code(timing) {
            Some(often) => timed(rule_of(&often, today, zone), today, None, None),
            None => Read::Open("has a timing in words only"),
        };
    };
    if repeat.frequency_max.is_some() || repeat.period_max.is_some() || repeat.count_max.is_some() {
        return Read::Open("leaves a choice of how often");
    }
    let (start, end) = match bounds(repeat, authored, today) {
        Bounds::Within { start, end } => (start, end),
        Bounds::Over => return Read::Over,
        Bounds::Unknown => return Read::Open("has a duration that cannot be read"),
    };
    let max_count = match value(&repeat.count) {
        None => None,
        Some(count) if authored.is_some_and(|authored| authored >= today) => u32::try_from(count).ok(),
        Some(_) => return Read::Open("ends after a number of doses, and how many were taken is not known"),
    };
    match rule(repeat, start, zone) {
        Ok(found) => timed(found, start, end, max_count),
        Err(open) => Read::Open(open),
    }
}

fn timed(
    (rule, meals): (Rule, Option<&'static str>),
    start: NaiveDate,
    end: Option<NaiveDate>,
    max_count: Option<u32>,
) -> Read {
    Read::Timed(Timed {
        rule,
        start,
        end,
        max_count,
        meals,
    })
}

/// How often `repeat` says, where that is certain.
pub(super) fn often(timing: &r4::Timing) -> Option<Often> {
    let Some(repeat) = &timing.repeat else {
        return code(timing);
    };
    let frequency = match (value(&repeat.frequency_max), value(&repeat.frequency)) {
        // As needed, the greater of "one to two times" is the limit.
        (Some(most), _) => u32::try_from(most).ok()?,
        (None, Some(times)) => u32::try_from(times).ok()?,
        (None, None) => 1,
    };
    let minutes = period_minutes(repeat)?;
    match (frequency, minutes) {
        (0, _) => None,
        (times, 1_440) => Some(Often::PerDay(times)),
        (times, minutes) if minutes < 1_440 && minutes.is_multiple_of(times) => Some(Often::Gap(minutes / times)),
        _ => None,
    }
}

enum Bounds {
    Within { start: NaiveDate, end: Option<NaiveDate> },
    Over,
    Unknown,
}

fn bounds(repeat: &r4::TimingRepeat, authored: Option<NaiveDate>, today: NaiveDate) -> Bounds {
    let (start, end) = match &repeat.bounds {
        None => (None, None),
        Some(r4::TimingRepeatBounds::Period(period)) => {
            (text(&period.start).and_then(date), text(&period.end).and_then(date))
        }
        Some(r4::TimingRepeatBounds::Duration(length)) => {
            let days = days(length.value.as_ref(), text(&length.code).or(text(&length.unit)));
            match days.zip(authored.or(Some(today))) {
                Some((days, from)) => (
                    Some(from),
                    from.checked_add_days(CalendarDays::new(days.saturating_sub(1))),
                ),
                None => return Bounds::Unknown,
            }
        }
        Some(r4::TimingRepeatBounds::Range(_)) => return Bounds::Unknown,
    };
    if end.is_some_and(|end| end < today) {
        return Bounds::Over;
    }
    Bounds::Within {
        start: start.filter(|start| *start > today).unwrap_or(today),
        end,
    }
}

fn days(length: Option<&fhirkit::Primitive<fhirkit::Decimal>>, unit: Option<&str>) -> Option<u64> {
    let length: u64 = length?.value.as_ref()?.as_str().parse().ok()?;
    match unit? {
        "d" | "day" | "days" => Some(length),
        "wk" | "week" | "weeks" => length.checked_mul(7),
        _ => None,
    }
}

type Found = (Rule, Option<&'static str>);

fn rule(repeat: &r4::TimingRepeat, start: NaiveDate, zone: Tz) -> Result<Found, &'static str> {
    let days = weekdays(repeat)?;
    let (times, meals) = stated_times(repeat)?;
    let frequency = match value(&repeat.frequency) {
        Some(frequency) => u32::try_from(frequency).ok().filter(|times| *times > 0),
        None => Some(1),
    }
    .ok_or("says less than once")?;
    let unit = text(&repeat.period_unit);
    let period: Option<u32> = match &repeat.period {
        Some(period) => Some(whole(period).ok_or("has a period that is no whole number")?),
        None => None,
    };
    let daily = |times: Vec<SlotTime>, days: Days| (Rule::Wall { times, days }, meals);

    let stated = u32::try_from(times.len()).unwrap_or(u32::MAX);

    match (period, unit, days) {
        // Stated times stand by themselves; the period may repeat what they say.
        (None | Some(1), None | Some("d"), days) if stated > 0 => {
            if frequency > 1 && frequency != stated {
                return Err("names times that its frequency does not fit");
            }
            Ok(daily(times, days.unwrap_or(Days::Every {})))
        }
        (None, None, Some(days)) => Ok(daily(slots(frequency).ok_or(TOO_OFTEN)?, days)),
        (Some(1), Some("d"), days) => Ok(daily(
            slots(frequency).ok_or(TOO_OFTEN)?,
            days.unwrap_or(Days::Every {}),
        )),
        (Some(1), Some("wk"), Some(days)) => {
            let on = match &days {
                Days::Weekdays { on } => u32::try_from(on.len()).unwrap_or(u32::MAX),
                Days::Every {} | Days::MonthDays { .. } | Days::EveryN { .. } | Days::Cycle { .. } => 7,
            };
            // Once a week on three named days may be one of them or each: only what adds up is certain.
            if stated > 0 && frequency == on.saturating_mul(stated) {
                Ok(daily(times, days))
            } else if stated == 0 && frequency.is_multiple_of(on) {
                Ok(daily(slots(frequency / on).ok_or(TOO_OFTEN)?, days))
            } else {
                Err("names weekdays that its frequency does not fit")
            }
        }
        (Some(1), Some("wk"), None) if frequency == 7 => Ok(daily(slots(1).ok_or(TOO_OFTEN)?, Days::Every {})),
        (Some(hours), Some("h"), None) if times.is_empty() => hourly(hours.saturating_mul(60), frequency, start, zone),
        (Some(minutes), Some("min"), None) if times.is_empty() => hourly(minutes, frequency, start, zone),
        (Some(_), Some("d" | "wk" | "mo" | "a"), None) => Err("is not daily, and does not say on which day"),
        _ => Err("has a timing that is not one rule"),
    }
}

const TOO_OFTEN: &str = "is more than six times a day, and the times are not said";

/// Every so many minutes of real time, from eight in the morning of `start`; once in 24 hours is once a day.
fn hourly(minutes: u32, frequency: u32, start: NaiveDate, zone: Tz) -> Result<Found, &'static str> {
    if minutes == 0 || !minutes.is_multiple_of(frequency) {
        return Err("has a period that does not divide");
    }
    let every = minutes / frequency;
    Ok(rule_of(
        &if every == 1_440 {
            Often::PerDay(1)
        } else {
            Often::Gap(every)
        },
        start,
        zone,
    ))
}

fn rule_of(often: &Often, start: NaiveDate, zone: Tz) -> Found {
    let rule = match often {
        Often::Gap(every_min) => Rule::Elapsed {
            every_min: *every_min,
            anchor: at(start, clock(8, 0), zone),
            from: ElapsedFrom::Scheduled,
            daily: None,
        },
        Often::PerDay(times) => Rule::Wall {
            times: slots(*times).unwrap_or_else(|| vec![slot("am", clock(8, 0))]),
            days: Days::Every {},
        },
    };
    (rule, None)
}

fn weekdays(repeat: &r4::TimingRepeat) -> Result<Option<Days>, &'static str> {
    let mut on: Vec<Weekday> = repeat
        .day_of_week
        .iter()
        .map(|day| day.value.as_deref().and_then(|day| day.parse().ok()))
        .collect::<Option<_>>()
        .ok_or("names a weekday that cannot be read")?;
    on.sort_by_key(Weekday::num_days_from_monday);
    on.dedup();
    Ok(match on.len() {
        0 => None,
        7 => Some(Days::Every {}),
        _ => Some(Days::Weekdays { on }),
    })
}

/// The abbreviations of `Timing.code` (v3 GTSAbbreviation) that are certain.
fn code(timing: &r4::Timing) -> Option<Often> {
    let codes = timing.code.as_ref()?;
    codes.coding.iter().find_map(|coding| {
        Some(match text(&coding.code)? {
            "QD" => Often::PerDay(1),
            "BID" => Often::PerDay(2),
            "TID" => Often::PerDay(3),
            "QID" => Often::PerDay(4),
            "Q1H" => Often::Gap(60),
            "Q2H" => Often::Gap(120),
            "Q3H" => Often::Gap(180),
            "Q4H" => Often::Gap(240),
            "Q6H" => Often::Gap(360),
            "Q8H" => Often::Gap(480),
            _ => return None,
        })
    })
}

fn period_minutes(repeat: &r4::TimingRepeat) -> Option<u32> {
    let period = whole(repeat.period.as_ref()?)?;
    match text(&repeat.period_unit)? {
        "min" => Some(period),
        "h" => period.checked_mul(60),
        "d" => period.checked_mul(1_440),
        _ => None,
    }
}

fn whole(number: &fhirkit::Primitive<fhirkit::Decimal>) -> Option<u32> {
    let text = number.value.as_ref()?.as_str();
    match text.split_once('.') {
        None => text.parse().ok(),
        Some((whole, rest)) if rest.chars().all(|c| c == '0') => whole.parse().ok(),
        Some(_) => None,
    }
    .filter(|number: &u32| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn reads(json: &str) -> Read {
        let timing: r4::Timing = fhirkit::from_json_strict(json).unwrap();
        read(
            &timing,
            Some(day("2026-03-01")),
            day("2026-03-10"),
            chrono_tz::Africa::Lagos,
        )
    }

    fn times(json: &str) -> (Vec<String>, Days) {
        match reads(json) {
            Read::Timed(Timed {
                rule: Rule::Wall { times, days },
                ..
            }) => (
                times
                    .iter()
                    .map(|time| format!("{} {}", time.slot, time.at.format("%H:%M")))
                    .collect(),
                days,
            ),
            Read::Timed(_) => panic!("expected wall times of {json}"),
            Read::Open(why) => panic!("{json} is left open: {why}"),
            Read::Over => panic!("{json} is over"),
        }
    }

    fn open(json: &str) -> &'static str {
        match reads(json) {
            Read::Open(why) => why,
            Read::Timed(_) | Read::Over => panic!("{json} should be left open"),
        }
    }

    #[test]
    fn times_a_day_become_times_within_waking_hours() {
        let (found, days) = times(r#"{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#);
        assert_eq!(found, ["am 08:00", "pm 20:00"]);
        assert_eq!(days, Days::Every {});
        assert_eq!(
            times(r#"{"repeat":{"frequency":1,"period":24,"periodUnit":"h"}}"#).0,
            ["am 08:00"]
        );
        assert_eq!(times(r#"{"code":{"coding":[{"code":"TID"}]}}"#).0.len(), 3);
        assert_eq!(
            open(r#"{"repeat":{"frequency":9,"period":1,"periodUnit":"d"}}"#),
            TOO_OFTEN
        );
    }

    #[test]
    fn hours_between_doses_are_real_hours_from_the_morning_of_the_import() {
        let Read::Timed(timed) = reads(r#"{"repeat":{"frequency":1,"period":6,"periodUnit":"h"}}"#) else {
            panic!("not timed")
        };
        let expected = Rule::Elapsed {
            every_min: 360,
            anchor: "2026-03-10T07:00:00Z".parse().unwrap(),
            from: ElapsedFrom::Scheduled,
            daily: None,
        };
        assert_eq!(timed.rule, expected);
        assert_eq!(timed.start, day("2026-03-10"));
    }

    #[test]
    fn stated_days_times_and_meals_are_kept() {
        let weekly = r#"{"repeat":{"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["fri"]}}"#;
        assert_eq!(
            times(weekly),
            (vec!["am 08:00".to_owned()], Days::Weekdays { on: vec![Weekday::Fri] })
        );
        let clock = r#"{"repeat":{"frequency":2,"period":1,"periodUnit":"d","timeOfDay":["21:30:00","09:15:00"]}}"#;
        assert_eq!(times(clock).0, ["t0915 09:15", "t2130 21:30"]);
        assert_eq!(times(r#"{"repeat":{"when":["HS"]}}"#).0, ["night 22:00"]);
        assert_eq!(
            times(r#"{"repeat":{"when":["ACM","ACV"],"offset":15}}"#).0,
            ["breakfast 07:45", "dinner 18:45"]
        );
    }

    #[test]
    fn before_and_after_one_meal_are_two_doses() {
        assert_eq!(
            times(r#"{"repeat":{"when":["ACM","PCM"]}}"#).0,
            ["breakfast 07:30", "t0830 08:30"]
        );
        open(r#"{"repeat":{"when":["MORN"],"frequency":2,"period":1,"periodUnit":"d"}}"#);
    }

    #[test]
    fn what_is_open_stays_open() {
        assert_eq!(
            open(r#"{"repeat":{"frequency":1,"period":1,"periodUnit":"wk"}}"#),
            "is not daily, and does not say on which day"
        );
        open(r#"{"repeat":{"frequency":1,"frequencyMax":2,"period":1,"periodUnit":"d"}}"#);
        open(r#"{"repeat":{"frequency":1,"period":1,"periodUnit":"d","count":10}}"#);
        open(r#"{"repeat":{"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon","wed","fri"]}}"#);
        open(r#"{"event":["2026-03-11"]}"#);
        open(r#"{"code":{"text":"as directed"}}"#);
    }

    #[test]
    fn bounds_set_start_and_end_and_may_be_over() {
        let within = r#"{"repeat":{"boundsPeriod":{"start":"2026-03-20","end":"2026-04-01"},"frequency":1,"period":1,"periodUnit":"d"}}"#;
        let Read::Timed(timed) = reads(within) else {
            panic!("not timed")
        };
        assert_eq!((timed.start, timed.end), (day("2026-03-20"), Some(day("2026-04-01"))));
        let fortnight = r#"{"repeat":{"boundsDuration":{"value":2,"unit":"weeks","code":"wk"},"frequency":1,"period":1,"periodUnit":"d"}}"#;
        let Read::Timed(timed) = reads(fortnight) else {
            panic!("not timed")
        };
        assert_eq!((timed.start, timed.end), (day("2026-03-10"), Some(day("2026-03-14"))));
        let week = r#"{"repeat":{"boundsDuration":{"value":7,"unit":"days","code":"d"},"frequency":1,"period":1,"periodUnit":"d"}}"#;
        assert!(matches!(reads(week), Read::Over));
    }
}
