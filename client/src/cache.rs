//! The device's durable store, as the core sees it: loaded whole at start, then written in atomic batches.
//!
//! In the shells this is SQLCipher and holds everything. In a browser it is IndexedDB and holds only what has not been
//! acknowledged yet, and the replica comes from the backend at each start. The core works on its replica in memory and
//! calls a write confirmed only after [`Cache::commit`] has returned.
//!
//! Values whose name begins with `patient/<id>/` belong to that patient and go with `Batch::remove_patients`. Putting a
//! record removes what lies in quarantine under its id.

use doseline_shared::{
    api::{interactions::InteractionList, sync::OperationBody},
    id::{ClinicId, OperationId, PatientId, PersonId},
    record::{Record, RecordKind},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The durable store of one device.
#[expect(
    async_fn_in_trait,
    reason = "the core runs on one thread on both hosts; no future has to be Send"
)]
pub trait Cache {
    /// Reads everything.
    async fn load(&self) -> Result<Stored, CacheError>;
    /// Writes all of `batch` or nothing, durably before it returns.
    async fn commit(&self, batch: Batch) -> Result<(), CacheError>;
    /// Whether records survive a restart (the shells), or only unsent entries do (the browser).
    fn keeps_records(&self) -> bool;
}

/// Everything that a cache holds.
#[derive(Debug, Default)]
pub struct Stored {
    /// The replica.
    pub records: Vec<Record>,
    /// Operations that the backend has not acknowledged, in the order they were made.
    pub outbox: Vec<Pending>,
    /// What could not be decoded: kept, shown, never dropped.
    pub quarantine: Vec<Quarantined>,
    /// Small values by name: cursors, settings, the signed-in person.
    pub values: Vec<(String, String)>,
    /// Clinics' lists of interactions.
    pub lists: Vec<InteractionList>,
}

/// An operation on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The operation's id.
    pub id: OperationId,
    /// Whose account made it: another person's entries on a shared device wait for that person.
    pub person: PersonId,
    /// What it does.
    pub body: OperationBody,
    /// What the edit started from, for merging.
    pub base: Option<Record>,
    /// The backend's last word on it, where it needs a person: a conflict or a refusal.
    pub trouble: Option<Trouble>,
}

/// Why an operation does not go through by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Both sides changed the same thing.
    Conflict {
        /// The record as the backend has it.
        current: Box<Record>,
    },
    /// The backend refuses it.
    Refused {
        /// Why.
        code: doseline_shared::api::ErrorCode,
    },
}

doseline_shared::tagged!(Trouble by "kind", lenient {
    "conflict" => Conflict { current },
    "refused" => Refused { code },
});

/// Something that this version of the app cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Whose.
    pub patient: PatientId,
    /// The kind, by its name.
    pub kind: String,
    /// Which record.
    pub record: Uuid,
    /// The body as it came.
    pub body: String,
}

/// One atomic write.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Records to write, replacing older versions.
    pub put: Vec<Record>,
    /// Records to remove.
    pub remove: Vec<(RecordKind, Uuid)>,
    /// Patients of whom everything is to be removed: records, quarantine, cursors; not the outbox.
    pub remove_patients: Vec<PatientId>,
    /// Operations to append to the outbox, or to replace by id.
    pub pending: Vec<Pending>,
    /// Operations that the backend has acknowledged.
    pub acknowledged: Vec<OperationId>,
    /// What could not be decoded.
    pub quarantine: Vec<Quarantined>,
    /// Small values to write; none removes.
    pub values: Vec<(String, Option<String>)>,
    /// Clinics' lists of interactions; none removes. Kept where records are.
    pub lists: Vec<(ClinicId, Option<InteractionList>)>,
}

/// The store failed. Each kind has a sentence for the person; see `ErrorCode`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CacheError {
    /// It does not open with this key.
    #[error("the store does not open with this key")]
    WrongKey,
    /// It opens, but its pages do not add up.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The disk is full; nothing was written.
    #[error("the disk is full")]
    Full,
    /// Anything else; nothing was written.
    #[error("the store failed: {0}")]
    Failed(String),
}
