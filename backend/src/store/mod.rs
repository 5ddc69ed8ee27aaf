//! The store: every durable thing of the backend, on embedded encrypted SQLite or on PostgreSQL, by one SQL text.
//!
//! Owns transactions, the order of the change feed, the hash chains, and who is told after a commit. Patient data is
//! reached only with a [`access::Reader`] (what one person may see now) or a [`access::System`] (a named reason).
//! Refuses rules of medicine: it keeps what `doseline_shared` says, and decides no more than versions and identity.

pub mod access;
pub mod ahead;
pub mod attempt;
pub mod audit;
pub mod change;
pub mod clinic;
pub mod device;
mod embedded;
mod error;
pub mod grant;
pub mod imported;
pub mod interaction;
pub mod invitation;
pub mod key_mark;
mod migrate;
pub mod operation;
pub mod partner;
pub mod person;
mod postgres;
pub mod record;
pub mod seal;
pub mod second_factor;
pub mod session;
pub mod taken;
mod tx;
mod value;
pub mod watch;
pub mod webhook;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use doseline_shared::id::{PatientId, PersonId};
use tokio::sync::broadcast;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub(crate) use self::value::params;
use self::{embedded::Embedded, postgres::Postgres};
pub use self::{
    error::StoreError,
    tx::{Statement, Tx},
    value::{FromValue, Param, Row},
};

/// How many hints may wait for a slow listener before it is told that it lost some.
const HINTS: usize = 4_096;

/// The key of the embedded store: 32 random bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// The key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What gives a connection this key: raw, so that nothing is derived from it at each opening.
    fn pragma(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(96));
        text.push_str("PRAGMA key = \"x'");
        for byte in self.0 {
            for digit in [byte >> 4, byte & 0xf] {
                text.push(char::from_digit(digit.into(), 16).expect("four bits are one hexadecimal digit"));
            }
        }
        text.push_str("'\"");
        text
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(redacted)")
    }
}

/// Which engine, and where.
#[derive(Clone)]
pub enum StoreConfig {
    /// SQLite in one encrypted file, made where it is missing.
    Embedded {
        /// The file.
        path: PathBuf,
        /// Its key.
        key: StoreKey,
    },
    /// PostgreSQL, shared by any number of backends.
    Postgres {
        /// `postgres://…` or `host=… user=…`; may hold a password.
        url: String,
        /// Certificates that the server may prove its name with, beside the system's.
        ca_file: Option<PathBuf>,
        /// Most connections of this backend.
        pool_size: usize,
    },
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { path, .. } => f.debug_struct("Embedded").field("path", path).finish_non_exhaustive(),
            Self::Postgres { pool_size, .. } => f
                .debug_struct("Postgres")
                .field("pool_size", pool_size)
                .finish_non_exhaustive(),
        }
    }
}

/// What a commit has changed, for whoever waits for it. Carries no health data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// A patient's records.
    Changed {
        /// Whose.
        patient: PatientId,
        /// Whether it may have changed who sees the patient.
        scope_changed: bool,
    },
    /// The clinics that a person works for.
    Staff {
        /// Whose.
        person: PersonId,
    },
    /// Something may have been missed: anything may have changed.
    Missed,
}

/// How the store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `embedded` or `postgres`.
    pub engine: &'static str,
    /// This life of the store.
    pub epoch: String,
    /// How many changes are committed but held back from every pull by a transaction that still runs, 1,000 at most.
    /// On PostgreSQL that may be any transaction that writes on the same server, of whatever program: where this stays
    /// above zero, look for one that hangs.
    pub held_back: u64,
    /// How many writes wait for their turn (embedded), or for a connection (PostgreSQL).
    pub waiting: usize,
}

/// The store. A cheap clone of a handle.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: StoreEngine,
    committed: broadcast::Sender<Committed>,
}

enum StoreEngine {
    Embedded(Embedded),
    Postgres(Postgres),
}

impl Store {
    /// Opens the store and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::Damaged`], [`StoreError::OtherVersion`], [`StoreError::Unavailable`], ….
    pub async fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let (committed, _) = broadcast::channel(HINTS);
        let engine = match config {
            StoreConfig::Embedded { path, key } => {
                StoreEngine::Embedded(Embedded::open(&path, key, committed.clone()).await?)
            }
            StoreConfig::Postgres {
                url,
                ca_file,
                pool_size,
            } => StoreEngine::Postgres(Postgres::open(&url, ca_file.as_deref(), pool_size, committed.clone()).await?),
        };
        Ok(Self {
            inner: Arc::new(Inner { engine, committed }),
        })
    }

    /// Runs `job` as one transaction: all of it is durable when this returns `Ok`, none of it is kept after an `Err`.
    /// It may run more than once, and must await nothing but calls on its `Tx`.
    ///
    /// # Errors
    /// The job's own, or a [`StoreError`] as one of them. After [`StoreError::Unavailable`] on PostgreSQL it may be
    /// unknown whether the commit took place: asking again must be harmless, which stored results make it.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.inner.engine {
            StoreEngine::Embedded(engine) => engine.write(job).await,
            StoreEngine::Postgres(engine) => engine.write(job).await,
        }
    }

    /// Runs `job` on one snapshot of the store; it can write nothing. It must await nothing but calls on its `Tx`.
    ///
    /// # Errors
    /// The job's own, or a [`StoreError`] as one of them.
    pub async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.inner.engine {
            StoreEngine::Embedded(engine) => engine.read(job).await,
            StoreEngine::Postgres(engine) => engine.read(job).await,
        }
    }

    /// What is committed from now on, by this backend and by others on the same PostgreSQL. When it comes, a pull finds
    /// the change. A receiver that lags has lost some: the same as [`Committed::Missed`].
    pub fn committed(&self) -> broadcast::Receiver<Committed> {
        self.inner.committed.subscribe()
    }

    /// Asks the engine something, to see that it answers.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let (epoch, held_back) = self
            .read(async |tx: &mut Tx| Ok::<_, StoreError>((change::epoch(tx).await?, change::held_back(tx).await?)))
            .await?;
        Ok(match &self.inner.engine {
            StoreEngine::Embedded(engine) => Health {
                engine: "embedded",
                epoch,
                held_back,
                waiting: engine.waiting(),
            },
            StoreEngine::Postgres(engine) => Health {
                engine: "postgres",
                epoch,
                held_back,
                waiting: engine.waiting(),
            },
        })
    }

    /// Writes an encrypted, verified copy of the embedded store, as it stands, to `target`. The store stays in use.
    ///
    /// # Errors
    /// [`StoreError::TargetExists`]; [`StoreError::Damaged`] where the copy does not verify; [`StoreError::Unsupported`]
    /// on PostgreSQL, which has its own tools.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        match &self.inner.engine {
            StoreEngine::Embedded(engine) => engine.backup(target).await,
            StoreEngine::Postgres(_) => Err(StoreError::Unsupported("use PostgreSQL's own backup")),
        }
    }
}

/// Brings a backup back as the embedded store at `to`, which must not exist. It counts only once it is verified, and it
/// begins a new epoch, so that devices pull afresh.
///
/// # Errors
/// [`StoreError::TargetExists`], [`StoreError::WrongKey`], [`StoreError::Damaged`], [`StoreError::Missing`] where there
/// is no backup.
pub async fn restore(from: &Path, key: &StoreKey, to: &Path) -> Result<(), StoreError> {
    let (from, key, to) = (from.to_owned(), key.clone(), to.to_owned());
    embedded::blocking(move || embedded::restore(&from, &key, &to)).await
}
