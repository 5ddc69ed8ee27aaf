//! What other systems read of a patient: the medications as they stand, and measures of adherence.
//!
//! Owns the shapes of the answers. No figure travels without its counts and its definition, and none from the record of
//! doses is called PDC or MPR.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    adherence::{Measure, Ratio, TOLERANCE_PERCENT, Taking},
    id::{ClinicId, MedicationId, PatientId},
    record::{Coding, DrugClass, Medication, MedicationStatus, Revision},
    schedule::{Occurrence, Schedule},
};

/// `GET` → [`Medications`].
pub const MEDICATIONS: &str = "/api/patient/{patient}/medications";
/// `GET`, with `from`, `to` and `measure` → [`Adherence`].
pub const ADHERENCE: &str = "/api/patient/{patient}/adherence";

/// Local dates that a measure looks back on where nobody asks for others, today included.
pub const DEFAULT_DAYS: u64 = 28;
/// Most local dates in one question: three years.
pub const MAX_DAYS: i64 = 1_096;
/// How many days in a row without a dose are still no end of *persistence*, where nobody asks for another number.
pub const DEFAULT_GAP_DAYS: u32 = 30;

/// A patient's medications, in the order they were added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Medications {
    /// Whose.
    pub patient: PatientId,
    /// The home zone. A floating schedule is read in it, or in the zone that the patient has moved their times to.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
    /// The medications, stopped ones included.
    pub medications: Vec<Prescribed>,
}

/// A medication as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prescribed {
    /// The medication.
    pub medication: MedicationId,
    /// The clinic that wrote it.
    pub clinic: Option<ClinicId>,
    /// Name, as on the box.
    pub name: String,
    /// Its codes.
    pub codes: Vec<Coding>,
    /// Active ingredients.
    pub ingredients: Vec<String>,
    /// What to heed when taking it.
    pub instruction: Option<String>,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// Whether it is being taken, and if not, since when.
    pub status: MedicationStatus,
    /// Whether it is being taken on the patient's present date.
    pub active: bool,
    /// The schedule that holds on that date; none where no times are set yet.
    pub schedule: Option<Schedule>,
    /// All schedules over time.
    pub plan: Vec<Revision>,
    /// The earliest dose that is open, of those whose time is not over; none where none is within a year.
    pub next_due: Option<Occurrence>,
}

impl Prescribed {
    /// `medication`, with what depends on the present moment.
    pub fn new(
        medication: &Medication,
        active: bool,
        schedule: Option<&Schedule>,
        next_due: Option<Occurrence>,
    ) -> Self {
        Self {
            medication: medication.id,
            clinic: medication.clinic,
            name: medication.name.clone(),
            codes: medication.codes.clone(),
            ingredients: medication.ingredients.clone(),
            instruction: medication.instruction.clone(),
            critical: medication.critical,
            status: medication.status,
            active,
            schedule: schedule.cloned(),
            plan: medication.plan.clone(),
            next_due,
        }
    }
}

/// The measures, by their names in a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeasureName {
    /// Doses taken ÷ doses prescribed.
    Taking,
    /// Days with exactly the prescribed count ÷ days.
    CorrectDosing,
    /// Intervals close to nominal ÷ intervals.
    Timing,
    /// First dose to the last before a gap ÷ days.
    Persistence,
    /// Days covered ÷ days.
    Pdc,
    /// Days' supply ÷ days.
    Mpr,
}

impl MeasureName {
    /// The measure of this name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "taking" => Some(Self::Taking),
            "correct_dosing" => Some(Self::CorrectDosing),
            "timing" => Some(Self::Timing),
            "persistence" => Some(Self::Persistence),
            "pdc" => Some(Self::Pdc),
            "mpr" => Some(Self::Mpr),
            _ => None,
        }
    }

    /// What it is counted from.
    pub const fn source(self) -> Source {
        match self {
            Self::Taking | Self::CorrectDosing | Self::Timing | Self::Persistence => Source::DoseLog,
            Self::Pdc | Self::Mpr => Source::Dispensing,
        }
    }

    /// The measure with the parameters that hold where nobody asks for others.
    pub const fn measure(self) -> Measure {
        match self {
            Self::Taking => Measure::Taking {},
            Self::CorrectDosing => Measure::CorrectDosing {},
            Self::Timing => Measure::Timing {
                tolerance_percent: TOLERANCE_PERCENT,
            },
            Self::Persistence => Measure::Persistence {
                gap_days: DEFAULT_GAP_DAYS,
            },
            Self::Pdc => Measure::Pdc {
                adherent_percent: DrugClass::Other.adherent_percent(),
            },
            Self::Mpr => Measure::Mpr {},
        }
    }
}

/// What figures are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The record of doses.
    DoseLog,
    /// The record of what was handed out.
    Dispensing,
}

/// One measure over a range of local dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Adherence {
    /// Whose.
    pub patient: PatientId,
    /// The home zone, whose dates these are.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
    /// First local date.
    pub from: NaiveDate,
    /// Last local date, inclusive.
    pub to: NaiveDate,
    /// Which measure.
    pub measure: MeasureName,
    /// What it is counted from.
    pub source: Source,
    /// Over all medications.
    pub overall: Figure,
    /// For each medication with times.
    pub medications: Vec<MedicationFigure>,
}

/// The figure of one medication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MedicationFigure {
    /// The medication.
    pub medication: MedicationId,
    /// Its name.
    pub name: String,
    /// The figure.
    pub figure: Figure,
}

/// A share as two counts, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Share {
    /// The part.
    pub numerator: u32,
    /// The whole; 0 where there is nothing to measure.
    pub denominator: u32,
    /// Whole percent, rounded down; none where there is nothing to measure.
    pub percent: Option<u32>,
    /// What it counts, in words.
    pub definition: String,
}

impl Share {
    /// A ratio and what it says.
    pub fn new(ratio: Ratio, definition: impl Into<String>) -> Self {
        Self {
            numerator: ratio.num,
            denominator: ratio.den,
            percent: ratio.percent(),
            definition: definition.into(),
        }
    }
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figure {
    /// The share.
    #[serde(flatten)]
    pub share: Share,
    /// Why there is no figure, where there is none.
    pub reason: Option<String>,
    /// What stands beside *taking*; none for other measures.
    pub bounds: Option<Bounds>,
    /// Whether the patient counts as adherent; for PDC of one medication only.
    pub adherent: Option<bool>,
}

/// What is known of *taking*, and how much is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bounds {
    /// As if no dose were taken that was not logged.
    pub lower: Share,
    /// Over the doses whose fate is known.
    pub upper: Share,
    /// How much of what was due was logged.
    pub completeness: Share,
    /// Doses left out on purpose.
    pub skipped: u32,
    /// Doses confirmed missed.
    pub missed: u32,
    /// Doses taken beside the prescribed ones.
    pub extra: u32,
}

impl Bounds {
    /// The bounds of `taking`.
    pub fn new(taking: &Taking) -> Self {
        Self {
            lower: Share::new(
                taking.lower(),
                "Lower bound: prescribed doses logged as taken, divided by doses prescribed. A dose that nobody logged \
                 counts as not taken.",
            ),
            upper: Share::new(
                taking.upper(),
                "Upper bound: prescribed doses logged as taken, divided by those logged as taken, left out on purpose or \
                 confirmed missed. A dose of which nothing is known does not count.",
            ),
            completeness: Share::new(
                taking.completeness(),
                "Logging completeness: prescribed doses logged as taken or left out on purpose, divided by doses \
                 prescribed.",
            ),
            skipped: taking.skipped,
            missed: taking.missed,
            extra: taking.extra,
        }
    }
}
