//! What a watch over one patient's doses finds at a moment: the doses whose time has passed with no entry, whom to tell of
//! them, and when to look again.
//!
//! Pure, so that a week of it is a loop in a test. Watches a patient who has an account, since nobody logs for the others,
//! and only doses that were expected. A dose counts from the moment at which the watch over the patient began: what was
//! before is not for it to say. Refuses channels: that someone is told is a record, and screens show it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    dose::{
        Closing, DoseAct, DoseEvent, DoseState, SYSTEM, SYSTEM_DEVICE, closing_id,
        slate::{Due, Regimen, all_due, counts_from_last},
    },
    record::{Alert, AlertRule, Grant, Medication, MedicationStatus, Patient, Tell, tell},
    schedule::Rule,
    zone,
};

/// How far back passed doses are closed after the watch itself was away; what lies further back stays unknown.
pub const LOOK_BACK: TimeDelta = TimeDelta::hours(48);
/// How far ahead the next moment is looked for.
const LOOK_AHEAD: TimeDelta = TimeDelta::hours(48);
/// When to look again where nothing is due so soon.
const IDLE: TimeDelta = TimeDelta::hours(24);
/// Nobody is told of a miss that should have been told so long ago.
const STALE: TimeDelta = TimeDelta::hours(24);
/// The longest that a dose stays open by default, and as early as an entry for it may be made.
const AROUND: TimeDelta = TimeDelta::hours(28);

/// What a watch looks at.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a, R> {
    /// Whose doses.
    pub patient: &'a Patient,
    /// The medications, and what was logged since [`reach`] at least.
    pub regimen: &'a R,
    /// Who may see them.
    pub grants: &'a [Grant],
    /// How soon they are told.
    pub rules: &'a [AlertRule],
    /// The alerts that were raised since [`reach`] at least.
    pub alerts: &'a [Alert],
    /// When the watch over this patient began.
    pub since: DateTime<Utc>,
}

/// What it finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Entries to make.
    pub missed: Vec<DoseEvent>,
    /// Alerts to raise, each with the moment at which it should have been, those of critical medications first.
    pub raised: Vec<(Alert, DateTime<Utc>)>,
    /// Alerts whose dose was logged after all, or is open again.
    pub changed: Vec<Alert>,
    /// When to look again; none where nothing is to come.
    pub next: Option<Next>,
    /// Whether any entry may change what was found before that: an alert stands, or due times follow from entries.
    pub heed: bool,
}

/// When to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether a medication is concerned that is dangerous to miss.
    pub critical: bool,
}

/// From when on entries and alerts must be at hand for a look at `now`.
pub fn reach<'a>(medications: impl Iterator<Item = &'a Medication>, now: DateTime<Utc>) -> DateTime<Utc> {
    begin(medications, now) - AROUND
}

/// The earliest due time that can still matter at `now`.
fn begin<'a>(medications: impl Iterator<Item = &'a Medication>, now: DateTime<Utc>) -> DateTime<Utc> {
    let open = medications
        .flat_map(|medication| &medication.plan)
        .filter_map(|revision| revision.schedule.window.miss_after_min)
        .max()
        .map_or(TimeDelta::zero(), |minutes| TimeDelta::minutes(i64::from(minutes)));
    now - LOOK_BACK - open.max(TimeDelta::hours(4))
}

/// Whether due times of the medication move with entries.
fn moves_with_entries(medication: &Medication) -> bool {
    let after = |rule: &Rule| match rule {
        Rule::After { .. } => true,
        Rule::Wall { .. } | Rule::Elapsed { .. } | Rule::AsNeeded { .. } => false,
    };
    counts_from_last(medication) || medication.plan.iter().any(|revision| after(&revision.schedule.rule))
}

/// Looks at `now`. The same again after its findings were written finds nothing new.
pub fn look<R: Regimen>(watched: &Watched<'_, R>, now: DateTime<Utc>) -> Findings {
    let mut findings = Findings::default();
    if watched.patient.person.is_none() {
        return findings;
    }
    let from = begin(watched.regimen.medications(), now);
    for due in all_due(watched.regimen, from..now + LOOK_AHEAD) {
        if due.expected() {
            findings.consider(watched, &due, now);
        }
    }
    findings
        .raised
        .sort_by_key(|(alert, moment)| (!alert.critical, *moment));
    findings.heed = !findings.raised.is_empty()
        || watched
            .alerts
            .iter()
            .any(|alert| alert.answered_at.is_none() && alert.due >= from)
        || watched.regimen.medications().any(moves_with_entries);
    let goes_on = |medication: &Medication| match medication.status {
        MedicationStatus::Active {} => !medication.plan.is_empty(),
        MedicationStatus::Stopped { from } => zone::day_start(watched.patient.zone, from) > now,
    };
    if findings.next.is_none() && watched.regimen.medications().any(goes_on) {
        findings.look_again(now + IDLE, false);
    }
    findings
}

