//! Withdrawing a list: from then on nobody is warned by it.

use doseline_shared::{access::Action, id::ClinicId};

use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// Withdraws the clinic's list. For its administrators.
pub async fn withdraw(app: &App, caller: Caller, clinic: ClinicId) -> Result<(), Fault> {
    let now = app.now();
    let there = app
        .store
        .write(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            let why = access::allow_in_clinic(&actor, Action::ManageInteractions(clinic), clinic, now)?;
            let there = store::interaction::remove(tx, clinic).await?;
            if there {
                let act = caller.acting(clinic.uuid(), "list_withdrawn", String::new(), why, now);
                store::audit::acted(tx, act).await?;
            }
            Ok::<_, Fault>(there)
        })
        .await?;
    if !there {
        return Err(Fault::NotFound);
    }
    tracing::info!(audit.person = %caller.person, audit.clinic = %clinic, "a list of interactions was withdrawn");
    Ok(())
}
