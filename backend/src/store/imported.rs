//! What the last import made of each resource: the base of the three-way merge when it is imported again.

use doseline_shared::{id::ClinicId, record::Record};

use super::{StoreError, Tx, access::System, params, value::json};

const GET: &str = "SELECT body FROM imported WHERE record = $1";
const PUT: &str = "\
    INSERT INTO imported (record, clinic, body) VALUES ($1, $2, $3) \
    ON CONFLICT (record) DO UPDATE SET body = excluded.body";

/// What the last import wrote for the record with this id; none where it was never imported.
///
/// # Errors
/// [`StoreError`].
pub async fn get(tx: &mut Tx, _: &System, record: uuid::Uuid) -> Result<Option<Record>, StoreError> {
    tx.query_opt(GET, &params![record])
        .await?
        .map(|row| row.json(0))
        .transpose()
}

/// Keeps what this import has made of a resource.
///
/// # Errors
/// [`StoreError::Missing`] where there is no such clinic.
pub async fn put(tx: &mut Tx, clinic: ClinicId, record: &Record) -> Result<(), StoreError> {
    tx.execute(PUT, &params![record.id(), clinic, json(record)?])
        .await
        .map(drop)
}
