//! Stock: how much of a medication is at home, how long it lasts, and when to ask for more.
//!
//! Owns the reading of the ledger. What is at hand follows from the entries of the ledger and the doses taken; how long it
//! lasts follows from the plan, dose by dose, so that tapers and days off count as they are. A unit that does not match is
//! an answer of its own: tablets are not milligrams, and no factor is guessed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::{
    dose::{DoseAct, DoseEvent, answers, retracted, slate::revision_on},
    id::{DoseEventId, StockEntryId},
    quantity::Quantity,
    record::{Medication, MedicationStatus, Revision, StockAct, StockEntry},
    schedule::{Dose, OccurrenceKey, Rule, plan_answered},
    zone,
};

/// The days that the use of what has no plan is averaged over.
const MEAN_DAYS: i64 = 30;
/// Days before the stock would run out that are kept beside the lead time.
const MARGIN_DAYS: i64 = 7;
/// How far ahead the plan is followed; what lasts longer is out of sight.
const HORIZON_DAYS: i64 = 2 * 365;
/// How much of it is followed at once: most stocks end within the first stretch.
const STRETCH_DAYS: i64 = 60;

/// Why nothing can be said of a stock.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoStock {
    /// Nobody keeps a stock of this medication.
    #[error("no stock is kept of this medication")]
    NotKept,
    /// There is neither a refill nor a count yet.
    #[error("there is neither a refill nor a count yet")]
    NothingEntered,
    /// An amount is in another unit than the stock.
    #[error("an amount is in another unit than the stock")]
    OtherUnit {
        /// That unit.
        unit: String,
    },
    /// The amount of a dose is not known.
    #[error("the amount of a dose is not known")]
    UnknownAmount,
}

/// How long a stock lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What is at hand.
    pub on_hand: Quantity,
    /// When it is used up.
    pub end: End,
    /// The local date from which on to ask for more: the lead time and a week before the end. None where no end is in
    /// sight.
    pub refill_from: Option<NaiveDate>,
}

impl Outlook {
    /// Whether it is time to ask for more on the local date `today`.
    pub fn refill_due(&self, today: NaiveDate) -> bool {
        self.refill_from.is_some_and(|from| from <= today)
    }
}

/// When a stock is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// On the local date of the first dose that it is not enough for.
    On {
        /// The date.
        date: NaiveDate,
        /// Days from today until then; 0 where it is today.
        days_left: u32,
    },
    /// Not within two years, or never: the plan ends before.
    NotInSight,
}

/// What one entry or dose does to a stock, in the order in which it happened. What happened at one instant is in the order
/// in which it was recorded.
type Place = (DateTime<Utc>, DateTime<Utc>, Mark);

/// Tells apart what happened and was recorded at the same two instants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Dose(DoseEventId),
    Entry(StockEntryId),
}

