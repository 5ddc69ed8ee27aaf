//! Doses that follow another medication's: each of the leader's occurrences has one follower.
//!
//! Owns the rule of what follows what; which of the leader's doses were taken is the caller's to know.
//!
//! - **Identity:** the leader and its occurrence. An edit of the delay keeps it, a change of the leader does not.
//! - **Due:** when the leader was taken, plus the delay; where it was not, when the leader is due, plus the delay. A skip
//!   or a miss of the leader moves nothing and takes nothing away.
//! - **Dates:** a follower belongs to the local date of the occurrence at the head of its chain, as that one's schedule
//!   names it, and not to the date of its own due. So a dose taken late, or a change of the delay, neither loses a
//!   follower nor doubles it: `start`, `end`, the dates of revisions, the stop, and the days of a taper or a table all
//!   count that date. `max_count` counts the leader's occurrences from `start`, in the order in which they are due.
//! - **Chains** may be [`LONGEST`] medications long. A cycle gives no occurrences, a leader that is not there or is
//!   taken as needed none as long as that holds, and [`unfollowed`] says why. What was due before stays.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Occurrence, OccurrenceKey, Rule, Schedule};
use crate::{
    id::MedicationId,
    record::{Medication, MedicationStatus, Revision},
    travel::Zones,
    zone,
};

/// Most medications that follow one another, and most that one of them follows over its plan and theirs.
pub const LONGEST: usize = 8;

/// Why a medication that follows another has no due times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unfollowed {
    /// The leader is not among the patient's medications.
    #[error("is none of the patient's medications")]
    Missing,
    /// It follows itself, through others or at once.
    #[error("follows this one in its turn")]
    Cycle,
    /// The leader has no due times: it is taken as needed.
    #[error("is taken as needed and has no due times")]
    AsNeeded,
    /// The chain is too long.
    #[error("makes the chain of followers too long")]
    TooLong,
}

/// One occurrence of a plan, with the date that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The occurrence.
    pub occurrence: Occurrence,
    /// The local date that the head of its chain is named by; its own where it follows nothing.
    pub day: NaiveDate,
}

impl Planned {
    /// An occurrence that follows nothing.
    pub fn own(occurrence: Occurrence) -> Self {
        let day = occurrence.day();
        Self { occurrence, day }
    }
}

/// What `medication` follows over its plan, each once.
pub fn leaders(medication: &Medication) -> Vec<MedicationId> {
    let mut found = Vec::new();
    for revision in &medication.plan {
        if let Rule::After { schedule, .. } = revision.schedule.rule
            && !found.contains(&schedule)
        {
            found.push(schedule);
        }
    }
    found
}

/// Why `medication` cannot follow what its plan names; none where it can, or where it follows nothing.
pub fn unfollowed<'a>(
    medication: &Medication,
    lookup: impl Fn(MedicationId) -> Option<&'a Medication>,
) -> Option<Unfollowed> {
    check(medication.id, &leaders(medication), &lookup).err()
}

/// Whether a medication `id` may be given `schedule`.
///
/// # Errors
/// Why it cannot follow what the rule names.
pub fn may_follow<'a>(
    id: MedicationId,
    schedule: &Schedule,
    lookup: impl Fn(MedicationId) -> Option<&'a Medication>,
) -> Result<(), Unfollowed> {
    match schedule.rule {
        Rule::After { schedule, .. } => check(id, &[schedule], &lookup),
        Rule::Wall { .. } | Rule::Elapsed { .. } | Rule::AsNeeded { .. } => Ok(()),
    }
}

/// Goes up from `leaders`, one rank after another, to the end: a cycle stands above what only lacks due times.
fn check<'a>(
    id: MedicationId,
    leaders: &[MedicationId],
    lookup: &impl Fn(MedicationId) -> Option<&'a Medication>,
) -> Result<(), Unfollowed> {
    let mut rank = leaders.to_vec();
    let mut visited = 0;
    let mut without_times = Ok(());
    for _ in 0..LONGEST {
        let mut above = Vec::new();
        for leader in rank {
            visited += 1;
            if visited > LONGEST {
                return Err(Unfollowed::TooLong);
            }
            if leader == id {
                return Err(Unfollowed::Cycle);
            }
            let Some(leader) = lookup(leader) else {
                without_times = without_times.and(Err(Unfollowed::Missing));
                continue;
            };
            let last = leader
                .plan
                .iter()
                .max_by_key(|revision| (revision.from, revision.number));
            if last.is_some_and(|last| last.schedule.is_as_needed()) {
                without_times = without_times.and(Err(Unfollowed::AsNeeded));
            }
            above.extend(self::leaders(leader));
        }
        if above.is_empty() {
            return without_times;
        }
        rank = above;
    }
    // A cycle further up, which this one hangs on, never ends either.
    Err(Unfollowed::TooLong)
}

