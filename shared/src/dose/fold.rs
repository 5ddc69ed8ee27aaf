//! The state of one dose as a fold over its events.
//!
//! Owns the precedence between events. The fold depends on the set of events only: neither on their order nor on how
//! often one of them arrived.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{DoseAct, DoseEvent, DoseState};
use crate::{
    id::DoseEventId,
    schedule::{Answer, OccurrenceKey},
};

/// What `events`, all of one occurrence, say together. `misses_at` is the instant at which the dose counts as missed.
///
/// - An entry that a retraction names does not count. A retraction is not itself retracted: the dose is logged anew.
/// - *Taken* stands above all; of several, the one recorded first (then the one with the smaller id) is effective.
/// - *Skipped* stands above what is left, chosen in the same way.
/// - *Held* stands above what is left: the dose waits for an answer, and for as long it is nobody's miss.
/// - *Missed* stands above reminders, except where devices only failed to remind: that is never the patient's miss.
/// - Of reminders and snoozes, the one recorded last stands; a failed reminder only where none succeeded.
/// - A dose is *late* where it was taken at `misses_at` or after it, or logged after a device had recorded the miss.
pub fn fold(events: &[&DoseEvent], misses_at: DateTime<Utc>) -> DoseState {
    let stands = |event: &&&DoseEvent| {
        !events
            .iter()
            .any(|other| matches!(other.what, DoseAct::Retracted { event: id } if id == event.id))
    };
    let order = |event: &&&DoseEvent| (event.recorded_at, event.id);
    let standing = || events.iter().filter(stands);

    let missed = standing()
        .filter(|event| matches!(event.what, DoseAct::Missed {}))
        .min_by_key(order);
    let taken = standing()
        .filter(|event| matches!(event.what, DoseAct::Taken { .. }))
        .min_by_key(order);
    if let Some(event) = taken
        && let DoseAct::Taken { amount, .. } = &event.what
    {
        return DoseState::Taken {
            event: event.id,
            at: event.at,
            late: event.at >= misses_at || missed.is_some_and(|missed| missed.recorded_at <= event.recorded_at),
            amount: amount.clone(),
        };
    }
    let skipped = standing()
        .filter(|event| matches!(event.what, DoseAct::Skipped { .. }))
        .min_by_key(order);
    if let Some(event) = skipped
        && let DoseAct::Skipped { reason } = &event.what
    {
        return DoseState::Skipped {
            event: event.id,
            at: event.at,
            reason: reason.clone(),
        };
    }
    if standing().any(|event| matches!(event.what, DoseAct::Held {})) {
        return DoseState::Held {};
    }
    let reminded = standing()
        .filter(|event| matches!(event.what, DoseAct::Notified {} | DoseAct::Snoozed { .. }))
        .max_by_key(order);
    let failed = standing().any(|event| matches!(event.what, DoseAct::NotNotified { .. }));
    match (missed, reminded.map(|event| &event.what)) {
        (Some(_), None) if failed => DoseState::NotNotified {},
        (Some(_), _) => DoseState::Missed {},
        (None, Some(DoseAct::Snoozed { until })) => DoseState::Snoozed { until: *until },
        (None, Some(_)) => DoseState::Notified {},
        (None, None) if failed => DoseState::NotNotified {},
        (None, None) => DoseState::Scheduled {},
    }
}

/// As in the fold: taken before skipped, then the one recorded first, then the smaller id.
type Precedence = (bool, DateTime<Utc>, DoseEventId);

/// Which occurrences were taken or skipped, and when, and what was taken beside them, as the `events` of one medication
/// say: what [`plan_answered`](crate::schedule::plan_answered) needs to run a chain that counts from the last dose. The
/// order of events does not matter, nor do duplicates.
pub fn answers(events: &[&DoseEvent]) -> Vec<Answer> {
    let retracted = retracted(events);
    let mut beside = BTreeSet::new();
    let mut answers: BTreeMap<&OccurrenceKey, (Precedence, DateTime<Utc>)> = BTreeMap::new();
    for event in events.iter().filter(|event| !retracted.contains(&event.id)) {
        let skipped = match event.what {
            DoseAct::Taken { .. } => false,
            DoseAct::Skipped { .. } => true,
            DoseAct::Notified {}
            | DoseAct::NotNotified { .. }
            | DoseAct::Snoozed { .. }
            | DoseAct::Missed {}
            | DoseAct::Held {}
            | DoseAct::Retracted { .. } => continue,
        };
        let at = event.at.to_utc();
        match &event.occurrence {
            Some(occurrence) => {
                let answer = ((skipped, event.recorded_at, event.id), at);
                answers
                    .entry(occurrence)
                    .and_modify(|standing| *standing = (*standing).min(answer))
                    .or_insert(answer);
            }
            None if skipped => {}
            None => drop(beside.insert(at)),
        }
    }
    let answered = answers.into_iter().map(|(occurrence, (_, at))| Answer {
        occurrence: Some(occurrence.clone()),
        at,
    });
    let beside = beside.into_iter().map(|at| Answer { occurrence: None, at });
    answered.chain(beside).collect()
}

/// The entries that `events` take back.
pub(crate) fn retracted(events: &[&DoseEvent]) -> BTreeSet<DoseEventId> {
    events
        .iter()
        .filter_map(|event| match event.what {
            DoseAct::Retracted { event } => Some(event),
            DoseAct::Notified {}
            | DoseAct::NotNotified { .. }
            | DoseAct::Taken { .. }
            | DoseAct::Skipped { .. }
            | DoseAct::Snoozed { .. }
            | DoseAct::Missed {}
            | DoseAct::Held {} => None,
        })
        .collect()
}
