//! Stops a medicine from today on. What was due before stays in the record.

use doseline_shared::{
    api::ErrorCode,
    record::{Medication, MedicationStatus},
};

use crate::{
    ask::{Fault, StopMedicine},
    core::Core,
    dose::time::date_of,
    host::Host,
    people::rights::may_edit,
    vault::Vault,
    view::MedicinesView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Stops a medicine from today on. One that is stopped already stays as it is.
    pub(crate) async fn stop_medicine(&self, ask: StopMedicine) -> Result<MedicinesView, Fault> {
        let patient = self.patient_or_own(ask.patient)?;
        self.ensure_held(patient).await?;
        {
            let _writing = self.writing.lock().await;
            let now = self.now();
            let medication = {
                let state = self.state.borrow();
                if !may_edit(&state, patient, now) {
                    return Err(Fault::of(ErrorCode::Forbidden));
                }
                let before = state
                    .replica
                    .chart(patient)
                    .and_then(|chart| chart.medication(ask.medication))
                    .ok_or(Fault::of(ErrorCode::NotFound))?;
                let today = date_of(now, self.zone_of(&state, patient));
                let status = match before.status {
                    MedicationStatus::Stopped { from } if from <= today => before.status,
                    MedicationStatus::Stopped { .. } | MedicationStatus::Active {} => {
                        MedicationStatus::Stopped { from: today }
                    }
                };
                Medication {
                    status,
                    ..before.clone()
                }
            };
            self.put_medication(medication).await?;
        }
        self.medicines(patient)
    }
}
