//! The clock of a zone as an expansion asks it: mostly about one instant after another.
//!
//! [`Clock`] remembers the stretch of time around the last answer over which the offset does not change, so that most
//! questions cost an addition. What a gap and a fold of the clocks mean is [`crate::zone`]'s.

use chrono_tz::Tz;

use crate::zone::{Stretch, WIDEST, Zone};

/// A day in seconds.
pub(super) const DAY: i64 = 86_400;

/// A zone, with the stretch of time over which its offset is known.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: &'static Zone,
    known: Stretch,
}

impl Clock {
    pub(super) fn new(tz: Tz) -> Self {
        let zone = Zone::of(tz);
        let known = zone.stretch_at(0);
        Self { zone, known }
    }

    /// The stretch around `instant`, in seconds since 1970.
    #[inline]
    pub(super) fn stretch_at(&mut self, instant: i64) -> Stretch {
        if instant < self.known.from || self.known.to < instant {
            self.known = self.zone.stretch_at(instant);
        }
        self.known
    }

    /// The offset at `instant`, in seconds east.
    #[inline]
    pub(super) fn offset_at(&mut self, instant: i64) -> i64 {
        self.stretch_at(instant).offset
    }

    /// The stretch around `from`, where it reaches as far as `to`.
    #[inline]
    pub(super) fn steady(&mut self, from: i64, to: i64) -> Option<Stretch> {
        let stretch = self.stretch_at(from);
        (to <= stretch.to).then_some(stretch)
    }

    /// The instant that the local time `local` stands for; local times in seconds since 1970 on the local clock.
    pub(super) fn resolve(&mut self, local: i64) -> i64 {
        match self.steady(local - WIDEST, local + WIDEST) {
            Some(stretch) => local - stretch.offset,
            None => local - self.zone.read(local).offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::offset_at;

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
            let instant = chrono::DateTime::from_timestamp(*at, 0).expect("an instant of this century");
            assert_eq!(offset, i64::from(offset_at(tz, instant).local_minus_utc()), "at {at}");
        }
    }
}
