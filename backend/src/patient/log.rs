//! What the record of doses says of one medication, or of several together, over a range of local dates.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, Utc};
use doseline_shared::{
    dose::{
        DoseState,
        slate::{Regimen, due},
    },
    record::{Medication, MedicationStatus},
    schedule::Occurrence,
    zone,
};

use crate::chart::Chart;

/// The doses of a range.
#[derive(Default)]
pub struct Log {
    /// Occurrences whose time is over, each with its state.
    pub closed: Vec<(Occurrence, DoseState)>,
    /// The local dates of the doses taken beside them.
    pub extra: Vec<NaiveDate>,
    /// The local dates of all doses taken.
    pub taken: Vec<NaiveDate>,
    /// The local dates that are over and on which the medication was to be taken.
    pub days: Option<Range<NaiveDate>>,
}

/// Whether it has times to be taken at, now or before.
pub fn has_times(medication: &Medication) -> bool {
    medication.plan.iter().any(|revision| !revision.schedule.is_as_needed())
}

pub fn after(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

impl Log {
    /// The doses of `medication` from local date `from` to `to`, inclusive, as far as they are over at `now`.
    pub fn of(chart: &Chart, medication: &Medication, from: NaiveDate, to: NaiveDate, now: DateTime<Utc>) -> Self {
        let tz = chart.zone();
        let range = zone::span(tz, from, to);
        let closed = due(chart, medication, range.clone())
            .into_iter()
            .filter(|due| due.closed(now))
            .map(|due| (due.occurrence, due.state))
            .collect();
        let taken: Vec<_> = chart
            .doses(medication.id)
            .map(|doses| doses.taken(range.start))
            .unwrap_or_default()
            .into_iter()
            .filter(|event| event.at < range.end)
            .map(|event| (zone::date(tz, event.at.to_utc()), event.occurrence.is_none()))
            .collect();
        let scheduled = medication.is_scheduled();
        Self {
            closed,
            extra: taken
                .iter()
                .filter(|(_, beside)| scheduled && *beside)
                .map(|(date, _)| *date)
                .collect(),
            taken: taken.into_iter().map(|(date, _)| date).collect(),
            days: days(chart, medication, from..after(to), now),
        }
    }

    /// Takes in the doses of another medication.
    pub fn extend(&mut self, other: Self) {
        self.closed.extend(other.closed);
        self.extra.extend(other.extra);
        self.taken.extend(other.taken);
        self.days = match (self.days.take(), other.days) {
            (Some(one), Some(other)) => Some(one.start.min(other.start)..one.end.max(other.end)),
            (one, other) => one.or(other),
        };
    }
}

fn days(
    chart: &Chart,
    medication: &Medication,
    asked: Range<NaiveDate>,
    now: DateTime<Utc>,
) -> Option<Range<NaiveDate>> {
    let first = medication.begins()?;
    let authored = medication.authored.map(|at| zone::date(chart.zone(), at));
    let last = medication
        .plan
        .iter()
        .max_by_key(|revision| (revision.from, revision.number))?;
    let stopped = match medication.status {
        MedicationStatus::Active {} => None,
        MedicationStatus::Stopped { from } => Some(from),
    };
    let start = asked.start.max(first).max(authored.unwrap_or(first));
    let ends = [Some(chart.today(now)), stopped, last.schedule.end.map(after)];
    let end = ends.into_iter().flatten().fold(asked.end, NaiveDate::min);
    (start < end).then_some(start..end)
}