/// A step of the ledger.
enum Step<'a> {
    In(&'a Quantity),
    Is(&'a Quantity),
    /// None where the amount is not known.
    Out(Option<Quantity>),
}

/// What is at hand at `now`: the last count, and since then the refills without the doses taken. Before the first entry
/// nothing is known, and doses do not count. `entries` and `events` are those of the medication, in any order, duplicates
/// included. Never less than nothing: whoever has taken more than the ledger knows of has none left by it.
///
/// # Errors
/// [`NoStock`]. What lies before the last count is not looked at.
pub fn on_hand(
    medication: &Medication,
    entries: &[StockEntry],
    events: &[&DoseEvent],
    device_tz: Tz,
    now: DateTime<Utc>,
) -> Result<Quantity, NoStock> {
    let settings = medication.stock.as_ref().ok_or(NoStock::NotKept)?;
    let mut steps: BTreeMap<Place, Step<'_>> = entries
        .iter()
        .map(|entry| {
            let step = match &entry.what {
                StockAct::Refill { amount } => Step::In(amount),
                StockAct::Count { amount } => Step::Is(amount),
            };
            ((entry.at.to_utc(), entry.recorded_at, Mark::Entry(entry.id)), step)
        })
        .filter(|((at, ..), _)| *at <= now)
        .collect();
    let first = steps.iter().rev().find(|(_, step)| matches!(step, Step::Is(_)));
    let first = first.or_else(|| steps.iter().next()).map(|(place, _)| *place);
    let first = first.ok_or(NoStock::NothingEntered)?;
    for event in taken(events).into_iter().filter(|event| event.at <= now) {
        let place = (event.at.to_utc(), event.recorded_at, Mark::Dose(event.id));
        steps.insert(place, Step::Out(amount(medication, event, device_tz)));
    }
    let mut left = Decimal::ZERO;
    for step in steps.range(first..).map(|(_, step)| step) {
        left = match step {
            Step::In(amount) => left.saturating_add(in_unit(amount, &settings.unit)?),
            Step::Is(amount) => in_unit(amount, &settings.unit)?,
            Step::Out(Some(amount)) => left.saturating_sub(in_unit(amount, &settings.unit)?),
            Step::Out(None) => return Err(NoStock::UnknownAmount),
        };
    }
    Ok(Quantity::new(left.max(Decimal::ZERO), settings.unit.as_str()))
}

/// How long what is at hand lasts from `now` on, dose by dose as the plan has them due, and when to ask for more. What is
/// taken as needed, after another medication, or in amounts that the patient enters, lasts as the mean of the last 30 days has it.
///
/// # Errors
/// [`NoStock`].
pub fn outlook(
    medication: &Medication,
    entries: &[StockEntry],
    events: &[&DoseEvent],
    device_tz: Tz,
    now: DateTime<Utc>,
) -> Result<Outlook, NoStock> {
    let on_hand = on_hand(medication, entries, events, device_tz, now)?;
    let settings = medication.stock.as_ref().ok_or(NoStock::NotKept)?;
    let today = zone::date(device_tz, now);
    let end = if planned(medication, today) {
        by_plan(medication, &on_hand, events, device_tz, now)?
    } else {
        by_mean(medication, &on_hand, events, device_tz, now)?
    };
    let ahead = TimeDelta::days(i64::from(settings.lead_days) + MARGIN_DAYS);
    let date = |end: NaiveDate| end.checked_sub_signed(ahead).unwrap_or(NaiveDate::MIN);
    Ok(Outlook {
        on_hand,
        end: end.map_or(End::NotInSight, |date| End::On {
            date,
            days_left: u32::try_from((date - today).num_days()).unwrap_or(0),
        }),
        refill_from: end.map(date),
    })
}

/// Whether it is the plan that says when and how much, from `today` on. A medication that is not taken any more has
/// nothing due by its plan, whatever it was used before.
fn planned(medication: &Medication, today: NaiveDate) -> bool {
    if matches!(medication.status, MedicationStatus::Stopped { from } if from <= today) {
        return true;
    }
    let Some(revision) = revision_on(medication, today).or_else(|| medication.plan.first()) else {
        return true;
    };
    let due = match revision.schedule.rule {
        Rule::Wall { .. } | Rule::Elapsed { .. } => true,
        Rule::AsNeeded { .. } | Rule::After { .. } => false,
    };
    due && !matches!(revision.schedule.dose, Dose::Ask {})
}

/// The date of the first dose due that there is not enough for.
fn by_plan(
    medication: &Medication,
    on_hand: &Quantity,
    events: &[&DoseEvent],
    device_tz: Tz,
    now: DateTime<Utc>,
) -> Result<Option<NaiveDate>, NoStock> {
    let answers = answers(events);
    let answered: BTreeSet<_> = answers.iter().filter_map(|answer| answer.occurrence.as_ref()).collect();
    let mut left = on_hand.value;
    let day = |days: i64| {
        now.checked_add_signed(TimeDelta::days(days))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    };
    for from in (0..HORIZON_DAYS).step_by(usize::try_from(STRETCH_DAYS).unwrap_or(usize::MAX)) {
        let stretch = day(from)..day((from + STRETCH_DAYS).min(HORIZON_DAYS));
        let dues = plan_answered(medication, stretch, device_tz.into(), &answers);
        for due in dues.iter().filter(|due| !answered.contains(&due.id)) {
            let amount = due.amount.as_ref().ok_or(NoStock::UnknownAmount)?;
            let amount = in_unit(amount, &on_hand.unit)?;
            if left < amount {
                return Ok(Some(zone::date(device_tz, due.due)));
            }
            left = left.saturating_sub(amount);
        }
    }
    Ok(None)
}

/// The first date that is not whole days of the mean use away any more.
fn by_mean(
    medication: &Medication,
    on_hand: &Quantity,
    events: &[&DoseEvent],
    device_tz: Tz,
    now: DateTime<Utc>,
) -> Result<Option<NaiveDate>, NoStock> {
    let since = now
        .checked_sub_signed(TimeDelta::days(MEAN_DAYS))
        .unwrap_or(DateTime::<Utc>::MIN_UTC);
    let mut used = Decimal::ZERO;
    for event in taken(events) {
        if since < event.at && event.at <= now {
            let amount = amount(medication, event, device_tz).ok_or(NoStock::UnknownAmount)?;
            used = used.saturating_add(in_unit(&amount, &on_hand.unit)?);
        }
    }
    let days = on_hand.value.saturating_mul(Decimal::from(MEAN_DAYS)).checked_div(used);
    let days = days.map(|days| i64::try_from(days.trunc()).unwrap_or(i64::MAX));
    let days = days.filter(|days| *days < HORIZON_DAYS);
    Ok(days.and_then(|days| zone::date(device_tz, now).checked_add_signed(TimeDelta::days(days))))
}

/// The doses that were taken: one for an occurrence, chosen as the fold does, and each one beside the plan.
fn taken<'a>(events: &[&'a DoseEvent]) -> Vec<&'a DoseEvent> {
    let retracted = retracted(events);
    let mut by_occurrence: BTreeMap<&OccurrenceKey, &DoseEvent> = BTreeMap::new();
    let mut beside: BTreeMap<DoseEventId, &DoseEvent> = BTreeMap::new();
    let takes = events
        .iter()
        .filter(|event| matches!(event.what, DoseAct::Taken { .. }));
    for event in takes.filter(|event| !retracted.contains(&event.id)) {
        let Some(occurrence) = &event.occurrence else {
            beside.insert(event.id, event);
            continue;
        };
        let order = |event: &DoseEvent| (event.recorded_at, event.id);
        by_occurrence
            .entry(occurrence)
            .and_modify(|first| {
                if order(event) < order(first) {
                    *first = event;
                }
            })
            .or_insert(event);
    }
    by_occurrence.into_values().chain(beside.into_values()).collect()
}

