//! People with an account.

use chrono::{DateTime, Utc};
use doseline_shared::id::{ClinicId, PatientId, PersonId};

use super::{Row, StoreError, Tx, params};

/// Someone with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// E-mail, as entered; compared without case.
    pub email: String,
    /// The Argon2id hash of the password, in its text form.
    pub password_hash: String,
    /// When the account was made.
    pub created: DateTime<Utc>,
    /// Where the password is a first one; none where it is the person's own.
    pub first: Option<First>,
}

/// What holds of a password that was made for someone and handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Until when it opens the account.
    pub until: DateTime<Utc>,
    /// The clinic that made the account; none where its person has had a password of their own.
    pub clinic: Option<ClinicId>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

const INSERT: &str = "\
    INSERT INTO person (id, name, email, email_key, password_hash, created, first_until, first_clinic) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
const BY_EMAIL: &str =
    "SELECT id, name, email, password_hash, created, first_until, first_clinic FROM person WHERE email_key = $1";
const BY_ID: &str =
    "SELECT id, name, email, password_hash, created, first_until, first_clinic FROM person WHERE id = $1";
const SET_PASSWORD: &str =
    "UPDATE person SET password_hash = $2, first_until = NULL, first_clinic = NULL WHERE id = $1";
const HAND_OVER: &str = "UPDATE person SET password_hash = $2, first_until = $3 WHERE id = $1";
const HAND_OVER_BY: &str = "UPDATE person SET password_hash = $2, first_until = $3 WHERE id = $1 AND first_clinic = $4";
/// 1 where the password of the person is a first one, otherwise 0.
macro_rules! has_first {
    ($person:literal) => {
        concat!(
            "CASE WHEN EXISTS (SELECT 1 FROM person o WHERE o.id = ",
            $person,
            " AND o.first_until IS NOT NULL) THEN 1 ELSE 0 END"
        )
    };
}
pub(super) use has_first;

const PATIENT: &str = "SELECT id FROM patient WHERE person = $1";

/// Keeps a new person.
///
/// # Errors
/// [`StoreError::Conflict`] where the e-mail or the id has an account; the transaction can go on.
pub async fn insert(tx: &mut Tx, person: &Person) -> Result<(), StoreError> {
    let values = params![
        person.id,
        &person.name,
        &person.email,
        key(&person.email),
        &person.password_hash,
        person.created,
        person.first.map(|first| first.until),
        person.first.and_then(|first| first.clinic)
    ];
    match tx.execute(INSERT, &values).await? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// The person with this e-mail.
///
/// # Errors
/// [`StoreError`].
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Person>, StoreError> {
    tx.query_opt(BY_EMAIL, &params![key(email)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The person with this id.
///
/// # Errors
/// [`StoreError`].
pub async fn by_id(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
    tx.query_opt(BY_ID, &params![id]).await?.as_ref().map(read).transpose()
}

/// Replaces the hash of the password by that of the person's own; whether there is such a person.
///
/// # Errors
/// [`StoreError`].
pub async fn set_password(tx: &mut Tx, id: PersonId, password_hash: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(SET_PASSWORD, &params![id, password_hash]).await? > 0)
}

/// Replaces the hash of the password by that of a first one, which opens the account until then; whether there is such a
/// person.
///
/// # Errors
/// [`StoreError`].
pub async fn hand_over(
    tx: &mut Tx,
    id: PersonId,
    password_hash: &str,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(HAND_OVER, &params![id, password_hash, until]).await? > 0)
}

/// The same where the clinic made the account and its person has had no password of their own; false otherwise.
///
/// # Errors
/// [`StoreError`].
pub async fn hand_over_by(
    tx: &mut Tx,
    id: PersonId,
    password_hash: &str,
    until: DateTime<Utc>,
    clinic: ClinicId,
) -> Result<bool, StoreError> {
    Ok(tx
        .execute(HAND_OVER_BY, &params![id, password_hash, until, clinic])
        .await?
        > 0)
}

/// The person's own record as a patient.
///
/// # Errors
/// [`StoreError`].
pub async fn patient(tx: &mut Tx, id: PersonId) -> Result<Option<PatientId>, StoreError> {
    tx.query_opt(PATIENT, &params![id])
        .await?
        .map(|row| row.get(0))
        .transpose()
}

/// E-mails are compared without case and without blanks around them.
fn key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn read(row: &Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        password_hash: row.get(3)?,
        created: row.get(4)?,
        first: first(row)?,
    })
}

fn first(row: &Row) -> Result<Option<First>, StoreError> {
    let Some(until) = row.get(5)? else {
        return Ok(None);
    };
    let clinic = row.get(6)?;
    Ok(Some(First { until, clinic }))
}
