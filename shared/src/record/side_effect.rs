//! What a patient feels and holds a medicine to be the cause of, entry by entry: that it began, that it has stopped, that
//! an entry was a mistake. What stands of them together is [`crate::side_effect`]'s to say.
//!
//! In FHIR's terms a report is an `AdverseEvent` of actuality *actual*: [`Report::symptom`] is its `event`,
//! [`Report::severity`] its `severity`, [`Report::from`] the start of its `occurrence`, [`Report::medication`] its
//! `suspectEntity`, and [`SideEffectEntry::recorded_at`] its `recordedDate`.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, MedicationId, PatientId, PersonId, SideEffectEntryId};

/// One entry about side effects. It is never changed; that something has stopped, or was a mistake, is an entry of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SideEffectEntry {
    /// Identity, made where it was created.
    pub id: SideEffectEntryId,
    /// Who feels it.
    pub patient: PatientId,
    /// What it says.
    pub what: SideEffectAct,
    /// When it was recorded, with the local offset of that moment.
    pub recorded_at: DateTime<FixedOffset>,
    /// Who recorded it: the patient, or someone for them.
    pub by: PersonId,
    /// On which device.
    pub device: DeviceId,
}

/// What an entry about side effects says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SideEffectAct {
    /// The patient feels something.
    Reported {
        /// What.
        report: Report,
    },
    /// It has stopped.
    Ended {
        /// The entry that reported it.
        entry: SideEffectEntryId,
        /// The first local date without it.
        on: NaiveDate,
    },
    /// An earlier entry is taken back.
    Retracted {
        /// The entry that no longer counts.
        entry: SideEffectEntryId,
    },
}

crate::tagged!(SideEffectAct by "kind", strict {
    "reported" => Reported { report },
    "ended" => Ended { entry, on },
    "retracted" => Retracted { entry },
});

/// A side effect, as it was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What the patient feels.
    pub symptom: Symptom,
    /// How bad it is.
    pub severity: Severity,
    /// The local date on which it began.
    pub from: NaiveDate,
    /// The medication that the patient suspects.
    pub medication: Option<MedicationId>,
    /// What else the patient says about it, at most 500 characters.
    pub note: Option<String>,
}

/// What a patient feels. Beside each the preferred term of MedDRA that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Symptom {
    /// *Nausea*.
    Nausea,
    /// *Dizziness*.
    Dizziness,
    /// *Headache*.
    Headache,
    /// *Rash* or *Pruritus*.
    Rash,
    /// *Fatigue*.
    Fatigue,
    /// *Diarrhoea*.
    Diarrhoea,
    /// *Insomnia*.
    Insomnia,
    /// *Swelling*.
    Swelling,
    /// *Dyspnoea*.
    Dyspnoea,
    /// *Angioedema*: of the face, the lips or the throat.
    Angioedema,
    /// None of these, in the patient's own words, at most 200 characters.
    Other(String),
}

impl Symptom {
    /// All that have a name, the common ones first.
    pub const NAMED: [Self; 10] = [
        Self::Nausea,
        Self::Dizziness,
        Self::Headache,
        Self::Rash,
        Self::Fatigue,
        Self::Diarrhoea,
        Self::Insomnia,
        Self::Swelling,
        Self::Dyspnoea,
        Self::Angioedema,
    ];

    /// Whether it can be the beginning of an anaphylaxis, so that help comes before any report.
    pub const fn is_emergency(&self) -> bool {
        match self {
            Self::Dyspnoea | Self::Angioedema => true,
            Self::Nausea
            | Self::Dizziness
            | Self::Headache
            | Self::Rash
            | Self::Fatigue
            | Self::Diarrhoea
            | Self::Insomnia
            | Self::Swelling
            | Self::Other(_) => false,
        }
    }
}

/// How bad a side effect is, by what it does to the patient's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is noticed, and stops nothing.
    Mild,
    /// It gets in the way.
    Moderate,
    /// What the patient normally does is not possible.
    Severe,
}

impl Severity {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Mild, Self::Moderate, Self::Severe];
}
