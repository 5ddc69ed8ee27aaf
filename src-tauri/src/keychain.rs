//! The device's secrets in the system's keychain: the cache's key and the refresh token.
//!
//! Secret Service on Linux and the BSDs, Keychain on macOS and iOS, Credential Manager on Windows. There is no fallback
//! here: no file, no kernel keyring (it forgets at reboot). Where there is no keychain the core asks for a PIN instead.
//! A keychain that is locked, or that was not up yet, is asked anew at every call.
//!
//! `keyring` finds the platform's store, and decides once per process whether there is one. At login the session's keyring
//! service may start after the app, and it may be restarted later: then the same store is connected anew here.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use doseline_client::native::{Secrets, SecretsError};
use keyring_core::{CredentialStore, Entry, Error};

/// The system's keychain, opened when it is first needed.
#[derive(Clone)]
pub struct Keychain {
    service: String,
    store: Arc<Mutex<Option<Arc<CredentialStore>>>>,
    /// Whether what `keyring` found was used already.
    asked: Arc<AtomicBool>,
}

impl Keychain {
    /// The keychain's part for `service`.
    pub fn new(service: String) -> Self {
        Self {
            service,
            store: Arc::default(),
            asked: Arc::default(),
        }
    }

    /// The open store, or a new connection to it.
    fn store(&self) -> Result<Arc<CredentialStore>, Error> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match &*store {
            Some(open) => Ok(Arc::clone(open)),
            None => Ok(Arc::clone(store.insert(self.connect()?))),
        }
    }

    /// The store that `keyring` chose, the first time and where it found one; a new connection to it else.
    fn connect(&self) -> Result<Arc<CredentialStore>, Error> {
        if !self.asked.swap(true, Ordering::Relaxed)
            && keyring::Entry::store_status().is_ok()
            && let Some(store) = keyring_core::get_default_store()
        {
            return Ok(store);
        }
        system_store()
    }

    /// Runs `act` on the entry of `name`; once more on a new connection where the old one has died, as it does when the
    /// keyring service is restarted.
    fn on_entry<T>(&self, name: &str, act: impl Fn(&Entry) -> Result<T, Error>) -> Result<T, Error> {
        let attempt = || act(&self.store()?.build(&self.service, name, None)?);
        match attempt() {
            Err(Error::PlatformFailure(_)) => {
                *self.store.lock().unwrap_or_else(PoisonError::into_inner) = None;
                attempt()
            }
            other => other,
        }
    }
}

impl Secrets for Keychain {
    fn get(&self, name: &str) -> Result<Option<String>, SecretsError> {
        match self.on_entry(name, Entry::get_password) {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.report(error)),
        }
    }

    fn set(&self, name: &str, value: Option<&str>) -> Result<(), SecretsError> {
        let done = match value {
            Some(secret) => self.on_entry(name, |entry| entry.set_password(secret)),
            None => match self.on_entry(name, Entry::delete_credential) {
                Err(Error::NoEntry) => Ok(()),
                other => other,
            },
        };
        done.map_err(|error| self.report(error))
    }
}

impl Keychain {
    /// What the core has to know of an error. Only its kind is told: a keychain's error may quote what it holds.
    fn report(&self, error: Error) -> SecretsError {
        let connected = self.store.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let report = match error {
            // The way to a running keychain is there, and it would not open: locked, or its owner said no.
            Error::NoStorageAccess(_) => SecretsError::Locked,
            Error::NoDefaultStore | Error::NotSupportedByStore(_) => SecretsError::NoKeychain,
            Error::PlatformFailure(_) if !connected => SecretsError::NoKeychain,
            Error::PlatformFailure(error) => SecretsError::Failed(error.to_string()),
            Error::BadEncoding(_) | Error::BadDataFormat(..) => SecretsError::Failed("an entry cannot be read".into()),
            Error::Ambiguous(_) => SecretsError::Failed("there is more than one entry".into()),
            other => SecretsError::Failed(other.to_string()),
        };
        tracing::warn!(keychain.state = %report, "the keychain did not answer as wanted");
        report
    }
}

#[cfg(target_os = "macos")]
fn system_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "ios")]
fn system_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::protected::Store::new()?)
}

#[cfg(target_os = "windows")]
fn system_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(any(target_os = "macos", target_os = "ios", target_os = "android"))))]
fn system_store() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// Android's keystore is reached only through the Java side of the app, which is not built yet; until then a PIN.
#[cfg(target_os = "android")]
fn system_store() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}
