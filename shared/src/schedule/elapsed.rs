//! Expansion of an elapsed rule: a fixed distance in real time.
//!
//! Pure UTC: every 8 hours stays 8 hours through a change of the clocks. The chain begins at the anchor with number 0. An
//! instant whose local date lies outside `start..=end` is no occurrence, but the chain runs through it and the numbers
//! with it. With a daily window, an instant whose local time lies outside moves to the window's next start, and the chain
//! goes on from there.
//!
//! Counting from the last dose taken, a dose taken or skipped restarts the chain at its instant, and a missed one runs on
//! from its due time. A dose taken beside the chain answers no number, but the next is still one distance after it.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Timelike, Utc};

use super::{
    DailyWindow, Schedule,
    days::since,
    expand::{Dates, Due, DueKey},
    zone::{Clock, DAY},
};

/// Milliseconds in a second.
const MS: i64 = 1_000;
/// Milliseconds in a day.
const DAY_MS: i64 = DAY * MS;
/// More than any offset is wide, in milliseconds.
const WIDEST_MS: i64 = 15 * 3_600 * MS;

/// What is known of a chain that counts from the last dose taken.
pub(super) enum Known<'k> {
    /// Nothing, or the rule counts from the due times.
    Nothing,
    /// The doses taken and skipped so far; the chain is projected from the last of them on.
    Last {
        /// The last.
        at: DateTime<Utc>,
        /// How many there were.
        count: u64,
    },
    /// Which doses there were; the chain runs from the anchor through them.
    Doses {
        /// Which numbers were answered, and when; ascending by number.
        answers: &'k [(u64, DateTime<Utc>)],
        /// When a dose was taken that answers none; ascending.
        extra: &'k [DateTime<Utc>],
    },
    /// When doses were taken, and not which. Each answers the number that was due nearest to it. Ascending.
    Instants(&'k [DateTime<Utc>]),
}

/// The occurrences of an elapsed rule, lazily. Instants in milliseconds since 1970.
pub(super) struct Elapsed<'a> {
    schedule: &'a Schedule,
    revision: u32,
    clock: Clock,
    every: i64,
    /// Seconds after midnight of the window's ends.
    daily: Option<(i64, i64)>,
    dates: Dates,
    range: Range<i64>,
    left: Option<u64>,
    answers: Vec<(u64, i64)>,
    extra: Vec<i64>,
    /// The next instant of the chain; none past the end of time.
    at: Option<i64>,
    number: u64,
}

/// Milliseconds since 1970, rounded up: a due time a part of a millisecond before a range lies outside it.
fn ceil_millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

impl<'a> Elapsed<'a> {
    pub(super) fn new(
        schedule: &'a Schedule,
        (every_min, anchor, daily): (u32, DateTime<Utc>, Option<DailyWindow>),
        range: Range<DateTime<Utc>>,
        clock: Clock,
        (revision, dates): (u32, Dates),
        known: &Known<'_>,
    ) -> Self {
        let seconds = |at: NaiveTime| i64::from(at.num_seconds_from_midnight());
        let mut chain = Self {
            schedule,
            revision,
            clock,
            every: i64::from(every_min) * 60 * MS,
            daily: daily.map(|window| (seconds(window.from), seconds(window.to))),
            dates,
            range: ceil_millis(range.start)..ceil_millis(range.end),
            left: schedule.max_count.map(u64::from),
            answers: Vec::new(),
            extra: Vec::new(),
            at: None,
            number: 0,
        };
        if chain.every == 0 {
            return chain;
        }
        let anchor = anchor.timestamp_millis();
        chain.at = Some(chain.in_window(anchor));
        match known {
            Known::Nothing => {}
            Known::Last { at, count } => {
                chain.at = chain.after(at.timestamp_millis());
                chain.number = *count;
                chain.left = chain.left.map(|left| left.saturating_sub(*count));
            }
            Known::Doses { answers, extra } => {
                chain.answers = answers
                    .iter()
                    .map(|(number, at)| (*number, at.timestamp_millis()))
                    .collect();
                chain.extra = extra.iter().map(DateTime::timestamp_millis).collect();
                let first = chain.at.map(|first| chain.held_off(i64::MIN, first));
                chain.at = first;
            }
            Known::Instants(taken) => {
                let first = chain.at;
                for at in taken.iter().map(DateTime::timestamp_millis) {
                    chain.skip_to(at - chain.every / 2 + 1);
                    chain.answers.push((chain.number, at));
                    chain.at = chain.after(at);
                    chain.number += 1;
                }
                chain.at = first;
                chain.number = 0;
            }
        }
        if chain.answers.is_empty() && chain.extra.is_empty() {
            let from_date = |date| (since(date, NaiveDate::default()) * DAY_MS).saturating_sub(WIDEST_MS);
            let begin = from_date(schedule.start);
            match chain.left {
                Some(_) => chain.skip_to(begin),
                None => chain.skip_to(begin.max(from_date(chain.dates.first)).max(chain.range.start)),
            }
        }
        chain
    }

