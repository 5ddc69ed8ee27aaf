//! Which key file a store belongs to, so that a backend with another one, or with none, does not serve it: its tokens would
//! be refused by the others, and second factors would not open.

use super::{StoreError, Tx, params};

const MARK: &str = "SELECT key_mark FROM store";
const KEEP: &str = "UPDATE store SET key_mark = $1 WHERE key_mark IS NULL";

/// The mark of the key file; none where no backend has served the store yet.
///
/// # Errors
/// [`StoreError`].
pub async fn read(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    tx.query_one(MARK, &[]).await?.get(0)
}

/// Keeps the mark where there is none; whether it is the store's now.
///
/// # Errors
/// [`StoreError`].
pub async fn keep(tx: &mut Tx, mark: &str) -> Result<bool, StoreError> {
    if read(tx).await?.is_none() {
        tx.execute(KEEP, &params![mark]).await?;
    }
    Ok(read(tx).await?.as_deref() == Some(mark))
}
