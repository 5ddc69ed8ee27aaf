//! Connecting a system to a clinic, its keys, and ending both, at once. For the clinic's administrators.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    access::Action,
    api::partner::{ApiScopes, IssuedKey, Key, MAX_KEY_DAYS, MAX_KEYS, MAX_SYSTEMS, NewKey, NewSystem, PartnerSystem},
    id::{ClinicId, KeyId, PersonId},
};

use super::key;
use crate::{
    access,
    account::email,
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Tx},
};

/// The clinic's systems with their keys, by name.
pub async fn list(app: &App, caller: Caller, clinic: ClinicId) -> Result<Vec<PartnerSystem>, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| {
            allow(tx, caller, clinic, now).await?;
            Ok(store::partner::of_clinic(tx, clinic).await?)
        })
        .await
}

/// Connects a system, with its first key.
pub async fn connect(app: &App, caller: Caller, clinic: ClinicId, request: NewSystem) -> Result<IssuedKey, Fault> {
    let now = app.now();
    let system = store::partner::NewSystem {
        id: random::id(now, PersonId::new),
        name: email::person_name("name", &request.name)?,
        clinic,
        made_by: caller.person,
        created: now,
    };
    let (key, issued) = made(caller, system.id, &request.key, "key.", now)?;
    app.store
        .write(async move |tx: &mut Tx| {
            allow(tx, caller, clinic, now).await?;
            if store::partner::of_clinic(tx, clinic).await?.len() >= MAX_SYSTEMS {
                return Err(Fault::Conflict {
                    path: None,
                    problem: "the clinic has as many systems as it may: end one that is not used",
                });
            }
            store::partner::insert(tx, &system).await?;
            store::partner::insert_key(tx, &key).await?;
            Ok(issued.clone())
        })
        .await
}

/// Makes one more key of a system: to take the place of one whose time is nearly over.
pub async fn make_key(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    request: NewKey,
) -> Result<IssuedKey, Fault> {
    let now = app.now();
    let (key, issued) = made(caller, system, &request, "", now)?;
    app.store
        .write(async move |tx: &mut Tx| {
            let known = of_clinic(tx, caller, clinic, system, now).await?;
            if known.keys.len() >= MAX_KEYS {
                return Err(Fault::Conflict {
                    path: None,
                    problem: "the system has as many keys as it may: end one that is not used",
                });
            }
            store::partner::insert_key(tx, &key).await?;
            Ok(issued.clone())
        })
        .await
}

/// Ends a key, and every token that was made for it.
pub async fn end_key(app: &App, caller: Caller, clinic: ClinicId, system: PersonId, key: KeyId) -> Result<(), Fault> {
    let now = app.now();
    let ended = app.store.write(async move |tx: &mut Tx| {
        of_clinic(tx, caller, clinic, system, now).await?;
        Ok::<_, Fault>(store::partner::end_key(tx, system, key, now).await?)
    });
    if ended.await? { Ok(()) } else { Err(Fault::NotFound) }
}

/// Ends a system with its keys and tokens.
pub async fn disconnect(app: &App, caller: Caller, clinic: ClinicId, system: PersonId) -> Result<(), Fault> {
    let now = app.now();
    let ended = app.store.write(async move |tx: &mut Tx| {
        allow(tx, caller, clinic, now).await?;
        Ok::<_, Fault>(store::partner::end(tx, clinic, system, now).await?)
    });
    if ended.await? { Ok(()) } else { Err(Fault::NotFound) }
}

async fn allow(tx: &mut Tx, caller: Caller, clinic: ClinicId, now: DateTime<Utc>) -> Result<(), Fault> {
    let actor = access::actor(tx, caller.person).await?;
    access::allow_in_clinic(&actor, Action::ManageSystems(clinic), clinic, now)
}

/// The clinic's system of this id, for who may manage it.
async fn of_clinic(
    tx: &mut Tx,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    now: DateTime<Utc>,
) -> Result<PartnerSystem, Fault> {
    allow(tx, caller, clinic, now).await?;
    let systems = store::partner::of_clinic(tx, clinic).await?;
    let found = systems.into_iter().find(|known| known.system == system);
    found.ok_or(Fault::NotFound)
}

/// A key as it is kept, and as its maker gets it. Faults name their fields behind `under`.
fn made(
    caller: Caller,
    system: PersonId,
    request: &NewKey,
    under: &str,
    now: DateTime<Utc>,
) -> Result<(store::partner::NewKey, IssuedKey), Fault> {
    let scopes: ApiScopes = request.scopes.iter().copied().collect();
    if scopes.is_empty() {
        return Err(Fault::field(format!("{under}scopes"), "name at least one scope"));
    }
    if !(1..=MAX_KEY_DAYS).contains(&request.days) {
        let problem = format!("a key serves 1 to {MAX_KEY_DAYS} days");
        return Err(Fault::field(format!("{under}days"), problem));
    }
    let id = random::id(now, KeyId::new);
    let expires = now + TimeDelta::days(request.days.into());
    let secret = key::fresh(id);
    let kept = store::partner::NewKey {
        id,
        system,
        hash: key::hash(&secret),
        scopes,
        made_by: caller.person,
        created: now,
        expires,
    };
    let shown = Key {
        id,
        scopes: scopes.iter().collect(),
        created: now,
        expires,
        used: None,
    };
    let issued = IssuedKey {
        system,
        key: shown,
        secret,
    };
    Ok((kept, issued))
}