    /// The instant that follows a dose at `at`.
    fn after(&mut self, at: i64) -> Option<i64> {
        at.checked_add(self.every).map(|next| self.in_window(next))
    }

    /// `at`, or where it lies outside the daily window, the window's next start.
    fn in_window(&mut self, at: i64) -> i64 {
        let Some((from, to)) = self.daily else {
            return at;
        };
        let local = at + self.clock.offset_at(at.div_euclid(MS)) * MS;
        let of_day = local.rem_euclid(DAY_MS);
        if (from * MS..=to * MS).contains(&of_day) {
            return at;
        }
        let midnight = (local - of_day) / MS;
        let today = if of_day < from * MS { midnight } else { midnight + DAY };
        // Where the clocks go back over the window's start, the second time round the window is open already.
        at.max(self.clock.resolve(today + from) * MS)
    }

    /// Goes to the next instant of the chain.
    fn step(&mut self) {
        let Some(at) = self.at else {
            return;
        };
        let answered = self.answers.binary_search_by_key(&self.number, |(number, _)| *number);
        let restart = answered
            .ok()
            .and_then(|place| self.answers.get(place))
            .map_or(at, |(_, at)| *at);
        self.at = self.after(restart).map(|next| self.held_off(restart, next));
        self.number += 1;
    }

    /// `next`, or later: a dose taken beside the chain since `restart` holds it off by the whole distance.
    fn held_off(&mut self, restart: i64, next: i64) -> i64 {
        let mut next = next;
        let mut place = self.extra.partition_point(|extra| *extra <= restart);
        while let Some(extra) = self.extra.get(place).copied().filter(|extra| *extra < next) {
            next = self.after(extra).map_or(next, |after| after.max(next));
            place += 1;
        }
        next
    }

    /// Goes to the first instant of the chain from `target` on, in as few steps as the window and the clocks allow.
    fn skip_to(&mut self, target: i64) {
        while let Some(at) = self.at
            && at < target
        {
            // Steps of one length until the target, or until the end of the window where that comes first.
            let wanted = (target - at + self.every - 1) / self.every;
            let steps = match self.daily {
                None => wanted,
                Some((_, to)) => self
                    .until_window_ends(at, to)
                    .map_or(0, |room| room / self.every)
                    .min(wanted),
            };
            match (u64::try_from(steps), at.checked_add(steps * self.every)) {
                (Ok(steps @ 1..), Some(at)) => {
                    self.at = Some(at);
                    self.number += steps;
                }
                _ => self.step(),
            }
        }
    }

    /// Milliseconds from `at`, inside the window, to its end, where the clocks do not change until then.
    fn until_window_ends(&mut self, at: i64, to: i64) -> Option<i64> {
        let second = at.div_euclid(MS);
        let offset = self.clock.offset_at(second);
        let of_day = (at + offset * MS).rem_euclid(DAY_MS);
        let room = to * MS - of_day;
        (room >= 0 && self.clock.steady(second, second + DAY).is_some()).then_some(room)
    }
}

impl<'a> Iterator for Elapsed<'a> {
    type Item = Due<'a>;

    fn next(&mut self) -> Option<Due<'a>> {
        loop {
            let at = self.at?;
            let number = self.number;
            let answered = self.answers.last().is_some_and(|(last, _)| number <= *last);
            // An early dose can pull the chain back, so that only the unanswered rest of it surely ascends.
            if at >= self.range.end && !answered {
                self.at = None;
                return None;
            }
            self.step();
            let due = DateTime::from_timestamp_millis(at)?;
            let offset = FixedOffset::east_opt(i32::try_from(self.clock.offset_at(at.div_euclid(MS))).ok()?)?;
            let local = due.with_timezone(&offset);
            let date = local.date_naive();
            if self.schedule.end.is_some_and(|end| end < date) || self.dates.last < date {
                // The clocks may still go back over midnight.
                let passed = self
                    .schedule
                    .end
                    .map_or(self.dates.last, |end| end.min(self.dates.last));
                if !answered && since(date, passed) > 1 {
                    self.at = None;
                    return None;
                }
                if self.schedule.end.is_some_and(|end| end < date) {
                    continue;
                }
            }
            if date < self.schedule.start {
                continue;
            }
            match &mut self.left {
                Some(0) => {
                    self.at = None;
                    return None;
                }
                Some(left) => *left -= 1,
                None => {}
            }
            if self.range.contains(&at) && self.dates.contain(date) {
                return Some(Due {
                    key: DueKey::Elapsed {
                        revision: self.revision,
                        number,
                    },
                    due,
                    local,
                    amount: self.schedule.dose.amount_on(date, self.schedule.start),
                });
            }
        }
    }
}
