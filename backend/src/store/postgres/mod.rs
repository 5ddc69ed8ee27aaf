//! PostgreSQL: the pool, transactions that are run again where the engine asks for it, and the herald.
//!
//! READ COMMITTED. What needs more is said by the statements themselves: writers of one patient meet at that patient's
//! row, conditional updates have one winner, and unique keys do the rest.

mod herald;
mod link;
mod way;

use std::{path::Path, sync::Arc, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use tokio::{
    sync::{Notify, broadcast},
    task::JoinHandle,
};
use tokio_postgres::Client;

pub(super) use self::link::Link;
use self::way::Way;
use super::{Committed, StoreError, Tx, migrate, params, tx::Engine};

/// How often one transaction is run before its caller is told that too many wrote the same at once.
const ATTEMPTS: u32 = 20;
/// Those that run again after a deadlock go one after another, so that they do not lock each other out anew.
const IN_TURN: &str = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7236011935)) waited";
/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Any number that no other program takes: the lock under which one backend at a time brings the schema up to date.
const LOCK: &str = "SELECT pg_advisory_lock(7236011934)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7236011934)";

/// What every connection begins with. A transaction that hangs holds back the feed of everyone, so it is ended; a
/// server that would answer before the disk has it is told not to. None of our queries is worth compiling, and each has
/// an index to walk whatever its values: it is planned once, and no table is read whole because PostgreSQL knows nothing
/// of it yet.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '30s'; SET statement_timeout = '60s'; SET jit = off; \
     SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// A server that came back from a backup, or another one that took over from a lost one, may have forgotten changes that
/// devices hold, and counts its transactions from elsewhere. Its identity and timeline then differ from those that the
/// store was last used on: the store begins a new epoch, and its transactions go on behind the newest change. One
/// connection does it, before any query runs on the new server.
const SETTLE: &str = "\
    UPDATE store SET cluster = i.cluster, epoch = $1, tx_base = GREATEST(tx_base, \
        (SELECT COALESCE(MAX(tx), 0) FROM change) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint) \
    FROM (SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || \
        substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || '/' || current_database() AS cluster) i \
    WHERE store.cluster <> i.cluster";

pub(super) struct Postgres {
    pool: Pool,
    poke: Arc<Notify>,
    herald: JoinHandle<()>,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.herald.abort();
    }
}

impl Postgres {
    pub(super) async fn open(
        url: &str,
        ca_file: Option<&Path>,
        pool_size: usize,
        committed: broadcast::Sender<Committed>,
    ) -> Result<Self, StoreError> {
        let way = Way::new(url, ca_file)?;
        migrate(&way).await?;

        let manager = Manager::from_config(
            way.config.clone(),
            way.tls.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(pool_size.max(2))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { begin_session(client).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|_| StoreError::Failed("the pool cannot be built".to_owned()))?;

        let poke = Arc::new(Notify::new());
        let herald = herald::start(way, Arc::clone(&poke), committed).await?;
        Ok(Self { pool, poke, herald })
    }

    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + Sync,
        T: Send,
        E: From<StoreError> + Send,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut tx = self.begin(link::WRITE).await?;
            if attempt > 1 {
                tx.query(IN_TURN, &[]).await?;
            }
            let result = job(&mut tx).await;
            let notes = tx.take_notes();
            let failure = match result {
                Ok(value) => match finish(&mut tx, &notes).await {
                    Ok(()) => {
                        if !notes.is_empty() {
                            self.poke.notify_one();
                        }
                        return Ok(value);
                    }
                    Err(error) => error.into(),
                },
                Err(error) => error,
            };
            if !tx.asks_again() || attempt == ATTEMPTS {
                tx.roll_back().await;
                return Err(failure);
            }
            tx.roll_back().await;
            tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt))).await;
        }
    }

    pub(super) async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + Sync,
        T: Send,
        E: From<StoreError> + Send,
    {
        let mut tx = self.begin(link::READ).await?;
        let result = job(&mut tx).await;
        tx.roll_back().await;
        result
    }

    pub(super) fn waiting(&self) -> usize {
        self.pool.status().waiting
    }

    async fn begin(&self, begin: &'static str) -> Result<Tx, StoreError> {
        let client = self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            PoolError::Timeout(_) => StoreError::Unavailable("every connection to PostgreSQL is in use"),
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(HookError::Message(_)) => {
                StoreError::Unavailable("there are no connections to PostgreSQL")
            }
        })?;
        Ok(Tx::new(Engine::Postgres(Link::new(client, begin))))
    }
}

/// Tells other backends who changed place in a clinic, and commits. Changes of records are told by the herald.
async fn finish(tx: &mut Tx, notes: &[Committed]) -> Result<(), StoreError> {
    for note in notes {
        if let Committed::Staff { person } = note {
            let payload = herald::staff(*person);
            tx.query(herald::TELL, &params![payload]).await?;
        }
    }
    tx.write_heads().await?;
    match &mut tx.engine {
        Engine::Postgres(link) => link.commit().await,
        Engine::Embedded(_) => Err(StoreError::Unsupported("PostgreSQL only")),
    }
}

impl Tx {
    async fn roll_back(&mut self) {
        if let Engine::Postgres(link) = &mut self.engine {
            link.roll_back().await;
        }
    }
}

async fn begin_session(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(SESSION).await?;
    client.execute(SETTLE, &[&migrate::epoch()]).await?;
    Ok(())
}

async fn migrate(way: &Way) -> Result<(), StoreError> {
    let (mut client, connection) = way.connect().await?;
    let driver = tokio::spawn(connection);
    client.batch_execute(LOCK).await?;
    let result = migrate::postgres(&mut client).await;
    // The lock goes with the connection anyway.
    client.batch_execute(UNLOCK).await?;
    driver.abort();
    result
}
