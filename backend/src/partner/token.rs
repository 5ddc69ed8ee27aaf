//! Exchanging a key for an access token, and what becomes of the token: it is looked at, and ended.
//!
//! A token has a session of its own, which lives as long as the token: nothing refreshes it, the key gives a new one.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    api::partner::{AccessToken, ActiveToken, ApiScopes, Introspection, Validated},
    id::{PersonId, SessionId},
};

use super::key;
use crate::{
    account::{
        session,
        token::{ACCESS_MINUTES, Bearer},
    },
    app::{App, Caller, Origin},
    fault::Fault,
    random,
    store::{self, Tx, partner::LiveKey},
};

/// What a system proves itself with.
pub struct Credentials {
    /// The client id, of whose system the key must be; none in the short form, where the key says whose it is.
    pub client: Option<PersonId>,
    /// The text of the key.
    pub key: String,
}

/// An access token. It opens the scopes asked for, or all that the key opens.
///
/// # Errors
/// [`Fault::WrongKey`]; a [`Fault::Field`] at `scope` where the key opens less, or there is no such scope.
pub async fn issue(
    app: &App,
    origin: Origin,
    credentials: Credentials,
    asked: Option<&str>,
) -> Result<AccessToken, Fault> {
    let now = app.now();
    let key = known(app, &credentials, now).await?;
    let scope = match asked {
        None => key.scopes,
        Some(asked) => match asked.parse::<ApiScopes>() {
            Ok(asked) if asked.is_empty() => key.scopes,
            Ok(asked) if key.scopes.contains_all(asked) => asked,
            Ok(_) => return Err(Fault::field("scope", "the key does not open all of these scopes")),
            Err(no) => return Err(Fault::field("scope", no.to_string())),
        },
    };
    let session = random::id(now, SessionId::new);
    let bearer = Bearer {
        person: key.system,
        session,
        device: store::partner::device_of(key.id),
        scopes: Some(scope),
    };
    let until = (now + TimeDelta::minutes(ACCESS_MINUTES)).min(key.expires);
    let begin = async move |tx: &mut Tx| {
        // Looked at again: it may have been ended since.
        let live = store::partner::key(tx, key.id).await?.ok_or(Fault::WrongKey)?;
        store::partner::begin(tx, &live, session, now).await?;
        let system = bearer.asking(origin);
        let act = system.acting(
            system.person.uuid(),
            "token_made",
            scope.to_string(),
            "a key of the system",
            now,
        );
        Ok::<_, Fault>(store::audit::acted(tx, act).await?)
    };
    app.store.write(begin).await?;
    Ok(AccessToken {
        access_token: app.tokens.access_until(bearer, now, until)?,
        token_type: "Bearer".to_owned(),
        expires_in: u32::try_from((until - now).num_seconds()).unwrap_or(0),
        scope,
    })
}

/// The key, where it serves.
async fn known(app: &App, credentials: &Credentials, now: DateTime<Utc>) -> Result<LiveKey, Fault> {
    let id = key::id_of(&credentials.key).ok_or(Fault::WrongKey)?;
    let find = async move |tx: &mut Tx| Ok::<_, Fault>(store::partner::key(tx, id).await?);
    let hash = key::hash(&credentials.key);
    let is_of = |system| credentials.client.is_none_or(|client| client == system);
    let key = app.store.read(find).await?;
    key.filter(|key| key.hash == hash && now < key.expires && is_of(key.system))
        .ok_or(Fault::WrongKey)
}

/// What a system's live token is.
pub async fn validate(app: &App, caller: Caller, token: &str) -> Result<Validated, Fault> {
    let (_, end) = app.tokens.verify_until(token, app.now())?;
    let find = async move |tx: &mut Tx| Ok::<_, Fault>(store::partner::clinic_of(tx, caller.person).await?);
    let (clinic, name) = app.store.read(find).await?.ok_or(Fault::SignedOut)?;
    Ok(Validated {
        system: caller.person,
        name,
        clinic,
        scope: caller.scopes.unwrap_or_default(),
        expires: DateTime::from_timestamp(end, 0).ok_or(Fault::Internal)?,
    })
}

/// Ends the token that it was asked with.
pub async fn revoke_own(app: &App, caller: Caller) -> Result<(), Fault> {
    end(app, caller.session).await
}

/// Ends a token of the client that proves itself. A token that is none, or another client's, is left as it is
/// (RFC 7009, section 2.2).
pub async fn revoke(app: &App, credentials: Credentials, token: &str) -> Result<(), Fault> {
    let key = known(app, &credentials, app.now()).await?;
    match app.tokens.verify(token, app.now()) {
        Ok(bearer) if bearer.person == key.system => end(app, bearer.session).await,
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn end(app: &App, session: SessionId) -> Result<(), Fault> {
    let now = app.now();
    let end = async move |tx: &mut Tx| Ok::<_, Fault>(store::session::end_family(tx, session, now).await?);
    app.store.write(end).await.map(drop)
}

/// What became of a token of the client that proves itself; of every other it says only that it does not serve.
pub async fn introspect(app: &App, credentials: Credentials, token: &str) -> Result<Introspection, Fault> {
    let now = app.now();
    let key = known(app, &credentials, now).await?;
    let none = Introspection {
        active: false,
        token: None,
    };
    let Ok((bearer, exp)) = app.tokens.verify_until(token, now) else {
        return Ok(none);
    };
    let Some(scope) = bearer.scopes.filter(|_| bearer.person == key.system) else {
        return Ok(none);
    };
    if !session::is_live(app, bearer).await? {
        return Ok(none);
    }
    Ok(Introspection {
        active: true,
        token: Some(ActiveToken {
            scope,
            client_id: bearer.person,
            sub: bearer.person,
            token_type: "Bearer".to_owned(),
            exp,
        }),
    })
}
