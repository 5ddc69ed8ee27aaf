//! *Today* and its doses.

use chrono::{DateTime, Utc};
use doseline_shared::{
    dose::{DoseState, slate::Timing},
    id::{DoseEventId, MedicationId, PatientId},
    quantity::Quantity,
    record::Look,
    schedule::OccurrenceKey,
};
use serde::{Deserialize, Serialize};

use super::{Attention, Local, MedicineRow, NetworkView};

/// *Today*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodayView {
    /// Whose.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// Whether it is the signed-in person's own.
    pub own: bool,
    /// Whether the signed-in person may record doses.
    pub may_log: bool,
    /// The local moment that this was drawn for.
    pub now: Local,
    /// How it stands with the network.
    pub network: NetworkView,
    /// What needs a person.
    pub attention: Vec<Attention>,
    /// The one dose to act on: the earliest that is due or late, else the next to come today.
    pub next: Option<DoseView>,
    /// The whole day, in parts; parts with no dose are left out.
    pub parts: Vec<DayPartView>,
    /// As-needed medicines.
    pub as_needed: Vec<AsNeededView>,
    /// Medicines with no times set yet.
    pub without_times: Vec<MedicineRow>,
    /// Whether there are any medicines at all.
    pub empty: bool,
}

/// A part of the day with its doses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayPartView {
    /// Which.
    pub part: DayPart,
    /// Its doses, in order of due.
    pub doses: Vec<DoseView>,
}

/// The parts of the day: from 5, 12, 17 and 21 o'clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPart {
    /// Before 5:00 and after midnight: the small hours of this date.
    Early,
    /// From 5:00.
    Morning,
    /// From 12:00.
    Afternoon,
    /// From 17:00.
    Evening,
    /// From 21:00.
    Night,
}

/// One scheduled dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoseView {
    /// The medication.
    pub medication: MedicationId,
    /// The due time's identity.
    pub occurrence: OccurrenceKey,
    /// The medication's name.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// How much; none where the patient enters it.
    pub amount: Option<Quantity>,
    /// What to heed.
    pub instruction: Option<String>,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// When it is due.
    pub due: Local,
    /// The state from the record.
    pub state: DoseState,
    /// How it stands against the clock, where nothing is recorded yet.
    pub timing: Timing,
    /// The entry that an undo would take back.
    pub entry: Option<DoseEventId>,
    /// Whether that entry has reached the backend.
    pub sent: bool,
}

/// An as-needed medicine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AsNeededView {
    /// The medication.
    pub medication: MedicationId,
    /// Its name.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// How much each time.
    pub amount: Option<Quantity>,
    /// What to heed.
    pub instruction: Option<String>,
    /// When the last was taken.
    pub last: Option<Local>,
    /// When the next is allowed; none where one is allowed now.
    pub next_allowed: Option<Local>,
    /// Doses taken in the rolling window.
    pub taken: u32,
    /// Most doses in the rolling window.
    pub max: Option<u32>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedView {
    /// The entry.
    pub event: DoseEventId,
    /// Until when *undo* is offered.
    pub undo_until: DateTime<Utc>,
    /// How it stands with the network.
    pub network: NetworkView,
}
