//! On which local dates a wall rule falls, and the counting of local dates.
//!
//! Everything that counts days counts local dates, whatever the clocks do, with Euclidean remainder, so that dates before
//! an anchor follow the same pattern as those after it.

use chrono::{Datelike, Days as Span, NaiveDate};

use super::{Days, Dose, ShortMonth};
use crate::quantity::Quantity;

/// Days from `start` to `date`, negative before it.
pub(super) fn since(date: NaiveDate, start: NaiveDate) -> i64 {
    date.signed_duration_since(start).num_days()
}

/// `date` and `days` more; none past the end of the calendar.
pub(super) fn later(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    match u64::try_from(days) {
        Ok(days) => date.checked_add_days(Span::new(days)),
        Err(_) => date.checked_sub_days(Span::new(days.unsigned_abs())),
    }
}

fn last_of_month(date: NaiveDate) -> u8 {
    date.num_days_in_month()
}

impl Days {
    /// Whether the rule falls on `date`. A rule that cannot be, such as every 0 days, falls on none.
    pub fn fall_on(&self, date: NaiveDate) -> bool {
        match self {
            Self::Every {} => true,
            Self::Weekdays { on } => on.contains(&date.weekday()),
            Self::MonthDays { on, short_month } => {
                let day = u8::try_from(date.day()).unwrap_or(u8::MAX);
                on.contains(&day)
                    || match short_month {
                        ShortMonth::Clamp => day == last_of_month(date) && on.iter().any(|&wanted| wanted > day),
                        ShortMonth::Skip => false,
                    }
            }
            Self::EveryN { n, anchor } => *n > 0 && since(date, *anchor).rem_euclid(i64::from(*n)) == 0,
            Self::Cycle { on, off, anchor } => {
                let length = i64::from(*on) + i64::from(*off);
                length > 0 && since(date, *anchor).rem_euclid(length) < i64::from(*on)
            }
        }
    }

    /// The first date from `date` on that the rule falls on; none after `last`.
    #[inline]
    pub(super) fn next(&self, date: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
        let found = match self {
            Self::Every {} => date,
            Self::EveryN { n, anchor } => {
                let ahead = since(*anchor, date).checked_rem_euclid(i64::from(*n))?;
                later(date, ahead)?
            }
            Self::Cycle { on, off, anchor } => {
                let length = i64::from(*on) + i64::from(*off);
                let place = since(date, *anchor).checked_rem_euclid(length)?;
                match place < i64::from(*on) {
                    true => date,
                    false if *on == 0 => return None,
                    false => later(date, length - place)?,
                }
            }
            Self::Weekdays { .. } | Self::MonthDays { .. } => {
                // No two days of a month are more than two months apart; beyond that, there are none.
                let mut candidates = date.iter_days().take(63).take_while(|day| *day <= last);
                candidates.find(|day| self.fall_on(*day))?
            }
        };
        (found <= last).then_some(found)
    }

    /// On how many dates of `from..to` the rule falls.
    pub(super) fn count(&self, from: NaiveDate, to: NaiveDate) -> u64 {
        let span = since(to, from);
        if span <= 0 {
            return 0;
        }
        // How many numbers of `0..n` leave less than `on` when divided by `length`.
        let below = |n: i64, length: i64, on: i64| n.div_euclid(length) * on + n.rem_euclid(length).min(on);
        let repeating = |anchor: NaiveDate, length: i64, on: i64| {
            let first = since(from, anchor);
            below(first + span, length, on) - below(first, length, on)
        };
        let count = match self {
            Self::Every {} => span,
            Self::EveryN { n: 0, .. } | Self::Cycle { on: 0, .. } => 0,
            Self::EveryN { n, anchor } => repeating(*anchor, i64::from(*n), 1),
            Self::Cycle { on, off, anchor } => repeating(*anchor, i64::from(*on) + i64::from(*off), i64::from(*on)),
            Self::Weekdays { on } => on
                .iter()
                .enumerate()
                .filter(|(place, day)| !on.iter().take(*place).any(|earlier| earlier == *day))
                .map(|(_, day)| {
                    let ahead = i64::from(day.days_since(from.weekday()));
                    (span - ahead + 6).div_euclid(7)
                })
                .sum(),
            Self::MonthDays { .. } => {
                let dates = from.iter_days().take_while(|date| *date < to);
                return dates.filter(|date| self.fall_on(*date)).count() as u64;
            }
        };
        u64::try_from(count).unwrap_or(0)
    }
}

impl Dose {
    /// The amount on the local date `date` of a schedule that starts on `start`; none where the patient enters it.
    #[inline]
    pub fn amount_on(&self, date: NaiveDate, start: NaiveDate) -> Option<&Quantity> {
        let day = || since(date, start);
        match self {
            Self::Fixed { amount } => Some(amount),
            Self::Taper { steps } => {
                let day = day();
                let reached = steps.iter().rfind(|step| i64::from(step.from_day) <= day);
                reached.or(steps.first()).map(|step| &step.amount)
            }
            Self::Table { days } => {
                let length = i64::try_from(days.len()).ok()?;
                let place = day().checked_rem_euclid(length)?;
                days.get(usize::try_from(place).ok()?)
            }
            Self::Ask {} => None,
        }
    }
}
