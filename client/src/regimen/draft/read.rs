//! What was typed, as a schedule: presets, numbers with a comma or a point, and every fault with its field.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use doseline_shared::{
    api::ErrorCode,
    id::MedicationId,
    order,
    schedule::{DailyWindow, Days, ElapsedFrom, Rule, Schedule, ShortMonth, SlotTime, Window, Zone, after, validate},
};

use super::{Draft, DraftWhen, amount};
use crate::{ask::Fault, replica::Chart};

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;
/// The longest instruction, in characters.
const LONGEST_INSTRUCTION: usize = 1_000;

/// What a draft is read against.
pub(in crate::regimen) struct Setting<'a> {
    /// The patient's home zone.
    pub(in crate::regimen) zone: Tz,
    /// The patient's local date.
    pub(in crate::regimen) today: NaiveDate,
    /// The schedule that the draft was made from, whose slots keep their identity.
    pub(in crate::regimen) before: Option<&'a Schedule>,
}

/// The schedule that the draft stands for; none where the times are not set yet.
///
/// # Errors
/// Every field at fault.
pub(in crate::regimen) fn schedule(draft: &Draft, setting: &Setting<'_>) -> Result<Option<Schedule>, Vec<Fault>> {
    let mut faults = Vec::new();
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        faults.push(Fault::field("draft.name"));
    }
    if draft
        .instruction
        .as_ref()
        .is_some_and(|text| text.chars().count() > LONGEST_INSTRUCTION)
    {
        faults.push(Fault::field("draft.instruction"));
    }
    let start = draft.start.unwrap_or(setting.today);
    let rule = rule(draft, start, setting).unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let dose = match &draft.when {
        // Nothing is taken yet, so that no amount has to be stated.
        DraftWhen::NotYet => None,
        DraftWhen::Daily { .. }
        | DraftWhen::Weekly { .. }
        | DraftWhen::Monthly { .. }
        | DraftWhen::EveryDays { .. }
        | DraftWhen::Cycle { .. }
        | DraftWhen::EveryHours { .. }
        | DraftWhen::After { .. }
        | DraftWhen::AsNeeded { .. }
        | DraftWhen::Exactly { .. } => amount::dose(&draft.dose, start)
            .map_err(|fault| faults.push(fault))
            .ok(),
    };
    let schedule = dose.zip(rule).map(|((dose, lasts), (rule, exact))| Schedule {
        zone: zone(draft, exact.or(setting.before), setting.zone),
        start,
        end: draft.end.or(lasts),
        max_count: draft.max_count,
        window: exact.map_or_else(|| window(&rule), |exact| exact.window),
        rule,
        dose,
    });
    if schedule
        .as_ref()
        .map_or(draft.end, |schedule| schedule.end)
        .is_some_and(|end| end < start)
    {
        faults.push(Fault::field("draft.end"));
    }
    if faults.is_empty()
        && let Some(schedule) = &schedule
        && let Err(error) = validate(schedule)
    {
        faults.push(Fault::field(format!("draft.schedule.{}", error.path)));
    }
    if faults.is_empty() { Ok(schedule) } else { Err(faults) }
}

/// The zone of the times: floating where they go with the patient; otherwise the zone that they were in before.
fn zone(draft: &Draft, before: Option<&Schedule>, home: Tz) -> Zone {
    match before.map(|schedule| &schedule.zone) {
        _ if draft.travels => Zone::Floating {},
        Some(Zone::Home { tz }) => Zone::Home { tz: *tz },
        Some(Zone::Floating {}) | None => Zone::Home { tz: home },
    }
}

/// Whether a medicine `id` can follow what its schedule names.
///
/// # Errors
/// The field that names a medicine which is not there, has no due times, or follows this one in its turn.
pub(in crate::regimen) fn follows(
    id: MedicationId,
    schedule: Option<&Schedule>,
    chart: Option<&Chart>,
) -> Result<(), Fault> {
    let lookup = |leader| chart.and_then(|chart| chart.medication(leader));
    schedule
        .map_or(Ok(()), |schedule| after::may_follow(id, schedule, lookup))
        .map_err(|_| Fault::field("draft.schedule.rule.schedule"))
}

