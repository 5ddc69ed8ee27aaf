//! What is due in a range of time, with the state of each dose: the one source of every screen, reminder, measure and
//! watch.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use super::planned::{counts_from_last, unfollowed};
use super::{DoseAct, DoseEvent, DoseState, Doses, fold, planned::planned};
use crate::{
    id::{DoseEventId, MedicationId},
    order,
    record::{Medication, MedicationStatus, Revision},
    schedule::{
        Occurrence, OccurrenceKey, Window,
        after::{self, Planned},
        misses_at,
    },
    travel::Zones,
    zone,
};

/// A patient's medications and the record of their doses: what a slate is made from.
pub trait Regimen {
    /// The zones that their floating schedules are read in.
    fn zones(&self) -> Zones<'_>;
    /// One medication.
    fn medication(&self, id: MedicationId) -> Option<&Medication>;
    /// All medications, in the order they were added.
    fn medications(&self) -> impl Iterator<Item = &Medication>;
    /// The record of a medication's doses; none where there are no entries.
    fn doses(&self, medication: MedicationId) -> Option<&Doses>;
}

/// The default of `miss_after` is at most four hours or half the gap, so a next dose further away than this does not
/// matter.
const GAP_THAT_MATTERS: TimeDelta = TimeDelta::hours(9);

/// How long a dose stays open after a reminder that was put off.
const AFTER_SNOOZE: TimeDelta = TimeDelta::minutes(30);

/// One due dose.
#[derive(Clone, Debug)]
pub struct Due<'a> {
    /// The medication.
    pub medication: &'a Medication,
    /// When, and how much.
    pub occurrence: Occurrence,
    /// How early and how late it may be.
    pub window: Window,
    /// From when on doses of its revision are expected.
    since: Option<DateTime<Utc>>,
    /// When it counts as missed.
    pub misses_at: DateTime<Utc>,
    /// What became of it.
    pub state: DoseState,
    /// The entries that say so.
    pub events: Vec<&'a DoseEvent>,
}

/// How a dose stands against the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// To come, in so many minutes.
    Ahead {
        /// Minutes.
        minutes: u32,
    },
    /// Within its window.
    Due {},
    /// Past its window by so many minutes, not yet missed.
    Late {
        /// Minutes past due.
        minutes: u32,
    },
    /// Past `miss_after`, whether or not a *missed* entry is there already.
    Past {},
}

/// How a dose came out, for a dot with a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Taken in time.
    Taken,
    /// Taken late.
    TakenLate,
    /// Left out on purpose.
    Skipped,
    /// Missed.
    Missed,
    /// The device could not remind.
    NotNotified,
    /// Held.
    Held,
    /// Still to come, or open.
    Open,
}

/// The doses of `medication` that are due in `range`, ascending.
pub fn due<'a>(regimen: &'a impl Regimen, medication: &'a Medication, range: Range<DateTime<Utc>>) -> Vec<Due<'a>> {
    let doses = regimen.doses(medication.id);
    let to = range.end;
    let planned = planned(regimen, medication, range.start..to + GAP_THAT_MATTERS);
    let dues: Vec<_> = planned.iter().map(|planned| planned.occurrence.due).collect();
    planned
        .into_iter()
        .enumerate()
        .take_while(|(_, planned)| planned.occurrence.due < to)
        .filter_map(|(place, planned)| {
            let revision = revision(medication, &planned)?;
            let window = revision.schedule.window;
            let occurrence = planned.occurrence;
            let next = dues
                .iter()
                .skip(place + 1)
                .find(|next| **next > occurrence.due)
                .copied();
            let misses_at = misses_at(occurrence.due, next, &window);
            let events = doses.map(|doses| doses.of(&occurrence.id)).unwrap_or_default();
            let state = fold(&events, misses_at);
            Some(Due {
                medication,
                occurrence,
                window,
                since: revision.since,
                misses_at,
                state,
                events,
            })
        })
        .collect()
}

/// The doses of every medication that are due in `range`, by due time, then in the order the medications were added.
pub fn all_due(regimen: &impl Regimen, range: Range<DateTime<Utc>>) -> Vec<Due<'_>> {
    let mut all: Vec<_> = regimen
        .medications()
        .flat_map(|medication| due(regimen, medication, range.clone()))
        .collect();
    order::by_key(&mut all, |due| due.occurrence.due);
    all
}

/// The dose that an identity names, wherever in the plan it lies.
pub fn find<'a>(
    regimen: &'a impl Regimen,
    medication: &'a Medication,
    key: &OccurrenceKey,
    now: DateTime<Utc>,
) -> Option<Due<'a>> {
    let within = |range| {
        due(regimen, medication, range)
            .into_iter()
            .find(|due| due.occurrence.id == *key)
    };
    match key {
        OccurrenceKey::Wall { date, .. } => within(days_from(*date, -1)..days_from(*date, 3)),
        OccurrenceKey::Elapsed { .. } => within(now - TimeDelta::days(7)..now + TimeDelta::days(7)).or_else(|| {
            let first = medication.plan.iter().map(|revision| revision.from).min()?;
            within(days_from(first, -2)..now + TimeDelta::days(366))
        }),
        OccurrenceKey::After {
            medication: leader,
            leader: key,
        } => {
            let found = find(regimen, regimen.medication(*leader)?, key, now)?;
            let (least, most) = after::delays(medication, *leader)?;
            let due = found.occurrence.due;
            let taken = match found.state {
                DoseState::Taken { at, .. } => at.to_utc(),
                DoseState::Scheduled {}
                | DoseState::Notified {}
                | DoseState::NotNotified {}
                | DoseState::Snoozed { .. }
                | DoseState::Skipped { .. }
                | DoseState::Missed {}
                | DoseState::Held {} => due,
            };
            within(due.min(taken) + least..due.max(taken) + most + TimeDelta::seconds(1))
        }
    }
}

