//! The question on a journey: do the times move with the patient, or keep to the clock they are on?
//!
//! Owns when it is asked, and what an answer writes: the answer itself on the patient's record, and a hold on each first
//! dose that would come too soon or too late. Both in one batch.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use doseline_shared::{
    api::{ErrorCode, sync::OperationBody},
    dose::{Closing, DoseAct, DoseEvent, DoseState, Doses, closing_id},
    id::{MedicationId, PatientId},
    record::{Medication, Patient, Record, RecordKind},
    schedule::{OccurrenceKey, Zone, plan_occurrences},
    travel::{Travel, Zones, first_free_date, is_unsafe},
};

use crate::{
    ask::{AnswerTravel, Fault},
    core::Core,
    dose::{
        slate::{Regimen, due, is_active, revision_now},
        time::{date_of, local},
    },
    host::Host,
    replica::Chart,
    state::State,
    vault::Vault,
    view::{Attention, StartView},
};

/// How far around the present doses are looked at: no two clocks are further apart, and a day more.
const AROUND: TimeDelta = TimeDelta::days(3);
/// How far back the dose before a first one is looked for: the longest distance that a plan names in days, and some.
const LONGEST_GAP: TimeDelta = TimeDelta::days(400);

impl<H: Host, V: Vault> Core<H, V> {
    /// Answers the question for the signed-in patient. Without one standing, nothing is written.
    ///
    /// # Errors
    /// `NotFound` where the record is not here.
    pub(crate) async fn answer_travel(&self, ask: AnswerTravel) -> Result<StartView, Fault> {
        let patient = self.patient_or_own(None)?;
        self.ensure_held(patient).await?;
        {
            let _writing = self.writing.lock().await;
            let now = self.now();
            let device = self.device()?;
            let there = self.host.zone();
            let answer = {
                let state = self.state.borrow();
                let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
                let before = chart.patient().ok_or(Fault::of(ErrorCode::NotFound))?;
                let zones = before.zones();
                if zones.differs(there, now) {
                    let last = before.travels.last();
                    let today = date_of(now, zones.at(now)).min(date_of(now, there));
                    let kept = Travel {
                        at: last.map_or(now, |last| now.max(last.at + TimeDelta::milliseconds(1))),
                        device,
                        there,
                        zone: zones.latest(),
                        from: last.map_or(today, |last| last.from.max(today)),
                    };
                    let after = match ask.follow {
                        true => moved(chart, before, kept, today, now),
                        false => with(before, kept),
                    };
                    let held = match ask.follow {
                        true => to_hold(chart, &after, now),
                        false => Vec::new(),
                    };
                    let held: Vec<_> = held
                        .into_iter()
                        .map(|(medication, key, due)| self.hold(patient, medication, key, due, now))
                        .collect::<Result<_, _>>()?;
                    let stored = state.replica.stored(patient, RecordKind::Patient, patient.uuid());
                    let base = stored.as_ref().map_or(0, Record::version);
                    let edit = OperationBody::PutPatient { base, patient: after };
                    Some((edit, Record::Patient(before.clone()), held))
                } else {
                    None
                }
            };
            if let Some((edit, before, held)) = answer {
                let logs = held.into_iter().map(|event| (OperationBody::LogDose { event }, None));
                self.enqueue([(edit, Some(before))].into_iter().chain(logs)).await?;
            }
        }
        Ok(self.start().await)
    }

