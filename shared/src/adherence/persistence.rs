//! *Persistence*: from the first dose to the last one before a gap > g.
//!
//! Source: the time from initiation to discontinuation, in Vrijens et al., Br J Clin Pharmacol 2012;73:691–705, with the
//! permissible gap of Cramer et al., "Medication compliance and persistence: terminology and definitions", Value Health
//! 2008;11:44–47.

use chrono::NaiveDate;

use super::{Figure, Measure, Ratio};

/// How long a patient went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persistence {
    /// Days from the first dose to the last that counts, both included ÷ days from the first dose to the end.
    pub figure: Figure,
    /// The date of the first dose.
    pub first: NaiveDate,
    /// The date of the last dose that counts.
    pub last: NaiveDate,
    /// Whether a gap followed; otherwise the patient was still at it at the end.
    pub ended: bool,
}

/// How long a patient went on, by the local `dates` of the doses taken, in any order, until `end`, exclusive. A gap is the
/// number of whole days in a row without a dose; more than `gap_days` of them end it, and what is taken after that does
/// not count. None where nothing was taken before `end`.
pub fn persistence(dates: &[NaiveDate], gap_days: u32, end: NaiveDate) -> Option<Persistence> {
    let mut dates: Vec<_> = dates.iter().copied().filter(|date| *date < end).collect();
    dates.sort_unstable();
    let first = *dates.first()?;
    let gap = |from: NaiveDate, to: NaiveDate| (to - from).num_days() - 1 > i64::from(gap_days);
    let mut last = first;
    for date in dates {
        if gap(last, date) {
            break;
        }
        last = date;
    }
    let days = |until: NaiveDate| u32::try_from((until - first).num_days()).unwrap_or(u32::MAX);
    Some(Persistence {
        figure: Figure {
            measure: Measure::Persistence { gap_days },
            ratio: Ratio {
                num: days(last).saturating_add(1),
                den: days(end),
            },
        },
        first,
        last,
        ended: gap(last, end),
    })
}