/// How much a dose was: what the patient entered, or what the plan had for it.
fn amount(medication: &Medication, event: &DoseEvent, device_tz: Tz) -> Option<Quantity> {
    if let DoseAct::Taken {
        amount: Some(amount), ..
    } = &event.what
    {
        return Some(amount.clone());
    }
    let at = event.due.unwrap_or_else(|| event.at.to_utc());
    let local = |revision: &Revision| zone::date(revision.schedule.tz(device_tz), at);
    let revision = match &event.occurrence {
        Some(OccurrenceKey::Elapsed { revision: number, .. }) => {
            medication.plan.iter().find(|revision| revision.number == *number)
        }
        Some(OccurrenceKey::Wall { date, .. }) => revision_on(medication, *date),
        Some(OccurrenceKey::After { .. }) | None => revision_on(medication, zone::date(device_tz, at)),
    }?;
    let date = match &event.occurrence {
        Some(OccurrenceKey::Wall { date, .. }) => *date,
        Some(OccurrenceKey::Elapsed { .. } | OccurrenceKey::After { .. }) | None => local(revision),
    };
    let schedule = &revision.schedule;
    schedule.dose.amount_on(date, schedule.start).cloned()
}

fn in_unit(amount: &Quantity, unit: &str) -> Result<Decimal, NoStock> {
    if amount.unit == unit {
        return Ok(amount.value);
    }
    Err(NoStock::OtherUnit {
        unit: amount.unit.clone(),
    })
}
