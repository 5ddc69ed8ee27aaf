//! Failed attempts, so that guessing can be slowed down. Keys are hashes made by the caller, never an e-mail.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{StoreError, Tx, params};

const COUNT: &str = "SELECT COUNT(*) FROM attempt WHERE key = $1 AND at > $2";
const RECORD: &str = "INSERT INTO attempt (id, key, at) VALUES ($1, $2, $3)";
const CLEAR: &str = "DELETE FROM attempt WHERE key = $1";
const PRUNE: &str = "DELETE FROM attempt WHERE at < $1";

/// How many attempts there were under `key` after `since`.
///
/// # Errors
/// [`StoreError`].
pub async fn count_since(tx: &mut Tx, key: &str, since: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.query_one(COUNT, &params![key, since]).await?.get(0)
}

/// Notes an attempt under `key`.
///
/// # Errors
/// [`StoreError`].
pub async fn record(tx: &mut Tx, key: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(RECORD, &params![Uuid::now_v7(), key, now]).await.map(drop)
}

/// Forgets the attempts under `key`.
///
/// # Errors
/// [`StoreError`].
pub async fn clear(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    tx.execute(CLEAR, &params![key]).await.map(drop)
}

/// Forgets the attempts before `before`; how many.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(PRUNE, &params![before]).await
}
