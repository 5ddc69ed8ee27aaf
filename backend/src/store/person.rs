//! People with an account.

use chrono::{DateTime, Utc};
use doseline_shared::id::{PatientId, PersonId};

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
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

const INSERT: &str = "\
    INSERT INTO person (id, name, email, email_key, password_hash, created) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT DO NOTHING";
const BY_EMAIL: &str = "SELECT id, name, email, password_hash, created FROM person WHERE email_key = $1";
const BY_ID: &str = "SELECT id, name, email, password_hash, created FROM person WHERE id = $1";
const SET_PASSWORD: &str = "UPDATE person SET password_hash = $2 WHERE id = $1";
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
        person.created
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

/// Replaces the hash of the password; whether there is such a person.
///
/// # Errors
/// [`StoreError`].
pub async fn set_password(tx: &mut Tx, id: PersonId, password_hash: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(SET_PASSWORD, &params![id, password_hash]).await? > 0)
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
    })
}
