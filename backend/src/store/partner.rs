//! Systems that clinics have connected, and their keys. A key is known by its SHA-256 only.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::StaffRole,
    api::{
        account::NewDevice,
        partner::{ApiScopes, Key, PartnerSystem},
    },
    id::{ClinicId, DeviceId, KeyId, PersonId, SessionId},
};

use super::{Row, StoreError, Tx, clinic, device, params, person, person::Person, session, webhook};

/// A system to be connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSystem {
    /// Identity.
    pub id: PersonId,
    /// Name.
    pub name: String,
    /// The clinic.
    pub clinic: ClinicId,
    /// Who connects it.
    pub made_by: PersonId,
    /// When.
    pub created: DateTime<Utc>,
}

/// A key to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Identity.
    pub id: KeyId,
    /// Whose.
    pub system: PersonId,
    /// What is kept of its text.
    pub hash: String,
    /// What it opens.
    pub scopes: ApiScopes,
    /// Who makes it.
    pub made_by: PersonId,
    /// When.
    pub created: DateTime<Utc>,
    /// When it ends by itself.
    pub expires: DateTime<Utc>,
}

/// A key that has not been ended, of a system that has not been.
#[derive(Clone, PartialEq, Eq)]
pub struct LiveKey {
    /// Identity.
    pub id: KeyId,
    /// Whose.
    pub system: PersonId,
    /// What is kept of its text.
    pub hash: String,
    /// What it opens.
    pub scopes: ApiScopes,
    /// When it ends by itself; it may have.
    pub expires: DateTime<Utc>,
}

const INSERT: &str = "INSERT INTO partner_system (id, clinic, made_by, created, ended) VALUES ($1, $2, $3, $4, NULL)";
const OF_CLINIC: &str = "\
    SELECT s.id, p.name, s.created FROM partner_system s JOIN person p ON p.id = s.id \
    WHERE s.clinic = $1 AND s.ended IS NULL ORDER BY p.name, s.id";
const KEYS_OF_CLINIC: &str = "\
    SELECT k.system, k.id, k.scopes, k.created, k.expires, k.used \
    FROM api_key k JOIN partner_system s ON s.id = k.system \
    WHERE s.clinic = $1 AND s.ended IS NULL AND k.ended IS NULL ORDER BY k.created DESC, k.id";
const CLINIC: &str = "\
    SELECT s.clinic, p.name FROM partner_system s JOIN person p ON p.id = s.id WHERE s.id = $1 AND s.ended IS NULL";
const END: &str = "UPDATE partner_system SET ended = $3 WHERE clinic = $1 AND id = $2 AND ended IS NULL";
const INSERT_KEY: &str = "\
    INSERT INTO api_key (id, system, hash, scopes, made_by, created, expires, used, ended) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)";
const KEY: &str = "\
    SELECT k.id, k.system, k.hash, k.scopes, k.expires FROM api_key k JOIN partner_system s ON s.id = k.system \
    WHERE k.id = $1 AND k.ended IS NULL AND s.ended IS NULL";
const USE_KEY: &str = "UPDATE api_key SET used = $2 WHERE id = $1";
const END_KEY: &str = "UPDATE api_key SET ended = $3 WHERE system = $1 AND id = $2 AND ended IS NULL";
const PRUNE: &str = "DELETE FROM session WHERE person IN (SELECT id FROM partner_system) AND created < $1";

/// Keeps a new system, with its place in the clinic.
///
/// # Errors
/// [`StoreError::Missing`] where the clinic is not known.
pub async fn insert(tx: &mut Tx, system: &NewSystem) -> Result<(), StoreError> {
    // No e-mail has this form, and no hash of a password is empty: there is no way to sign in.
    let named = Person {
        id: system.id,
        name: system.name.clone(),
        email: format!("system:{}", system.id),
        password_hash: String::new(),
        created: system.created,
        first: None,
    };
    person::insert(tx, &named).await?;
    let values = params![system.id, system.clinic, system.made_by, system.created];
    tx.execute(INSERT, &values).await?;
    clinic::add_staff(tx, system.clinic, system.id, StaffRole::PartnerSystem, system.created).await
}