impl Findings {
    /// Whether there is anything to write but the next moment.
    pub const fn is_empty(&self) -> bool {
        self.missed.is_empty() && self.raised.is_empty() && self.changed.is_empty()
    }

    fn look_again(&mut self, at: DateTime<Utc>, critical: bool) {
        let next = match self.next {
            Some(next) if next.at < at => next,
            Some(next) if next.at == at => Next {
                at,
                critical: next.critical || critical,
            },
            Some(_) | None => Next { at, critical },
        };
        self.next = Some(next);
    }

    fn consider<R: Regimen>(&mut self, watched: &Watched<'_, R>, due: &Due<'_>, now: DateTime<Utc>) {
        let ends = due.ends();
        match &due.state {
            DoseState::Held {} => {}
            DoseState::Taken { at, .. } | DoseState::Skipped { at, .. } => {
                self.answer(watched.alerts, due, Some(at.to_utc()));
            }
            DoseState::Missed {} => {
                let missed = |event: &&&DoseEvent| matches!(event.what, DoseAct::Missed {});
                let missed_at = due.events.iter().find(missed).map_or(ends, |event| event.at.to_utc());
                self.unanswered(watched, due, missed_at, now);
            }
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::Snoozed { .. }
            | DoseState::NotNotified {} => {
                if ends > now {
                    return self.look_again(ends, due.medication.critical);
                }
                // A device has said that it could not remind: that is not the patient's miss. They are told all the same.
                let unheard = matches!(due.state, DoseState::NotNotified {});
                if !unheard && ends > watched.since.max(now - LOOK_BACK) {
                    self.missed.push(missed(watched.patient, due, ends, now));
                }
                self.unanswered(watched, due, ends, now);
            }
        }
    }

    /// The dose's time passed at `missed_at` with no entry: who is told, and when.
    fn unanswered<R: Regimen>(
        &mut self,
        watched: &Watched<'_, R>,
        due: &Due<'_>,
        missed_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        self.answer(watched.alerts, due, None);
        if missed_at <= watched.since {
            return;
        }
        let (medication, occurrence) = (due.medication, &due.occurrence.id);
        for grant in watched.grants {
            let Tell::After { minutes } = tell(watched.rules, grant.to, medication) else {
                continue;
            };
            let id = Alert::id_of(medication.id, occurrence, grant.to);
            let there = watched.alerts.iter().chain(self.raised.iter().map(|(alert, _)| alert));
            if !grant.holds(now) || grant.from > missed_at || there.into_iter().any(|alert| alert.id == id) {
                continue;
            }
            let moment = missed_at + TimeDelta::minutes(i64::from(minutes));
            if moment > now {
                self.look_again(moment, medication.critical);
            } else if moment > now - STALE {
                let alert = Alert {
                    id,
                    patient: watched.patient.id,
                    version: 0,
                    medication: medication.id,
                    occurrence: occurrence.clone(),
                    due: due.occurrence.due,
                    missed_at,
                    to: grant.to,
                    critical: medication.critical,
                    raised_at: now,
                    seen: None,
                    answered_at: None,
                };
                self.raised.push((alert, moment));
            }
        }
    }

    /// Brings the alerts of this dose in line with when it was answered.
    fn answer(&mut self, alerts: &[Alert], due: &Due<'_>, answered_at: Option<DateTime<Utc>>) {
        let of_this = |alert: &&Alert| alert.medication == due.medication.id && alert.occurrence == due.occurrence.id;
        let other = alerts
            .iter()
            .filter(of_this)
            .filter(|alert| alert.answered_at != answered_at);
        self.changed.extend(other.map(|alert| Alert {
            answered_at,
            ..alert.clone()
        }));
    }
}

/// The entry that a dose was missed, in the name of the system.
fn missed(patient: &Patient, due: &Due<'_>, ends: DateTime<Utc>, now: DateTime<Utc>) -> DoseEvent {
    let (medication, occurrence) = (due.medication.id, &due.occurrence);
    DoseEvent {
        id: closing_id(medication, &occurrence.id, Closing::Missed),
        patient: patient.id,
        medication,
        occurrence: Some(occurrence.id.clone()),
        due: Some(occurrence.due),
        what: DoseAct::Missed {},
        at: zone::local(patient.zone, ends),
        zone: patient.zone,
        recorded_at: now,
        by: SYSTEM,
        device: SYSTEM_DEVICE,
    }
}
