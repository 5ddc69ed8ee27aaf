//! Local clock and UTC: the exact rules at a change of the clocks.
//!
//! A local time that a change skips moves forward by the length of the gap, which is the same as reading it with the
//! offset from before the change: 02:30 becomes 03:30. A local time that comes twice counts where it comes first. Works
//! for gaps and folds of any length, a whole day included.
//!
//! `chrono-tz` finds an offset by a search each time; [`Clock`] remembers over which stretch of time it knows the offset
//! not to change, so that most questions cost an addition.

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// A day in seconds.
pub(super) const DAY: i64 = 86_400;

/// No zone changes its offset twice within so many seconds, from 1970 on (the shortest time between two is just under
/// seven days, in Brazil in 2000); a test holds this against the whole zone database. So where the offset is the same at both ends of such a stretch, it is the same all through.
pub(super) const STRIDE: i64 = 6 * DAY;

/// The widest that any offset is, rounded up, in seconds: offsets lie between −12 h and +15 h.
const WIDEST: i64 = 15 * 3_600;

/// A zone, with the stretch of time over which its offset is known.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    tz: Tz,
    from: i64,
    to: i64,
    offset: i64,
}

impl Clock {
    pub(super) fn new(tz: Tz) -> Self {
        Self {
            tz,
            from: 0,
            to: 0,
            offset: offset_in(tz, 0),
        }
    }

    /// The offset at `instant`, in seconds east; instants in seconds since 1970.
    pub(super) fn offset_at(&mut self, instant: i64) -> i64 {
        if instant < self.from || self.to < instant {
            self.know(instant, instant);
        }
        if (self.from..=self.to).contains(&instant) {
            self.offset
        } else {
            offset_in(self.tz, instant)
        }
    }

    /// The offset where it is the same all through `from..=to`.
    #[inline]
    pub(super) fn steady(&mut self, from: i64, to: i64) -> Option<i64> {
        if from < self.from || self.to < to {
            self.know(from, to);
        }
        (self.from <= from && to <= self.to).then_some(self.offset)
    }

    /// The instant that the local time `local` stands for; local times in seconds since 1970 on the local clock.
    pub(super) fn resolve(&mut self, local: i64) -> i64 {
        if let Some(offset) = self.steady(local - WIDEST, local + WIDEST) {
            return local - offset;
        }
        let (mut low, mut high) = (local - WIDEST, local + WIDEST);
        let (before, after) = (offset_in(self.tz, low), offset_in(self.tz, high));
        if before == after {
            return local - before;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if offset_in(self.tz, middle) == before {
                low = middle;
            } else {
                high = middle;
            }
        }
        // The change is at `high`. Up to the later of its two local readings, the old offset rules: before the change
        // there is only that one, in a fold its instance is the first, and in a gap it moves forward by the gap.
        if local < high + before.max(after) {
            local - before
        } else {
            local - after
        }
    }

    /// Learns the offset from `from` on, as far as `to` or the next change.
    #[cold]
    fn know(&mut self, from: i64, to: i64) {
        if from < self.from || self.to < from {
            self.offset = offset_in(self.tz, from);
            self.from = from;
            self.to = from;
        }
        while self.to < to {
            let full = self.to + STRIDE;
            if offset_in(self.tz, full) == self.offset {
                self.to = full;
            } else if to < full && offset_in(self.tz, to) == self.offset {
                self.to = to;
            } else {
                return;
            }
        }
    }
}

fn offset_in(tz: Tz, instant: i64) -> i64 {
    let utc = DateTime::from_timestamp(instant, 0).map_or(NaiveDateTime::MAX, |at| at.naive_utc());
    i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc())
}

#[cfg(test)]
mod tests {
    use chrono_tz::TZ_VARIANTS;

    use super::*;

    /// What [`STRIDE`] rests on. Sampled daily, so that a change taken back within a day would go unseen; none is known.
    #[test]
    fn no_zone_changes_its_offset_twice_within_a_stride() {
        for tz in TZ_VARIANTS {
            let (mut offset, mut changed) = (offset_in(tz, 0), -DAY * 30);
            for instant in (0..)
                .map(|day| day * DAY)
                .take_while(|instant| *instant < 68 * 365 * DAY)
            {
                let now = offset_in(tz, instant);
                if now != offset {
                    // The change lies anywhere in the day before.
                    assert!(instant - changed > STRIDE, "{tz} at {instant}");
                    (offset, changed) = (now, instant);
                }
            }
        }
    }

    #[test]
    fn every_offset_is_narrower_than_the_margins_assume() {
        for tz in TZ_VARIANTS {
            for instant in (0..)
                .map(|month| month * 30 * DAY)
                .take_while(|instant| *instant < 130 * 365 * DAY)
            {
                assert!(offset_in(tz, instant).abs() < WIDEST, "{tz} at {instant}");
            }
        }
    }

    #[test]
    fn a_clock_answers_alike_in_whatever_order_it_is_asked() {
        let tz = chrono_tz::Africa::Casablanca;
        let hours: Vec<i64> = (490_000..500_000).map(|hour| hour * 3_600).collect();
        let mut forward = Clock::new(tz);
        let ahead: Vec<_> = hours
            .iter()
            .map(|at| (forward.offset_at(*at), forward.resolve(*at)))
            .collect();
        let mut back = Clock::new(tz);
        let mut behind: Vec<_> = hours
            .iter()
            .rev()
            .map(|at| (back.offset_at(*at), back.resolve(*at)))
            .collect();
        behind.reverse();
        assert_eq!(ahead, behind);
        for (at, (offset, _)) in hours.iter().zip(ahead) {
            assert_eq!(offset, offset_in(tz, *at), "at {at}");
        }
    }
}