/// The rule, and beside it the exact schedule where the draft names one.
type Read<'a> = (Rule, Option<&'a Schedule>);

fn rule<'a>(draft: &'a Draft, start: NaiveDate, setting: &Setting<'_>) -> Result<Option<Read<'a>>, Fault> {
    let rule = match &draft.when {
        DraftWhen::NotYet => return Ok(None),
        DraftWhen::Daily { times } => Rule::Wall {
            times: slots(times, setting)?,
            days: Days::Every {},
        },
        DraftWhen::Weekly { times, days } => Rule::Wall {
            times: slots(times, setting)?,
            days: Days::Weekdays { on: weekdays(days)? },
        },
        DraftWhen::Monthly { times, days } => Rule::Wall {
            times: slots(times, setting)?,
            days: Days::MonthDays {
                on: month_days(days)?,
                short_month: ShortMonth::Clamp,
            },
        },
        DraftWhen::EveryDays { times, n, anchor } => Rule::Wall {
            times: slots(times, setting)?,
            days: Days::EveryN {
                n: within(*n, 1..=366, "draft.when.days")?,
                anchor: anchor.unwrap_or(start),
            },
        },
        DraftWhen::Cycle { times, on, off, anchor } => Rule::Wall {
            times: slots(times, setting)?,
            days: Days::Cycle {
                on: within(*on, 1..=366, "draft.when.days")?,
                off: within(*off, 1..=366, "draft.when.days")?,
                anchor: anchor.unwrap_or(start),
            },
        },
        DraftWhen::EveryHours {
            hours,
            first,
            from_last,
            between,
        } => {
            let daily = between.map(|(from, to)| DailyWindow {
                from: whole_minute(from),
                to: whole_minute(to),
            });
            if daily.is_some_and(|daily| daily.to <= daily.from) {
                return Err(Fault::field("draft.when.between"));
            }
            Rule::Elapsed {
                every_min: within(*hours, 1..=72, "draft.when.hours")? * 60,
                anchor: anchor(start, *first, setting.zone),
                from: if *from_last {
                    ElapsedFrom::LastTaken
                } else {
                    ElapsedFrom::Scheduled
                },
                daily,
            }
        }
        DraftWhen::After { medication, minutes } => Rule::After {
            schedule: *medication,
            delay_min: within(*minutes, 0..=1_440, "draft.when.minutes")?,
        },
        DraftWhen::AsNeeded {
            gap_hours,
            max_per_day,
            max_amount,
        } => Rule::AsNeeded {
            min_gap_min: within(*gap_hours, 0..=168, "draft.when.gap_hours")? * 60,
            max_count: max_per_day
                .map(|max| within(max, 1..=100, "draft.when.max_per_day"))
                .transpose()?,
            max_amount: max_amount
                .as_ref()
                .map(|most| amount::quantity(most, "draft.when.max_amount"))
                .transpose()?,
            per_min: 24 * 60,
            ingredients: ingredients(draft),
        },
        DraftWhen::Exactly { schedule } => return Ok(Some((schedule.rule.clone(), Some(schedule)))),
    };
    Ok(Some((rule, None)))
}

/// `number`, where it lies within `bounds`.
fn within(number: u32, bounds: std::ops::RangeInclusive<u32>, field: &str) -> Result<u32, Fault> {
    bounds
        .contains(&number)
        .then_some(number)
        .ok_or_else(|| Fault::field(field))
}

fn month_days(days: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut days = days.to_vec();
    order::once(&mut days);
    if days.is_empty() || days.iter().any(|day| !(1..=31).contains(day)) {
        return Err(Fault::field("draft.when.days"));
    }
    Ok(days)
}

