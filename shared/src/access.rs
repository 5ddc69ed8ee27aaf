//! Who may do what: roles, grants, and the one function that every surface asks.

use serde::{Deserialize, Serialize};

/// A role in a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// Creates and removes staff; sees patients as a nurse does.
    Administrator,
    /// Sees patients, writes their regimen.
    Doctor,
    /// Sees patients, records doses, completes times.
    Nurse,
    /// Knows who the patients are; invites them. Sees no regimen and no doses.
    FrontDesk,
}
