//! A report for the doctor: its figures and facts, not yet in words.

use chrono::NaiveDate;
use chrono_tz::Tz;
use doseline_shared::{
    adherence::Taking,
    record::{Allergy, Condition, Report},
    report::MedicineReport,
};
use serde::{Deserialize, Serialize};

use super::{DoseText, WhenText};

/// A report for the doctor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportView {
    /// The patient's name.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// The zone on whose clock its times are.
    pub zone: Tz,
    /// The date there now.
    pub today: NaiveDate,
    /// First local date.
    pub from: NaiveDate,
    /// Last local date.
    pub to: NaiveDate,
    /// The scheduled doses of all medicines together.
    pub overall: Taking,
    /// The medicines, in the order they were added.
    pub medicines: Vec<ReportMedicine>,
    /// The side effects that were felt in the range, those that began last first.
    pub side_effects: Vec<ReportSideEffect>,
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A medicine in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportMedicine {
    /// Its name.
    pub name: String,
    /// The schedule on the last day, for a sentence.
    pub when: WhenText,
    /// How much, for a sentence; none where no times were set.
    pub dose: Option<DoseText>,
    /// What to heed.
    pub instruction: Option<String>,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// The local date it was stopped from.
    pub stopped: Option<NaiveDate>,
    /// What the record says of it.
    pub record: MedicineReport,
}

/// A side effect in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportSideEffect {
    /// What was reported.
    pub report: Report,
    /// The name of the medicine that is suspected.
    pub medicine: Option<String>,
    /// The last local date with it; none where it goes on.
    pub last: Option<NaiveDate>,
}
