//! Who works for a clinic. For its staff; who has not chosen a password of their own yet, for its administrators.

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
            let manages = access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now).is_ok();
            let mut staff = store::clinic::staff(tx, clinic).await?;
            for one in staff.iter_mut().filter(|_| !manages) {
                one.first_password = None;
            }
            Ok(staff)
        })
        .await
}
