//! The list of medicines.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    id::PatientId,
    quantity::Quantity,
    record::{Medication, MedicationStatus},
    schedule::Dose,
};

use super::{
    stock::stock_text,
    when::{dose_text, when_text},
};
use crate::{
    ask::Fault,
    core::Core,
    dose::{
        slate::{is_active, revision_now},
        time::date_of,
    },
    host::Host,
    people::rights::may_edit,
    replica::Chart,
    state::State,
    vault::Vault,
    view::{MedicineRow, MedicinesView, WhenText},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// The list of medicines of a patient, or of the signed-in person.
    pub(crate) async fn open_medicines(&self, patient: Option<PatientId>) -> Result<MedicinesView, Fault> {
        let patient = self.patient_or_own(patient)?;
        self.ensure_held(patient).await?;
        self.medicines(patient)
    }

    pub(super) fn medicines(&self, patient: PatientId) -> Result<MedicinesView, Fault> {
        let me = self.me()?;
        let now = self.host.now();
        let state = self.state.borrow();
        let zone = self.clock_of(&state, patient, now);
        let today = date_of(now, zone);
        let chart = state.replica.chart(patient);
        let (active, stopped) = chart
            .into_iter()
            .flat_map(|chart| chart.medications().map(move |medication| (chart, medication)))
            .map(|(chart, medication)| (is_active(medication, today), row(chart, medication, (now, zone))))
            .partition::<Vec<_>, _>(|(active, _)| *active);
        Ok(MedicinesView {
            patient,
            name: name_of(&state, patient),
            own: me.patient == Some(patient),
            may_edit: may_edit(&state, patient, now),
            active: active.into_iter().map(|(_, row)| row).collect(),
            stopped: stopped.into_iter().map(|(_, row)| row).collect(),
            allergies: chart.map(Chart::active_allergies).unwrap_or_default(),
            network: self.network(),
        })
    }

    /// The patient's home zone; this device's where the record is not here yet.
    pub(crate) fn zone_of(&self, state: &State, patient: PatientId) -> Tz {
        state
            .replica
            .chart(patient)
            .and_then(Chart::patient)
            .map_or_else(|| self.host.zone(), |patient| patient.zone)
    }

    /// The zone on whose clock the patient's day runs: home, or where they have moved their times to on a journey.
    pub(crate) fn clock_of(&self, state: &State, patient: PatientId, now: DateTime<Utc>) -> Tz {
        state
            .replica
            .chart(patient)
            .and_then(Chart::patient)
            .map_or_else(|| self.host.zone(), |patient| patient.zones().at(now))
    }
}

/// The patient's name, as far as the device knows it.
pub(crate) fn name_of(state: &State, patient: PatientId) -> String {
    let recorded = state
        .replica
        .chart(patient)
        .and_then(Chart::patient)
        .map(|patient| patient.name.clone());
    let own = || {
        state
            .me()
            .filter(|me| me.patient == Some(patient))
            .map(|me| me.name.clone())
    };
    recorded.or_else(own).unwrap_or_default()
}

/// A medicine as a row, at this moment on the clock of its patient.
pub(crate) fn row(chart: &Chart, medication: &Medication, (now, zone): (DateTime<Utc>, Tz)) -> MedicineRow {
    let today = date_of(now, zone);
    let schedule = revision_now(medication, today).map(|revision| &revision.schedule);
    MedicineRow {
        medication: medication.id,
        name: medication.name.clone(),
        look: medication.look,
        when: schedule.map_or(WhenText::NotYet {}, |schedule| when_text(schedule, Some(chart))),
        dose: schedule.map(dose_text),
        instruction: medication.instruction.clone(),
        from_clinic: medication.clinic.is_some(),
        critical: medication.critical,
        stopped: match medication.status {
            MedicationStatus::Active {} => None,
            MedicationStatus::Stopped { from } => Some(from),
        },
        stock: stock_text(chart, medication, zone, now),
    }
}

/// The amount, where it is always the same.
pub(crate) fn fixed_amount(dose: &Dose) -> Option<Quantity> {
    match dose {
        Dose::Fixed { amount } => Some(amount.clone()),
        Dose::Taper { .. } | Dose::Table { .. } | Dose::Ask {} => None,
    }
}
