//! Refreshing: a refresh token serves once and gives the next. One that comes again has been copied: its family ends.

use chrono::TimeDelta;
use doseline_shared::api::account::{Refresh, Session};

use super::{me, session::REFRESH_DAYS, token, token::Bearer};
use crate::{
    app::App,
    fault::Fault,
    store::{self, Tx, session::Rotation},
};

/// Rotates the refresh token and gives a new access token.
pub async fn refresh(app: &App, request: Refresh) -> Result<Session, Fault> {
    let now = app.now();
    let old = token::refresh_hash(&request.refresh);
    let fresh = token::fresh_refresh();
    let new = token::refresh_hash(&fresh);
    // The end of a family must be kept, so it is an answer of the transaction and not its failure.
    let rotation = app
        .store
        .write(async move |tx: &mut Tx| {
            let until = now + TimeDelta::days(REFRESH_DAYS);
            let rotation = store::session::rotate(tx, &old, &new, now, until).await?;
            if let Rotation::Rotated(session) = &rotation {
                store::session::touch(tx, session.id, now).await?;
            }
            Ok::<_, Fault>(rotation)
        })
        .await?;
    let session = match rotation {
        Rotation::Rotated(session) => session,
        Rotation::Reused(session) => {
            tracing::warn!(session.id = %session.id, "a refresh token came twice; its sessions are ended");
            app.tell(session.person);
            return Err(Fault::SignedOut);
        }
        Rotation::Ended | Rotation::Expired | Rotation::Unknown => return Err(Fault::SignedOut),
    };
    let bearer = Bearer {
        person: session.person,
        session: session.id,
        device: session.device,
    };
    let me = app
        .store
        .read(async move |tx: &mut Tx| me::of(tx, bearer.person).await)
        .await?;
    let (access, access_until) = app.tokens.access(bearer, now)?;
    Ok(Session {
        access,
        access_until,
        refresh: fresh,
        me,
    })
}
