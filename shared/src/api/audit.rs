//! Who looked at a patient's record, as the patient reads it.
//!
//! Owns the shapes of the answer. What was written stands in the record itself, with who wrote it; this is about reading
//! it, and about attempts that were refused.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ErrorCode;
use crate::{
    audit::Way,
    id::{ClinicId, PatientId, PersonId},
};

/// `GET`, with `before` and `limit` → [`Audit`]. For the patient alone.
pub const AUDIT: &str = "/v1/patients/{patient}/audit";

/// Most events in one answer, and how many there are where nobody asks for fewer.
pub const MAX_EVENTS: usize = 200;

/// What others have seen of a patient's record, or were not let see, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// Whose record.
    pub patient: PatientId,
    /// The events. What the patient has read themselves is not among them.
    pub events: Vec<AuditEvent>,
    /// The `before` of the next request, for older ones. None at the end.
    pub before: Option<u64>,
}

/// Someone has read in a record, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEvent {
    /// Its place in the trail of this record, from 1.
    pub link: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none where nobody was signed in.
    pub person: Option<PersonId>,
    /// The person's name.
    pub name: Option<String>,
    /// What had opened the record to them; none where nothing had.
    pub way: Option<Way>,
    /// The clinic, where they read as its staff.
    pub clinic: Option<ClinicId>,
    /// The clinic's name.
    pub clinic_name: Option<String>,
    /// The request: method and path, without its query.
    pub asked: String,
    /// Why it was refused; none where it was not.
    pub refused: Option<ErrorCode>,
}
