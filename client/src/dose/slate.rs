//! What is due in a range of time, with the state of each dose: the one source of every screen, reminder and measure.

use std::ops::Range;

use chrono::{DateTime, Duration, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::{DoseAct, DoseEvent, DoseState, fold},
    id::DoseEventId,
    order,
    record::{Medication, MedicationStatus, Revision},
    schedule::{Answer, ElapsedFrom, Occurrence, OccurrenceKey, Rule, Window, misses_at, plan_answered},
};

use super::time::{after, before, day_start};
use crate::{
    replica::{Chart, Doses},
    view::{Mark, Timing},
};

/// The default of `miss_after` is at most four hours or half the gap, so a next dose further away than this does not
/// matter.
const GAP_THAT_MATTERS: TimeDelta = Duration::hours(9);

/// How long a dose stays open after a reminder that was put off.
const AFTER_SNOOZE: TimeDelta = Duration::minutes(30);

/// One due dose.
pub(crate) struct Due<'a> {
    pub(crate) medication: &'a Medication,
    pub(crate) occurrence: Occurrence,
    pub(crate) window: Window,
    pub(crate) misses_at: DateTime<Utc>,
    pub(crate) state: DoseState,
    pub(crate) events: Vec<&'a DoseEvent>,
}

/// The doses of `medication` that are due in `range`, ascending.
pub(crate) fn due<'a>(
    chart: &'a Chart,
    medication: &'a Medication,
    range: Range<DateTime<Utc>>,
    device_zone: Tz,
) -> Vec<Due<'a>> {
    let doses = chart.doses(medication.id);
    let answers = match doses {
        Some(doses) if counts_from_last(medication) => answers(doses),
        _ => Vec::new(),
    };
    let to = range.end;
    let occurrences = plan_answered(medication, range.start..to + GAP_THAT_MATTERS, device_zone, &answers);
    let dues: Vec<_> = occurrences.iter().map(|occurrence| occurrence.due).collect();
    occurrences
        .into_iter()
        .enumerate()
        .take_while(|(_, occurrence)| occurrence.due < to)
        .filter_map(|(place, occurrence)| {
            let window = revision(medication, &occurrence)?.schedule.window;
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
                misses_at,
                state,
                events,
            })
        })
        .collect()
}

/// The doses of every medication that are due in `range`, by due time, then in the order the medications were added.
pub(crate) fn all_due(chart: &Chart, range: Range<DateTime<Utc>>, device_zone: Tz) -> Vec<Due<'_>> {
    let mut all: Vec<_> = chart
        .medications()
        .flat_map(|medication| due(chart, medication, range.clone(), device_zone))
        .collect();
    order::by_key(&mut all, |due| due.occurrence.due);
    all
}

/// The dose that an identity names, wherever in the plan it lies.
pub(crate) fn find<'a>(
    chart: &'a Chart,
    medication: &'a Medication,
    key: &OccurrenceKey,
    now: DateTime<Utc>,
    device_zone: Tz,
) -> Option<Due<'a>> {
    let within = |range| {
        due(chart, medication, range, device_zone)
            .into_iter()
            .find(|due| due.occurrence.id == *key)
    };
    match key {
        OccurrenceKey::Wall { date, .. } => {
            within(day_start(before(*date, 1), Tz::UTC)..day_start(after(*date, 3), Tz::UTC))
        }
        OccurrenceKey::Elapsed { .. } => within(now - Duration::days(7)..now + Duration::days(7)).or_else(|| {
            let first = medication.plan.iter().map(|revision| revision.from).min()?;
            within(day_start(before(first, 2), Tz::UTC)..now + Duration::days(366))
        }),
    }
}

impl Due<'_> {
    /// When its time is over. A reminder that was put off close to the end still gets its turn.
    pub(crate) fn ends(&self) -> DateTime<Utc> {
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
    pub(crate) fn timing(&self, now: DateTime<Utc>) -> Timing {
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
    pub(crate) const fn open(&self) -> bool {
        match self.state {
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Snoozed { .. } => true,
            DoseState::Taken { .. } | DoseState::Skipped { .. } | DoseState::Missed {} | DoseState::Held {} => false,
        }
    }

    /// Whether the medication was there already when the dose was due. One added at noon has no missed morning.
    pub(crate) fn expected(&self) -> bool {
        self.medication
            .authored
            .is_none_or(|authored| authored <= self.occurrence.due)
    }

    /// Whether it counts for a measure at `now`: its time is over, or its end is known.
    pub(crate) fn closed(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            DoseState::Taken { .. } | DoseState::Skipped { .. } => true,
            DoseState::Missed {} | DoseState::NotNotified {} | DoseState::Held {} => self.misses_at <= now,
            DoseState::Scheduled {} | DoseState::Notified {} | DoseState::Snoozed { .. } => {
                self.expected() && self.ends() <= now
            }
        }
    }

    /// The entry that an undo takes back.
    pub(crate) fn entry(&self) -> Option<DoseEventId> {
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
    pub(crate) const fn mark(&self) -> Mark {
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
fn revision<'a>(medication: &'a Medication, occurrence: &Occurrence) -> Option<&'a Revision> {
    match &occurrence.id {
        OccurrenceKey::Elapsed { revision: number, .. } => {
            medication.plan.iter().find(|revision| revision.number == *number)
        }
        OccurrenceKey::Wall { date, .. } => revision_on(medication, *date),
    }
}

/// The revision that holds on a local date.
pub(crate) fn revision_on(medication: &Medication, date: NaiveDate) -> Option<&Revision> {
    medication
        .plan
        .iter()
        .filter(|revision| revision.from <= date)
        .max_by_key(|revision| (revision.from, revision.number))
}

/// The revision that holds on a local date, or the first that is still to come.
pub(crate) fn revision_now(medication: &Medication, today: NaiveDate) -> Option<&Revision> {
    revision_on(medication, today).or_else(|| {
        medication
            .plan
            .iter()
            .min_by_key(|revision| (revision.from, revision.number))
    })
}

/// Whether the medication is being taken on a local date.
pub(crate) fn is_active(medication: &Medication, today: NaiveDate) -> bool {
    match medication.status {
        MedicationStatus::Active {} => true,
        MedicationStatus::Stopped { from } => today < from,
    }
}

fn counts_from_last(medication: &Medication) -> bool {
    medication.plan.iter().any(|revision| {
        matches!(
            revision.schedule.rule,
            Rule::Elapsed {
                from: ElapsedFrom::LastTaken,
                ..
            }
        )
    })
}

/// The doses that a chain counts from.
fn answers(doses: &Doses) -> Vec<Answer> {
    let ever = DateTime::<Utc>::UNIX_EPOCH;
    doses
        .taken(ever)
        .into_iter()
        .chain(doses.skipped(ever))
        .map(|event| Answer {
            occurrence: event.occurrence.clone(),
            at: event.at.to_utc(),
        })
        .collect()
}

fn minutes(minutes: u32) -> TimeDelta {
    Duration::minutes(i64::from(minutes))
}

fn whole_minutes(time: TimeDelta) -> u32 {
    u32::try_from(time.num_minutes()).unwrap_or(0)
}
