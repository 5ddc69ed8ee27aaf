//! Dots by day, and the *taking* measure as counts.

use chrono::NaiveDate;
use doseline_shared::dose::slate::Mark;
use serde::{Deserialize, Serialize};

/// One local date of a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayHistory {
    /// The date.
    pub date: NaiveDate,
    /// Its doses, by how each came out.
    pub doses: Vec<Mark>,
}

/// The *taking* measure with its bounds, as counts. See `doseline_shared::adherence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakingView {
    /// First local date, inclusive.
    pub from: NaiveDate,
    /// Last local date, inclusive.
    pub to: NaiveDate,
    /// Closed scheduled doses.
    pub prescribed: u32,
    /// Of these, taken.
    pub taken: u32,
    /// Left out on purpose.
    pub skipped: u32,
    /// Confirmed missed.
    pub missed: u32,
    /// Taken beyond what was prescribed.
    pub extra: u32,
}
