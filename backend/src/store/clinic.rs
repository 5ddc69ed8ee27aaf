//! Clinics, and who works for them.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::StaffRole,
    api::account::{Membership, Staff},
    id::{ClinicId, PersonId},
};

use super::{Committed, Row, StoreError, Tx, params, value::word};

/// A clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinic {
    /// Identity.
    pub id: ClinicId,
    /// Name.
    pub name: String,
    /// When it joined.
    pub created: DateTime<Utc>,
}

const INSERT: &str = "INSERT INTO clinic (id, name, created) VALUES ($1, $2, $3)";
const BY_ID: &str = "SELECT id, name, created FROM clinic WHERE id = $1";
const LIST: &str = "SELECT id, name, created FROM clinic ORDER BY name, id";
const STAFF: &str = "\
    SELECT p.id, p.name, p.email, s.role, CASE WHEN p.first_clinic = s.clinic THEN p.first_until END \
    FROM staff s JOIN person p ON p.id = s.person \
    WHERE s.clinic = $1 AND s.ended IS NULL AND s.role <> 'partner_system' ORDER BY p.name, p.id";
const ADD_STAFF: &str = "\
    INSERT INTO staff (clinic, person, role, since, ended) VALUES ($1, $2, $3, $4, NULL) \
    ON CONFLICT (clinic, person) DO UPDATE SET role = excluded.role, since = excluded.since, ended = NULL";
const REMOVE_STAFF: &str = "UPDATE staff SET ended = $3 WHERE clinic = $1 AND person = $2 AND ended IS NULL";
const WAS_STAFF: &str = "SELECT person FROM staff WHERE clinic = $1 AND person = $2";
const MEMBERSHIPS: &str = "\
    SELECT c.id, c.name, s.role FROM staff s JOIN clinic c ON c.id = s.clinic \
    WHERE s.person = $1 AND s.ended IS NULL ORDER BY c.name, c.id";
/// What the memberships of several decide by: person, clinic, role.
pub(super) const ALL_MEMBERSHIPS: &str =
    "SELECT person, clinic, role FROM staff WHERE person = ANY($1) AND ended IS NULL";

/// Keeps a new clinic.
///
/// # Errors
/// [`StoreError::Conflict`] where the id is taken.
pub async fn insert(tx: &mut Tx, clinic: &Clinic) -> Result<(), StoreError> {
    tx.execute(INSERT, &params![clinic.id, &clinic.name, clinic.created])
        .await
        .map(drop)
}

/// The clinic with this id.
///
/// # Errors
/// [`StoreError`].
pub async fn by_id(tx: &mut Tx, id: ClinicId) -> Result<Option<Clinic>, StoreError> {
    tx.query_opt(BY_ID, &params![id]).await?.as_ref().map(read).transpose()
}

/// All clinics, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn list(tx: &mut Tx) -> Result<Vec<Clinic>, StoreError> {
    tx.query(LIST, &[]).await?.iter().map(read).collect()
}

/// Who works for the clinic, by name: people only.
///
/// # Errors
/// [`StoreError`].
pub async fn staff(tx: &mut Tx, clinic: ClinicId) -> Result<Vec<Staff>, StoreError> {
    let read = |row: &Row| {
        Ok(Staff {
            person: row.get(0)?,
            name: row.get(1)?,
            email: row.get(2)?,
            role: row.word(3)?,
            first_password: row.get(4)?,
        })
    };
    tx.query(STAFF, &params![clinic]).await?.iter().map(read).collect()
}

/// Lets the person work for the clinic, or gives them another role there.
///
/// # Errors
/// [`StoreError::Missing`] where either is not known.
pub async fn add_staff(
    tx: &mut Tx,
    clinic: ClinicId,
    person: PersonId,
    role: StaffRole,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(ADD_STAFF, &params![clinic, person, word(&role)?, now])
        .await?;
    tx.note(Committed::Staff { person });
    Ok(())
}

/// Ends the person's place in the clinic; whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn remove_staff(
    tx: &mut Tx,
    clinic: ClinicId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let removed = tx.execute(REMOVE_STAFF, &params![clinic, person, now]).await? > 0;
    if removed {
        tx.note(Committed::Staff { person });
    }
    Ok(removed)
}

/// Whether the person works for the clinic, or ever did.
///
/// # Errors
/// [`StoreError`].
pub async fn was_staff(tx: &mut Tx, clinic: ClinicId, person: PersonId) -> Result<bool, StoreError> {
    Ok(tx.query_opt(WAS_STAFF, &params![clinic, person]).await?.is_some())
}

/// The clinics that the person works for, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn memberships(tx: &mut Tx, person: PersonId) -> Result<Vec<Membership>, StoreError> {
    let read = |row: &Row| {
        Ok(Membership {
            clinic: row.get(0)?,
            clinic_name: row.get(1)?,
            role: row.word(2)?,
        })
    };
    tx.query(MEMBERSHIPS, &params![person])
        .await?
        .iter()
        .map(read)
        .collect()
}

fn read(row: &Row) -> Result<Clinic, StoreError> {
    Ok(Clinic {
        id: row.get(0)?,
        name: row.get(1)?,
        created: row.get(2)?,
    })
}
