//! Side effects, as they are shown, and the screen that reports them.

use chrono::{DateTime, NaiveDate, Utc};
use doseline_shared::{
    id::{MedicationId, PatientId, SideEffectEntryId},
    record::Report,
};
use serde::{Deserialize, Serialize};

use super::{Local, NetworkView};

/// *How I feel*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeelView {
    /// Whose.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// Whether the signed-in person may report.
    pub may_log: bool,
    /// The patient's present date.
    pub today: NaiveDate,
    /// The medicines that are being taken, which may be suspected.
    pub medicines: Vec<(MedicationId, String)>,
    /// What is reported, what began last first.
    pub side_effects: Vec<SideEffectView>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// A side effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideEffectView {
    /// The entry that reported it.
    pub entry: SideEffectEntryId,
    /// What that says.
    pub report: Report,
    /// The name of the medicine that is suspected.
    pub medicine: Option<String>,
    /// The first local date without it, and the entry that says so.
    pub ended: Option<(NaiveDate, SideEffectEntryId)>,
    /// When it was reported.
    pub recorded_at: Local,
    /// Whether all of this has reached the backend.
    pub sent: bool,
}

/// What became of an entry about a side effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeltView {
    /// The entry.
    pub entry: SideEffectEntryId,
    /// Until when *undo* is offered.
    pub undo_until: DateTime<Utc>,
    /// How it stands with the network.
    pub network: NetworkView,
}
