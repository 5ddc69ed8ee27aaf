//! What was typed, as a schedule: presets, numbers with a comma or a point, and every fault with its field.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use doseline_shared::{
    api::ErrorCode,
    id::MedicationId,
    quantity::Quantity,
    schedule::{Days, Dose, ElapsedFrom, Rule, Schedule, SlotTime, Window, Zone, after, validate},
};

use crate::{
    ask::{Draft, DraftAmount, DraftWhen, Fault},
    dose::time::local,
    replica::Chart,
};

/// The longest name, in characters.
const LONGEST_NAME: usize = 200;
/// The longest instruction, in characters.
const LONGEST_INSTRUCTION: usize = 1_000;

/// What a draft is read against.
pub(super) struct Setting<'a> {
    /// The patient's home zone.
    pub(super) zone: Tz,
    /// The patient's local date.
    pub(super) today: NaiveDate,
    /// The schedule that the draft was made from, whose slots keep their identity.
    pub(super) before: Option<&'a Schedule>,
}

/// The schedule that the draft stands for; none where the times are not set yet.
///
/// # Errors
/// Every field at fault.
pub(super) fn schedule(draft: &Draft, setting: &Setting<'_>) -> Result<Option<Schedule>, Vec<Fault>> {
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
    let amount = draft.amount.as_ref().map(quantity).transpose().unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let start = draft.start.unwrap_or(setting.today);
    if draft.end.is_some_and(|end| end < start) {
        faults.push(Fault::field("draft.end"));
    }
    let rule = rule(draft, start, setting).unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let schedule = rule.map(|(rule, exact)| {
        let dose = amount.map_or(Dose::Ask {}, |amount| Dose::Fixed { amount });
        match exact {
            // Kept as it is; what the form shows beside it counts.
            Some(exact) => Schedule {
                start: draft.start.unwrap_or(exact.start),
                end: draft.end,
                dose: match exact.dose {
                    Dose::Fixed { .. } | Dose::Ask {} => dose,
                    Dose::Taper { .. } | Dose::Table { .. } => exact.dose.clone(),
                },
                ..exact.clone()
            },
            None => Schedule {
                zone: Zone::Home { tz: setting.zone },
                start,
                end: draft.end,
                max_count: None,
                window: window(&rule),
                rule,
                dose,
            },
        }
    });
    if faults.is_empty()
        && let Some(schedule) = &schedule
        && let Err(error) = validate(schedule)
    {
        faults.push(Fault::field(format!("draft.schedule.{}", error.path)));
    }
    if faults.is_empty() { Ok(schedule) } else { Err(faults) }
}

/// Whether a medicine `id` can follow what its schedule names.
///
/// # Errors
/// The field that names a medicine which is not there, has no due times, or follows this one in its turn.
pub(super) fn follows(id: MedicationId, schedule: Option<&Schedule>, chart: Option<&Chart>) -> Result<(), Fault> {
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
        DraftWhen::EveryHours { hours, first } => {
            if !(1..=72).contains(hours) {
                return Err(Fault::field("draft.when.hours"));
            }
            Rule::Elapsed {
                every_min: hours * 60,
                anchor: anchor(start, *first, setting.zone),
                from: ElapsedFrom::Scheduled,
                daily: None,
            }
        }
        DraftWhen::AsNeeded { gap_hours, max_per_day } => {
            if *gap_hours > 168 {
                return Err(Fault::field("draft.when.gap_hours"));
            }
            if max_per_day.is_some_and(|max| max == 0 || max > 100) {
                return Err(Fault::field("draft.when.max_per_day"));
            }
            Rule::AsNeeded {
                min_gap_min: gap_hours * 60,
                max_count: *max_per_day,
                max_amount: None,
                per_min: 24 * 60,
                ingredients: ingredients(draft),
            }
        }
        DraftWhen::Exactly { schedule } => return Ok(Some((schedule.rule.clone(), Some(schedule)))),
    };
    Ok(Some((rule, None)))
}

/// The instant of the first local time.
fn anchor(date: NaiveDate, first: NaiveTime, zone: Tz) -> DateTime<Utc> {
    doseline_shared::zone::instant(zone, date.and_time(whole_minute(first)))
}

