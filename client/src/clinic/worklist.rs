//! A clinic's patients, what needs attention first.

use chrono::{DateTime, Utc};
use doseline_shared::{access::StaffRole, api::ErrorCode, id::ClinicId, record::Grantee};

use crate::{
    ask::{Fault, OpenWorklist},
    caregiver::row::{person_row, sort},
    core::Core,
    host::Host,
    regimen::list::name_of,
    replica::Chart,
    vault::Vault,
    view::WorklistView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// A clinic's patients, by need, then by name.
    pub(crate) async fn open_worklist(&self, ask: OpenWorklist) -> Result<WorklistView, Fault> {
        let me = self.me()?;
        let roles: Vec<_> = me
            .staff
            .iter()
            .filter(|membership| membership.clinic == ask.clinic)
            .collect();
        let clinic = roles.first().ok_or(Fault::of(ErrorCode::NotFound))?.clinic_name.clone();
        self.ensure_all_held().await?;
        let now = self.host.now();
        let state = self.state.borrow();
        let wanted = ask.search.trim().to_lowercase();
        let mut total = 0u32;
        let mut rows = Vec::new();
        for (patient, chart) in state
            .replica
            .charts()
            .filter(|(_, chart)| is_patient_of(chart, ask.clinic, now))
        {
            total += 1;
            if name_of(&state, patient).to_lowercase().contains(&wanted) {
                rows.push(person_row(&state, patient, chart, now));
            }
        }
        sort(&mut rows);
        Ok(WorklistView {
            clinic,
            rows,
            total,
            may_see_doses: roles.iter().any(|membership| membership.role != StaffRole::FrontDesk),
            may_manage_staff: roles
                .iter()
                .any(|membership| membership.role == StaffRole::Administrator),
            network: self.network(),
        })
    }
}

fn is_patient_of(chart: &Chart, clinic: ClinicId, now: DateTime<Utc>) -> bool {
    chart
        .grants()
        .any(|grant| grant.holds(now) && grant.to == Grantee::Clinic { clinic })
}
