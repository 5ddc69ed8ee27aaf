//! Refreshing: a refresh token serves once and gives the next. One that comes again has been copied: its family ends.
//!
//! A request whose answer was lost is no copy: the device knows it by the text that it chose for it, and is answered the
//! same once more, as long as that answer has not been used.

use doseline_shared::api::account::{Refresh, Session};

use super::{me, session, token, token::Bearer};
use crate::{
    app::App,
    fault::Fault,
    store::{self, Tx, session::Rotation},
};

/// Rotates the refresh token and gives a new access token.
pub async fn refresh(app: &App, request: Refresh) -> Result<Session, Fault> {
    let now = app.now();
    if let Some(retry) = &request.retry
        && !(16..=100).contains(&retry.len())
    {
        return Err(Fault::field("retry", "must be a text of 16 to 100 characters"));
    }
    let old = token::refresh_hash(&request.refresh);
    let fresh = app.tokens.successor(&request.refresh, request.retry.as_deref());
    let new = token::refresh_hash(&fresh);
    // A made-up token is not worth the one writer's time.
    let known = old.clone();
    let find = async move |tx: &mut Tx| Ok::<_, Fault>(store::session::by_refresh_hash(tx, &known).await?);
    if app.store.read(find).await?.is_none() {
        return Err(Fault::SignedOut);
    }
    // The end of a family must be kept, so it is an answer of the transaction and not its failure.
    let limits = app.limits.clone();
    let rotation = app
        .store
        .write(async move |tx: &mut Tx| {
            let Some(session) = store::session::by_refresh_hash(tx, &old).await? else {
                return Ok(Rotation::Unknown);
            };
            let until = session::until(tx, &limits, session.person, session.created, now).await?;
            let rotation = if until <= now {
                Rotation::Expired
            } else {
                store::session::rotate(tx, &old, &new, now, until).await?
            };
            if rotation == Rotation::Expired {
                store::session::end_family(tx, session.id, now).await?;
            }
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
        scopes: None,
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
