//! *PDC*, the proportion of days covered: days with supply at hand ÷ days from the first fill to the end.
//!
//! Source: the specification of PDC by the Pharmacy Quality Alliance (period from the first fill; two fills on different
//! dates; overlapping fills of the same drug shift forward; any drug of the class covers a day; adherent at 80 %, 90 % for
//! antiretrovirals). Days in hospital: "Days Covered Modification for Inpatient Stays", technical notes of the Medicare
//! Part C & D Star Ratings, where the supply that was not needed there moves on.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use chrono::NaiveDate;

use super::{Figure, Fill, Measure, NoFigure, Ratio, fills::observed};
use crate::{id::MedicationId, record::DrugClass};

/// The proportion of days covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Days covered ÷ days.
    pub figure: Figure,
    /// Whether the patient counts as adherent.
    pub adherent: bool,
}

impl DrugClass {
    /// From which proportion of days covered on a patient counts as adherent, in percent.
    pub const fn adherent_percent(self) -> u32 {
        match self {
            Self::Antiretroviral => 90,
            Self::Other => 80,
        }
    }
}

/// The proportion of days covered in `period`, from its first fill on. `fills` are those of one drug, or of several of
/// which any covers a day, in any order; those that begin outside the period do not count. `inpatient` are the days in
/// hospital, both ends included.
///
/// # Errors
/// [`NoFigure`].
pub fn pdc(
    fills: &[Fill],
    period: &RangeInclusive<NaiveDate>,
    inpatient: &[RangeInclusive<NaiveDate>],
    class: DrugClass,
) -> Result<Covered, NoFigure> {
    let observed = observed(fills, period, inpatient)?;
    // Where the supply of each drug ends, so that the next one begins after it.
    let mut free_from: BTreeMap<MedicationId, NaiveDate> = BTreeMap::new();
    let mut covered = BTreeSet::new();
    for fill in observed.fills {
        let next = free_from.entry(fill.drug).or_insert(fill.start);
        let start = fill.start.max(*next);
        let days = usize::try_from(fill.days).unwrap_or(usize::MAX);
        for day in observed.days.range(start..).take(days) {
            covered.insert(*day);
            *next = day.succ_opt().unwrap_or(NaiveDate::MAX);
        }
    }
    let count = |days: usize| u32::try_from(days).unwrap_or(u32::MAX);
    let ratio = Ratio {
        num: count(covered.len()),
        den: count(observed.days.len()),
    };
    let adherent_percent = class.adherent_percent();
    Ok(Covered {
        figure: Figure {
            measure: Measure::Pdc { adherent_percent },
            ratio,
        },
        adherent: ratio.reaches(adherent_percent),
    })
}
