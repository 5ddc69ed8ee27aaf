//! Who works for a clinic. For its staff.

use doseline_shared::{access::Action, api::account::Staff, id::ClinicId};

use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// The clinic's staff, by name.
pub async fn list_staff(app: &App, caller: Caller, clinic: ClinicId) -> Result<Vec<Staff>, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            access::allow_in_clinic(&actor, Action::SeeStaff(clinic), clinic, now)?;
            Ok(store::clinic::staff(tx, clinic).await?)
        })
        .await
}