/// The instant of the first local time.
fn anchor(date: NaiveDate, first: NaiveTime, zone: Tz) -> DateTime<Utc> {
    doseline_shared::zone::instant(zone, date.and_time(whole_minute(first)))
}

/// The times of a day as slots, in order. A time that was there before keeps its slot; of the others each takes over the
/// slot of the time that it most likely replaces, or gets a name of its own.
fn slots(times: &[NaiveTime], setting: &Setting<'_>) -> Result<Vec<SlotTime>, Fault> {
    let mut wanted: Vec<NaiveTime> = times.iter().copied().map(whole_minute).collect();
    order::once(&mut wanted);
    if wanted.is_empty() || wanted.len() > 24 {
        return Err(Fault::field("draft.when.times"));
    }
    let mut old: Vec<SlotTime> = match setting.before.map(|schedule| &schedule.rule) {
        Some(Rule::Wall { times, .. }) => times.clone(),
        Some(Rule::Elapsed { .. } | Rule::After { .. } | Rule::AsNeeded { .. }) | None => Vec::new(),
    };
    let mut taken: Vec<String> = old.iter().map(|slot| slot.slot.clone()).collect();
    let mut kept: Vec<Option<String>> = wanted
        .iter()
        .map(|at| {
            let place = old.iter().position(|slot| slot.at == *at)?;
            Some(old.remove(place).slot)
        })
        .collect();
    for (at, slot) in wanted.iter().zip(&mut kept) {
        if slot.is_some() {
            continue;
        }
        let distance = |one: &SlotTime| (one.at - *at).num_minutes().abs();
        let nearest = old
            .iter()
            .enumerate()
            .min_by_key(|(_, one)| distance(one))
            .map(|(place, _)| place);
        *slot = Some(match nearest {
            Some(place) => old.remove(place).slot,
            None => {
                let name = new_slot(*at, &taken);
                taken.push(name.clone());
                name
            }
        });
    }
    Ok(wanted
        .into_iter()
        .zip(kept)
        .filter_map(|(at, slot)| Some(SlotTime { slot: slot?, at }))
        .collect())
}

/// A name for a slot: the time it was first set for, and a number where that is in use.
fn new_slot(at: NaiveTime, taken: &[String]) -> String {
    let name = format!("t{:02}{:02}", at.hour(), at.minute());
    let free = |name: &String| !taken.contains(name);
    std::iter::once(name.clone())
        .chain((2..).map(|number| format!("{name}-{number}")))
        .find(free)
        .unwrap_or(name)
}

fn weekdays(days: &[Weekday]) -> Result<Vec<Weekday>, Fault> {
    let mut days = days.to_vec();
    order::by_key(&mut days, Weekday::num_days_from_monday);
    days.dedup();
    if days.is_empty() {
        return Err(Fault::field("draft.when.days"));
    }
    Ok(days)
}

/// How early and late a dose may be: an hour to either side, or half the distance of a tighter rule.
pub(super) fn window(rule: &Rule) -> Window {
    let most = match rule {
        Rule::Elapsed { every_min, .. } => every_min / 2,
        Rule::Wall { .. } | Rule::After { .. } | Rule::AsNeeded { .. } => 60,
    };
    Window {
        early_min: most.min(60),
        late_min: most.min(60),
        miss_after_min: None,
    }
}

/// Active ingredients in lower case, each once.
pub(in crate::regimen) fn ingredients(draft: &Draft) -> Vec<String> {
    let mut found: Vec<String> = draft
        .ingredients
        .iter()
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    order::once(&mut found);
    found
}

fn whole_minute(time: NaiveTime) -> NaiveTime {
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time)
}

/// The first of several faults, for a use case that answers with one.
pub(in crate::regimen) fn first(faults: Vec<Fault>) -> Fault {
    faults.into_iter().next().unwrap_or(Fault::of(ErrorCode::InvalidField))
}
