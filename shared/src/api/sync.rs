//! Push, pull and hints.
//!
//! Push carries operations, each with its own id; its result is stored in the transaction of its effect, so that the
//! same id again returns the same result. Pull carries changes after a cursor. Two feeds serve it: the caller's whole
//! feed, and one patient's feed from the beginning for a device that does not hold that patient yet. Applying a change
//! twice is harmless: a record replaces an older version of itself, and dose events never change.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    api::{ErrorCode, interactions::ListRevision},
    dose::DoseEvent,
    field::{Cursor, FieldError},
    id::{OperationId, PatientId},
    record::{
        Alert, AlertRule, Allergy, Dispense, Medication, Patient, Record, RecordKind, SideEffectEntry, StockEntry,
        Version,
    },
    schedule::{self, scalar},
};

/// `POST`: [`Push`] → [`Pushed`].
pub const PUSH: &str = "/v1/sync/push";
/// `GET ?after=<cursor>&limit=<n>&scope=<tag>` → [`Pulled`]: the caller's whole feed. With no `after`, `more` is false,
/// `changes` is empty and the cursor is the feed's present end: the patients then come by their own feeds.
pub const CHANGES: &str = "/v1/sync/changes";
/// `GET ?after=<cursor>&limit=<n>` → [`Pulled`] with no `scope`: one patient's feed.
pub const PATIENT_CHANGES: &str = "/v1/sync/patients/{patient}/changes";
/// WebSocket: the client sends [`Hello`] first; the backend then sends a [`Hint`] for each change in the caller's scope.
pub const HINTS: &str = "/v1/sync/hints";

/// Most operations in one push.
pub const MAX_OPERATIONS: usize = 500;
/// Most changes in one pull, and how many come where no limit is given.
pub const MAX_CHANGES: usize = 1_000;

/// A batch of operations, applied in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The operations.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_OPERATIONS)))]
    pub operations: Vec<Operation>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its identity: the key of its stored result.
    pub id: OperationId,
    /// What it does.
    pub body: OperationBody,
}

/// What an operation does. `base` is the version that an edit started from, 0 for a new record; the backend answers
/// [`Outcome::Conflict`] where the record has moved on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OperationBody {
    /// Appends to the record of doses.
    LogDose {
        /// The entry.
        event: DoseEvent,
    },
    /// Writes a medication.
    PutMedication {
        /// Started from this version.
        base: Version,
        /// The medication; its own `version` is ignored.
        medication: Medication,
    },
    /// Writes the patient.
    PutPatient {
        /// Started from this version.
        base: Version,
        /// The patient; its own `version` and `person` are ignored.
        patient: Patient,
    },
    /// Writes an allergy.
    PutAllergy {
        /// Started from this version.
        base: Version,
        /// The allergy; its own `version` is ignored.
        allergy: Allergy,
    },
    /// Writes how soon someone is told of missed doses.
    PutAlertRule {
        /// Started from this version.
        base: Version,
        /// The rule; its own `version` is ignored.
        rule: AlertRule,
    },
    /// Says that an alert was seen.
    AckAlert {
        /// Started from this version.
        base: Version,
        /// The alert with `seen` filled in; nothing else of it may differ.
        alert: Alert,
    },
    /// Writes a dispense.
    PutDispense {
        /// Started from this version.
        base: Version,
        /// The dispense; its own `version` is ignored.
        dispense: Dispense,
    },
    /// Appends to the ledger of a stock.
    LogStock {
        /// The entry.
        entry: StockEntry,
    },
    /// Appends to what is recorded of side effects.
    LogSideEffect {
        /// The entry.
        entry: SideEffectEntry,
    },
}

crate::tagged!(OperationBody by "kind", strict {
    "log_dose" => LogDose { event },
    "put_medication" => PutMedication { base, medication },
    "put_patient" => PutPatient { base, patient },
    "put_allergy" => PutAllergy { base, allergy },
    "put_alert_rule" => PutAlertRule { base, rule },
    "ack_alert" => AckAlert { base, alert },
    "put_dispense" => PutDispense { base, dispense },
    "log_stock" => LogStock { entry },
    "log_side_effect" => LogSideEffect { entry },
});

