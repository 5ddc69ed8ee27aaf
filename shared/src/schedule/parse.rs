//! The wire format of a schedule: strict reading, with the path of the field at every refusal.
//!
//! Owns which values are possible. There is one set of rules: [`validate`] holds a schedule that was built in memory
//! against the same ones, by its wire form. `Deserialize` on [`Schedule`] checks the shape only, so that what a device
//! has stored, or a draft, can still be shown; every boundary that lets a schedule in calls [`parse`] or [`validate`].

use chrono::{NaiveTime, Timelike, Weekday};
use serde_json::Value;

use super::{
    DailyWindow, Days, Dose, ElapsedFrom, Rule, Schedule, ShortMonth, SlotTime, TaperStep, Window, Zone,
    scalar::{Zero, amount, clock_time, date, instant, name, tz},
};
use crate::{
    field::{Cursor, FieldError, Object},
    id::MedicationId,
};

/// Most times a day.
const MAX_TIMES: usize = 96;
/// A year in minutes.
const YEAR_MIN: u32 = 366 * 1_440;
/// Most days of a cycle, or from one to the next.
const MAX_DAYS: u32 = 3_660;
/// Most occurrences that a schedule can be limited to.
const MAX_COUNT: u32 = 1_000_000;

/// Reads a schedule. The path of an error starts inside the schedule, such as `rule.times[1].at`; a caller with the
/// schedule in a field adds it by [`FieldError::within`].
pub fn parse(value: &Value) -> Result<Schedule, FieldError> {
    schedule(&Cursor::new(value))
}

/// Holds a schedule that was built in memory against the rules of the wire format.
pub fn validate(schedule: &Schedule) -> Result<(), FieldError> {
    // The wire form has no seconds, and would hide them.
    let whole = |at: NaiveTime| at.second() == 0 && at.nanosecond() == 0;
    let problem = "must be a whole minute";
    match &schedule.rule {
        Rule::Wall { times, .. } => {
            if let Some(place) = times.iter().position(|time| !whole(time.at)) {
                return Err(FieldError::new(format!("rule.times[{place}].at"), problem));
            }
        }
        Rule::Elapsed {
            daily: Some(window), ..
        } => {
            if !whole(window.from) || !whole(window.to) {
                return Err(FieldError::new("rule.daily", problem));
            }
        }
        Rule::Elapsed { daily: None, .. } | Rule::After { .. } | Rule::AsNeeded { .. } => {}
    }
    let wire = serde_json::to_value(schedule).map_err(|_| FieldError::new("", "has no wire form"))?;
    parse(&wire).map(|_| ())
}

fn schedule(at: &Cursor<'_>) -> Result<Schedule, FieldError> {
    let fields = at.object(&["zone", "start", "end", "max_count", "rule", "dose", "window"])?;
    let start = date(&fields.need("start")?)?;
    let end_at = fields.get("end");
    let end = end_at.optional(date)?;
    if end.is_some_and(|end| end < start) {
        return Err(end_at.refuse("must not be before start"));
    }
    Ok(Schedule {
        zone: zone(&fields.need("zone")?)?,
        start,
        end,
        max_count: fields.get("max_count").optional(|at| at.number(1, MAX_COUNT))?,
        rule: rule(&fields.need("rule")?)?,
        dose: dose(&fields.need("dose")?)?,
        window: window(&fields.need("window")?)?,
    })
}

/// The `kind` of a tagged object.
fn kind<'a>(fields: &Object<'a>) -> Result<(&'a str, Cursor<'a>), FieldError> {
    let at = fields.need("kind")?;
    Ok((at.text()?, at))
}

fn zone(at: &Cursor<'_>) -> Result<Zone, FieldError> {
    let fields = at.any_object()?;
    match kind(&fields)? {
        ("home", _) => {
            fields.only(&["kind", "tz"])?;
            Ok(Zone::Home {
                tz: tz(&fields.need("tz")?)?,
            })
        }
        ("floating", _) => {
            fields.only(&["kind"])?;
            Ok(Zone::Floating {})
        }
        (_, at) => Err(at.refuse("must be home or floating")),
    }
}

