//! The occurrences of one schedule in a range of time.
//!
//! Owns the choice of the expansion by the rule. `after` and `as_needed` have no occurrences of their own: the first
//! follows another medication's doses ([`super::after`]), the second the patient's need.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    ElapsedFrom, Occurrence, OccurrenceKey, Rule, Schedule, Zone,
    elapsed::{Elapsed, Known},
    wall::Wall,
    zone::Clock,
};
use crate::quantity::Quantity;

/// What an expansion needs beside the schedule.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The zone that a floating schedule is read in.
    pub device_tz: Tz,
    /// The revision of the plan that the schedule is; part of the identity of elapsed occurrences.
    pub revision: u32,
    /// When doses were taken, in any order; feeds `last_taken`.
    pub taken: &'a [DateTime<Utc>],
    /// When doses were skipped, in any order; feeds `last_taken`.
    pub skipped: &'a [DateTime<Utc>],
}

impl Context<'_> {
    /// The first revision, with nothing taken yet, on a device in `device_tz`.
    pub const fn new(device_tz: Tz) -> Self {
        Self {
            device_tz,
            revision: 1,
            taken: &[],
            skipped: &[],
        }
    }
}

impl Schedule {
    /// The zone that it is read in, on a device in `device_tz`.
    pub const fn tz(&self, device_tz: Tz) -> Tz {
        match self.zone {
            Zone::Home { tz } => tz,
            Zone::Floating {} => device_tz,
        }
    }
}

/// Local dates, both ends included, that a revision of a plan holds for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
}

impl Dates {
    pub(super) const ALL: Self = Self {
        first: NaiveDate::MIN,
        last: NaiveDate::MAX,
    };

    pub(super) fn contain(self, date: NaiveDate) -> bool {
        (self.first..=self.last).contains(&date)
    }
}

/// Seconds since 1970, rounded up.
pub(super) fn ceil_seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}

/// An occurrence whose texts are still the schedule's: what an [`Occurrence`] is made from, without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due<'a> {
    /// Its identity.
    pub key: DueKey<'a>,
    /// When it is due.
    pub due: DateTime<Utc>,
    /// The same instant on the schedule's local clock.
    pub local: DateTime<FixedOffset>,
    /// How much; none where the patient enters it.
    pub amount: Option<&'a Quantity>,
}

/// The identity of a [`Due`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKey<'a> {
    /// Of a wall rule.
    Wall {
        /// The local date that the rule names.
        date: NaiveDate,
        /// The slot.
        slot: &'a str,
    },
    /// Of an elapsed rule.
    Elapsed {
        /// The revision of the plan.
        revision: u32,
        /// The place in the chain.
        number: u64,
    },
}

impl Due<'_> {
    /// The occurrence, with texts of its own.
    pub fn occurrence(&self) -> Occurrence {
        let (id, slot) = match self.key {
            DueKey::Wall { date, slot } => {
                let slot = slot.to_owned();
                (
                    OccurrenceKey::Wall {
                        date,
                        slot: slot.clone(),
                    },
                    Some(slot),
                )
            }
            DueKey::Elapsed { revision, number } => (OccurrenceKey::Elapsed { revision, number }, None),
        };
        Occurrence {
            id,
            due: self.due,
            local: self.local,
            slot,
            amount: self.amount.cloned(),
        }
    }
}

/// The due times of a schedule, made as they are asked for.
pub struct Dues<'a>(Kind<'a>);

enum Kind<'a> {
    Wall(Wall<'a>),
    Elapsed(Elapsed<'a>),
    None,
}

impl<'a> Iterator for Dues<'a> {
    type Item = Due<'a>;

    #[inline]
    fn next(&mut self) -> Option<Due<'a>> {
        match &mut self.0 {
            Kind::Wall(wall) => wall.next(),
            Kind::Elapsed(elapsed) => elapsed.next(),
            Kind::None => None,
        }
    }
}

/// The occurrences of a schedule, made as they are asked for.
pub struct Expansion<'a>(Dues<'a>);

impl Iterator for Expansion<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        self.0.next().map(|due| due.occurrence())
    }
}

/// The occurrences of `schedule` with `range.start <= due < range.end`, ascending by due, then in the order of `times`.
///
/// For a rule that counts from the last dose taken, these are the ones to come: the first at the last dose taken or
/// skipped plus the distance, at the anchor where there is none yet, and then on as if each were taken when due. Each
/// dose so far counts for `max_count`. The past of such a rule, with its answers, is [`super::plan_answered`]'s.
pub fn expand<'a>(schedule: &'a Schedule, range: Range<DateTime<Utc>>, context: &Context<'_>) -> Expansion<'a> {
    Expansion(dues(schedule, range, context))
}

/// [`expand`] without a copy of any text: for whoever only counts, or looks for the next instant.
pub fn dues<'a>(schedule: &'a Schedule, range: Range<DateTime<Utc>>, context: &Context<'_>) -> Dues<'a> {
    let last = context.taken.iter().chain(context.skipped).max();
    let known = last.map_or(Known::Nothing, |at| Known::Last {
        at: *at,
        count: (context.taken.len() + context.skipped.len()) as u64,
    });
    expand_within(
        schedule,
        range,
        context.device_tz,
        (context.revision, Dates::ALL),
        &known,
    )
}

/// [`expand`], on the local dates of one revision and with what is known of a chain.
pub(super) fn expand_within<'a>(
    schedule: &'a Schedule,
    range: Range<DateTime<Utc>>,
    device_tz: Tz,
    (revision, dates): (u32, Dates),
    known: &Known<'_>,
) -> Dues<'a> {
    let clock = Clock::new(schedule.tz(device_tz));
    Dues(match &schedule.rule {
        Rule::Wall { times, days } => Kind::Wall(Wall::new(schedule, (times, days), range, clock, dates)),
        Rule::Elapsed {
            every_min,
            anchor,
            from,
            daily,
        } => {
            let known = match from {
                ElapsedFrom::LastTaken => known,
                ElapsedFrom::Scheduled => &Known::Nothing,
            };
            let rule = (*every_min, *anchor, *daily);
            Kind::Elapsed(Elapsed::new(schedule, rule, range, clock, (revision, dates), known))
        }
        Rule::After { .. } | Rule::AsNeeded { .. } => Kind::None,
    })
}

/// [`expand`], collected.
pub fn occurrences(schedule: &Schedule, range: Range<DateTime<Utc>>, context: &Context<'_>) -> Vec<Occurrence> {
    expand(schedule, range, context).collect()
}