/// The times of a day as slots, in order. A time that was there before keeps its slot; of the others each takes over the
/// slot of the time that it most likely replaces, or gets a name of its own.
fn slots(times: &[NaiveTime], setting: &Setting<'_>) -> Result<Vec<SlotTime>, Fault> {
    let mut wanted: Vec<NaiveTime> = times.iter().copied().map(whole_minute).collect();
    wanted.sort_unstable();
    wanted.dedup();
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
    let name = at.format("t%H%M").to_string();
    let free = |name: &String| !taken.contains(name);
    std::iter::once(name.clone())
        .chain((2..).map(|number| format!("{name}-{number}")))
        .find(free)
        .unwrap_or(name)
}

fn weekdays(days: &[Weekday]) -> Result<Vec<Weekday>, Fault> {
    let mut days = days.to_vec();
    days.sort_unstable_by_key(Weekday::num_days_from_monday);
    days.dedup();
    if days.is_empty() {
        return Err(Fault::field("draft.when.days"));
    }
    Ok(days)
}

/// How early and late a dose may be: an hour to either side, or half the distance of a tighter rule.
fn window(rule: &Rule) -> Window {
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
pub(super) fn ingredients(draft: &Draft) -> Vec<String> {
    let mut found: Vec<String> = draft
        .ingredients
        .iter()
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// An amount as typed: a number with a comma or a point, more than nothing, and a unit.
pub(super) fn quantity(typed: &DraftAmount) -> Result<Quantity, Fault> {
    let fault = || Fault::field("draft.amount.value");
    let number = typed.value.trim().replace(',', ".");
    let plain = !number.is_empty() && number.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
    let value = number.parse().ok().filter(|_| plain).ok_or_else(fault)?;
    let unit = typed.unit.trim();
    if unit.is_empty() || unit.chars().count() > 40 {
        return Err(Fault::field("draft.amount.unit"));
    }
    let quantity = Quantity {
        value,
        unit: unit.to_owned(),
    };
    if quantity.value.is_zero() {
        Err(fault())
    } else {
        Ok(quantity)
    }
}

fn whole_minute(time: NaiveTime) -> NaiveTime {
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time)
}

/// A draft to edit a schedule from: as a preset where it is one, as itself where it is more.
pub(super) fn when(schedule: Option<&Schedule>, zone: Tz) -> DraftWhen {
    let Some(schedule) = schedule else {
        return DraftWhen::NotYet;
    };
    let home = schedule.zone == Zone::Home { tz: zone } && schedule.max_count.is_none();
    let usual = schedule.window == window(&schedule.rule);
    let simple_dose = matches!(schedule.dose, Dose::Fixed { .. } | Dose::Ask {});
    let exactly = || DraftWhen::Exactly {
        schedule: Box::new(schedule.clone()),
    };
    if !(home && usual && simple_dose) {
        return exactly();
    }
    match &schedule.rule {
        Rule::Wall { times, days } => {
            let times = times.iter().map(|slot| slot.at).collect();
            match days {
                Days::Every {} => DraftWhen::Daily { times },
                Days::Weekdays { on } => DraftWhen::Weekly {
                    times,
                    days: on.clone(),
                },
                Days::MonthDays { .. } | Days::EveryN { .. } | Days::Cycle { .. } => exactly(),
            }
        }
        Rule::Elapsed {
            every_min,
            anchor,
            from: ElapsedFrom::Scheduled,
            daily: None,
        } if every_min % 60 == 0 && (60..=72 * 60).contains(every_min) => {
            let first = local(*anchor, zone);
            if first.date_naive() == schedule.start {
                DraftWhen::EveryHours {
                    hours: every_min / 60,
                    first: first.time(),
                }
            } else {
                exactly()
            }
        }
        Rule::AsNeeded {
            min_gap_min,
            max_count,
            max_amount: None,
            per_min: 1440,
            ..
        } if min_gap_min % 60 == 0 => DraftWhen::AsNeeded {
            gap_hours: min_gap_min / 60,
            max_per_day: *max_count,
        },
        Rule::Elapsed { .. } | Rule::After { .. } | Rule::AsNeeded { .. } => exactly(),
    }
}

/// The first of several faults, for a use case that answers with one.
pub(super) fn first(faults: Vec<Fault>) -> Fault {
    faults.into_iter().next().unwrap_or(Fault::of(ErrorCode::InvalidField))
}
