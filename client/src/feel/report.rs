//! Reports a side effect. Confirmed once it is durable on the device.

use chrono::{DateTime, Duration, Utc};
use doseline_shared::{
    api::{ErrorCode, sync::OperationBody},
    id::{PatientId, SideEffectEntryId},
    record::{Report, SideEffectAct, SideEffectEntry, Symptom},
    side_effect::side_effects,
};

use crate::{
    ask::{Fault, ReportSideEffect},
    core::Core,
    dose::{
        DOUBLE_TAP_S, UNDO_S,
        time::{date_of, local},
    },
    host::Host,
    people::rights::may_log,
    vault::Vault,
    view::FeltView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Reports a side effect. The same report within a moment is a second tap.
    ///
    /// # Errors
    /// The field at fault; `NotFound`; `Forbidden` where the person may not record for this patient.
    pub(crate) async fn report_side_effect(&self, ask: ReportSideEffect) -> Result<FeltView, Fault> {
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let report = trimmed(ask.report);
        {
            let state = self.state.borrow();
            if !may_log(&state, ask.patient, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            if report.medication.is_some_and(|id| chart.medication(id).is_none()) {
                return Err(Fault::field("report.medication"));
            }
            if report.from > date_of(now, self.clock_of(&state, ask.patient, now)) {
                return Err(Fault::field("report.from"));
            }
            let just_now = now - Duration::seconds(DOUBLE_TAP_S);
            let again = side_effects(chart.side_effects())
                .into_iter()
                .find(|one| *one.report == report && one.entry.recorded_at > just_now);
            if let Some(again) = again {
                return Ok(self.felt(again.entry.id, now));
            }
        }
        let entry = self.side_effect_entry(ask.patient, SideEffectAct::Reported { report }, now)?;
        let id = entry.id;
        self.record_side_effects(vec![entry]).await?;
        Ok(self.felt(id, now))
    }

    /// A new entry, made now.
    ///
    /// # Errors
    /// The field at fault.
    pub(super) fn side_effect_entry(
        &self,
        patient: PatientId,
        what: SideEffectAct,
        now: DateTime<Utc>,
    ) -> Result<SideEffectEntry, Fault> {
        let entry = SideEffectEntry {
            id: SideEffectEntryId::from_uuid(self.new_id()),
            patient,
            what,
            recorded_at: local(now, self.host.zone()),
            by: self.me()?.person,
            device: self.device()?,
        };
        entry.validate().map_err(|error| Fault::field(error.path))?;
        Ok(entry)
    }

    /// Writes entries and their way to the backend in one batch. The caller holds `writing`.
    pub(super) async fn record_side_effects(&self, entries: Vec<SideEffectEntry>) -> Result<(), Fault> {
        let logs = entries
            .into_iter()
            .map(|entry| (OperationBody::LogSideEffect { entry }, None));
        self.enqueue(logs).await
    }

    pub(super) fn felt(&self, entry: SideEffectEntryId, now: DateTime<Utc>) -> FeltView {
        FeltView {
            entry,
            undo_until: now + Duration::seconds(UNDO_S),
            network: self.network(),
        }
    }
}

/// The report without blanks around what was typed, and without a note where none was.
fn trimmed(report: Report) -> Report {
    Report {
        symptom: match report.symptom {
            Symptom::Other(words) => Symptom::Other(words.trim().to_owned()),
            named => named,
        },
        note: report
            .note
            .map(|note| note.trim().to_owned())
            .filter(|note| !note.is_empty()),
        ..report
    }
}
