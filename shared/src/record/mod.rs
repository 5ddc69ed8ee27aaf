//! The records of a patient, as plain structs: what sync carries and what both stores keep.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    dose::DoseEvent,
    id::{AllergyId, ClinicId, ConditionId, GrantId, MedicationId, PatientId, PersonId},
    schedule::Schedule,
    travel::{Travel, Zones},
};

mod alert;
mod dispense;
mod side_effect;
mod stock;
mod valid;

pub(crate) use self::alert::tell;
pub use self::{
    alert::{Alert, AlertFor, AlertRule, Seen, Tell},
    dispense::{Dispense, DispenseStatus, DrugClass},
    side_effect::{Report, Severity, SideEffectAct, SideEffectEntry, Symptom},
    stock::{StockAct, StockEntry, StockSettings},
    valid::{MAX_CODES, MAX_NAME, MAX_TEXT},
};

/// Counts the writes of one record, from 1.
pub type Version = u64;

/// Any record of a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record {
    /// The patient.
    Patient(Patient),
    /// An allergy or intolerance.
    Allergy(Allergy),
    /// A condition.
    Condition(Condition),
    /// A medication with its plan.
    Medication(Medication),
    /// An entry in the record of doses.
    DoseEvent(DoseEvent),
    /// A permission.
    Grant(Grant),
    /// Whom to tell of missed doses, and how soon.
    AlertRule(AlertRule),
    /// Someone to be told of a missed dose.
    Alert(Alert),
    /// A supply that was handed out.
    Dispense(Dispense),
    /// An entry in the ledger of a stock.
    StockEntry(StockEntry),
    /// An entry about side effects.
    SideEffectEntry(SideEffectEntry),
}

crate::tagged!(Record by "type", whole {
    "patient" => Patient,
    "allergy" => Allergy,
    "condition" => Condition,
    "medication" => Medication,
    "dose_event" => DoseEvent,
    "grant" => Grant,
    "alert_rule" => AlertRule,
    "alert" => Alert,
    "dispense" => Dispense,
    "stock_entry" => StockEntry,
    "side_effect_entry" => SideEffectEntry,
});

/// The kinds of record, by their names on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The patient.
    Patient,
    /// An allergy or intolerance.
    Allergy,
    /// A condition.
    Condition,
    /// A medication with its plan.
    Medication,
    /// An entry in the record of doses.
    DoseEvent,
    /// A permission.
    Grant,
    /// Whom to tell of missed doses, and how soon.
    AlertRule,
    /// Someone to be told of a missed dose.
    Alert,
    /// A supply that was handed out.
    Dispense,
    /// An entry in the ledger of a stock.
    StockEntry,
    /// An entry about side effects.
    SideEffectEntry,
}

impl RecordKind {
    /// Its name on the wire and in the stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Allergy => "allergy",
            Self::Condition => "condition",
            Self::Medication => "medication",
            Self::DoseEvent => "dose_event",
            Self::Grant => "grant",
            Self::AlertRule => "alert_rule",
            Self::Alert => "alert",
            Self::Dispense => "dispense",
            Self::StockEntry => "stock_entry",
            Self::SideEffectEntry => "side_effect_entry",
        }
    }
}

impl Record {
    /// Its kind.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Patient(_) => RecordKind::Patient,
            Self::Allergy(_) => RecordKind::Allergy,
            Self::Condition(_) => RecordKind::Condition,
            Self::Medication(_) => RecordKind::Medication,
            Self::DoseEvent(_) => RecordKind::DoseEvent,
            Self::Grant(_) => RecordKind::Grant,
            Self::AlertRule(_) => RecordKind::AlertRule,
            Self::Alert(_) => RecordKind::Alert,
            Self::Dispense(_) => RecordKind::Dispense,
            Self::StockEntry(_) => RecordKind::StockEntry,
            Self::SideEffectEntry(_) => RecordKind::SideEffectEntry,
        }
    }

    /// Its identity.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Patient(record) => record.id.uuid(),
            Self::Allergy(record) => record.id.uuid(),
            Self::Condition(record) => record.id.uuid(),
            Self::Medication(record) => record.id.uuid(),
            Self::DoseEvent(record) => record.id.uuid(),
            Self::Grant(record) => record.id.uuid(),
            Self::AlertRule(record) => record.id.uuid(),
            Self::Alert(record) => record.id.uuid(),
            Self::Dispense(record) => record.id.uuid(),
            Self::StockEntry(record) => record.id.uuid(),
            Self::SideEffectEntry(record) => record.id.uuid(),
        }
    }

    /// The patient it belongs to.
    pub const fn patient(&self) -> PatientId {
        match self {
            Self::Patient(record) => record.id,
            Self::Allergy(record) => record.patient,
            Self::Condition(record) => record.patient,
            Self::Medication(record) => record.patient,
            Self::DoseEvent(record) => record.patient,
            Self::Grant(record) => record.patient,
            Self::AlertRule(record) => record.patient,
            Self::Alert(record) => record.patient,
            Self::Dispense(record) => record.patient,
            Self::StockEntry(record) => record.patient,
            Self::SideEffectEntry(record) => record.patient,
        }
    }

    /// How often it was written; always 1 for what is append-only.
    pub const fn version(&self) -> Version {
        match self {
            Self::Patient(record) => record.version,
            Self::Allergy(record) => record.version,
            Self::Condition(record) => record.version,
            Self::Medication(record) => record.version,
            Self::DoseEvent(_) | Self::StockEntry(_) | Self::SideEffectEntry(_) => 1,
            Self::Grant(record) => record.version,
            Self::AlertRule(record) => record.version,
            Self::Alert(record) => record.version,
            Self::Dispense(record) => record.version,
        }
    }
}

