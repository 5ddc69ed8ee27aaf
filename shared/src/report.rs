//! What the record of doses says of a range of days, medicine by medicine: the figures of a report for the doctor.
//!
//! Counts and dates, no words. Nothing here is called PDC: it all comes from the record of doses.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    adherence::{Taking, taking},
    dose::{
        DoseAct, DoseEvent, DoseState,
        slate::{Due, Regimen, due},
    },
    id::MedicationId,
    record::{Medication, MedicationStatus, SideEffectEntry},
    side_effect::{SideEffect, side_effects},
    zone,
};

/// The longest range, in days: a year, whichever it is.
pub const MOST_DAYS: i64 = 366;

/// The longest range that is still a month: its report has two pages at most.
pub const MONTH_DAYS: i64 = 31;

/// What the record says of a range of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// First local date.
    pub from: NaiveDate,
    /// Last local date.
    pub to: NaiveDate,
    /// The scheduled doses of all medicines together.
    pub overall: Taking,
    /// Each medicine that was to be taken in the range, or was.
    pub medicines: Vec<MedicineReport>,
}

/// What it says of one medicine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MedicineReport {
    /// Which.
    pub medication: MedicationId,
    /// Its scheduled doses whose time is over.
    pub taking: Taking,
    /// Of those taken, the late ones.
    pub late: u32,
    /// What is to be said of single doses, by kind, then by date.
    pub notes: Vec<Stretch>,
    /// The doses taken as needed.
    pub as_needed: AsNeeded,
    /// Since when it is taken as it is now, where that is a date within the range and it was taken otherwise before.
    pub changed: Option<NaiveDate>,
}

/// The doses taken as needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AsNeeded {
    /// How many.
    pub doses: u32,
    /// On how many days.
    pub days: u32,
    /// The most on one day.
    pub most: u32,
    /// How many were above a limit.
    pub above_limit: u32,
}

/// What is to be said of a dose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// It was missed.
    Missed {},
    /// It was left out on purpose.
    Skipped {
        /// Why, where the patient said so.
        reason: Option<String>,
    },
    /// Nobody recorded what became of it.
    NoEntry {},
    /// The device could not remind, and nobody recorded what became of it.
    NotReminded {},
    /// It is held back until a clinic answers.
    Held {},
    /// It was taken late.
    Late {},
    /// It was taken beside the prescribed ones.
    Extra {},
}

/// Days in a row with the same to be said of the same times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stretch {
    /// What.
    pub note: Note,
    /// The first local date.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// When the doses were due, or where they were extra, taken; of one day.
    pub times: Vec<NaiveTime>,
}

/// Why there is no report of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeFault {
    /// There is no day in it that a record could be of.
    #[error("the range has no days")]
    NoDays,
    /// It is longer than [`MOST_DAYS`].
    #[error("the range is longer than {MOST_DAYS} days")]
    TooLong,
}

/// The dates of a report, of which none is to come.
///
/// # Errors
/// [`RangeFault`].
pub fn range(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> Result<RangeInclusive<NaiveDate>, RangeFault> {
    let to = to.min(today);
    if to < from || from.year() < 1900 {
        return Err(RangeFault::NoDays);
    }
    if (to - from).num_days() >= MOST_DAYS {
        return Err(RangeFault::TooLong);
    }
    Ok(from..=to)
}

/// The side effects that were felt on one of these local dates, those that began last first.
pub fn felt<'a>(
    entries: impl IntoIterator<Item = &'a SideEffectEntry>,
    dates: &RangeInclusive<NaiveDate>,
) -> Vec<SideEffect<'a>> {
    let mut all = side_effects(entries);
    all.retain(|felt| {
        let ended = felt
            .ended
            .is_some_and(|(first_without, _)| first_without <= *dates.start());
        felt.report.from <= *dates.end() && !ended
    });
    all
}

/// What the record says of these local dates, as far as the doses are over at `now`, on the clock that the patient is on.
pub fn report(regimen: &impl Regimen, dates: &RangeInclusive<NaiveDate>, now: DateTime<Utc>) -> Report {
    let medicines: Vec<MedicineReport> = regimen
        .medications()
        .filter_map(|medication| of_medicine(regimen, medication, dates, now))
        .collect();
    let mut overall = Taking::default();
    for medicine in &medicines {
        let counts = &medicine.taking;
        overall = Taking {
            prescribed: overall.prescribed + counts.prescribed,
            taken: overall.taken + counts.taken,
            skipped: overall.skipped + counts.skipped,
            missed: overall.missed + counts.missed,
            extra: overall.extra + counts.extra,
        };
    }
    Report {
        from: *dates.start(),
        to: *dates.end(),
        overall,
        medicines,
    }
}

