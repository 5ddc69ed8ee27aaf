//! What every use case may reach: the store, the clock, keys and limits.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::partner::ApiScopes,
    id::{DeviceId, PersonId, SessionId},
};
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use crate::{
    account::{
        password::Passwords,
        second_factor::Authenticators,
        token::{Bearer, Tokens},
    },
    config::{Config, Limits, key_file::MasterKey},
    fault::Fault,
    http::limit::{PerMinute, network},
    store::{
        self, Store, StoreError, Tx,
        access::Reader,
        audit::{Act, Notes, Reading, Refusal},
    },
    sync::Gathering,
    webhook::{Reach, Secrets},
};

/// The rule by which people act on their accounts.
pub const OWN: &str = "one's own account";

/// The clock; tests hand in their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The backend, shared by all requests.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`].
pub struct Parts {
    /// The store.
    pub store: Store,
    /// Signs and verifies access tokens.
    pub tokens: Tokens,
    /// Makes and checks hashes of passwords.
    pub passwords: Passwords,
    /// Encrypts the keys of second factors, and checks their codes.
    pub authenticators: Authenticators,
    /// Makes the secrets of webhooks, and signs with them.
    pub webhook_secrets: Arc<Secrets>,
    /// Where webhooks may be.
    pub reach: Reach,
    /// Limits from the configuration.
    pub limits: Limits,
    /// The limit on previews.
    pub previews: PerMinute<IpAddr>,
    /// The limit on refused requests.
    pub refusals: PerMinute<IpAddr>,
    /// The limit on requests of one person or system.
    pub requests: PerMinute<PersonId>,
    /// The address under which others reach the backend.
    pub public_url: String,
    /// Whether to believe `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// Whether anyone may read the metrics.
    pub metrics_open: bool,
    /// Tells open connections that a person's sessions or memberships have changed.
    pub persons: broadcast::Sender<PersonId>,
    /// True once the backend is stopping.
    pub stopping: watch::Receiver<bool>,
    /// Pushes that wait to be applied together.
    pub gathering: Gathering,
    /// Open hint connections by person.
    pub open_hints: Mutex<HashMap<PersonId, usize>>,
    clock: Clock,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Who asks: a live session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person, or the system.
    pub person: PersonId,
    /// The session.
    pub session: SessionId,
    /// The device that the session is for; of a system, its key.
    pub device: DeviceId,
    /// What a system's token opens; none for a person.
    pub scopes: Option<ApiScopes>,
    /// Where the request comes from.
    pub origin: IpAddr,
}

impl Caller {
    /// That they read what `target` asks for.
    pub fn reading(self, target: Target, at: DateTime<Utc>) -> Reading {
        Reading {
            person: self.person,
            device: self.device,
            origin: self.origin,
            asked: target.0,
            at,
        }
    }

    /// That they do `what` to `on`: an account, a clinic or a system.
    pub const fn acting(
        self,
        on: Uuid,
        what: &'static str,
        concerns: String,
        why: &'static str,
        at: DateTime<Utc>,
    ) -> Act {
        Act {
            on,
            by: Some((self.person, self.device)),
            origin: Some(self.origin),
            what,
            concerns,
            why,
            at,
        }
    }

    /// That they do `what` to their own account.
    pub const fn acting_on_own(self, what: &'static str, at: DateTime<Utc>) -> Act {
        self.acting(self.person.uuid(), what, String::new(), OWN, at)
    }

    /// The same as a token says it.
    pub const fn bearer(self) -> Bearer {
        Bearer {
            person: self.person,
            session: self.session,
            device: self.device,
            scopes: self.scopes,
        }
    }
}

/// What a request asks for: method and path, without the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(pub String);

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin(pub IpAddr);

impl App {
    /// A backend over `store`.
    pub fn new(store: Store, key: &MasterKey, config: &Config, stopping: watch::Receiver<bool>, clock: Clock) -> Self {
        let (persons, _) = broadcast::channel(1_024);
        Self(Arc::new(Parts {
            store,
            tokens: Tokens::new(config.public_url(), &key.signing_seed(), &key.refresh_key()),
            passwords: Passwords::new(config.limits.password_checks),
            previews: PerMinute::new(config.limits.previews_per_minute),
            refusals: PerMinute::new(config.limits.refusals_per_minute),
            requests: PerMinute::new(config.limits.requests_per_minute),
            authenticators: Authenticators::new(&key.second_factor_key(), &key.recovery_code_key()),
            webhook_secrets: Arc::new(Secrets::new(&key.webhook_key())),
            reach: Reach::new(config.webhooks.networks.clone()),
            limits: config.limits.clone(),
            public_url: config.public_url(),
            trust_forwarded_for: config.trust_forwarded_for,
            metrics_open: config.metrics_open,
            persons,
            stopping,
            gathering: Gathering::default(),
            open_hints: Mutex::default(),
            clock,
        }))
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Reads for `caller`, who has asked `target` for it: the way in which anything of a record is given out. Whose records
    /// are in the answer is written to their audit trails first.
    ///
    /// # Errors
    /// The job's own, or that of the store; what cannot be written down is not given.
    pub async fn read_as<T, F>(&self, caller: Caller, target: Target, now: DateTime<Utc>, job: F) -> Result<T, Fault>
    where
        F: AsyncFn(&mut Tx, &Reader) -> Result<T, Fault> + Send + Sync + 'static,
        T: Send + 'static,
    {
        store::audit::read(&self.store, caller.reading(target, now), job).await
    }

    /// Writes a refused request to the audit. An address that is refused too often waits, and is turned away until then.
    ///
    /// # Errors
    /// [`Fault::TooManyAttempts`], or that of the store.
    pub async fn refuse(&self, refusal: Refusal) -> Result<(), Fault> {
        self.refusals.take(network(refusal.origin), refusal.at)?;
        let notes = Notes {
            refusals: vec![refusal],
            ..Notes::default()
        };
        let note = async move |tx: &mut Tx| Ok(store::audit::note(tx, &notes).await?);
        self.store.write(note).await
    }

    /// The clock, for what runs beside the requests.
    pub fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    /// Tells the open connections of `person` to look again whether they may stay.
    pub fn tell(&self, person: PersonId) {
        // No receiver means that nobody is connected.
        let _ = self.persons.send(person);
    }

    /// Counts one more hint connection of `person`, where there is room for it.
    pub fn open_hints(&self, person: PersonId) -> Option<OpenHints> {
        let mut open = self.open_hints.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(person).or_default();
        if *count >= self.limits.hints_per_person {
            return None;
        }
        *count += 1;
        Some(OpenHints {
            app: self.clone(),
            person,
        })
    }
}

/// A hint connection that counts until it is dropped.
pub struct OpenHints {
    app: App,
    person: PersonId,
}

impl Drop for OpenHints {
    fn drop(&mut self) {
        let mut open = self.app.open_hints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.person);
            }
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Full => {
                tracing::warn!(store.error = %error, "the store cannot do it now");
                Self::Unavailable { retry_after: 2 }
            }
            StoreError::WrongKey
            | StoreError::Damaged(_)
            | StoreError::OtherVersion
            | StoreError::Conflict
            | StoreError::Missing
            | StoreError::TargetExists
            | StoreError::Unsupported(_)
            | StoreError::Failed(_) => {
                tracing::error!(store.error = %error, "the store failed");
                Self::Internal
            }
        }
    }
}
