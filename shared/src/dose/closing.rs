//! The entries that close a dose which nobody answered: *missed*, *not notified*, and *held*.
//!
//! Owns their identity. It follows from the dose, so that every device of the patient and the backend that watches make
//! the same entry, and it stands once, whoever comes first.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    id::{DeviceId, DoseEventId, MedicationId, PersonId},
    schedule::OccurrenceKey,
};

/// Who an entry is by that no person made: the watch of the backend. Nobody's account, since accounts have UUIDs of
/// version 7.
pub const SYSTEM: PersonId = PersonId::from_uuid(Uuid::from_u128(0x646f_7365_6c69_8e65_8000_0000_0000_0001));

/// The device of such an entry.
pub const SYSTEM_DEVICE: DeviceId = DeviceId::from_uuid(Uuid::from_u128(0x646f_7365_6c69_8e65_8000_0000_0000_0002));

/// What closes a dose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Its time passed with no entry.
    Missed,
    /// The device could not remind.
    NotNotified,
    /// It is held back.
    Held,
}

/// The identity of the entry that closes this dose: a UUID of version 8 out of a hash.
pub fn closing_id(medication: MedicationId, occurrence: &OccurrenceKey, closing: Closing) -> DoseEventId {
    let kind = match closing {
        Closing::Missed => "missed",
        Closing::NotNotified => "not-notified",
        Closing::Held => "held",
    };
    let hash = Sha256::new()
        .chain_update(medication.uuid().as_bytes())
        .chain_update(occurrence.to_string().as_bytes())
        .chain_update([0])
        .chain_update(kind.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    DoseEventId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