impl Due<'_> {
    /// When its time is over. A reminder that was put off close to the end still gets its turn.
    pub fn ends(&self) -> DateTime<Utc> {
        match self.state {
            DoseState::Snoozed { until } => self.misses_at.max(until + AFTER_SNOOZE),
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Taken { .. }
            | DoseState::Skipped { .. }
            | DoseState::Missed {}
            | DoseState::Held {} => self.misses_at,
        }
    }

    /// How it stands against the clock.
    pub fn timing(&self, now: DateTime<Utc>) -> Timing {
        let due = self.occurrence.due;
        if now >= self.ends() {
            Timing::Past {}
        } else if now < due - minutes(self.window.early_min) {
            Timing::Ahead {
                minutes: whole_minutes(due - now),
            }
        } else if now <= due + minutes(self.window.late_min) {
            Timing::Due {}
        } else {
            Timing::Late {
                minutes: whole_minutes(now - due),
            }
        }
    }

    /// Whether nothing says yet what became of the dose.
    pub const fn open(&self) -> bool {
        match self.state {
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Snoozed { .. } => true,
            DoseState::Taken { .. } | DoseState::Skipped { .. } | DoseState::Missed {} | DoseState::Held {} => false,
        }
    }

    /// Whether the medication and its times were there already when the dose was due. What is added at noon has no missed
    /// morning.
    pub fn expected(&self) -> bool {
        [self.medication.authored, self.since]
            .into_iter()
            .flatten()
            .all(|known| known <= self.occurrence.due)
    }

    /// Whether it counts for a measure at `now`: its time is over, or its end is known.
    pub fn closed(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            DoseState::Taken { .. } | DoseState::Skipped { .. } => true,
            DoseState::Missed {} | DoseState::NotNotified {} | DoseState::Held {} => self.misses_at <= now,
            DoseState::Scheduled {} | DoseState::Notified {} | DoseState::Snoozed { .. } => {
                self.expected() && self.ends() <= now
            }
        }
    }

    /// The entry that an undo takes back.
    pub fn entry(&self) -> Option<DoseEventId> {
        match &self.state {
            DoseState::Taken { event, .. } | DoseState::Skipped { event, .. } => Some(*event),
            DoseState::Snoozed { until } => self
                .events
                .iter()
                .find(|event| matches!(event.what, DoseAct::Snoozed { until: other } if other == *until))
                .map(|event| event.id),
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Missed {}
            | DoseState::Held {} => None,
        }
    }

    /// Its dot.
    pub const fn mark(&self) -> Mark {
        match &self.state {
            DoseState::Taken { late: false, .. } => Mark::Taken,
            DoseState::Taken { late: true, .. } => Mark::TakenLate,
            DoseState::Skipped { .. } => Mark::Skipped,
            DoseState::Missed {} => Mark::Missed,
            DoseState::NotNotified {} => Mark::NotNotified,
            DoseState::Held {} => Mark::Held,
            DoseState::Scheduled {} | DoseState::Notified {} | DoseState::Snoozed { .. } => Mark::Open,
        }
    }
}

/// The revision that an occurrence comes from.
fn revision<'a>(medication: &'a Medication, planned: &Planned) -> Option<&'a Revision> {
    match &planned.occurrence.id {
        OccurrenceKey::Elapsed { revision: number, .. } => {
            medication.plan.iter().find(|revision| revision.number == *number)
        }
        OccurrenceKey::Wall { .. } | OccurrenceKey::After { .. } => revision_on(medication, planned.day),
    }
}

/// The revision that holds on a local date.
pub fn revision_on(medication: &Medication, date: NaiveDate) -> Option<&Revision> {
    medication
        .plan
        .iter()
        .filter(|revision| revision.from <= date)
        .max_by_key(|revision| (revision.from, revision.number))
}

/// The revision that holds on a local date, or the first that is still to come.
pub fn revision_now(medication: &Medication, today: NaiveDate) -> Option<&Revision> {
    revision_on(medication, today).or_else(|| {
        medication
            .plan
            .iter()
            .min_by_key(|revision| (revision.from, revision.number))
    })
}

/// Whether the medication is being taken on a local date.
pub fn is_active(medication: &Medication, today: NaiveDate) -> bool {
    match medication.status {
        MedicationStatus::Active {} => true,
        MedicationStatus::Stopped { from } => today < from,
    }
}

fn minutes(minutes: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

fn whole_minutes(time: TimeDelta) -> u32 {
    u32::try_from(time.num_minutes()).unwrap_or(0)
}

/// Midnight in UTC, so many days from `date`.
pub(super) fn days_from(date: NaiveDate, days: i64) -> DateTime<Utc> {
    let date = date.checked_add_signed(TimeDelta::days(days)).unwrap_or(date);
    zone::day_start(Tz::UTC, date)
}
