//! Whether a dose of an as-needed medication may be taken now, and if not, from when on.
//!
//! A dose is allowed where all of these hold: since the last dose at least `min_gap_min` has passed; the doses in the
//! rolling window and this one are at most `max_count`; their amounts and this one's are at most `max_amount`. All three
//! are held against the doses of every medication that shares an ingredient, since the body does not know the brand. The
//! check runs before a dose is logged; who overrides it gives a reason, which is recorded.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Dose, Rule, Schedule};
use crate::order;
use crate::quantity::Quantity;

impl Schedule {
    /// Whether it is one of doses taken as needed, which have no times.
    pub const fn is_as_needed(&self) -> bool {
        matches!(self.rule, Rule::AsNeeded { .. })
    }
}

/// A dose that was taken, of this medication or of one that shares an ingredient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastDose {
    /// When.
    pub at: DateTime<Utc>,
    /// How much, where known.
    pub amount: Option<Quantity>,
}

/// Whether a dose may be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// It may.
    Allowed,
    /// It may not.
    NotBefore {
        /// From when on it may, if nothing else is taken until then; none where waiting does not help.
        at: Option<DateTime<Utc>>,
        /// The limit that holds it back longest.
        why: Limit,
    },
}

/// A limit of an as-needed medication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The least time between two doses.
    MinGap,
    /// The most doses in the rolling window.
    MaxCount,
    /// The greatest amount in the rolling window.
    MaxAmount,
    /// An amount is unknown, or not in the unit of the greatest amount, so that the sum cannot be told.
    UnknownAmount,
}

/// Whether a dose of `amount` (none for the amount of the schedule) may be taken at `now`, after the doses `past`, in any
/// order. A schedule that is not taken as needed has no such limits.
pub fn check(schedule: &Schedule, amount: Option<&Quantity>, past: &[PastDose], now: DateTime<Utc>) -> Allowance {
    let Rule::AsNeeded {
        min_gap_min,
        max_count,
        max_amount,
        per_min,
        ..
    } = &schedule.rule
    else {
        return Allowance::Allowed;
    };
    let per = minutes(*per_min);
    let mut recent: Vec<&PastDose> = past.iter().filter(|dose| now < leaves(dose, per)).collect();
    order::by_key(&mut recent, |dose| std::cmp::Reverse(dose.at));

    let gap = past.iter().map(|dose| add(dose.at, minutes(*min_gap_min))).max();
    let mut free = vec![(Limit::MinGap, Some(gap.unwrap_or(now)))];
    if let Some(most) = max_count {
        free.push((Limit::MaxCount, by_count(&recent, *most, per, now)));
    }
    if let Some(most) = max_amount {
        let dose = amount.or(match &schedule.dose {
            Dose::Fixed { amount } => Some(amount),
            Dose::Taper { .. } | Dose::Table { .. } | Dose::Ask {} => None,
        });
        free.push(by_amount(&recent, dose, most, per, now));
    }
    let never = free.iter().find(|(_, at)| at.is_none());
    let latest = free
        .iter()
        .filter_map(|(why, at)| at.filter(|at| now < *at).map(|at| (*why, at)))
        .reduce(|one, other| if one.1 < other.1 { other } else { one });
    match (never, latest) {
        (Some((why, _)), _) => Allowance::NotBefore { at: None, why: *why },
        (None, Some((why, at))) => Allowance::NotBefore { at: Some(at), why },
        (None, None) => Allowance::Allowed,
    }
}

fn minutes(minutes: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

fn add(at: DateTime<Utc>, wait: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// When `dose` leaves the rolling window.
fn leaves(dose: &PastDose, per: TimeDelta) -> DateTime<Utc> {
    add(dose.at, per)
}

/// From when on one more dose is within `most`: once the oldest of the last `most` has left. `recent` descends.
fn by_count(recent: &[&PastDose], most: u32, per: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let place = usize::try_from(most).ok()?.checked_sub(1)?;
    Some(recent.get(place).map_or(now, |dose| leaves(dose, per)))
}

/// From when on `dose` is within `most`: once enough of the oldest doses have left. `recent` descends.
fn by_amount(
    recent: &[&PastDose],
    dose: Option<&Quantity>,
    most: &Quantity,
    per: TimeDelta,
    now: DateTime<Utc>,
) -> (Limit, Option<DateTime<Utc>>) {
    let in_unit = |amount: Option<&Quantity>| {
        amount
            .filter(|amount| amount.unit == most.unit)
            .map(|amount| amount.value)
    };
    let Some(mut sum) = in_unit(dose) else {
        return (Limit::UnknownAmount, None);
    };
    if sum > most.value {
        return (Limit::MaxAmount, None);
    }
    // From the newest back: the first that does not fit, or cannot be told, has to leave, and all before it with it.
    for past in recent {
        let Some(amount) = in_unit(past.amount.as_ref()) else {
            return (Limit::UnknownAmount, Some(leaves(past, per)));
        };
        sum = sum.checked_add(amount).unwrap_or(Decimal::MAX);
        if sum > most.value {
            return (Limit::MaxAmount, Some(leaves(past, per)));
        }
    }
    (Limit::MaxAmount, Some(now))
}