    fn hold(
        &self,
        patient: PatientId,
        medication: MedicationId,
        key: OccurrenceKey,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<DoseEvent, Fault> {
        let id = closing_id(medication, &key, Closing::Held);
        let event = self.event(patient, medication, Some((key, due)), DoseAct::Held {}, now)?;
        Ok(DoseEvent { id, ..event })
    }

    /// What a journey asks of the signed-in patient: whether the times move, and what to do with a dose on hold.
    pub(crate) fn on_journeys(&self, state: &State) -> Vec<Attention> {
        let own = state.me().and_then(|me| me.patient);
        let chart = own.and_then(|patient| state.replica.chart(patient));
        let (Some(chart), Some(patient), Ok(device)) = (chart, chart.and_then(Chart::patient), self.device()) else {
            return Vec::new();
        };
        let (now, there) = (self.host.now(), self.host.zone());
        let zones = patient.zones();
        let mut list = Vec::new();
        if zones.differs(there, now) && floating(chart, date_of(now, zones.at(now))).next().is_some() {
            list.push(Attention::Travel {
                there,
                zone: zones.latest(),
                answered: !zones.asks(device, there, now),
            });
        }
        if patient.travels.is_empty() {
            // Only a move holds a dose.
            return list;
        }
        let holds = chart
            .medications()
            .flat_map(|medication| due(chart, medication, now - AROUND..now + AROUND));
        list.extend(holds.filter_map(|due| {
            let event = match due.state {
                DoseState::Held {} => due.events.iter().find(|event| matches!(event.what, DoseAct::Held {}))?,
                DoseState::Scheduled {}
                | DoseState::Notified {}
                | DoseState::NotNotified {}
                | DoseState::Snoozed { .. }
                | DoseState::Taken { .. }
                | DoseState::Skipped { .. }
                | DoseState::Missed {} => return None,
            };
            Some(Attention::Held {
                patient: patient.id,
                event: event.id,
                name: due.medication.name.clone(),
                due: local(due.occurrence.due, zones.at(due.occurrence.due)),
            })
        }));
        list
    }
}

/// The active medications whose times can go with the patient.
fn floating(chart: &Chart, today: NaiveDate) -> impl Iterator<Item = &Medication> {
    chart.medications().filter(move |medication| {
        let floats = |zone: &Zone| *zone == Zone::Floating {};
        is_active(medication, today)
            && revision_now(medication, today).is_some_and(|revision| floats(&revision.schedule.zone))
    })
}

/// The patient with one more answer.
fn with(patient: &Patient, travel: Travel) -> Patient {
    let mut patient = patient.clone();
    patient.travels.push(travel);
    patient
}

/// The patient after the move: from the first date none of whose doses has come, on either clock.
fn moved(chart: &Chart, before: &Patient, kept: Travel, today: NaiveDate, now: DateTime<Utc>) -> Patient {
    let range = now - AROUND..now + AROUND;
    let begun = floating(chart, today)
        .flat_map(|medication| due(chart, medication, range.clone()))
        .filter(|due| due.occurrence.due <= now || !matches!(due.state, DoseState::Scheduled {}));
    let mut from = first_free_date(today, begun.map(|due| due.occurrence.day()));
    loop {
        let patient = with(
            before,
            Travel {
                zone: kept.there,
                from,
                ..kept
            },
        );
        let regimen = Moved {
            chart,
            zones: patient.zones(),
        };
        let passed = floating(chart, today)
            .flat_map(|medication| due(&regimen, medication, range.clone()))
            .any(|due| from <= due.occurrence.day() && due.occurrence.due <= now);
        match from.succ_opt() {
            Some(next) if passed => from = next,
            Some(_) | None => return patient,
        }
    }
}

/// The first doses after the move that would come too soon or too late because of it.
fn to_hold(chart: &Chart, moved: &Patient, now: DateTime<Utc>) -> Vec<(MedicationId, OccurrenceKey, DateTime<Utc>)> {
    let Some(travel) = moved.travels.last() else {
        return Vec::new();
    };
    let regimen = Moved {
        chart,
        zones: moved.zones(),
    };
    let first = |regimen: &Moved<'_>, medication: &Medication| {
        due(regimen, medication, now..now + LONGEST_GAP)
            .into_iter()
            .find(|due| travel.from <= due.occurrence.day())
            .map(|due| (due.occurrence.id.clone(), due.occurrence.due))
    };
    let unmoved = Moved {
        chart,
        zones: chart.zones(),
    };
    floating(chart, date_of(now, travel.there))
        .filter_map(|medication| {
            let (key, next) = first(&regimen, medication)?;
            let plan = plan_occurrences(medication, next - LONGEST_GAP..next, travel.zone.into(), &[]);
            let nominal = next - plan.last()?.due;
            let last = last_before(&regimen, medication, travel.from, now)?;
            let was_safe = first(&unmoved, medication).is_none_or(|(_, due)| !is_unsafe(last, due, nominal));
            (is_unsafe(last, next, nominal) && was_safe).then_some((medication.id, key, next))
        })
        .collect()
}

/// The last dose before the move: taken, or still to come on a date that is read on the clock before.
fn last_before(
    regimen: &Moved<'_>,
    medication: &Medication,
    from: NaiveDate,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let taken = regimen
        .doses(medication.id)
        .map(|doses| doses.taken(now - LONGEST_GAP))
        .unwrap_or_default();
    let to_come = due(regimen, medication, now..now + AROUND)
        .into_iter()
        .filter(|due| due.open() && due.occurrence.day() < from)
        .map(|due| due.occurrence.due);
    taken.iter().map(|event| event.at.to_utc()).chain(to_come).max()
}

/// The regimen as an answer would leave it.
struct Moved<'a> {
    chart: &'a Chart,
    zones: Zones<'a>,
}

impl Regimen for Moved<'_> {
    fn zones(&self) -> Zones<'_> {
        self.zones
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        self.chart.medication(id)
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        self.chart.medications()
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.chart.doses(medication)
    }
}
