//! The occurrences of a medication: its revisions over time, and its end.
//!
//! An edit makes a new revision from a local date on. Each revision is expanded on its own dates only, from its `from` to
//! the day before the next one's, so that past occurrences are never recomputed. Of two revisions from one date, the one
//! with the higher number holds. A stopped medication has none from the date of its stop.

use std::{cmp::Reverse, ops::Range};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    Occurrence, OccurrenceKey,
    elapsed::Known,
    expand::{Dates, expand_within},
};
use crate::{
    order,
    record::{Medication, MedicationStatus, Revision},
    zone,
};

/// A dose taken or skipped, and when. A chain that counts from the last dose restarts there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// Which occurrence it answers; none for a dose taken beside the plan.
    pub occurrence: Option<OccurrenceKey>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The occurrences of `medication` with `range.start <= due < range.end`, ascending, where it is known when doses were
/// taken but not which occurrence each of them answered: each is held to answer the one that was due nearest to it. With
/// the events at hand, [`plan_answered`] knows better.
pub fn plan_occurrences(
    medication: &Medication,
    range: Range<DateTime<Utc>>,
    device_tz: Tz,
    taken: &[DateTime<Utc>],
) -> Vec<Occurrence> {
    let mut taken = taken.to_vec();
    order::by(&mut taken, Ord::cmp);
    each_revision(medication, device_tz, |revision, dates, tz| {
        let within = |at: &&DateTime<Utc>| dates.contain(zone::date(tz, **at));
        let taken: Vec<_> = taken.iter().filter(within).copied().collect();
        let known = Known::Instants(&taken);
        let number = revision.number;
        let dues = expand_within(&revision.schedule, range.clone(), device_tz, (number, dates), &known);
        dues.map(|due| due.occurrence()).collect()
    })
}

/// The occurrences of `medication` with `range.start <= due < range.end`, ascending; `answers` are the doses taken and
/// skipped, in any order, as `dose::answers` finds them in the events. Each occurrence that was answered keeps the due
/// time and the number under which it was; a dose taken beside the plan holds the next one off by the whole distance.
pub fn plan_answered(
    medication: &Medication,
    range: Range<DateTime<Utc>>,
    device_tz: Tz,
    answers: &[Answer],
) -> Vec<Occurrence> {
    let mut beside: Vec<_> = answers
        .iter()
        .filter(|answer| answer.occurrence.is_none())
        .map(|answer| answer.at)
        .collect();
    order::by(&mut beside, Ord::cmp);
    each_revision(medication, device_tz, |revision, dates, tz| {
        let mut answered: Vec<_> = answers
            .iter()
            .filter_map(|answer| match answer.occurrence.as_ref()? {
                OccurrenceKey::Elapsed { revision: of, number } if *of == revision.number => Some((*number, answer.at)),
                OccurrenceKey::Elapsed { .. } | OccurrenceKey::Wall { .. } | OccurrenceKey::After { .. } => None,
            })
            .collect();
        // Of two entries for one number the later counts: the next dose must not come too soon.
        order::by_key(&mut answered, |(number, at)| (*number, Reverse(*at)));
        answered.dedup_by_key(|(number, _)| *number);
        let within = |at: &&DateTime<Utc>| dates.contain(zone::date(tz, **at));
        let extra: Vec<_> = beside.iter().filter(within).copied().collect();
        let known = Known::Doses {
            answers: &answered,
            extra: &extra,
        };
        let number = revision.number;
        let dues = expand_within(&revision.schedule, range.clone(), device_tz, (number, dates), &known);
        dues.map(|due| due.occurrence()).collect()
    })
}

/// Expands each revision on its dates, and puts the results in order.
fn each_revision(
    medication: &Medication,
    device_tz: Tz,
    expand: impl Fn(&Revision, Dates, Tz) -> Vec<Occurrence>,
) -> Vec<Occurrence> {
    let mut plan: Vec<&Revision> = medication.plan.iter().collect();
    order::by_key(&mut plan, |revision| (revision.from, revision.number));
    let end = match medication.status {
        MedicationStatus::Active {} => NaiveDate::MAX,
        MedicationStatus::Stopped { from } => from.pred_opt().unwrap_or(NaiveDate::MIN),
    };
    let mut all = Vec::new();
    for (place, revision) in plan.iter().enumerate() {
        let next = plan.get(place + 1).and_then(|next| next.from.pred_opt());
        let dates = Dates {
            first: revision.from,
            last: next.map_or(end, |last| last.min(end)),
        };
        if dates.first <= dates.last {
            all.extend(expand(revision, dates, revision.schedule.tz(device_tz)));
        }
    }
    // Stable: within one revision, the order of `times` stands.
    order::by_key(&mut all, |occurrence| occurrence.due);
    all
}
