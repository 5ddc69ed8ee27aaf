//! Missed doses that someone is told of: the rules that say whom and how soon, and the alerts themselves.
//!
//! Owns their identities. A rule's follows from whom and what it is about, an alert's from the dose and whom it is for, so
//! that two devices that choose the same, and two backends that watch the same patient, write one record and not two.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Grantee, Medication, Version};
use crate::{
    field::FieldError,
    id::{AlertId, AlertRuleId, ClinicId, MedicationId, PatientId, PersonId},
    schedule::OccurrenceKey,
};

/// Whom to tell of missed doses, and how soon. Where there is no rule, [`Tell::usual`] holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// Identity: [`AlertRule::id_of`] the rest.
    pub id: AlertRuleId,
    /// Whose doses.
    pub patient: PatientId,
    /// Version.
    pub version: Version,
    /// Who is told.
    pub to: Grantee,
    /// Of which doses.
    pub of: AlertFor,
    /// How soon.
    pub tell: Tell,
}

/// The doses that a rule is about. Of several rules for one dose the one for its medication holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertFor {
    /// Those of every medication that is dangerous to miss.
    Critical {},
    /// Those of all the others.
    Others {},
    /// Those of one medication.
    Medication {
        /// Which.
        medication: MedicationId,
    },
}

crate::tagged!(AlertFor by "kind", strict {
    "critical" => Critical {},
    "others" => Others {},
    "medication" => Medication { medication },
});

/// How soon someone is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tell {
    /// So many minutes after the miss, 5 to 240.
    After {
        /// Minutes.
        minutes: u32,
    },
    /// Not at all.
    Never {},
    /// As of the other medications, whatever holds for them: takes back what was said of one.
    AsOthers {},
}

crate::tagged!(Tell by "kind", strict {
    "after" => After { minutes },
    "never" => Never {},
    "as_others" => AsOthers {},
});

impl Tell {
    /// The shortest and the longest time after the miss, in minutes.
    pub const MINUTES: std::ops::RangeInclusive<u32> = 5..=240;

    /// How soon someone is told where no rule says it: at once of what is dangerous, within the hour of the rest.
    pub const fn usual(critical: bool) -> Self {
        Self::After {
            minutes: if critical { 5 } else { 60 },
        }
    }
}

impl AlertRule {
    /// The identity of the rule that says how soon `to` is told of these doses.
    pub fn id_of(patient: PatientId, to: Grantee, of: AlertFor) -> AlertRuleId {
        let of: [u8; 17] = match of {
            AlertFor::Critical {} => tagged(0, Uuid::nil()),
            AlertFor::Others {} => tagged(1, Uuid::nil()),
            AlertFor::Medication { medication } => tagged(2, medication.uuid()),
        };
        AlertRuleId::from_uuid(derived(
            "doseline alert rule 1",
            &[patient.uuid().as_bytes(), &grantee(to), &of],
        ))
    }

    /// Holds the rule against the rules of the domain; the path starts inside it.
    pub fn validate(&self) -> Result<(), FieldError> {
        if self.id != Self::id_of(self.patient, self.to, self.of) {
            return Err(FieldError::new("id", "must follow from patient, to and of"));
        }
        match self.tell {
            Tell::After { minutes } if !Tell::MINUTES.contains(&minutes) => {
                Err(FieldError::new("tell.minutes", "must be a whole number from 5 to 240"))
            }
            Tell::AsOthers {} if !matches!(self.of, AlertFor::Medication { .. }) => Err(FieldError::new(
                "tell",
                "can be as of the others for one medication only",
            )),
            Tell::After { .. } | Tell::Never {} | Tell::AsOthers {} => Ok(()),
        }
    }
}

/// How soon `to` is told of a missed dose of `medication`.
pub(crate) fn tell(rules: &[AlertRule], to: Grantee, medication: &Medication) -> Tell {
    let by = |of: AlertFor| {
        rules
            .iter()
            .find(|rule| rule.to == to && rule.of == of)
            .map(|rule| rule.tell)
            .filter(|tell| *tell != Tell::AsOthers {})
    };
    let general = match medication.critical {
        true => AlertFor::Critical {},
        false => AlertFor::Others {},
    };
    by(AlertFor::Medication {
        medication: medication.id,
    })
    .or_else(|| by(general))
    .unwrap_or(Tell::usual(medication.critical))
}

/// Someone is to be told that the time of a dose has passed with no entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Identity: [`Alert::id_of`] the dose and whom it is for.
    pub id: AlertId,
    /// Whose dose.
    pub patient: PatientId,
    /// Version.
    pub version: Version,
    /// Of which medication.
    pub medication: MedicationId,
    /// Which due time.
    pub occurrence: OccurrenceKey,
    /// When that was.
    pub due: DateTime<Utc>,
    /// When it counted as missed.
    pub missed_at: DateTime<Utc>,
    /// Who is told.
    pub to: Grantee,
    /// Whether the medication is dangerous to miss.
    pub critical: bool,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// Who of them has seen it first.
    pub seen: Option<Seen>,
    /// When the dose was taken or left out, where that was logged after all.
    pub answered_at: Option<DateTime<Utc>>,
}

/// Someone has seen an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: PersonId,
}

impl Alert {
    /// The identity of the alert that tells `to` of this dose.
    pub fn id_of(medication: MedicationId, occurrence: &OccurrenceKey, to: Grantee) -> AlertId {
        let (medication, occurrence) = (medication.uuid(), occurrence.to_string());
        AlertId::from_uuid(derived(
            "doseline alert 1",
            &[medication.as_bytes(), &grantee(to), occurrence.as_bytes()],
        ))
    }

    /// Whether it still asks for someone: not seen yet, and the dose not logged.
    pub const fn stands(&self) -> bool {
        self.seen.is_none() && self.answered_at.is_none()
    }

    /// Whether it is for this person, who works for these clinics.
    pub fn is_for(&self, who: PersonId, works_for: impl IntoIterator<Item = ClinicId>) -> bool {
        match self.to {
            Grantee::Caregiver { person } => person == who,
            Grantee::Clinic { clinic } => works_for.into_iter().any(|of| of == clinic),
        }
    }
}

fn tagged(tag: u8, id: Uuid) -> [u8; 17] {
    let mut bytes = [tag; 17];
    if let Some(rest) = bytes.last_chunk_mut() {
        *rest = *id.as_bytes();
    }
    bytes
}

fn grantee(to: Grantee) -> [u8; 17] {
    match to {
        Grantee::Caregiver { person } => tagged(0, person.uuid()),
        Grantee::Clinic { clinic } => tagged(1, clinic.uuid()),
    }
}

/// A UUID of version 8 out of a hash. All parts but the last are of a fixed length.
fn derived(what: &str, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new_with_prefix(what.as_bytes());
    for part in parts {
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
