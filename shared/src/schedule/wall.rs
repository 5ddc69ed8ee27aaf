//! Expansion of a wall rule: the same times of the local clock on certain days.
//!
//! Exactly one occurrence for each date and slot, whatever the clocks do (see [`super::zone`]). What comes out ascends by
//! due, then by the order of `times`, then by date: where a change of the clocks throws two slots, or two whole dates,
//! onto one instant, they stay two occurrences.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::{
    Days, Schedule, SlotTime,
    days::since,
    expand::{Dates, Due, DueKey, ceil_seconds},
    zone::{Clock, DAY},
};

/// How far ahead of a date, and behind its beginning, the offset must be steady for the date to be read by addition:
/// more than any offset is wide, and before it more than any gap is long besides, so that nothing from before the change
/// lands on this date or later.
const AHEAD: i64 = DAY + 15 * 3_600;
const BEHIND: i64 = 40 * 3_600;

/// One due time of a date around which the clocks change.
#[derive(Clone, Copy)]
struct Found {
    due: i64,
    slot: usize,
    date: NaiveDate,
    offset: i64,
}

/// A date around which the clocks do not change: its due times follow by addition.
#[derive(Clone, Copy)]
struct Steady {
    date: NaiveDate,
    /// Its midnight as an instant.
    midnight: i64,
    offset: FixedOffset,
    /// The days since 1970 of the last date that is as steady.
    until: i64,
    /// The next of `by_clock`.
    place: usize,
}

/// A time of the list.
#[derive(Clone, Copy)]
struct Clocked {
    /// Seconds after midnight.
    clock: i64,
    /// Its place in the list.
    slot: usize,
    /// The same time in UTC under the offset of the steady date that is open: days later, and time of day.
    utc: (i8, NaiveTime),
}

impl Clocked {
    /// Reads it under `offset`.
    fn under(&mut self, offset: FixedOffset) {
        let after = self.clock - i64::from(offset.local_minus_utc());
        let of_day = u32::try_from(after.rem_euclid(DAY)).unwrap_or(0);
        let days = i8::try_from(after.div_euclid(DAY)).unwrap_or(0);
        self.utc = (
            days,
            NaiveTime::from_num_seconds_from_midnight_opt(of_day, 0).unwrap_or_default(),
        );
    }

    /// The instant on `date`, by a step of a day and not by a calendar computation.
    #[inline]
    fn on(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        let date = match self.utc.0 {
            -1 => date.pred_opt()?,
            0 => date,
            _ => date.succ_opt()?,
        };
        Some(date.and_time(self.utc.1).and_utc())
    }
}

/// The occurrences of a wall rule, lazily.
pub(super) struct Wall<'a> {
    schedule: &'a Schedule,
    days: &'a Days,
    times: &'a [SlotTime],
    /// The times, ascending, and the offset under which they were last read.
    by_clock: Vec<Clocked>,
    read_under: Option<FixedOffset>,
    clock: Clock,
    /// The next date, and its days since 1970.
    next: Option<(NaiveDate, i64)>,
    last: NaiveDate,
    range: Range<i64>,
    left: Option<u64>,
    steady: Option<Steady>,
    ready: Vec<Found>,
    taken: usize,
}

impl<'a> Wall<'a> {
    pub(super) fn new(
        schedule: &'a Schedule,
        (times, days): (&'a [SlotTime], &'a Days),
        range: Range<DateTime<Utc>>,
        clock: Clock,
        dates: Dates,
    ) -> Self {
        // A due time is never further from its local reading than an offset is wide.
        let margin = TimeDelta::hours(15);
        let lower = |at: DateTime<Utc>| {
            at.checked_sub_signed(margin)
                .map_or(NaiveDate::MIN, |at| at.date_naive())
        };
        let upper = |at: DateTime<Utc>| {
            at.checked_add_signed(margin)
                .map_or(NaiveDate::MAX, |at| at.date_naive())
        };
        let start = schedule.start;
        let first = dates.first.max(start).max(lower(range.start));
        let last = dates
            .last
            .min(schedule.end.unwrap_or(NaiveDate::MAX))
            .min(upper(range.end));
        let left = schedule.max_count.map(|most| {
            let before = days.count(start, first).saturating_mul(times.len() as u64);
            u64::from(most).saturating_sub(before)
        });
        let seconds = |at: NaiveTime| i64::from(at.num_seconds_from_midnight());
        let mut by_clock: Vec<_> = times
            .iter()
            .zip(0..)
            .map(|(time, slot)| Clocked {
                clock: seconds(time.at),
                slot,
                utc: (0, time.at),
            })
            .collect();
        by_clock.sort_unstable_by_key(|time| (time.clock, time.slot));
        Self {
            schedule,
            days,
            times,
            by_clock,
            read_under: None,
            clock,
            next: match times {
                [] => None,
                _ => days
                    .next(first, last)
                    .map(|date| (date, since(date, NaiveDate::default()))),
            },
            last,
            range: ceil_seconds(range.start)..ceil_seconds(range.end),
            left,
            steady: None,
            ready: Vec::new(),
            taken: 0,
        }
    }

