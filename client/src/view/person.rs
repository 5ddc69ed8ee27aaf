//! One person at a glance: a caregiver's list, a clinic's worklist, a patient's page.

use chrono::NaiveDate;
use doseline_shared::{
    id::{AlertId, PatientId},
    record::{Allergy, Condition, Symptom},
};
use serde::{Deserialize, Serialize};

use super::{DayHistory, DoseView, InteractionView, Local, Mark, MedicineRow, NetworkView, SideEffectView, TakingView};

/// The people one cares for, what needs attention first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaregiverView {
    /// One row each.
    pub people: Vec<PersonRow>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// One person at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Who.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// The alerts that this person has not seen yet, those of critical medicines first.
    pub alerts: Vec<AlertView>,
    /// What needs attention most; none where nothing does.
    pub need: Option<Need>,
    /// Today's doses.
    pub today: Vec<Mark>,
    /// The last seven local dates, oldest first.
    pub week: Vec<DayHistory>,
    /// The *taking* measure over the last 28 dates.
    pub taking: TakingView,
    /// When something of theirs was last recorded.
    pub last_seen: Option<Local>,
    /// Medicines with no times set yet.
    pub without_times: u32,
}

/// A missed dose that the signed-in person is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertView {
    /// Which alert.
    pub id: AlertId,
    /// The medicine.
    pub name: String,
    /// When the dose was due, on the patient's clock.
    pub due: Local,
    /// Whether the medicine is dangerous to miss.
    pub critical: bool,
}

/// What needs attention, most urgent first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Missed doses that this person is told of, and has not seen yet.
    Alert {
        /// How many.
        count: u32,
        /// The medicine of the first.
        name: String,
        /// When that was due, on the patient's clock.
        due: Local,
        /// Whether that medicine is dangerous to miss.
        critical: bool,
    },
    /// Doses of a critical medicine were missed today or yesterday.
    MissedCritical {
        /// How many.
        count: u32,
        /// The medicine.
        name: String,
    },
    /// Side effects that keep the patient from what they normally do, reported in the last week and going on.
    SideEffect {
        /// How many.
        count: u32,
        /// The one that began last.
        symptom: Symptom,
    },
    /// Doses were missed today.
    Missed {
        /// How many.
        count: u32,
        /// The medicine of the first.
        name: String,
    },
    /// A device could not remind.
    NotReminded {
        /// The medicine.
        name: String,
    },
    /// A dose is late.
    Late {
        /// The medicine.
        name: String,
    },
    /// Under 80 in a hundred taken over 28 dates.
    LowTaking {
        /// Per cent.
        percent: u32,
    },
    /// Medicines have no times yet.
    NoTimes {
        /// How many.
        count: u32,
    },
}

impl Need {
    /// Its place in the order of urgency, from 0, and what decides among equals.
    pub const fn rank(&self) -> (u8, u32) {
        match self {
            Self::Alert {
                critical: true, count, ..
            } => (0, u32::MAX - *count),
            Self::MissedCritical { count, .. } => (1, u32::MAX - *count),
            Self::SideEffect { count, .. } => (2, u32::MAX - *count),
            Self::Alert {
                critical: false, count, ..
            } => (3, u32::MAX - *count),
            Self::Missed { count, .. } => (4, u32::MAX - *count),
            Self::NotReminded { .. } => (5, 0),
            Self::Late { .. } => (6, 0),
            Self::LowTaking { percent } => (7, *percent),
            Self::NoTimes { count } => (8, u32::MAX - *count),
        }
    }
}

/// A clinic's patients, by need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorklistView {
    /// The clinic's name.
    pub clinic: String,
    /// One row each, by need, then by name.
    pub rows: Vec<PersonRow>,
    /// All patients of the clinic, before the search.
    pub total: u32,
    /// Whether the role may see doses.
    pub may_see_doses: bool,
    /// Whether the role may manage staff.
    pub may_manage_staff: bool,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// A patient's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatientView {
    /// The row.
    pub row: PersonRow,
    /// Today.
    pub today: Vec<DoseView>,
    /// The regimen.
    pub medicines: Vec<MedicineRow>,
    /// What to know of medicines beside each other, the gravest first.
    pub interactions: Vec<InteractionView>,
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// The *taking* measure of the last eight weeks, oldest first.
    pub weeks: Vec<TakingView>,
    /// Side effects, what began last first.
    pub side_effects: Vec<SideEffectView>,
    /// Whether the record is claimed by an account.
    pub claimed: bool,
    /// Whether the signed-in person may change the regimen.
    pub may_edit: bool,
    /// Whether the signed-in person may record doses.
    pub may_log: bool,
    /// How it stands with the network.
    pub network: NetworkView,
}
