//! A patient's page, for caregivers and clinics.

use doseline_shared::{access::Action, api::ErrorCode, id::PatientId};

use super::{measure::weeks, row::person_row};
use crate::{
    ask::Fault,
    core::Core,
    dose::time::date_of,
    feel::listed,
    host::Host,
    interaction::met,
    people::rights::{may, may_edit, may_log},
    regimen::list::row,
    today::doses_today,
    vault::Vault,
    view::PatientView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// A patient's page.
    ///
    /// # Errors
    /// `Forbidden` where the person may know that the patient exists, and no more.
    pub(crate) async fn open_patient(&self, patient: PatientId) -> Result<PatientView, Fault> {
        self.me()?;
        self.ensure_held(patient).await?;
        let now = self.host.now();
        let state = self.state.borrow();
        let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
        if !may(&state, patient, Action::SeeRecord, now) {
            return Err(Fault::of(ErrorCode::Forbidden));
        }
        let zone = self.clock_of(&state, patient, now);
        let today = date_of(now, zone);
        let medications: Vec<_> = chart.medications().collect();
        let weeks = weeks(chart, &medications, today, now, zone);
        Ok(PatientView {
            row: person_row(&state, patient, chart, now),
            today: doses_today(&state, patient, now, zone),
            medicines: medications
                .iter()
                .map(|medication| row(chart, medication, (now, zone)))
                .collect(),
            interactions: met(&state, chart, now, today),
            allergies: chart.active_allergies(),
            conditions: chart.active_conditions(),
            weeks,
            side_effects: listed(&state, chart, |_| true),
            claimed: chart.patient().is_some_and(|patient| patient.person.is_some()),
            may_edit: may_edit(&state, patient, now),
            may_log: may_log(&state, patient, now),
            network: self.network(),
        })
    }
}
