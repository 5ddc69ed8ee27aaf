//! Limits on attempts that must hold over restarts and over several backends: counted in the store, before the attempt.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{app::App, fault::Fault, http::limit::network, random, store, store::Tx};

/// At most so many attempts under one key in a span of time.
#[derive(Clone, Debug)]
pub struct Limit {
    key: String,
    most: u32,
    within: TimeDelta,
}

impl Limit {
    /// Sign-ins to one account.
    pub fn sign_in_email(app: &App, email: &str) -> Self {
        Self {
            key: super::email::attempt_key(email),
            most: app.limits.sign_in_per_email,
            within: TimeDelta::minutes(15),
        }
    }

    /// Sign-ins from one address.
    pub fn sign_in_address(app: &App, address: IpAddr) -> Self {
        Self {
            key: by_address("sign-in", address),
            most: app.limits.sign_in_per_address,
            within: TimeDelta::minutes(15),
        }
    }

    /// New accounts from one address.
    pub fn sign_up_address(app: &App, address: IpAddr) -> Self {
        Self {
            key: by_address("sign-up", address),
            most: app.limits.sign_up_per_address,
            within: TimeDelta::hours(1),
        }
    }

    /// Passwords and codes by which one person, who is signed in, would change their password or second factor.
    pub fn own_account(app: &App, person: doseline_shared::id::PersonId) -> Self {
        Self {
            key: random::digest(&[b"attempt at own account", person.uuid().as_bytes()]),
            most: app.limits.sign_in_per_email,
            within: TimeDelta::minutes(15),
        }
    }

    /// Codes tried by one person.
    pub fn code_person(app: &App, person: doseline_shared::id::PersonId) -> Self {
        Self {
            key: random::digest(&[b"attempt by person", person.uuid().as_bytes()]),
            most: app.limits.codes_per_person,
            within: TimeDelta::minutes(15),
        }
    }

    /// Codes tried from one address.
    pub fn code_address(app: &App, address: IpAddr) -> Self {
        Self {
            key: by_address("code", address),
            most: app.limits.codes_per_person.saturating_mul(10),
            within: TimeDelta::minutes(15),
        }
    }
}

/// Attempts are kept without the address itself.
fn by_address(what: &str, address: IpAddr) -> String {
    let shown = network(address).to_string();
    random::digest(&[b"attempt by address", what.as_bytes(), shown.as_bytes()])
}

/// Counts one attempt under each of `limits`, or refuses it where one of them is reached. Counting first and in one
/// transaction leaves no room for attempts that run side by side.
pub async fn take(app: &App, limits: Vec<Limit>) -> Result<(), Fault> {
    let now = app.now();
    app.store
        .write(async move |tx: &mut Tx| {
            refuse_if_reached(tx, &limits, now).await?;
            note(tx, &limits, now).await
        })
        .await
}

/// Refuses where one of `limits` is reached.
pub async fn refuse_if_reached(tx: &mut Tx, limits: &[Limit], now: DateTime<Utc>) -> Result<(), Fault> {
    for limit in limits {
        let since = now - limit.within;
        if store::attempt::count_since(tx, &limit.key, since).await? >= u64::from(limit.most) {
            return Err(Fault::TooManyAttempts {
                retry_after: u32::try_from(limit.within.num_seconds()).unwrap_or(900),
            });
        }
    }
    Ok(())
}

/// Counts one attempt under each of `limits`.
pub async fn note(tx: &mut Tx, limits: &[Limit], now: DateTime<Utc>) -> Result<(), Fault> {
    for limit in limits {
        store::attempt::record(tx, &limit.key, now).await?;
    }
    Ok(())
}

/// Forgets the attempts under `limits`: the last one was right.
pub async fn forgive(app: &App, limits: Vec<Limit>) -> Result<(), Fault> {
    app.store
        .write(async move |tx: &mut Tx| {
            for limit in &limits {
                store::attempt::clear(tx, &limit.key).await?;
            }
            Ok(())
        })
        .await
}
