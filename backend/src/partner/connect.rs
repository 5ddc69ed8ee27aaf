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
            let why = allow(tx, caller, clinic, now).await?;
            if store::partner::of_clinic(tx, clinic).await?.len() >= MAX_SYSTEMS {
                return Err(Fault::Conflict {
                    path: None,
                    problem: "the clinic has as many systems as it may: end one that is not used",
                });
            }
            store::partner::insert(tx, &system).await?;
            store::partner::insert_key(tx, &key).await?;
            let what = format!("{} {}: {}", system.id, key.id, key.scopes);
            note(tx, caller, clinic, "system_connected", what, why, now).await?;
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
            let (known, why) = of_clinic(tx, caller, clinic, system, now).await?;
            if known.keys.len() >= MAX_KEYS {
                return Err(Fault::Conflict {
                    path: None,
                    problem: "the system has as many keys as it may: end one that is not used",
                });
            }
            store::partner::insert_key(tx, &key).await?;
            let what = format!("{system} {}: {}", key.id, key.scopes);
            note(tx, caller, clinic, "key_made", what, why, now).await?;
            Ok(issued.clone())
        })
        .await
}

/// Ends a key, and every token that was made for it.
pub async fn end_key(app: &App, caller: Caller, clinic: ClinicId, system: PersonId, key: KeyId) -> Result<(), Fault> {
    let now = app.now();
    let end = async move |tx: &mut Tx| {
        let (_, why) = of_clinic(tx, caller, clinic, system, now).await?;
        if !store::partner::end_key(tx, system, key, now).await? {
            return Err(Fault::NotFound);
        }
        note(tx, caller, clinic, "key_ended", format!("{system} {key}"), why, now).await
    };
    app.store.write(end).await
}

/// Ends a system with its keys and tokens.
pub async fn disconnect(app: &App, caller: Caller, clinic: ClinicId, system: PersonId) -> Result<(), Fault> {
    let now = app.now();
    let end = async move |tx: &mut Tx| {
        let why = allow(tx, caller, clinic, now).await?;
        if !store::partner::end(tx, clinic, system, now).await? {
            return Err(Fault::NotFound);
        }
        note(tx, caller, clinic, "system_disconnected", system.to_string(), why, now).await
    };
    app.store.write(end).await
}

/// Writes down what was done to the clinic's systems, in its trail.
pub async fn note(
    tx: &mut Tx,
    caller: Caller,
    clinic: ClinicId,
    what: &'static str,
    concerns: String,
    why: &'static str,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let act = caller.acting(clinic.uuid(), what, concerns, why, now);
    Ok(store::audit::acted(tx, act).await?)
}

async fn allow(tx: &mut Tx, caller: Caller, clinic: ClinicId, now: DateTime<Utc>) -> Result<&'static str, Fault> {
    let actor = access::actor(tx, caller.person).await?;
    access::allow_in_clinic(&actor, Action::ManageSystems(clinic), clinic, now)
}

/// The clinic's system of this id, for who may manage it, and the rule.
pub async fn of_clinic(
    tx: &mut Tx,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    now: DateTime<Utc>,
) -> Result<(PartnerSystem, &'static str), Fault> {
    let why = allow(tx, caller, clinic, now).await?;
    let systems = store::partner::of_clinic(tx, clinic).await?;
    let found = systems.into_iter().find(|known| known.system == system);
    found.map(|system| (system, why)).ok_or(Fault::NotFound)
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
