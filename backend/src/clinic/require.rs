//! Whom a clinic asks for a second factor. It takes effect at once: whoever has none is let do nothing but set one up.

use std::collections::BTreeSet;

use doseline_shared::{access::Action, api::second_factor::Requirement, id::ClinicId};

use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// Whom the clinic asks. For its staff.
pub async fn requirement(app: &App, caller: Caller, clinic: ClinicId) -> Result<Requirement, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            access::allow_in_clinic(&actor, Action::SeeStaff(clinic), clinic, now)?;
            let roles = store::second_factor::roles(tx, clinic).await?;
            Ok(Requirement { roles })
        })
        .await
}

/// Asks the holders of these roles, and no others. For the clinic's administrator.
pub async fn require(app: &App, caller: Caller, clinic: ClinicId, request: Requirement) -> Result<Requirement, Fault> {
    let now = app.now();
    let roles: BTreeSet<_> = request.roles.into_iter().collect();
    if roles.iter().any(|role| !role.is_of_people()) {
        return Err(Fault::field("roles", "a system has no second factor"));
    }
    let roles: Vec<_> = roles.into_iter().collect();
    app.store
        .write(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            let why = access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now)?;
            store::second_factor::ask_roles(tx, clinic, &roles).await?;
            let roles = store::second_factor::roles(tx, clinic).await?;
            let of: Vec<&str> = roles.iter().map(|role| role.name()).collect();
            let act = caller.acting(clinic.uuid(), "second_factor_asked", of.join(" "), why, now);
            store::audit::acted(tx, act).await?;
            Ok(Requirement { roles })
        })
        .await
}
