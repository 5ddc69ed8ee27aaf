//! Second factors, their recovery codes, and whom clinics ask for one.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::StaffRole,
    id::{ClinicId, PersonId},
};

use super::{Statement, StoreError, Tx, params, value::word};

/// The second factor of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The key, encrypted.
    pub key: String,
    /// Since when sign-ins need it; none where it was begun and not finished.
    pub since: Option<DateTime<Utc>>,
}

const BEGIN: &str = "\
    INSERT INTO second_factor (person, key, begun, since, step) VALUES ($1, $2, $3, NULL, 0) \
    ON CONFLICT (person) DO UPDATE SET key = excluded.key, begun = excluded.begun, step = 0 \
    WHERE second_factor.since IS NULL";
const OF_PERSON: &str = "SELECT key, since FROM second_factor WHERE person = $1";
const FINISH: &str = "UPDATE second_factor SET since = $2 WHERE person = $1 AND since IS NULL";
const USE_STEP: &str = "UPDATE second_factor SET step = $2 WHERE person = $1 AND step < $2";
const REMOVE: &str = "DELETE FROM second_factor WHERE person = $1";
const FORGET_CODES: &str = "DELETE FROM recovery_code WHERE person = $1";
const KEEP_CODE: &str = "INSERT INTO recovery_code (person, hash, used) VALUES ($1, $2, NULL)";
const USE_CODE: &str = "UPDATE recovery_code SET used = $3 WHERE person = $1 AND hash = $2 AND used IS NULL";
const CODES_LEFT: &str = "SELECT COUNT(*) FROM recovery_code WHERE person = $1 AND used IS NULL";
/// A clinic asks person `$1` for a second factor.
macro_rules! asked {
    ($person:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM staff a JOIN second_factor_role r ON r.clinic = a.clinic AND r.role = a.role \
             WHERE a.person = ",
            $person,
            " AND a.ended IS NULL)"
        )
    };
}
/// 1 where a clinic asks the person for a second factor and there is none, otherwise 0.
macro_rules! lacking {
    ($person:literal) => {
        concat!(
            "CASE WHEN ",
            $crate::store::second_factor::asked!($person),
            " AND NOT EXISTS (SELECT 1 FROM second_factor f WHERE f.person = ",
            $person,
            " AND f.since IS NOT NULL) THEN 1 ELSE 0 END"
        )
    };
}
pub(super) use {asked, lacking};

const ASKED: &str = concat!("SELECT CASE WHEN ", asked!("$1"), " THEN 1 ELSE 0 END");
const MISSING: &str = concat!("SELECT ", lacking!("$1"));
const ROLES: &str = "SELECT role FROM second_factor_role WHERE clinic = $1 ORDER BY role";
const FORGET_ROLES: &str = "DELETE FROM second_factor_role WHERE clinic = $1";
const ASK_ROLE: &str = "INSERT INTO second_factor_role (clinic, role) VALUES ($1, $2) ON CONFLICT DO NOTHING";

/// Begins a second factor with an encrypted key; false where there is one already.
///
/// # Errors
/// [`StoreError`].
pub async fn begin(tx: &mut Tx, person: PersonId, key: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.execute(BEGIN, &params![person, key, now]).await? > 0)
}

/// The second factor of `person`, finished or not.
///
/// # Errors
/// [`StoreError`].
pub async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Option<SecondFactor>, StoreError> {
    let row = tx.query_opt(OF_PERSON, &params![person]).await?;
    row.map(|row| {
        Ok(SecondFactor {
            key: row.get(0)?,
            since: row.get(1)?,
        })
    })
    .transpose()
}

/// From now on sign-ins need it; false where they do already.
///
/// # Errors
/// [`StoreError`].
pub async fn finish(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.execute(FINISH, &params![person, now]).await? > 0)
}

/// Uses up the code of this step of 30 seconds, and those of all before it; false where one of them was used already.
///
/// # Errors
/// [`StoreError`].
pub async fn use_step(tx: &mut Tx, person: PersonId, step: u64) -> Result<bool, StoreError> {
    Ok(tx.execute(USE_STEP, &params![person, step]).await? > 0)
}

/// Takes the second factor away, with its recovery codes.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    tx.execute(FORGET_CODES, &params![person]).await?;
    tx.execute(REMOVE, &params![person]).await.map(drop)
}

/// Keeps the hashes of recovery codes, in place of any before.
///
/// # Errors
/// [`StoreError`].
pub async fn keep_codes(tx: &mut Tx, person: PersonId, hashes: &[String]) -> Result<(), StoreError> {
    let mut statements: Vec<Statement> = vec![(FORGET_CODES, params![person].into())];
    statements.extend(hashes.iter().map(|hash| (KEEP_CODE, params![person, hash].into())));
    tx.execute_all(&statements).await.map(drop)
}

/// Uses a recovery code up; false where there is none with this hash that was not used.
///
/// # Errors
/// [`StoreError`].
pub async fn use_code(tx: &mut Tx, person: PersonId, hash: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.execute(USE_CODE, &params![person, hash, now]).await? > 0)
}

/// How many recovery codes have not been used.
///
/// # Errors
/// [`StoreError`].
pub async fn codes_left(tx: &mut Tx, person: PersonId) -> Result<u64, StoreError> {
    tx.query_one(CODES_LEFT, &params![person]).await?.get(0)
}

/// Whether a clinic asks `person` for a second factor.
///
/// # Errors
/// [`StoreError`].
pub async fn is_asked(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    tx.query_one(ASKED, &params![person]).await?.get(0)
}

/// The same, where the person has none.
///
/// # Errors
/// [`StoreError`].
pub async fn is_missing(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    tx.query_one(MISSING, &params![person]).await?.get(0)
}

/// The roles whose holders the clinic asks for a second factor.
///
/// # Errors
/// [`StoreError`].
pub async fn roles(tx: &mut Tx, clinic: ClinicId) -> Result<Vec<StaffRole>, StoreError> {
    let rows = tx.query(ROLES, &params![clinic]).await?;
    rows.iter().map(|row| row.word(0)).collect()
}

/// Asks the holders of these roles, and no others.
///
/// # Errors
/// [`StoreError`].
pub async fn ask_roles(tx: &mut Tx, clinic: ClinicId, roles: &[StaffRole]) -> Result<(), StoreError> {
    tx.execute(FORGET_ROLES, &params![clinic]).await?;
    for role in roles {
        tx.execute(ASK_ROLE, &params![clinic, word(role)?]).await?;
    }
    Ok(())
}
