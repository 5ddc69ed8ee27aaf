//! Records what became of a scheduled dose. Confirmed once it is durable on the device.

use chrono::{DateTime, Duration, Utc};
use doseline_shared::{
    api::{ErrorCode, sync::OperationBody},
    dose::{DoseAct, DoseEvent, DoseState},
    id::{DoseEventId, MedicationId, PatientId},
    schedule::OccurrenceKey,
};

use super::slate::{Due, find};
use crate::{
    ask::{Fault, LogAct, LogDose},
    core::Core,
    dose::time::local,
    host::Host,
    people::rights::may_log,
    vault::Vault,
    view::LoggedView,
};

/// How long *undo* is offered.
pub(crate) const UNDO_S: i64 = 8;
/// The longest that a reminder can be put off, in minutes.
const LONGEST_SNOOZE: u32 = 24 * 60;

impl<H: Host, V: Vault> Core<H, V> {
    /// Records that a dose was taken, skipped or put off. The same again is the same entry; another answer to the same
    /// dose takes the earlier one back.
    pub(crate) async fn log_dose(&self, ask: LogDose) -> Result<LoggedView, Fault> {
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let mut events = Vec::new();
        let id = {
            let state = self.state.borrow();
            if !may_log(&state, ask.patient, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            let medication = chart.medication(ask.medication).ok_or(Fault::of(ErrorCode::NotFound))?;
            let due = find(chart, medication, &ask.occurrence, now).ok_or_else(|| Fault::field("occurrence"))?;
            let (what, at) = entry(ask.act, now)?;
            if let Some(same) = same_answer(&due, &what) {
                return Ok(self.logged(same, now));
            }
            for earlier in standing(&due) {
                let retraction = DoseAct::Retracted { event: earlier.id };
                events.push(self.event(
                    ask.patient,
                    ask.medication,
                    Some((ask.occurrence.clone(), due.occurrence.due)),
                    retraction,
                    now,
                )?);
            }
            let event = self.event(
                ask.patient,
                ask.medication,
                Some((ask.occurrence, due.occurrence.due)),
                what,
                at,
            )?;
            let id = event.id;
            events.push(event);
            id
        };
        self.record(events).await?;
        Ok(self.logged(id, now))
    }

    /// A new entry, made now, of something that happened at `at`.
    pub(crate) fn event(
        &self,
        patient: PatientId,
        medication: MedicationId,
        occurrence: Option<(OccurrenceKey, DateTime<Utc>)>,
        what: DoseAct,
        at: DateTime<Utc>,
    ) -> Result<DoseEvent, Fault> {
        let (occurrence, due) = occurrence.unzip();
        Ok(DoseEvent {
            id: DoseEventId::from_uuid(self.new_id()),
            patient,
            medication,
            occurrence,
            due,
            what,
            at: local(at, self.host.zone()),
            zone: self.host.zone(),
            recorded_at: self.host.now(),
            by: self.me()?.person,
            device: self.device()?,
        })
    }

    /// Writes entries and their way to the backend in one batch. The caller holds `writing`.
    pub(crate) async fn record(&self, events: Vec<DoseEvent>) -> Result<(), Fault> {
        let logs = events.into_iter().map(|event| (OperationBody::LogDose { event }, None));
        self.enqueue(logs).await
    }

    pub(crate) fn logged(&self, event: DoseEventId, now: DateTime<Utc>) -> LoggedView {
        LoggedView {
            event,
            undo_until: now + Duration::seconds(UNDO_S),
            network: self.network(),
        }
    }
}

/// The entries that say what became of the dose and that count.
pub(super) fn standing<'a>(due: &Due<'a>) -> Vec<&'a DoseEvent> {
    let retracted = |event: &DoseEvent| {
        due.events
            .iter()
            .any(|other| matches!(other.what, DoseAct::Retracted { event: id } if id == event.id))
    };
    due.events
        .iter()
        .copied()
        .filter(|event| matches!(event.what, DoseAct::Taken { .. } | DoseAct::Skipped { .. }) && !retracted(event))
        .collect()
}

fn entry(act: LogAct, now: DateTime<Utc>) -> Result<(DoseAct, DateTime<Utc>), Fault> {
    match act {
        LogAct::Taken { at, amount } => {
            let at = at.unwrap_or(now);
            if at > now + Duration::minutes(1) {
                return Err(Fault::field("act.at"));
            }
            let taken = DoseAct::Taken {
                amount,
                override_reason: None,
            };
            Ok((taken, at))
        }
        LogAct::Skipped { reason } => Ok((DoseAct::Skipped { reason }, now)),
        LogAct::Snoozed { minutes } if (1..=LONGEST_SNOOZE).contains(&minutes) => {
            let until = now + Duration::minutes(i64::from(minutes));
            Ok((DoseAct::Snoozed { until }, now))
        }
        LogAct::Snoozed { .. } => Err(Fault::field("act.minutes")),
    }
}

/// The entry that says the same already: a double tap, or a second device. A dose that has its answer is not put off.
fn same_answer(due: &Due<'_>, what: &DoseAct) -> Option<DoseEventId> {
    match (&due.state, what) {
        (DoseState::Taken { event, .. }, DoseAct::Taken { .. } | DoseAct::Snoozed { .. })
        | (DoseState::Skipped { event, .. }, DoseAct::Skipped { .. } | DoseAct::Snoozed { .. }) => Some(*event),
        _ => None,
    }
}
