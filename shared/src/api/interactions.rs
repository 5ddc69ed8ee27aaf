//! A clinic's list of interactions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{id::ClinicId, safety::InteractionPair};

/// `PUT`, with a body of CSV (docs/interactions.md) → [`ListSummary`]: replaces the list as a whole. `GET` →
/// [`InteractionList`] with its revision as the entity tag, or 304 where `If-None-Match` names it. `DELETE`: withdraws the
/// list, 204.
pub const INTERACTIONS: &str = "/v1/clinics/{clinic}/interactions";

/// A clinic's list as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionList {
    /// Whose.
    pub clinic: ClinicId,
    /// Stands for the list as it was loaded.
    pub revision: String,
    /// When it was loaded.
    pub loaded_at: DateTime<Utc>,
    /// Who loaded it, by name; told to the clinic's staff only.
    pub loaded_by: Option<String>,
    /// Its pairs, in the order of the file.
    pub pairs: Vec<InteractionPair>,
}

/// What became of a list that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListSummary {
    /// Stands for the list as it was loaded.
    pub revision: String,
    /// How many pairs it has.
    pub pairs: u32,
}

/// Which list stands for a clinic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListRevision {
    /// The clinic.
    pub clinic: ClinicId,
    /// Stands for the list as it was loaded; another after each loading. Opaque.
    pub revision: String,
}
