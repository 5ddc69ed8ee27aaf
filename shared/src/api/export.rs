//! Everything that is kept about a patient, for the patient to take elsewhere.
//!
//! Owns the shape of the copy. Records are as in sync; a reader that knows no more than JSON finds every version of each,
//! with who wrote it, when and why, and everyone who has looked.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::id::{ClinicId, DeviceId, PatientId, PersonId};

/// `GET` → [`Export`]. For the patient alone.
pub const EXPORT: &str = "/v1/patients/{patient}/export";

/// The form of the copy; another form has another name.
pub const FORMAT: &str = "doseline-export-1";

/// What the file of a copy is called that was made on this date. It says nothing of whom it is about.
pub fn file_name(made: NaiveDate) -> String {
    format!("doseline-record-{}.json", made.format("%Y-%m-%d"))
}

/// A copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Export {
    /// [`FORMAT`].
    pub format: String,
    /// Whose.
    pub patient: PatientId,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Every version of every record, in the order in which they were written.
    pub history: Vec<Written>,
    /// Every reading of the record and every refusal, in their order.
    pub audit: Vec<Looked>,
    /// The names of the people in it who have an account.
    pub people: BTreeMap<String, String>,
    /// The names of the clinics in it.
    pub clinics: BTreeMap<String, String>,
}

/// A record as someone wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Written {
    /// Its place in the chain of changes, from 1.
    pub link: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the backend itself, such as an import.
    pub by: Option<PersonId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// What allowed it.
    pub why: Option<String>,
    /// The kind of record.
    pub kind: String,
    /// Which record.
    pub id: Uuid,
    /// Its version then.
    pub version: u64,
    /// Whether this is how the record stands.
    pub stands: bool,
    /// The record.
    pub record: Value,
}

/// Someone has read in the record, or was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Looked {
    /// Its place in the audit trail, from 1.
    pub link: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none where nobody was signed in.
    pub by: Option<PersonId>,
    /// The request: method and path, without its query.
    pub asked: String,
    /// `read`, or the code of the refusal.
    pub outcome: String,
    /// What had opened the record, or why it was refused.
    pub why: String,
    /// The clinic, where they read as its staff.
    pub clinic: Option<ClinicId>,
}