fn rule(at: &Cursor<'_>) -> Result<Rule, FieldError> {
    let fields = at.any_object()?;
    match kind(&fields)? {
        ("wall", _) => {
            fields.only(&["kind", "times", "days"])?;
            let mut slots = Vec::new();
            Ok(Rule::Wall {
                times: fields
                    .need("times")?
                    .list(1, MAX_TIMES, |at| slot_time(at, &mut slots))?,
                days: days(&fields.need("days")?)?,
            })
        }
        ("elapsed", _) => {
            fields.only(&["kind", "every_min", "anchor", "from", "daily"])?;
            let from_at = fields.need("from")?;
            Ok(Rule::Elapsed {
                every_min: fields.need("every_min")?.number(1, YEAR_MIN)?,
                anchor: instant(&fields.need("anchor")?)?,
                from: match from_at.text()? {
                    "scheduled" => ElapsedFrom::Scheduled,
                    "last_taken" => ElapsedFrom::LastTaken,
                    _ => return Err(from_at.refuse("must be scheduled or last_taken")),
                },
                daily: fields.get("daily").optional(daily)?,
            })
        }
        ("after", _) => {
            fields.only(&["kind", "schedule", "delay_min"])?;
            let schedule = fields.need("schedule")?;
            Ok(Rule::After {
                schedule: schedule
                    .text()?
                    .parse::<MedicationId>()
                    .map_err(|_| schedule.refuse("must be a UUID"))?,
                delay_min: fields.need("delay_min")?.number(0, YEAR_MIN)?,
            })
        }
        ("as_needed", _) => as_needed(&fields),
        (_, at) => Err(at.refuse("must be wall, elapsed, after or as_needed")),
    }
}

fn as_needed(fields: &Object<'_>) -> Result<Rule, FieldError> {
    fields.only(&[
        "kind",
        "min_gap_min",
        "max_count",
        "max_amount",
        "per_min",
        "ingredients",
    ])?;
    let mut seen: Vec<String> = Vec::new();
    Ok(Rule::AsNeeded {
        min_gap_min: fields.need("min_gap_min")?.number(0, YEAR_MIN)?,
        max_count: fields.get("max_count").optional(|at| at.number(1, MAX_COUNT))?,
        max_amount: fields.get("max_amount").optional(|at| amount(at, Zero::Refused))?,
        per_min: fields.need("per_min")?.number(1, YEAR_MIN)?,
        ingredients: fields.need("ingredients")?.list(0, 50, |at| {
            let name = name(at)?;
            if seen.contains(&name) {
                return Err(at.refuse("is in the list twice"));
            }
            seen.push(name.clone());
            Ok(name)
        })?,
    })
}

fn slot_time(at: &Cursor<'_>, slots: &mut Vec<String>) -> Result<SlotTime, FieldError> {
    let fields = at.object(&["slot", "at"])?;
    let slot_at = fields.need("slot")?;
    let slot = name(&slot_at)?;
    if slot.contains('/') {
        return Err(slot_at.refuse("must not contain a slash"));
    }
    if slots.contains(&slot) {
        return Err(slot_at.refuse("is the slot of another time"));
    }
    slots.push(slot.clone());
    Ok(SlotTime {
        slot,
        at: clock_time(&fields.need("at")?)?,
    })
}

fn daily(at: &Cursor<'_>) -> Result<DailyWindow, FieldError> {
    let fields = at.object(&["from", "to"])?;
    let from = clock_time(&fields.need("from")?)?;
    let to_at = fields.need("to")?;
    let to = clock_time(&to_at)?;
    if to <= from {
        return Err(to_at.refuse("must be after from"));
    }
    Ok(DailyWindow { from, to })
}

