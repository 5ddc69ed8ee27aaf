//! The occurrences of a medication: its revisions over time, and its end.
//!
//! An edit makes a new revision from a local date on. Each revision is expanded on its own dates only, from its `from` to
//! the day before the next one's, so that past occurrences are never recomputed. Of two revisions from one date, the one
//! with the higher number holds. A stopped medication has none from the date of its stop.

use std::{cmp::Reverse, ops::Range};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    Occurrence, OccurrenceKey, Rule, Zone,
    elapsed::Known,
    expand::{Dates, expand_within},
};
use crate::{
    order,
    record::{Medication, MedicationStatus, Revision},
    travel::Zones,
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
    zones: Zones<'_>,
    taken: &[DateTime<Utc>],
) -> Vec<Occurrence> {
    let mut taken = taken.to_vec();
    order::by(&mut taken, Ord::cmp);
    each_revision(medication, zones, range, |revision, whole, stretch| {
        let within = |at: &&DateTime<Utc>| whole.contain(zone::date(stretch.tz, **at));
        let taken: Vec<_> = taken.iter().filter(within).copied().collect();
        let known = Known::Instants(&taken);
        let number = revision.number;
        let Stretch { range, dates, tz } = stretch;
        let dues = expand_within(&revision.schedule, range, tz, (number, dates), &known);
        dues.map(|due| due.occurrence()).collect()
    })
}

/// The occurrences of `medication` with `range.start <= due < range.end`, ascending; `answers` are the doses taken and
/// skipped, in any order, as `dose::answers` finds them in the events. Each occurrence that was answered keeps the due
/// time and the number under which it was; a dose taken beside the plan holds the next one off by the whole distance.
pub fn plan_answered(
    medication: &Medication,
    range: Range<DateTime<Utc>>,
    zones: Zones<'_>,
    answers: &[Answer],
) -> Vec<Occurrence> {
    let mut beside: Vec<_> = answers
        .iter()
        .filter(|answer| answer.occurrence.is_none())
        .map(|answer| answer.at)
        .collect();
    order::by(&mut beside, Ord::cmp);
    each_revision(medication, zones, range, |revision, whole, stretch| {
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
        let within = |at: &&DateTime<Utc>| whole.contain(zone::date(stretch.tz, **at));
        let extra: Vec<_> = beside.iter().filter(within).copied().collect();
        let known = Known::Doses {
            answers: &answered,
            extra: &extra,
        };
        let number = revision.number;
        let Stretch { range, dates, tz } = stretch;
        let dues = expand_within(&revision.schedule, range, tz, (number, dates), &known);
        dues.map(|due| due.occurrence()).collect()
    })
}

/// A part of a revision that is read in one zone.
struct Stretch {
    range: Range<DateTime<Utc>>,
    dates: Dates,
    tz: Tz,
}

/// Expands each revision on its dates, a floating one on each [`Stretch`] of them, and puts the results in order.
/// `expand` is given the dates of the whole revision too.
fn each_revision(
    medication: &Medication,
    zones: Zones<'_>,
    range: Range<DateTime<Utc>>,
    expand: impl Fn(&Revision, Dates, Stretch) -> Vec<Occurrence>,
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
        let whole = Dates {
            first: revision.from,
            last: next.map_or(end, |last| last.min(end)),
        };
        if whole.last < whole.first {
            continue;
        }
        for stretch in stretches(revision, whole, zones, &range) {
            all.extend(expand(revision, whole, stretch));
        }
    }
    // Stable: within one revision, the order of `times` stands.
    order::by_key(&mut all, |occurrence| occurrence.due);
    all
}

/// The stretches of a revision. Times on a clock change zones with a date, so that each date and slot comes once; a chain
/// in real time does at an instant, so that each of its instants comes once.
fn stretches(revision: &Revision, whole: Dates, zones: Zones<'_>, range: &Range<DateTime<Utc>>) -> Vec<Stretch> {
    if let Zone::Home { tz } = revision.schedule.zone {
        return vec![Stretch {
            range: range.clone(),
            dates: whole,
            tz,
        }];
    }
    let in_real_time = matches!(revision.schedule.rule, Rule::Elapsed { .. });
    let all = zones.stretches();
    let read = |(place, (first, tz)): (usize, &(NaiveDate, Tz))| {
        let next = all.get(place + 1).copied();
        if in_real_time {
            let begins = match place {
                0 => range.start,
                _ => zone::day_start(*tz, *first).max(range.start),
            };
            let ends = next.map_or(range.end, |(date, tz)| zone::day_start(tz, date).min(range.end));
            return Stretch {
                range: begins..ends,
                dates: whole,
                tz: *tz,
            };
        }
        let last = next.and_then(|(next, _)| next.pred_opt()).unwrap_or(NaiveDate::MAX);
        Stretch {
            range: range.clone(),
            dates: Dates {
                first: whole.first.max(*first),
                last: whole.last.min(last),
            },
            tz: *tz,
        }
    };
    let mut found: Vec<_> = all.iter().enumerate().map(read).collect();
    found.retain(|stretch| stretch.range.start < stretch.range.end && stretch.dates.first <= stretch.dates.last);
    found
}
