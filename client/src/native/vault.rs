//! Opens the cache of a device: with the keychain's key, or with a PIN; and what happens when it does not open.
//!
//! The file is never overwritten and never removed. Starting over moves it aside under a name with the time in it.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use chrono::{DateTime, Utc};
use doseline_shared::api::ErrorCode;

use super::{
    cache::{PUT_SECRET, SqlCipherCache, cache_error},
    host::{Shelf, system_now},
    key::{DatabaseKey, KEY_SECRET, Secrets, SecretsError},
    pin::Pin,
    salvage::{Salvage, salvage},
};
use crate::{
    ask::Fault,
    cache::{Batch, Cache, CacheError},
    vault::{Opening, Vault},
};

/// Seconds after which a keychain that is locked or not up yet is worth another try.
const KEYCHAIN_RETRY_S: u32 = 5;

/// See the module.
pub struct NativeVault<S> {
    dir: PathBuf,
    secrets: S,
    pin: Pin,
    shelf: Shelf,
    /// The key that was tried last.
    key: RefCell<Option<DatabaseKey>>,
}

/// Where the key is.
enum KeyPlace {
    Here(DatabaseKey),
    /// Behind a PIN.
    Pin,
    /// Nowhere yet: no keychain, no PIN, no file.
    Nowhere,
    /// In a keychain that does not answer, or answers that it has none for a file that is there.
    OutOfReach(Fault),
}

impl<S: Secrets> NativeVault<S> {
    /// The vault on the files in `dir`.
    pub fn new(dir: &Path, secrets: S) -> Self {
        Self {
            dir: dir.to_owned(),
            secrets,
            pin: Pin::new(dir),
            shelf: Shelf::default(),
            key: RefCell::new(None),
        }
    }

    /// Where the host keeps its secrets, once the cache is open.
    pub(super) fn shelf(&self) -> Shelf {
        Rc::clone(&self.shelf)
    }

    fn file(&self) -> PathBuf {
        self.dir.join("doseline.db")
    }

    /// A new cache that was filled and not yet put in place.
    fn new_file(&self) -> PathBuf {
        self.dir.join("doseline.new.db")
    }

    fn key_place(&self) -> KeyPlace {
        if self.pin.exists() {
            return KeyPlace::Pin;
        }
        let exists = self.file().exists();
        match self.secrets.get(KEY_SECRET) {
            Ok(Some(hex)) => match DatabaseKey::from_hex(&hex) {
                Some(key) => KeyPlace::Here(key),
                None => KeyPlace::OutOfReach(Fault::of(ErrorCode::WrongKey)),
            },
            Ok(None) if exists => KeyPlace::OutOfReach(Fault::of(ErrorCode::WrongKey)),
            Ok(None) => {
                let key = DatabaseKey::random();
                let kept = self
                    .secrets
                    .set(KEY_SECRET, Some(&key.hex()))
                    .and_then(|()| self.secrets.get(KEY_SECRET));
                match kept {
                    Ok(Some(hex)) if hex == *key.hex() => KeyPlace::Here(key),
                    Ok(_) | Err(SecretsError::NoKeychain) => KeyPlace::Nowhere,
                    Err(error @ (SecretsError::Locked | SecretsError::Failed(_))) => {
                        KeyPlace::OutOfReach(unanswered(&error, exists))
                    }
                }
            }
            // At login the keychain can come up after the app: a file whose key it holds waits for it.
            Err(error) if exists => KeyPlace::OutOfReach(unanswered(&error, exists)),
            Err(SecretsError::NoKeychain) => KeyPlace::Nowhere,
            Err(error @ (SecretsError::Locked | SecretsError::Failed(_))) => {
                KeyPlace::OutOfReach(unanswered(&error, exists))
            }
        }
    }

    fn open_with(&self, key: DatabaseKey) -> Opening<SqlCipherCache> {
        *self.shelf.borrow_mut() = None;
        let opened = self.open_whole(&key);
        *self.key.borrow_mut() = Some(key);
        match opened {
            Ok(cache) => {
                *self.shelf.borrow_mut() = Some(cache.clone());
                Opening::Open(cache)
            }
            Err(error) => {
                tracing::error!(cache.error = %error, "the cache does not open");
                let saved = match &error {
                    CacheError::Damaged(_) => self.salvage().entries(),
                    CacheError::WrongKey | CacheError::Full | CacheError::Failed(_) => 0,
                };
                Opening::Trouble {
                    fault: error.into(),
                    saved,
                }
            }
        }
    }

