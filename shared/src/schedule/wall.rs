//! Expansion of a wall rule: the same times of the local clock on certain days.
//!
//! Exactly one occurrence for each date and slot, whatever the clocks do (see [`super::zone`]). What comes out ascends by
//! due, then by the order of `times`, then by date: where a change of the clocks throws two slots, or two whole dates,
//! onto one instant, they stay two occurrences.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::{
    Days, Occurrence, OccurrenceKey, Schedule, SlotTime,
    expand::{Dates, ceil_seconds},
    zone::{Clock, DAY},
};

/// How far ahead of a date, and behind its beginning, the offset must be steady for the date to be read by addition:
/// more than any offset is wide, and before it more than any gap is long besides, so that nothing from before the change
/// lands on this date or later.
const AHEAD: i64 = DAY + 15 * 3_600;
const BEHIND: i64 = 40 * 3_600;

/// One due time, not yet dressed as an [`Occurrence`].
#[derive(Clone, Copy)]
struct Due {
    due: i64,
    slot: usize,
    date: NaiveDate,
    offset: i64,
}

/// The occurrences of a wall rule, lazily.
pub(super) struct Wall<'a> {
    schedule: &'a Schedule,
    days: &'a Days,
    times: &'a [SlotTime],
    /// Seconds after midnight and place in `times`, ascending.
    by_clock: Vec<(i64, usize)>,
    clock: Clock,
    next: Option<NaiveDate>,
    last: NaiveDate,
    range: Range<i64>,
    left: Option<u64>,
    ready: Vec<Due>,
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
            .map(|(time, slot)| (seconds(time.at), slot))
            .collect();
        by_clock.sort_unstable();
        Self {
            schedule,
            days,
            times,
            by_clock,
            clock,
            next: if times.is_empty() { None } else { days.next(first, last) },
            last,
            range: ceil_seconds(range.start)..ceil_seconds(range.end),
            left,
            ready: Vec::new(),
            taken: 0,
        }
    }

    /// Fills `ready` with the next date, or with the next few where the clocks change around them.
    fn refill(&mut self) {
        self.ready.clear();
        self.taken = 0;
        while let Some(date) = self.next {
            if self.left == Some(0) {
                self.next = None;
                break;
            }
            let midnight = super::days::since(date, NaiveDate::default()) * DAY;
            let steady = self.clock.steady(midnight - BEHIND, midnight + AHEAD);
            if steady.is_some() && !self.ready.is_empty() {
                break;
            }
            let begin = self.ready.len();
            for &(clock, slot) in &self.by_clock {
                let due = match steady {
                    Some(offset) => midnight + clock - offset,
                    None => self.clock.resolve(midnight + clock),
                };
                let offset = steady.unwrap_or_else(|| self.clock.offset_at(due));
                self.ready.push(Due {
                    due,
                    slot,
                    date,
                    offset,
                });
            }
            if steady.is_none() {
                self.ready[begin..].sort_unstable_by_key(|due| (due.due, due.slot));
            }
            if let Some(left) = &mut self.left {
                let most = usize::try_from(*left).unwrap_or(usize::MAX);
                self.ready.truncate(begin.saturating_add(most));
                *left -= (self.ready.len() - begin) as u64;
            }
            self.next = date.succ_opt().and_then(|after| self.days.next(after, self.last));
            if steady.is_some() {
                self.ready.retain(|due| self.range.contains(&due.due));
                if !self.ready.is_empty() {
                    return;
                }
            }
        }
        self.ready.sort_unstable_by_key(|due| (due.due, due.slot, due.date));
        self.ready.retain(|due| self.range.contains(&due.due));
        if self.ready.is_empty() && self.next.is_some() {
            self.refill();
        }
    }

    fn dress(&self, due: Due) -> Option<Occurrence> {
        let at = DateTime::from_timestamp(due.due, 0)?;
        let offset = FixedOffset::east_opt(i32::try_from(due.offset).ok()?)?;
        let slot = &self.times.get(due.slot)?.slot;
        Some(Occurrence {
            id: OccurrenceKey::Wall {
                date: due.date,
                slot: slot.clone(),
            },
            due: at,
            local: at.with_timezone(&offset),
            slot: Some(slot.clone()),
            amount: self.schedule.dose.amount_on(due.date, self.schedule.start).cloned(),
        })
    }
}

impl Iterator for Wall<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        if self.taken == self.ready.len() {
            self.refill();
        }
        let due = *self.ready.get(self.taken)?;
        self.taken += 1;
        self.dress(due)
    }
}