/// The clinic's systems that have not been ended, by name, with their keys and webhooks.
///
/// # Errors
/// [`StoreError`].
pub async fn of_clinic(tx: &mut Tx, clinic: ClinicId) -> Result<Vec<PartnerSystem>, StoreError> {
    let read = |row: &Row| {
        Ok::<_, StoreError>(PartnerSystem {
            system: row.get(0)?,
            name: row.get(1)?,
            since: row.get(2)?,
            keys: Vec::new(),
            webhooks: Vec::new(),
        })
    };
    let rows = tx.query(OF_CLINIC, &params![clinic]).await?;
    let mut systems = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for row in tx.query(KEYS_OF_CLINIC, &params![clinic]).await? {
        let of: PersonId = row.get(0)?;
        let key = Key {
            id: row.get(1)?,
            scopes: scopes(&row, 2)?.iter().collect(),
            created: row.get(3)?,
            expires: row.get(4)?,
            used: row.get(5)?,
        };
        if let Some(system) = systems.iter_mut().find(|system| system.system == of) {
            system.keys.push(key);
        }
    }
    for (of, webhook) in webhook::of_clinic(tx, clinic, None).await? {
        if let Some(system) = systems.iter_mut().find(|system| system.system == of) {
            system.webhooks.push(webhook);
        }
    }
    Ok(systems)
}

/// The clinic that a system is connected to, and the system's name; none where it has been ended.
///
/// # Errors
/// [`StoreError`].
pub async fn clinic_of(tx: &mut Tx, system: PersonId) -> Result<Option<(ClinicId, String)>, StoreError> {
    let row = tx.query_opt(CLINIC, &params![system]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Ends the system of the clinic with its place there, all its tokens and its webhooks; whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, clinic: ClinicId, system: PersonId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    if tx.execute(END, &params![clinic, system, now]).await? == 0 {
        return Ok(false);
    }
    clinic::remove_staff(tx, clinic, system, now).await?;
    session::end_person(tx, system, now).await?;
    webhook::end(tx, system, None).await?;
    Ok(true)
}

/// Keeps a new key.
///
/// # Errors
/// [`StoreError::Missing`] where the system is not known.
pub async fn insert_key(tx: &mut Tx, key: &NewKey) -> Result<(), StoreError> {
    let as_device = NewDevice {
        id: device_of(key.id),
        name: "API key".to_owned(),
    };
    device::upsert(tx, key.system, &as_device, key.created).await?;
    let values = params![
        key.id,
        key.system,
        &key.hash,
        key.scopes.to_string(),
        key.made_by,
        key.created,
        key.expires
    ];
    tx.execute(INSERT_KEY, &values).await.map(drop)
}

/// The key, where neither it nor its system has been ended.
///
/// # Errors
/// [`StoreError`].
pub async fn key(tx: &mut Tx, id: KeyId) -> Result<Option<LiveKey>, StoreError> {
    let read = |row: &Row| {
        Ok(LiveKey {
            id: row.get(0)?,
            system: row.get(1)?,
            hash: row.get(2)?,
            scopes: scopes(row, 3)?,
            expires: row.get(4)?,
        })
    };
    tx.query_opt(KEY, &params![id]).await?.as_ref().map(read).transpose()
}

/// Begins the session of a token that is made for the key.
///
/// # Errors
/// [`StoreError::Missing`] where there is no such key.
pub async fn begin(tx: &mut Tx, key: &LiveKey, session: SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
    session::insert_bare(tx, session, key.system, device_of(key.id), now).await?;
    tx.execute(USE_KEY, &params![key.id, now]).await.map(drop)
}

/// Ends the key of the system with its tokens; whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn end_key(tx: &mut Tx, system: PersonId, key: KeyId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    if tx.execute(END_KEY, &params![system, key, now]).await? == 0 {
        return Ok(false);
    }
    session::end_device(tx, system, device_of(key), now).await?;
    Ok(true)
}

/// Forgets the sessions of systems that began before `before`, when no token of them serves any more; how many.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(PRUNE, &params![before]).await
}

/// What a key is to sessions, changes and the audit.
pub const fn device_of(key: KeyId) -> DeviceId {
    DeviceId::from_uuid(key.uuid())
}

fn scopes(row: &Row, place: usize) -> Result<ApiScopes, StoreError> {
    row.get::<String>(place)?
        .parse()
        .map_err(|_| StoreError::Damaged("a key opens what there is not"))
}
