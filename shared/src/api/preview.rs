//! The public preview of a schedule.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::schedule::{Occurrence, Schedule};

/// `POST`: [`Preview`] → [`Previewed`]. Needs no sign-in; limited per address.
pub const PREVIEW: &str = "/v1/schedules/preview";

/// Most occurrences in one answer.
pub const MAX_OCCURRENCES: usize = 10_000;
/// Longest range of one request, in days: ten years.
pub const MAX_RANGE_DAYS: i64 = 3_653;

/// Which occurrences a schedule has in a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The schedule.
    pub schedule: Schedule,
    /// Start of the range, inclusive.
    pub from: DateTime<Utc>,
    /// End of the range, exclusive.
    pub to: DateTime<Utc>,
    /// The zone that a floating schedule is read in.
    pub device_tz: Option<Tz>,
    /// When doses were taken; feeds `last_taken`.
    #[serde(default)]
    pub taken: Vec<DateTime<Utc>>,
}

/// The occurrences, in ascending order of due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previewed {
    /// The occurrences.
    pub occurrences: Vec<Occurrence>,
}