    /// Opens the next date; or where the clocks change around it, fills `ready` with it and those after it that do not
    /// stand clear of the change, since their due times may interleave.
    fn open(&mut self) {
        self.ready.clear();
        self.taken = 0;
        while let Some((date, day)) = self.next {
            if self.left == Some(0) {
                self.next = None;
                break;
            }
            let local = day * DAY;
            let steady = self.clock.steady(local - BEHIND, local + AHEAD).and_then(|stretch| {
                let offset = FixedOffset::east_opt(i32::try_from(stretch.offset).ok()?)?;
                Some((offset, stretch.to.saturating_sub(AHEAD).div_euclid(DAY)))
            });
            if let Some((offset, until)) = steady {
                if self.ready.is_empty() {
                    if self.read_under != Some(offset) {
                        self.by_clock.iter_mut().for_each(|time| time.under(offset));
                        self.read_under = Some(offset);
                    }
                    self.steady = Some(Steady {
                        date,
                        midnight: local - i64::from(offset.local_minus_utc()),
                        offset,
                        until,
                        place: 0,
                    });
                    self.pass(date, day);
                }
                break;
            }
            let begin = self.ready.len();
            for &Clocked { clock, slot, .. } in &self.by_clock {
                let due = self.clock.resolve(local + clock);
                let offset = self.clock.offset_at(due);
                self.ready.push(Found {
                    due,
                    slot,
                    date,
                    offset,
                });
            }
            self.ready[begin..].sort_unstable_by_key(|found| (found.due, found.slot));
            if let Some(left) = &mut self.left {
                let most = usize::try_from(*left).unwrap_or(usize::MAX);
                self.ready.truncate(begin.saturating_add(most));
                *left -= (self.ready.len() - begin) as u64;
            }
            self.pass(date, day);
        }
        self.ready
            .sort_unstable_by_key(|found| (found.due, found.slot, found.date));
    }

    /// Goes on to the date after `date`.
    #[inline]
    fn pass(&mut self, date: NaiveDate, day: i64) {
        self.next = date.succ_opt().and_then(|after| {
            let next = self.days.next(after, self.last)?;
            let skipped = if next == after { 0 } else { since(next, after) };
            Some((next, day + 1 + skipped))
        });
    }

    #[inline]
    fn due(&self, slot: usize, date: NaiveDate, due: DateTime<Utc>, offset: FixedOffset) -> Option<Due<'a>> {
        Some(Due {
            key: DueKey::Wall {
                date,
                slot: &self.times.get(slot)?.slot,
            },
            due,
            local: due.with_timezone(&offset),
            amount: self.schedule.dose.amount_on(date, self.schedule.start),
        })
    }
}

impl<'a> Iterator for Wall<'a> {
    type Item = Due<'a>;

    #[inline]
    fn next(&mut self) -> Option<Due<'a>> {
        loop {
            if let Some(day) = &mut self.steady {
                let next = self.by_clock.get(day.place).copied().filter(|_| self.left != Some(0));
                let Some(time) = next else {
                    // On to the next date, and past the clock as long as it is known not to change.
                    match self
                        .next
                        .filter(|(_, after)| *after <= day.until && self.left != Some(0))
                    {
                        Some((date, after)) => {
                            day.date = date;
                            day.midnight = after * DAY - i64::from(day.offset.local_minus_utc());
                            day.place = 0;
                            self.pass(date, after);
                        }
                        None => self.steady = None,
                    }
                    continue;
                };
                day.place += 1;
                self.left = self.left.map(|left| left - 1);
                if self.range.contains(&(day.midnight + time.clock)) {
                    let (date, offset) = (day.date, day.offset);
                    return self.due(time.slot, date, time.on(date)?, offset);
                }
            } else if let Some(found) = self.ready.get(self.taken).copied() {
                self.taken += 1;
                if self.range.contains(&found.due) {
                    let offset = FixedOffset::east_opt(i32::try_from(found.offset).ok()?)?;
                    return self.due(found.slot, found.date, DateTime::from_timestamp(found.due, 0)?, offset);
                }
            } else {
                self.open();
                if self.steady.is_none() && self.ready.is_empty() {
                    return None;
                }
            }
        }
    }
}
