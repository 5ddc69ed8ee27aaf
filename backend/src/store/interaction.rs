//! Clinics' lists of interactions: one row each, replaced as a whole, so that nobody reads half of one.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::interactions::{InteractionList, ListRevision},
    id::{ClinicId, PatientId, PersonId},
    safety::InteractionPair,
};

use super::{Row, StoreError, Tx, access::Reader, params, value::json};

/// A list as it is loaded.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Whose.
    pub clinic: ClinicId,
    /// Stands for it.
    pub revision: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: PersonId,
    /// Its pairs.
    pub pairs: Vec<InteractionPair>,
}

const PUT: &str = "\
    INSERT INTO interaction_list (clinic, revision, loaded_at, loaded_by, body) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (clinic) DO UPDATE SET revision = excluded.revision, loaded_at = excluded.loaded_at, \
      loaded_by = excluded.loaded_by, body = excluded.body";
const REMOVE: &str = "DELETE FROM interaction_list WHERE clinic = $1";
const REVISION: &str = "SELECT revision FROM interaction_list WHERE clinic = $1";
const GET: &str = "\
    SELECT l.clinic, l.revision, l.loaded_at, p.name, l.body FROM interaction_list l JOIN person p ON p.id = l.loaded_by \
    WHERE l.clinic = $1";

/// The patients through whom person $1 reads lists at $2: their own record, and those they care for.
macro_rules! through {
    () => {
        "SELECT id FROM patient WHERE person = $1 \
         UNION ALL \
         SELECT patient FROM patient_grant \
         WHERE grantee = $1 AND grantee_kind = 'caregiver' AND starts <= $2 AND ends > $2"
    };
}

/// The lists that stand for what person $1 sees at $2: of the clinics they work for, and of those that their own record
/// and the records in their care are open to. Staff at the front desk see no medications, so none stands for them.
pub(super) const REVISIONS: &str = concat!(
    "SELECT clinic, revision FROM interaction_list WHERE clinic IN ( \
       SELECT clinic FROM staff WHERE person = $1 AND ended IS NULL AND role <> 'front_desk' \
       UNION ALL \
       SELECT grantee FROM patient_grant \
       WHERE grantee_kind = 'clinic' AND starts <= $2 AND ends > $2 AND patient IN (",
    through!(),
    ")) ORDER BY clinic"
);
const THROUGH: &str = concat!(
    "SELECT DISTINCT patient FROM patient_grant \
     WHERE grantee = $3 AND grantee_kind = 'clinic' AND starts <= $2 AND ends > $2 AND patient IN (",
    through!(),
    ") ORDER BY patient"
);

/// Keeps a list in place of the one before.
///
/// # Errors
/// [`StoreError::Missing`] where there is no such clinic or person.
pub async fn put(tx: &mut Tx, list: &Loaded) -> Result<(), StoreError> {
    let row = params![list.clinic, &list.revision, list.at, list.by, json(&list.pairs)?];
    tx.execute(PUT, &row).await.map(drop)
}

/// Removes a list; whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(tx: &mut Tx, clinic: ClinicId) -> Result<bool, StoreError> {
    Ok(tx.execute(REMOVE, &params![clinic]).await? > 0)
}

/// What stands for the clinic's list; none where it has no list.
///
/// # Errors
/// [`StoreError`].
pub async fn revision(tx: &mut Tx, clinic: ClinicId) -> Result<Option<String>, StoreError> {
    let row = tx.query_opt(REVISION, &params![clinic]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// The clinic's list, with the name of who loaded it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(tx: &mut Tx, clinic: ClinicId) -> Result<Option<InteractionList>, StoreError> {
    let read = |row: Row| {
        Ok(InteractionList {
            clinic: row.get(0)?,
            revision: row.get(1)?,
            loaded_at: row.get(2)?,
            loaded_by: Some(row.get(3)?),
            pairs: row.json(4)?,
        })
    };
    tx.query_opt(GET, &params![clinic]).await?.map(read).transpose()
}

/// The patients through whom the reader may read the clinic's list without working there: themselves, and those in their
/// care, where the clinic sees them.
///
/// # Errors
/// [`StoreError`].
pub async fn through(tx: &mut Tx, reader: &Reader, clinic: ClinicId) -> Result<Vec<PatientId>, StoreError> {
    tx.query(THROUGH, &params![reader.person(), reader.now(), clinic])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

pub(super) fn revision_of(row: &Row) -> Result<ListRevision, StoreError> {
    Ok(ListRevision {
        clinic: row.get(0)?,
        revision: row.get(1)?,
    })
}
