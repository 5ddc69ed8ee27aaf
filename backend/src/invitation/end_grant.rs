//! Ending a grant, at once. For the patient, and for whoever it was given to.

use doseline_shared::{access::Action, id::GrantId, record::Grant};

use super::redeem::written;
use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx, access::System, record::Writer},
};

/// Ends the grant. One that has ended already stays as it is.
pub async fn end_grant(app: &App, caller: Caller, id: GrantId) -> Result<(), Fault> {
    let now = app.now();
    app.store
        .write(async move |tx: &mut Tx| {
            let system = System::new("the grant that is to be ended, before access is decided");
            let grant = store::grant::by_id(tx, &system, id).await?.ok_or(Fault::NotFound)?;
            let actor = access::actor(tx, caller.person).await?;
            let allowed = access::allow(tx, &actor, Action::EndGrant(id), grant.patient, now).await?;
            if !grant.holds(now) && grant.from <= now {
                return Ok(());
            }
            let writer = Writer {
                actor: Some(caller.person),
                device: Some(caller.device),
                at: now,
                origin: Some(caller.origin),
                why: allowed.why,
            };
            let base = grant.version;
            let ended = Grant {
                ended_at: Some(now),
                ..grant
            };
            written(store::grant::put(tx, &writer, base, ended).await?)?;
            Ok(())
        })
        .await
}
