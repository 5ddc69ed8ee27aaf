//! Waiting for the next reminder on a computer that sleeps and whose clock is changed.
//!
//! A long timer would be wrong after either: it counts a clock that stands still while the computer sleeps. So the wait
//! is made of short naps, and after each the wall clock is set against the steady one. Where they disagree, or the zone
//! is another, the core is asked anew.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tokio::sync::Notify;

/// The longest nap: how late a reminder can be after the computer has woken up.
const NAP: Duration = Duration::from_secs(15);
/// By how much the two clocks may part in one nap before it counts as a jump. A busy computer is late by less.
const TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// One moment on both clocks, and the zone.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The wall clock.
    pub wall: DateTime<Utc>,
    /// The steady clock.
    pub steady: Instant,
    /// The device's zone.
    pub zone: Tz,
}

/// Why the wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awake {
    /// The moment has come.
    Due,
    /// The records have changed.
    Changed,
    /// The wall clock went ahead of the steady one: the computer slept, or its clock was set forward.
    Ahead,
    /// The clock was set back.
    Back,
    /// The device is in another zone.
    Zone,
}

/// Waits until `wake`, or until something happens that may change what is due.
pub async fn until(wake: Option<DateTime<Utc>>, changed: &Notify, clock: impl Fn() -> Moment) -> Awake {
    let mut before = clock();
    loop {
        if wake.is_some_and(|wake| wake <= before.wall) {
            return Awake::Due;
        }
        tokio::select! {
            () = tokio::time::sleep(nap(before.wall, wake)) => {}
            () = changed.notified() => return Awake::Changed,
        }
        let after = clock();
        if let Some(awake) = noticed(&before, &after) {
            return awake;
        }
        before = after;
    }
}

/// How long to nap at `now`.
fn nap(now: DateTime<Utc>, wake: Option<DateTime<Utc>>) -> Duration {
    match wake {
        Some(wake) => (wake - now).to_std().unwrap_or(Duration::ZERO).min(NAP),
        None => NAP,
    }
}

/// What happened between two moments besides the passing of time.
fn noticed(before: &Moment, after: &Moment) -> Option<Awake> {
    if before.zone != after.zone {
        return Some(Awake::Zone);
    }
    let steady = TimeDelta::from_std(after.steady - before.steady).unwrap_or(TimeDelta::MAX);
    let drift = (after.wall - before.wall) - steady;
    if drift > TOLERANCE {
        Some(Awake::Ahead)
    } else if drift < -TOLERANCE {
        Some(Awake::Back)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall_seconds: i64, steady_seconds: u64, start: Instant) -> Moment {
        Moment {
            wall: DateTime::UNIX_EPOCH + TimeDelta::seconds(wall_seconds),
            steady: start + Duration::from_secs(steady_seconds),
            zone: Tz::Africa__Lagos,
        }
    }

    #[test]
    fn no_nap_is_longer_than_fifteen_seconds_and_none_goes_past_the_dose() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(nap(now, None), NAP);
        assert_eq!(nap(now, Some(now + TimeDelta::hours(9))), NAP);
        assert_eq!(nap(now, Some(now + TimeDelta::seconds(4))), Duration::from_secs(4));
        assert_eq!(nap(now, Some(now - TimeDelta::seconds(4))), Duration::ZERO);
    }

    #[test]
    fn a_computer_that_slept_through_the_night_is_noticed() {
        let start = Instant::now();
        // The steady clock stood still for eight hours.
        assert_eq!(
            noticed(&at(0, 0, start), &at(8 * 3600 + 15, 15, start)),
            Some(Awake::Ahead)
        );
    }

    #[test]
    fn a_clock_that_was_set_back_is_noticed_and_a_busy_computer_is_not() {
        let start = Instant::now();
        assert_eq!(noticed(&at(3600, 0, start), &at(15, 15, start)), Some(Awake::Back));
        assert_eq!(noticed(&at(0, 0, start), &at(15, 15, start)), None);
        // The nap took a minute, on both clocks: nothing jumped.
        assert_eq!(noticed(&at(0, 0, start), &at(60, 60, start)), None);
    }

    #[test]
    fn travel_into_another_zone_is_noticed() {
        let start = Instant::now();
        let landed = Moment {
            zone: Tz::Europe__Berlin,
            ..at(15, 15, start)
        };
        assert_eq!(noticed(&at(0, 0, start), &landed), Some(Awake::Zone));
    }

    /// A wall clock that began at the epoch with `start`, set off by `offset`.
    fn clock(start: Instant, offset: TimeDelta) -> Moment {
        let steady = Instant::now();
        let passed = TimeDelta::from_std(steady - start).unwrap();
        Moment {
            wall: DateTime::UNIX_EPOCH + passed + offset,
            steady,
            zone: Tz::UTC,
        }
    }

    #[tokio::test]
    async fn the_wait_ends_at_the_dose() {
        let start = Instant::now();
        let wake = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(120);
        let awake = until(Some(wake), &Notify::new(), || clock(start, TimeDelta::zero())).await;
        assert_eq!(awake, Awake::Due);
        assert!(start.elapsed() >= Duration::from_millis(120));
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_dose_that_is_past_already_is_not_waited_for() {
        let start = Instant::now();
        let past = DateTime::UNIX_EPOCH - TimeDelta::hours(1);
        assert_eq!(
            until(Some(past), &Notify::new(), || clock(start, TimeDelta::zero())).await,
            Awake::Due
        );
    }

    #[tokio::test]
    async fn a_change_of_the_records_ends_the_wait_at_once() {
        let (start, changed) = (Instant::now(), Notify::new());
        changed.notify_one();
        assert_eq!(
            until(None, &changed, || clock(start, TimeDelta::zero())).await,
            Awake::Changed
        );
    }

    #[tokio::test]
    async fn a_clock_set_back_during_the_wait_ends_it_although_the_dose_is_hours_away_again() {
        let (start, looks) = (Instant::now(), std::cell::Cell::new(0));
        let set_back = || {
            looks.set(looks.get() + 1);
            clock(
                start,
                if looks.get() == 1 {
                    TimeDelta::zero()
                } else {
                    -TimeDelta::hours(2)
                },
            )
        };
        let wake = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(100);
        assert_eq!(until(Some(wake), &Notify::new(), set_back).await, Awake::Back);
    }
}
