//! The stored results of pushed operations: what makes asking again harmless.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::sync::OperationResult,
    id::{OperationId, PersonId},
};

use super::{Param, Row, StoreError, Tx, params, value::json};

/// What is kept of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Who pushed it.
    pub actor: PersonId,
    /// The SHA-256 of its body in canonical form: the same id with another body is an error.
    pub body_hash: String,
    /// Its result.
    pub result: OperationResult,
}

/// What is kept of several; [`read`] reads a row.
pub(super) const RESULTS: &str = "SELECT actor, body_hash, result FROM operation WHERE id = ANY($1)";
const KEEP: &str = "\
    INSERT INTO operation (id, actor, body_hash, result, at) VALUES ($1, $2, $3, $4, $5)";

/// Keeps the result of an operation, in the transaction of its effect. [`super::ahead::read`] comes first.
///
/// # Errors
/// [`StoreError::Conflict`] where someone else has just done the same operation, at the latest from the commit; the
/// transaction then runs again by itself and finds that result.
pub async fn keep(tx: &mut Tx, kept: &Kept, at: DateTime<Utc>) -> Result<(), StoreError> {
    let values = params![kept.result.id, kept.actor, &kept.body_hash, json(&kept.result)?, at];
    tx.insert_later(KEEP, values.into()).await
}

/// What is kept of the operation; none where it is new.
///
/// # Errors
/// [`StoreError`].
pub async fn result(tx: &mut Tx, id: OperationId) -> Result<Option<Kept>, StoreError> {
    let rows = tx.query(RESULTS, &params![Param::list([id])]).await?;
    rows.first().map(read).transpose()
}

pub(super) fn read(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        actor: row.get(0)?,
        body_hash: row.get(1)?,
        result: row.json(2)?,
    })
}