impl OperationBody {
    /// The patient that it concerns.
    pub const fn patient(&self) -> PatientId {
        match self {
            Self::LogDose { event } => event.patient,
            Self::PutMedication { medication, .. } => medication.patient,
            Self::PutPatient { patient, .. } => patient.id,
            Self::PutAllergy { allergy, .. } => allergy.patient,
            Self::PutAlertRule { rule, .. } => rule.patient,
            Self::AckAlert { alert, .. } => alert.patient,
            Self::PutDispense { dispense, .. } => dispense.patient,
            Self::LogStock { entry } => entry.patient,
            Self::LogSideEffect { entry } => entry.patient,
        }
    }
}

/// An operation as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOperation {
    /// Its identity.
    pub id: OperationId,
    /// What it does, or why it cannot be read; the path starts inside the operation, such as `body.medication.name`.
    pub body: Result<OperationBody, FieldError>,
}

/// Reads a [`Push`] so that one operation that is at fault is refused by its path, and the others still stand. Only a
/// push that is no list of operations with ids is refused as a whole.
pub fn read_operations(push: &Value) -> Result<Vec<ReadOperation>, FieldError> {
    let at = Cursor::new(push);
    at.object(&["operations"])?
        .need("operations")?
        .list(0, MAX_OPERATIONS, |at| {
            let fields = at.object(&["id", "body"])?;
            let id_at = fields.need("id")?;
            let id = id_at.text()?.parse().map_err(|_| id_at.refuse("must be a UUID"))?;
            let body = read_body(fields.need("body")?.value());
            Ok(ReadOperation { id, body })
        })
}

/// Reads the body of an operation, the schedules and amounts in it strictly.
fn read_body(body: &Value) -> Result<OperationBody, FieldError> {
    for (pointer, path) in [
        ("/event/what/amount", "body.event.what.amount"),
        ("/dispense/quantity", "body.dispense.quantity"),
        ("/entry/what/amount", "body.entry.what.amount"),
    ] {
        if let Some(amount) = body.pointer(pointer).filter(|amount| !amount.is_null()) {
            scalar::quantity(amount).map_err(|error| error.within(path))?;
        }
    }
    if let Some(Value::Array(plan)) = body.pointer("/medication/plan") {
        for (place, revision) in plan.iter().enumerate() {
            if let Some(schedule) = revision.get("schedule") {
                schedule::parse(schedule)
                    .map_err(|error| error.within(&format!("body.medication.plan[{place}].schedule")))?;
            }
        }
    }
    let body = shape(&Cursor::new(body)).map_err(|error| error.within("body"))?;
    body.validate().map_err(|error| error.within("body"))?;
    Ok(body)
}

/// Reads the shape of a body; which record is not one, is named.
fn shape(at: &Cursor<'_>) -> Result<OperationBody, FieldError> {
    // serde's own text may repeat what it read, which is health data.
    fn record<T: for<'de> Deserialize<'de>>(at: &Cursor<'_>) -> Result<T, FieldError> {
        T::deserialize(at.value())
            .map_err(|_| at.refuse("lacks a field, or has one that is unknown or of another kind"))
    }
    let fields = at.any_object()?;
    let kind = fields.need("kind")?;
    let base = || -> Result<Version, FieldError> {
        let at = fields.need("base")?;
        at.value().as_u64().ok_or_else(|| at.refuse("must be a version"))
    };
    match kind.text()? {
        "log_dose" => {
            fields.only(&["kind", "event"])?;
            Ok(OperationBody::LogDose {
                event: record(&fields.need("event")?)?,
            })
        }
        "put_medication" => {
            fields.only(&["kind", "base", "medication"])?;
            Ok(OperationBody::PutMedication {
                base: base()?,
                medication: record(&fields.need("medication")?)?,
            })
        }
        "put_patient" => {
            fields.only(&["kind", "base", "patient"])?;
            Ok(OperationBody::PutPatient {
                base: base()?,
                patient: record(&fields.need("patient")?)?,
            })
        }
        "put_allergy" => {
            fields.only(&["kind", "base", "allergy"])?;
            Ok(OperationBody::PutAllergy {
                base: base()?,
                allergy: record(&fields.need("allergy")?)?,
            })
        }
        "put_alert_rule" => {
            fields.only(&["kind", "base", "rule"])?;
            Ok(OperationBody::PutAlertRule {
                base: base()?,
                rule: record(&fields.need("rule")?)?,
            })
        }
        "ack_alert" => {
            fields.only(&["kind", "base", "alert"])?;
            Ok(OperationBody::AckAlert {
                base: base()?,
                alert: record(&fields.need("alert")?)?,
            })
        }
        "put_dispense" => {
            fields.only(&["kind", "base", "dispense"])?;
            Ok(OperationBody::PutDispense {
                base: base()?,
                dispense: record(&fields.need("dispense")?)?,
            })
        }
        "log_stock" => {
            fields.only(&["kind", "entry"])?;
            Ok(OperationBody::LogStock {
                entry: record(&fields.need("entry")?)?,
            })
        }
        "log_side_effect" => {
            fields.only(&["kind", "entry"])?;
            Ok(OperationBody::LogSideEffect {
                entry: record(&fields.need("entry")?)?,
            })
        }
        _ => Err(kind.refuse(
            "must be log_dose, put_medication, put_patient, put_allergy, put_alert_rule, ack_alert, put_dispense, \
             log_stock or log_side_effect",
        )),
    }
}

