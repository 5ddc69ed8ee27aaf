//! The occurrences of a medication among the others of a patient: its own, and those that follow another's doses.
//!
//! Owns which of a leader's occurrences have to be looked at. What follows from each is [`after`]'s.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    DoseState, Doses, fold,
    slate::{Regimen, days_from},
};
use crate::{
    id::MedicationId,
    record::Medication,
    schedule::{
        ElapsedFrom, OccurrenceKey, Rule,
        after::{self, Planned, Unfollowed},
        plan_answered,
    },
};

/// How far the due time in an entry can be from the one in the plan.
const MOVED: TimeDelta = TimeDelta::days(2);

/// Why a medication that follows another has no due times.
pub fn unfollowed(regimen: &impl Regimen, medication: &Medication) -> Option<Unfollowed> {
    after::unfollowed(medication, |id| regimen.medication(id))
}

/// The occurrences of `medication` that are due in `range`, ascending, those that follow another medication among them.
pub(super) fn planned(regimen: &impl Regimen, medication: &Medication, range: Range<DateTime<Utc>>) -> Vec<Planned> {
    let leaders = after::leaders(medication);
    // A leader that has no times now may have had them.
    let followed = match unfollowed(regimen, medication) {
        None | Some(Unfollowed::Missing | Unfollowed::AsNeeded) => !leaders.is_empty(),
        Some(Unfollowed::Cycle | Unfollowed::TooLong) => false,
    };
    planned_checked(regimen, medication, range, followed.then_some(leaders))
}

/// [`planned`], of what follows nothing that it cannot follow.
fn planned_checked(
    regimen: &impl Regimen,
    medication: &Medication,
    range: Range<DateTime<Utc>>,
    leaders: Option<Vec<MedicationId>>,
) -> Vec<Planned> {
    let answers = match regimen.doses(medication.id) {
        Some(doses) if counts_from_last(medication) => doses.answers(),
        _ => Vec::new(),
    };
    let own = plan_answered(medication, range.clone(), regimen.zones(), &answers);
    let mut all: Vec<_> = own.into_iter().map(Planned::own).collect();
    for id in leaders.into_iter().flatten() {
        let (Some(leader), Some(delays)) = (regimen.medication(id), after::delays(medication, id)) else {
            continue;
        };
        let doses = regimen.doses(id);
        let lead = planned_checked(
            regimen,
            leader,
            lead_range(medication, id, doses, &range, delays),
            Some(after::leaders(leader)),
        );
        let taken = |key: &OccurrenceKey| match fold(&doses?.of(key), DateTime::<Utc>::MAX_UTC) {
            DoseState::Taken { at, .. } => Some(at.to_utc()),
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Snoozed { .. }
            | DoseState::Skipped { .. }
            | DoseState::Missed {}
            | DoseState::Held {} => None,
        };
        let followers = after::follow(medication, id, &lead, taken, regimen.zones());
        all.extend(
            followers
                .into_iter()
                .filter(|planned| range.contains(&planned.occurrence.due)),
        );
    }
    // Stable: the order of `times` stands.
    all.sort_by_key(|planned| planned.occurrence.due);
    all
}

/// When the leader's occurrences are due whose followers can be due in `range`: those one delay before it, those that were
/// taken one delay before it whenever they were due, and those that a limit counts.
fn lead_range(
    medication: &Medication,
    leader: MedicationId,
    doses: Option<&Doses>,
    range: &Range<DateTime<Utc>>,
    (least, most): (TimeDelta, TimeDelta),
) -> Range<DateTime<Utc>> {
    let (from, to) = (range.start - most, range.end - least);
    let (mut first, mut last) = (from, to);
    let taken = doses.map(|doses| doses.taken(from)).unwrap_or_default();
    for due in taken.iter().filter(|event| event.at < to).filter_map(|event| event.due) {
        first = first.min(due);
        last = last.max(due);
    }
    if let Some(counted) = after::counted_from(medication, leader) {
        first = first.min(days_from(counted, 0));
    }
    // What an entry says of its due time can be a little out, where the plan was edited since.
    first - MOVED..last + MOVED
}

/// Whether due times of the medication count from the last dose, so that every entry since the first one matters.
pub fn counts_from_last(medication: &Medication) -> bool {
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
