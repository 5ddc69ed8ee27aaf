//! When a message that has failed is tried again, and when it is given up.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::api::webhook::TRIED_DAYS;

use crate::random;

/// Before the second attempt; before each further one three times as long as before the last.
const FIRST: TimeDelta = TimeDelta::seconds(5);
/// Never longer than this.
const LONGEST: TimeDelta = TimeDelta::hours(6);

/// What is to be done after an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Try again at this time.
    Again(DateTime<Utc>),
    /// Give it up.
    GiveUp,
}

/// After the attempt number `attempts`, from 1, of a message that is tried since `since`.
pub(super) fn then(attempts: u32, since: DateTime<Utc>, now: DateTime<Utc>) -> Then {
    let [chance] = random::bytes::<1>();
    at(attempts, since, now, chance)
}

fn at(attempts: u32, since: DateTime<Utc>, now: DateTime<Utc>, chance: u8) -> Then {
    let end = since + TimeDelta::days(TRIED_DAYS);
    if now >= end {
        return Then::GiveUp;
    }
    // Once more at the end, however long the next pause would be.
    Then::Again((now + pause(attempts, chance)).min(end))
}

/// A quarter shorter or longer by chance, so that what failed together does not come back together.
fn pause(attempts: u32, chance: u8) -> TimeDelta {
    let times = 3_i32.checked_pow(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
    let whole = FIRST.checked_mul(times).unwrap_or(LONGEST).min(LONGEST);
    let quarter = whole / 4;
    whole - quarter + quarter * 2 * i32::from(chance) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_threefold_up_to_six_hours_and_differ_by_chance() {
        let seconds: Vec<i64> = (1..=12).map(|attempts| pause(attempts, 128).num_seconds()).collect();
        let about = [
            5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 21_600, 21_600, 21_600, 21_600,
        ];
        for (found, expected) in seconds.iter().zip(about) {
            assert!((found - expected).abs() <= expected / 100 + 1, "{seconds:?}");
        }
        for attempts in [1, 5, 9, 40, u32::MAX] {
            let (least, most) = (pause(attempts, 0), pause(attempts, 255));
            let middle = pause(attempts, 128);
            assert!(least < middle && middle < most && most <= LONGEST * 5 / 4, "{attempts}");
            assert!(least >= FIRST * 3 / 4);
        }
    }

    #[test]
    fn a_message_is_tried_for_three_days_and_a_last_time_at_their_end() {
        let since = DateTime::UNIX_EPOCH;
        let (mut now, mut attempts) = (since, 0);
        loop {
            attempts += 1;
            match at(attempts, since, now, 200) {
                Then::Again(next) => {
                    assert!(next > now);
                    now = next;
                }
                Then::GiveUp => break,
            }
        }
        assert_eq!(now, since + TimeDelta::days(3));
        assert!((15..30).contains(&attempts), "{attempts}");
        // One that waited behind others for longer has its one attempt.
        assert_eq!(at(1, since, since + TimeDelta::days(4), 0), Then::GiveUp);
    }
}