/// The revision of `medication` that holds on `day`; none before the first and from the stop on.
pub(crate) fn revision_for(medication: &Medication, day: NaiveDate) -> Option<&Revision> {
    if let MedicationStatus::Stopped { from } = medication.status
        && from <= day
    {
        return None;
    }
    let begun = medication.plan.iter().filter(|revision| revision.from <= day);
    begun.max_by_key(|revision| (revision.from, revision.number))
}

/// The least and the greatest delay after `leader`, over the plan.
pub fn delays(medication: &Medication, leader: MedicationId) -> Option<(TimeDelta, TimeDelta)> {
    let mut all = medication
        .plan
        .iter()
        .filter_map(|revision| match revision.schedule.rule {
            Rule::After { schedule, delay_min } if schedule == leader => Some(TimeDelta::minutes(i64::from(delay_min))),
            Rule::After { .. } | Rule::Wall { .. } | Rule::Elapsed { .. } | Rule::AsNeeded { .. } => None,
        });
    let first = all.next()?;
    Some(all.fold((first, first), |(least, most), delay| {
        (least.min(delay), most.max(delay))
    }))
}

/// The first date from which the leader's occurrences have to be known for `max_count`; none where nothing is counted.
pub fn counted_from(medication: &Medication, leader: MedicationId) -> Option<NaiveDate> {
    let counted = medication.plan.iter().filter(|revision| {
        let of_leader = matches!(revision.schedule.rule, Rule::After { schedule, .. } if schedule == leader);
        of_leader && revision.schedule.max_count.is_some()
    });
    counted.map(|revision| revision.schedule.start).min()
}

/// The followers, in `medication`, of the occurrences `lead` of its leader, ascending by due. `lead` ascends by due and
/// begins no later than [`counted_from`]; `taken` says when one of them was taken.
pub fn follow(
    medication: &Medication,
    leader: MedicationId,
    lead: &[Planned],
    taken: impl Fn(&OccurrenceKey) -> Option<DateTime<Utc>>,
    zones: Zones<'_>,
) -> Vec<Planned> {
    let mut counts: Vec<(u32, u32)> = Vec::new();
    let mut found = Vec::new();
    for planned in lead {
        // Every limit counts the whole of its own run, also on the dates of another revision.
        for revision in &medication.plan {
            if revision.schedule.start <= planned.day {
                match counts.iter_mut().find(|(number, _)| *number == revision.number) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((revision.number, 1)),
                }
            }
        }
        let Some(revision) = revision_for(medication, planned.day) else {
            continue;
        };
        let Rule::After { schedule, delay_min } = revision.schedule.rule else {
            continue;
        };
        let Schedule {
            start, end, max_count, ..
        } = revision.schedule;
        let count = counts.iter().find(|(number, _)| *number == revision.number);
        let bounded = planned.day < start
            || end.is_some_and(|end| end < planned.day)
            || max_count.is_some_and(|most| count.is_some_and(|(_, count)| most < *count));
        if schedule != leader || bounded {
            continue;
        }
        let from = taken(&planned.occurrence.id).unwrap_or(planned.occurrence.due);
        let Some(due) = from.checked_add_signed(TimeDelta::minutes(i64::from(delay_min))) else {
            continue;
        };
        found.push(Planned {
            occurrence: Occurrence {
                id: OccurrenceKey::After {
                    medication: leader,
                    leader: Box::new(planned.occurrence.id.clone()),
                },
                due,
                local: zone::local(revision.schedule.tz(zones.at(due)), due),
                slot: None,
                amount: revision.schedule.dose.amount_on(planned.day, start).cloned(),
            },
            day: planned.day,
        });
    }
    found.sort_by_key(|planned| planned.occurrence.due);
    found
}