impl OperationBody {
    /// Holds what it carries against the rules of the domain; the path starts inside the body.
    pub fn validate(&self) -> Result<(), FieldError> {
        match self {
            Self::LogDose { event } => event.validate().map_err(|error| error.within("event")),
            Self::PutMedication { medication, .. } => medication.validate().map_err(|error| error.within("medication")),
            Self::PutPatient { patient, .. } => patient.validate().map_err(|error| error.within("patient")),
            Self::PutAllergy { allergy, .. } => allergy.validate().map_err(|error| error.within("allergy")),
            Self::PutAlertRule { rule, .. } => rule.validate().map_err(|error| error.within("rule")),
            // All but `seen` is held against the alert that is there.
            Self::AckAlert { .. } => Ok(()),
            Self::PutDispense { dispense, .. } => dispense.validate().map_err(|error| error.within("dispense")),
            Self::LogStock { entry } => entry.validate().map_err(|error| error.within("entry")),
            Self::LogSideEffect { entry } => entry.validate().map_err(|error| error.within("entry")),
        }
    }
}

/// The results of a push, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pushed {
    /// The results.
    pub results: Vec<OperationResult>,
}

/// The result of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationResult {
    /// Which operation.
    pub id: OperationId,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// It is done, and durable.
    Applied {
        /// The record's version now.
        version: Version,
    },
    /// The record has moved on; nothing was written.
    Conflict {
        /// The record as it stands.
        current: Box<Record>,
    },
    /// It cannot be done; nothing was written.
    Refused {
        /// Why.
        code: ErrorCode,
        /// The path of the field at fault.
        field: Option<String>,
    },
}

crate::tagged!(Outcome by "kind", lenient {
    "applied" => Applied { version },
    "conflict" => Conflict { current },
    "refused" => Refused { code, field },
});

/// Changes after a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pulled {
    /// The changes, in the order of the feed.
    pub changes: Vec<Change>,
    /// Where to go on from. Opaque.
    pub cursor: String,
    /// Whether there is more already.
    pub more: bool,
    /// What the caller may see, where that differs from the `scope` tag that the caller sent. A device
    /// removes the records of every other patient.
    pub scope: Option<PatientScope>,
}

/// The patients that a caller may see, and the lists of interactions that stand for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PatientScope {
    /// Stands for all of this. Opaque.
    pub tag: String,
    /// The patients.
    pub patients: Vec<PatientId>,
    /// The lists of the caller's clinics, and of the clinics that the caller's own record and those in their care are
    /// open to. A device keeps these and no others.
    #[serde(default)]
    pub lists: Vec<ListRevision>,
}

/// One change of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// Whose.
    pub patient: PatientId,
    /// What kind of record.
    pub kind: RecordKind,
    /// Which record, as a bare UUID.
    pub record: uuid::Uuid,
    /// Its version after the change.
    pub version: Version,
    /// The record after the change, as JSON of [`Record`]. Kept as a value, so that a device of an older version can
    /// quarantine what it cannot decode instead of dropping it.
    pub body: Value,
}

/// The first message of a client on [`HINTS`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The access token.
    pub access: String,
}

/// A change is there to be pulled. Carries no health data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Hint {
    /// The connection stands.
    Ready {},
    /// Something of this patient has changed.
    Changed {
        /// Whose.
        patient: PatientId,
    },
    /// What the caller may see has changed.
    Scope {},
}

crate::tagged!(Hint by "kind", lenient {
    "ready" => Ready {},
    "changed" => Changed { patient },
    "scope" => Scope {},
});