fn days(at: &Cursor<'_>) -> Result<Days, FieldError> {
    let fields = at.any_object()?;
    match kind(&fields)? {
        ("every", _) => {
            fields.only(&["kind"])?;
            Ok(Days::Every {})
        }
        ("weekdays", _) => {
            fields.only(&["kind", "on"])?;
            let mut seen = Vec::new();
            Ok(Days::Weekdays {
                on: fields.need("on")?.list(1, 7, |at| once(at, weekday(at)?, &mut seen))?,
            })
        }
        ("month_days", _) => {
            fields.only(&["kind", "on", "short_month"])?;
            let mut seen = Vec::new();
            let short_at = fields.need("short_month")?;
            Ok(Days::MonthDays {
                on: fields.need("on")?.list(1, 31, |at| {
                    let day = at.number(1, 31)?;
                    once(at, u8::try_from(day).unwrap_or(u8::MAX), &mut seen)
                })?,
                short_month: match short_at.text()? {
                    "clamp" => ShortMonth::Clamp,
                    "skip" => ShortMonth::Skip,
                    _ => return Err(short_at.refuse("must be clamp or skip")),
                },
            })
        }
        ("every_n", _) => {
            fields.only(&["kind", "n", "anchor"])?;
            Ok(Days::EveryN {
                n: fields.need("n")?.number(1, MAX_DAYS)?,
                anchor: date(&fields.need("anchor")?)?,
            })
        }
        ("cycle", _) => {
            fields.only(&["kind", "on", "off", "anchor"])?;
            Ok(Days::Cycle {
                on: fields.need("on")?.number(1, MAX_DAYS)?,
                off: fields.need("off")?.number(0, MAX_DAYS)?,
                anchor: date(&fields.need("anchor")?)?,
            })
        }
        (_, at) => Err(at.refuse("must be every, weekdays, month_days, every_n or cycle")),
    }
}

/// `item`, which must not have been seen before.
fn once<T: Copy + PartialEq>(at: &Cursor<'_>, item: T, seen: &mut Vec<T>) -> Result<T, FieldError> {
    if seen.contains(&item) {
        return Err(at.refuse("is in the list twice"));
    }
    seen.push(item);
    Ok(item)
}

fn weekday(at: &Cursor<'_>) -> Result<Weekday, FieldError> {
    match at.text()? {
        "mon" => Ok(Weekday::Mon),
        "tue" => Ok(Weekday::Tue),
        "wed" => Ok(Weekday::Wed),
        "thu" => Ok(Weekday::Thu),
        "fri" => Ok(Weekday::Fri),
        "sat" => Ok(Weekday::Sat),
        "sun" => Ok(Weekday::Sun),
        _ => Err(at.refuse("must be one of mon, tue, wed, thu, fri, sat, sun")),
    }
}

fn dose(at: &Cursor<'_>) -> Result<Dose, FieldError> {
    let fields = at.any_object()?;
    match kind(&fields)? {
        ("fixed", _) => {
            fields.only(&["kind", "amount"])?;
            Ok(Dose::Fixed {
                amount: amount(&fields.need("amount")?, Zero::Refused)?,
            })
        }
        ("taper", _) => {
            fields.only(&["kind", "steps"])?;
            let mut before = None;
            Ok(Dose::Taper {
                steps: fields.need("steps")?.list(1, 366, |at| {
                    let fields = at.object(&["from_day", "amount"])?;
                    let day_at = fields.need("from_day")?;
                    let from_day = day_at.number(0, MAX_DAYS)?;
                    match before {
                        None if from_day > 0 => return Err(day_at.refuse("must be 0 in the first step")),
                        Some(before) if from_day <= before => {
                            return Err(day_at.refuse("must be after the step before it"));
                        }
                        _ => before = Some(from_day),
                    }
                    Ok(TaperStep {
                        from_day,
                        amount: amount(&fields.need("amount")?, Zero::Allowed)?,
                    })
                })?,
            })
        }
        ("table", _) => {
            fields.only(&["kind", "days"])?;
            Ok(Dose::Table {
                days: fields.need("days")?.list(1, 366, |at| amount(at, Zero::Allowed))?,
            })
        }
        ("ask", _) => {
            fields.only(&["kind"])?;
            Ok(Dose::Ask {})
        }
        (_, at) => Err(at.refuse("must be fixed, taper, table or ask")),
    }
}

fn window(at: &Cursor<'_>) -> Result<Window, FieldError> {
    const WEEK_MIN: u32 = 7 * 1_440;
    let fields = at.object(&["early_min", "late_min", "miss_after_min"])?;
    Ok(Window {
        early_min: fields.need("early_min")?.number(0, WEEK_MIN)?,
        late_min: fields.need("late_min")?.number(0, WEEK_MIN)?,
        miss_after_min: fields.get("miss_after_min").optional(|at| at.number(1, 31 * 1_440))?,
    })
}
