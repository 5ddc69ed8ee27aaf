//! How late a dose may be before it counts as missed.

use chrono::{DateTime, TimeDelta, Utc};

use super::Window;

/// The longest that a dose waits by default: four hours.
const LONGEST: TimeDelta = TimeDelta::hours(4);

/// When a dose due at `due` counts as missed: after the window's `miss_after_min`, or by default after four hours or half
/// the gap to `next_due`, whichever comes first. A next dose that is due no later says nothing about the gap.
pub fn misses_at(due: DateTime<Utc>, next_due: Option<DateTime<Utc>>, window: &Window) -> DateTime<Utc> {
    let by_gap = next_due
        .map(|next| next.signed_duration_since(due) / 2)
        .filter(|half| *half > TimeDelta::zero());
    let wait = match window.miss_after_min {
        Some(minutes) => TimeDelta::minutes(i64::from(minutes)),
        None => by_gap.map_or(LONGEST, |half| half.min(LONGEST)),
    };
    due.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