/// A patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Patient {
    /// Identity.
    pub id: PatientId,
    /// Version.
    pub version: Version,
    /// The account that is this patient's own; none for a patient who is known to a clinic only.
    pub person: Option<PersonId>,
    /// Full name.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Home zone.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
    /// What they answered on journeys, each answer once, in the order they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub travels: Vec<Travel>,
}

impl Patient {
    /// The zones that floating schedules are read in.
    pub fn zones(&self) -> Zones<'_> {
        Zones::new(self.zone, &self.travels)
    }
}

/// An allergy or intolerance (FHIR `AllergyIntolerance`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Allergy {
    /// Identity.
    pub id: AllergyId,
    /// Whose.
    pub patient: PatientId,
    /// The clinic that wrote it.
    pub clinic: Option<ClinicId>,
    /// Version.
    pub version: Version,
    /// The substance, in words.
    pub substance: String,
    /// Its codes.
    pub codes: Vec<Coding>,
    /// Whether it is current.
    pub active: bool,
}

/// A condition (FHIR `Condition`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Identity.
    pub id: ConditionId,
    /// Whose.
    pub patient: PatientId,
    /// The clinic that wrote it.
    pub clinic: Option<ClinicId>,
    /// Version.
    pub version: Version,
    /// The condition, in words.
    pub name: String,
    /// Its codes.
    pub codes: Vec<Coding>,
    /// When it began.
    pub onset: Option<NaiveDate>,
    /// Whether it is current.
    pub active: bool,
}

/// A code in a code system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Coding {
    /// The system's URI.
    pub system: String,
    /// The code.
    pub code: String,
}

/// A medication in a patient's regimen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Medication {
    /// Identity; also that of its schedule.
    pub id: MedicationId,
    /// Whose.
    pub patient: PatientId,
    /// The clinic that wrote it.
    pub clinic: Option<ClinicId>,
    /// Version.
    pub version: Version,
    /// Name, as on the box.
    pub name: String,
    /// Its codes.
    pub codes: Vec<Coding>,
    /// Active ingredients, in lower case.
    pub ingredients: Vec<String>,
    /// What to heed when taking it, such as "with food".
    pub instruction: Option<String>,
    /// How it is drawn.
    pub look: Look,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// The schedules over time, by ascending `from`; empty means "no times set yet".
    pub plan: Vec<Revision>,
    /// Whether it is being taken.
    pub status: MedicationStatus,
    /// When it was prescribed or added.
    pub authored: Option<DateTime<Utc>>,
    /// How its stock is kept; none where nobody keeps one. Left out where it is none, as before there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<StockSettings>,
}

impl Medication {
    /// Whether it is to be taken at certain times: it has a plan, and no schedule of that, now or before, is one of doses
    /// taken as needed. Only then is a dose beside those times an extra one; otherwise nobody has said how many there are
    /// to be.
    pub fn is_scheduled(&self) -> bool {
        !self.plan.is_empty() && self.plan.iter().all(|revision| !revision.schedule.is_as_needed())
    }

    /// The first local date on which its plan has it taken; none where it has no plan.
    pub fn begins(&self) -> Option<NaiveDate> {
        let begin = |revision: &Revision| revision.from.max(revision.schedule.start);
        self.plan.iter().map(begin).min()
    }
}

/// A schedule and the local date from which it holds. An edit adds a revision and leaves the past alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// Its number, from 1.
    pub number: u32,
    /// The first local date that it holds for.
    pub from: NaiveDate,
    /// From when on its doses are expected, where that is later: times that come into the record at noon have no missed
    /// morning, however long ago they were prescribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The schedule.
    pub schedule: Schedule,
}

/// Whether a medication is being taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MedicationStatus {
    /// It is.
    Active {},
    /// It was, until this local date, exclusive.
    Stopped {
        /// The first local date without it.
        from: NaiveDate,
    },
}

crate::tagged!(MedicationStatus by "kind", strict {
    "active" => Active {},
    "stopped" => Stopped { from },
});

/// How a medication is drawn: a shape and two colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The shape.
    pub form: Form,
    /// The colour.
    pub colour: Colour,
}

/// The form of a medication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A round tablet.
    Tablet,
    /// A capsule.
    Capsule,
    /// A liquid.
    Liquid,
    /// An injection.
    Injection,
    /// A cream.
    Cream,
    /// Drops.
    Drops,
    /// An inhaler.
    Inhaler,
    /// Anything else.
    Other,
}

/// A colour that a medication is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// White.
    White,
    /// Yellow.
    Yellow,
    /// Orange.
    Orange,
    /// Red.
    Red,
    /// Pink.
    Pink,
    /// Blue.
    Blue,
    /// Green.
    Green,
    /// Brown.
    Brown,
}

/// A patient's permission for a person or a clinic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Identity.
    pub id: GrantId,
    /// Whose record it opens.
    pub patient: PatientId,
    /// Version.
    pub version: Version,
    /// To whom.
    pub to: Grantee,
    /// Their name, as the patient sees it.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, exclusive; none where it has no end.
    pub until: Option<DateTime<Utc>>,
    /// When it was ended before its time.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Grant {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until) && self.ended_at.is_none_or(|ended| now < ended)
    }
}

/// Who a grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Grantee {
    /// A person who cares for the patient.
    Caregiver {
        /// The person.
        person: PersonId,
    },
    /// A clinic, and through it its staff.
    Clinic {
        /// The clinic.
        clinic: ClinicId,
    },
}

crate::tagged!(Grantee by "kind", strict {
    "caregiver" => Caregiver { person },
    "clinic" => Clinic { clinic },
});

/// What a grant allows; each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To see the medications and the doses.
    View,
    /// To record doses and side effects as well.
    Log,
    /// To edit the medications as well.
    Manage,
}
