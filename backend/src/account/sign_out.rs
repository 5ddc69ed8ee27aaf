//! Signing out: ends the caller's session at once.

use crate::{
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// Ends the session.
pub async fn sign_out(app: &App, caller: Caller) -> Result<(), Fault> {
    let now = app.now();
    app.store
        .write(async move |tx: &mut Tx| {
            store::session::end_family(tx, caller.session, now).await?;
            store::audit::acted(tx, caller.acting_on_own("session_ended", now)).await?;
            Ok::<_, Fault>(())
        })
        .await?;
    app.tell(caller.person);
    Ok(())
}