    /// Opens the file and reads it once through: a damaged page shows here, not in the middle of a day.
    fn open_whole(&self, key: &DatabaseKey) -> Result<SqlCipherCache, CacheError> {
        let failed = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::StorageFull => CacheError::Full,
            _ => CacheError::Failed(error.to_string()),
        };
        fs::create_dir_all(&self.dir).map_err(failed)?;
        // A start over that was cut off between its two renames.
        if !self.file().exists() && self.new_file().exists() {
            rename_with_log(&self.new_file(), &self.file()).map_err(failed)?;
        }
        let cache = SqlCipherCache::open(&self.file(), key)?;
        cache.read_through()?;
        Ok(cache)
    }

    fn salvage(&self) -> Salvage {
        match &*self.key.borrow() {
            Some(key) => salvage(&self.file(), key),
            None => Salvage::default(),
        }
    }

    /// A new cache with what could be saved, in place of the present file, which moves aside.
    async fn replace(&self, key: &DatabaseKey) -> Result<(), CacheError> {
        let salvage = self.salvage();
        remove_with_log(&self.new_file());
        let cache = SqlCipherCache::open(&self.new_file(), key)?;
        for (name, value) in &salvage.secrets {
            cache
                .connection()
                .execute(PUT_SECRET, [name, value])
                .map_err(cache_error)?;
        }
        cache
            .commit(Batch {
                pending: salvage.outbox.into_values().collect(),
                values: salvage
                    .values
                    .into_iter()
                    .map(|(name, value)| (name, Some(value)))
                    .collect(),
                ..Batch::default()
            })
            .await?;
        drop(cache);
        self.set_aside()?;
        rename_with_log(&self.new_file(), &self.file()).map_err(|error| CacheError::Failed(error.to_string()))
    }

    fn set_aside(&self) -> Result<(), CacheError> {
        if !self.file().exists() {
            return Ok(());
        }
        let now: DateTime<Utc> = system_now();
        let aside = self
            .dir
            .join(format!("doseline-{}.aside.db", now.format("%Y%m%dT%H%M%S%3fZ")));
        rename_with_log(&self.file(), &aside).map_err(|error| CacheError::Failed(error.to_string()))
    }
}

impl<S: Secrets> Vault for NativeVault<S> {
    type Cache = SqlCipherCache;

    async fn open(&self) -> Opening<SqlCipherCache> {
        match self.key_place() {
            KeyPlace::Here(key) => self.open_with(key),
            KeyPlace::Pin => Opening::EnterPin,
            KeyPlace::Nowhere => Opening::ChoosePin,
            KeyPlace::OutOfReach(fault) => Opening::Trouble { fault, saved: 0 },
        }
    }

    async fn choose_pin(&self, pin: &str) -> Result<Opening<SqlCipherCache>, Fault> {
        match self.key_place() {
            KeyPlace::Nowhere => {
                let key = DatabaseKey::random();
                fs::create_dir_all(&self.dir).map_err(|_| Fault::of(ErrorCode::Internal))?;
                self.pin.choose(pin, &key)?;
                Ok(self.open_with(key))
            }
            // A keychain has come up, or a PIN was chosen, meanwhile.
            KeyPlace::Here(_) | KeyPlace::Pin | KeyPlace::OutOfReach(_) => Ok(self.open().await),
        }
    }

    async fn unlock(&self, pin: &str) -> Result<Opening<SqlCipherCache>, Fault> {
        if !self.pin.exists() {
            return Ok(self.open().await);
        }
        let key = self.pin.unwrap(pin, system_now())?;
        Ok(self.open_with(key))
    }

    async fn start_over(&self) -> Result<Opening<SqlCipherCache>, Fault> {
        *self.shelf.borrow_mut() = None;
        let key = self.key.borrow().clone();
        match key {
            Some(key) => {
                self.replace(&key).await?;
                Ok(self.open_with(key))
            }
            // No key was ever at hand: the file keeps waiting for it under its new name.
            None if self.pin.exists() => Ok(Opening::EnterPin),
            None => {
                self.set_aside()?;
                Ok(self.open().await)
            }
        }
    }
}

/// What is told of a keychain that did not answer; `exists` says that there is a file whose key it may hold. Each may have
/// passed a few seconds later.
fn unanswered(error: &SecretsError, exists: bool) -> Fault {
    let code = match error {
        SecretsError::Locked => ErrorCode::KeychainLocked,
        SecretsError::NoKeychain | SecretsError::Failed(_) if exists => ErrorCode::WrongKey,
        // There is no file that a key could be wrong for.
        SecretsError::NoKeychain | SecretsError::Failed(_) => ErrorCode::Internal,
    };
    Fault {
        retry_after: Some(KEYCHAIN_RETRY_S),
        ..Fault::of(code)
    }
}

/// Renames a database with its write-ahead log, which belongs to it by name.
fn rename_with_log(from: &Path, to: &Path) -> std::io::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let (from, to) = (with_suffix(from, suffix), with_suffix(to, suffix));
        if from.exists() {
            fs::rename(from, to)?;
        }
    }
    fs::rename(from, to)
}

/// Removes what an interrupted start over has left.
fn remove_with_log(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let path = with_suffix(path, suffix);
        if path.exists()
            && let Err(error) = fs::remove_file(&path)
        {
            tracing::warn!(cache.error = %error, "a left-over file could not be removed");
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
