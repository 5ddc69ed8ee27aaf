//! *How I feel*: what is reported, and what a report needs to know.

use doseline_shared::{api::ErrorCode, id::PatientId};

use super::listed;
use crate::{
    ask::Fault,
    core::Core,
    dose::{slate::is_active, time::date_of},
    host::Host,
    people::rights::may_log,
    regimen::list::name_of,
    vault::Vault,
    view::FeelView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// *How I feel* of a patient, or of the signed-in person.
    pub(crate) async fn open_feel(&self, patient: Option<PatientId>) -> Result<FeelView, Fault> {
        let patient = self.patient_or_own(patient)?;
        self.ensure_held(patient).await?;
        let now = self.host.now();
        let state = self.state.borrow();
        let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
        let today = date_of(now, self.clock_of(&state, patient, now));
        let active = chart.medications().filter(|medication| is_active(medication, today));
        Ok(FeelView {
            patient,
            name: name_of(&state, patient),
            may_log: may_log(&state, patient, now),
            today,
            medicines: active
                .map(|medication| (medication.id, medication.name.clone()))
                .collect(),
            side_effects: listed(&state, chart, |_| true),
            network: self.network(),
        })
    }
}
