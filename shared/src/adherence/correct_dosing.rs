//! *Correct dosing*: days with exactly the prescribed count ÷ days.
//!
//! Source: "percentage of days with the correct number of doses taken", one of the summary statistics of implementation
//! in Vrijens et al., Br J Clin Pharmacol 2012;73:691–705.

use std::{collections::BTreeMap, ops::Range};

use chrono::NaiveDate;

use super::{Figure, Measure, Ratio};
use crate::{dose::DoseState, schedule::Occurrence};

/// How many doses a day should have had, and had.
#[derive(Default)]
struct Day {
    prescribed: u32,
    taken: u32,
}

/// Counts the local dates of `days` on which as many doses were taken as were prescribed. `closed` are the occurrences
/// whose time is over, each with its state; `extra` are the local dates of the doses taken beside them.
///
/// A dose belongs to the date on which it was due, also where it was taken after midnight. What was held back was not
/// prescribed. A date with nothing prescribed and nothing taken is correct; a dose of which nothing is known was not
/// taken, as in the lower bound of *taking*.
pub fn correct_dosing(closed: &[(Occurrence, DoseState)], extra: &[NaiveDate], days: Range<NaiveDate>) -> Figure {
    let mut counts: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    for (occurrence, state) in closed {
        let day = counts.entry(occurrence.local.date_naive()).or_default();
        let (prescribed, taken) = match state {
            DoseState::Taken { .. } => (1, 1),
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Snoozed { .. }
            | DoseState::Skipped { .. }
            | DoseState::Missed {} => (1, 0),
            DoseState::Held {} => (0, 0),
        };
        day.prescribed += prescribed;
        day.taken += taken;
    }
    for date in extra {
        counts.entry(*date).or_default().taken += 1;
    }
    let den = u32::try_from((days.end - days.start).num_days()).unwrap_or(0);
    let wrong = counts
        .iter()
        .filter(|(date, day)| days.contains(date) && day.prescribed != day.taken);
    let wrong = u32::try_from(wrong.count()).unwrap_or(den);
    Figure {
        measure: Measure::CorrectDosing {},
        ratio: Ratio {
            num: den.saturating_sub(wrong),
            den,
        },
    }
}
