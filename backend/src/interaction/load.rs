//! Loading a list: read whole, then put in place of the one before.

use doseline_shared::{access::Action, api::interactions::ListSummary, id::ClinicId};

use super::file;
use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Tx, interaction::Loaded},
};

/// Loads a list from the bytes of its file. For the clinic's administrators.
pub async fn load(app: &App, caller: Caller, clinic: ClinicId, bytes: Vec<u8>) -> Result<ListSummary, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            access::allow_in_clinic(&actor, Action::ManageInteractions(clinic), clinic, now)?;
            Ok::<_, Fault>(())
        })
        .await?;
    // A full list keeps a core busy for a while.
    let pairs = tokio::task::spawn_blocking(move || file::pairs(bytes))
        .await
        .map_err(|_| Fault::Internal)?
        .map_err(Fault::List)?;
    let count = pairs.len();
    let revision: String = random::hex(&random::bytes::<16>());
    let loaded = Loaded {
        clinic,
        revision: revision.clone(),
        at: now,
        by: caller.person,
        pairs,
    };
    app.store
        .write(async move |tx: &mut Tx| {
            // Asked again: between the first answer and this transaction the administrator may have been removed.
            let actor = access::actor(tx, caller.person).await?;
            let why = access::allow_in_clinic(&actor, Action::ManageInteractions(clinic), clinic, now)?;
            store::interaction::put(tx, &loaded).await?;
            let act = caller.acting(clinic.uuid(), "list_loaded", loaded.revision.clone(), why, now);
            Ok::<_, Fault>(store::audit::acted(tx, act).await?)
        })
        .await?;
    tracing::info!(audit.person = %caller.person, audit.clinic = %clinic, list.pairs = count, "a list of interactions was loaded");
    Ok(ListSummary {
        revision,
        pairs: u32::try_from(count).unwrap_or(u32::MAX),
    })
}
