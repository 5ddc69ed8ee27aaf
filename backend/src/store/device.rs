//! The devices that people sign in on.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::account::NewDevice,
    id::{DeviceId, PersonId},
};

use super::{Row, StoreError, Tx, params, session};

/// A device of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// What its owner would call it.
    pub name: String,
    /// When the person signed in on it first.
    pub since: DateTime<Utc>,
    /// When it was last heard of.
    pub seen: DateTime<Utc>,
}

const UPSERT: &str = "\
    INSERT INTO device (person, id, name, since, seen) VALUES ($1, $2, $3, $4, $4) \
    ON CONFLICT (person, id) DO UPDATE SET name = excluded.name, seen = excluded.seen";
const OF_PERSON: &str = "\
    SELECT id, name, since, seen FROM device d WHERE person = $1 AND EXISTS \
      (SELECT 1 FROM session s WHERE s.person = d.person AND s.device = d.id AND s.ended IS NULL) \
    ORDER BY seen DESC, id";

/// Notes that the person signs in on the device.
///
/// # Errors
/// [`StoreError::Missing`] where there is no such person.
pub async fn upsert(tx: &mut Tx, person: PersonId, device: &NewDevice, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(UPSERT, &params![person, device.id, &device.name, now])
        .await
        .map(drop)
}

/// The person's devices with a live session, the one last heard of first.
///
/// # Errors
/// [`StoreError`].
pub async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Device>, StoreError> {
    tx.query(OF_PERSON, &params![person]).await?.iter().map(read).collect()
}

/// Ends every session of the device; whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, person: PersonId, device: DeviceId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(session::end_device(tx, person, device, now).await? > 0)
}

fn read(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        id: row.get(0)?,
        name: row.get(1)?,
        since: row.get(2)?,
        seen: row.get(3)?,
    })
}