fn of_medicine(
    regimen: &impl Regimen,
    medication: &Medication,
    dates: &RangeInclusive<NaiveDate>,
    now: DateTime<Utc>,
) -> Option<MedicineReport> {
    let tz = regimen.zones().at(now);
    let range = zone::span(tz, *dates.start(), *dates.end());
    let closed: Vec<Due<'_>> = due(regimen, medication, range.clone())
        .into_iter()
        .filter(|due| due.closed(now))
        .collect();
    let beside: Vec<&DoseEvent> = regimen
        .doses(medication.id)
        .map(|doses| doses.taken(range.start))
        .unwrap_or_default()
        .into_iter()
        .filter(|event| event.occurrence.is_none() && event.at < range.end)
        .collect();
    if closed.is_empty() && beside.is_empty() && !is_of(medication, dates) {
        return None;
    }
    let on_clock = |at: DateTime<Utc>| {
        let local = zone::local(tz, at);
        (local.date_naive(), local.time())
    };
    let mut said: BTreeMap<Note, BTreeMap<NaiveDate, BTreeSet<NaiveTime>>> = BTreeMap::new();
    let mut say = |note: Note, at: DateTime<Utc>| {
        let (date, time) = on_clock(at);
        said.entry(note).or_default().entry(date).or_default().insert(time);
    };
    for due in &closed {
        if let Some(note) = note_of(&due.state) {
            say(note, due.occurrence.due);
        }
    }
    let scheduled = medication.is_scheduled();
    let mut as_needed = AsNeeded::default();
    if scheduled {
        for event in &beside {
            say(Note::Extra {}, event.at.to_utc());
        }
    } else {
        as_needed = used(beside.iter().map(|event| (on_clock(event.at.to_utc()).0, *event)));
    }
    let extra = if scheduled { count(beside.len()) } else { 0 };
    let late = |due: &&Due<'_>| matches!(due.state, DoseState::Taken { late: true, .. });
    let late = count(closed.iter().filter(late).count());
    let states: Vec<_> = closed.into_iter().map(|due| (due.occurrence, due.state)).collect();
    Some(MedicineReport {
        medication: medication.id,
        taking: taking(&states, extra),
        late,
        notes: said
            .into_iter()
            .flat_map(|(note, days)| stretches(&note, days))
            .collect(),
        as_needed,
        changed: changed(medication, dates),
    })
}

/// What is to be said of a dose whose time is over; nothing of one that was taken in time.
fn note_of(state: &DoseState) -> Option<Note> {
    match state {
        DoseState::Taken { late: false, .. } => None,
        DoseState::Taken { late: true, .. } => Some(Note::Late {}),
        DoseState::Skipped { reason, .. } => Some(Note::Skipped { reason: reason.clone() }),
        DoseState::Missed {} => Some(Note::Missed {}),
        DoseState::NotNotified {} => Some(Note::NotReminded {}),
        DoseState::Held {} => Some(Note::Held {}),
        DoseState::Scheduled {} | DoseState::Notified {} | DoseState::Snoozed { .. } => Some(Note::NoEntry {}),
    }
}

/// Days that follow each other with the same times as one stretch.
fn stretches(note: &Note, days: BTreeMap<NaiveDate, BTreeSet<NaiveTime>>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for (date, times) in days {
        let times: Vec<NaiveTime> = times.into_iter().collect();
        match all.last_mut() {
            Some(stretch) if stretch.last.succ_opt() == Some(date) && stretch.times == times => stretch.last = date,
            _ => all.push(Stretch {
                note: note.clone(),
                first: date,
                last: date,
                times,
            }),
        }
    }
    all
}

fn used<'a>(taken: impl Iterator<Item = (NaiveDate, &'a DoseEvent)>) -> AsNeeded {
    let mut by_day: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    let mut above_limit = 0;
    for (date, event) in taken {
        *by_day.entry(date).or_default() += 1;
        let above = matches!(&event.what, DoseAct::Taken { override_reason, .. } if override_reason.is_some());
        above_limit += u32::from(above);
    }
    AsNeeded {
        doses: by_day.values().sum(),
        days: count(by_day.len()),
        most: by_day.values().copied().max().unwrap_or(0),
        above_limit,
    }
}

/// Whether it was to be taken on one of these dates, or has no times yet.
fn is_of(medication: &Medication, dates: &RangeInclusive<NaiveDate>) -> bool {
    let stopped = match medication.status {
        MedicationStatus::Active {} => false,
        MedicationStatus::Stopped { from } => from <= *dates.start(),
    };
    let last = medication
        .plan
        .iter()
        .max_by_key(|revision| (revision.from, revision.number));
    let ended = last
        .and_then(|revision| revision.schedule.end)
        .is_some_and(|end| end < *dates.start());
    !stopped && !ended && medication.begins().is_none_or(|begins| begins <= *dates.end())
}

/// The date of the last edit within the range. The first revision edits nothing.
fn changed(medication: &Medication, dates: &RangeInclusive<NaiveDate>) -> Option<NaiveDate> {
    let first = medication.plan.iter().map(|revision| revision.number).min()?;
    medication
        .plan
        .iter()
        .filter(|revision| revision.number != first && dates.contains(&revision.from))
        .map(|revision| revision.from)
        .max()
        .filter(|from| from > dates.start())
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
