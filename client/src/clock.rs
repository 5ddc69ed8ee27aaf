//! The device's clock as far as it can be trusted, and the ids that are made from it.
//!
//! A clock can be set back. Entries are recorded with what it says, but ids stay in the order they were made, and the
//! person is told.

use std::cell::Cell;

use chrono::{DateTime, Duration, TimeDelta, Utc};
use doseline_shared::id::uuid_v7;
use uuid::Uuid;

/// A clock that is this far behind the greatest instant it has shown was set back.
const SET_BACK: TimeDelta = Duration::minutes(2);

/// See the module.
#[derive(Default)]
pub(crate) struct Clock {
    greatest: Cell<DateTime<Utc>>,
    last_id: Cell<i64>,
}

impl Clock {
    /// Takes note of what the clock shows, or has shown before a restart.
    pub(crate) fn seen(&self, now: DateTime<Utc>) {
        self.greatest.set(self.greatest.get().max(now));
    }

    /// What a restart has to know: the greatest instant shown so far, or that of the last id where it ran ahead, in
    /// milliseconds.
    pub(crate) fn mark(&self) -> i64 {
        self.greatest.get().timestamp_millis().max(self.last_id.get())
    }

    /// The backend's clock agrees with `now`: whatever was shown before was wrong.
    pub(crate) fn confirmed(&self, now: DateTime<Utc>) {
        self.greatest.set(now);
    }

    /// By how many minutes the clock was set back, where it was.
    pub(crate) fn set_back(&self, now: DateTime<Utc>) -> Option<u32> {
        let behind = self.greatest.get() - now;
        (behind > SET_BACK).then(|| u32::try_from(behind.num_minutes()).unwrap_or(u32::MAX))
    }

    /// A new id, greater than every one before it.
    pub(crate) fn id(&self, now: DateTime<Utc>, random: [u8; 10]) -> Uuid {
        self.seen(now);
        let millis = self.greatest.get().timestamp_millis().max(self.last_id.get() + 1);
        self.last_id.set(millis);
        uuid_v7(DateTime::from_timestamp_millis(millis).unwrap_or(now), random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_in_order_when_the_clock_is_set_back() {
        let clock = Clock::default();
        let noon = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let first = clock.id(noon, [255; 10]);
        let second = clock.id(noon, [0; 10]);
        let third = clock.id(noon - Duration::hours(3), [0; 10]);
        assert!(first < second && second < third);
        assert_eq!(clock.set_back(noon - Duration::hours(3)), Some(180));
        assert_eq!(
            clock.set_back(noon - Duration::minutes(1)),
            None,
            "a small correction is no setting back"
        );
        clock.confirmed(noon - Duration::hours(3));
        assert_eq!(clock.set_back(noon - Duration::hours(3)), None);
    }
}
