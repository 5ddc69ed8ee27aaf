//! Fills: what PDC and MPR are counted from, and the period that they are counted over.

use std::{collections::BTreeSet, ops::RangeInclusive};

use chrono::NaiveDate;
use thiserror::Error;

use crate::{
    id::MedicationId,
    record::{Dispense, DispenseStatus},
};

/// A supply of one drug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fill {
    /// The local date on which it begins.
    pub start: NaiveDate,
    /// Of which drug. Only supplies of the same drug move each other forward.
    pub drug: MedicationId,
    /// For how many days it is meant to last.
    pub days: u32,
}

/// The fills that `dispenses` are; those entered in error are none.
pub fn fills(dispenses: &[Dispense]) -> Vec<Fill> {
    let holds = |dispense: &&Dispense| match dispense.status {
        DispenseStatus::Completed => true,
        DispenseStatus::EnteredInError => false,
    };
    let fill = |dispense: &Dispense| Fill {
        start: dispense.on,
        drug: dispense.medication,
        days: dispense.days_supply,
    };
    dispenses.iter().filter(holds).map(fill).collect()
}

/// Longest period, in days: a hundred years.
const LONGEST: i64 = 36_525;

/// Why there is no figure from dispensing data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoFigure {
    /// With fewer than two fills, on different dates, nothing shows that the patient came back.
    #[error("there are fills on {dates} dates of the period, and two are needed")]
    TooFewFills {
        /// On how many dates of the period there are fills.
        dates: u32,
    },
    /// The patient was in hospital for the whole of it.
    #[error("no day of the period was outside a hospital")]
    NoDays,
    /// The period is longer than a life.
    #[error("the period is longer than {LONGEST} days")]
    TooLong,
}

/// The part of a period that counts: from the first fill in it to its end, without the days in hospital.
pub(super) struct Observed {
    /// The fills that begin in the period, by start, drug and length.
    pub(super) fills: Vec<Fill>,
    /// The days that count.
    pub(super) days: BTreeSet<NaiveDate>,
}

/// The part of `period` that counts.
pub(super) fn observed(
    fills: &[Fill],
    period: &RangeInclusive<NaiveDate>,
    inpatient: &[RangeInclusive<NaiveDate>],
) -> Result<Observed, NoFigure> {
    let mut fills: Vec<_> = fills
        .iter()
        .copied()
        .filter(|fill| period.contains(&fill.start))
        .collect();
    fills.sort_unstable();
    let dates: BTreeSet<_> = fills.iter().map(|fill| fill.start).collect();
    let first = match dates.first() {
        Some(first) if dates.len() >= 2 => *first,
        Some(_) | None => {
            return Err(NoFigure::TooFewFills {
                dates: u32::try_from(dates.len()).unwrap_or(u32::MAX),
            });
        }
    };
    if (*period.end() - first).num_days() >= LONGEST {
        return Err(NoFigure::TooLong);
    }
    let outside = |day: &NaiveDate| !inpatient.iter().any(|stay| stay.contains(day));
    let days: BTreeSet<_> = first
        .iter_days()
        .take_while(|day| day <= period.end())
        .filter(outside)
        .collect();
    if days.is_empty() {
        return Err(NoFigure::NoDays);
    }
    Ok(Observed { fills, days })
}
