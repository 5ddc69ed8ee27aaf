//! One operation: is it allowed, does it fit what is there, and its effect.

mod alert;

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor, Subject, can},
    api::{
        ErrorCode,
        sync::{OperationBody, Outcome},
    },
    dose::{Closing, DoseAct, DoseEvent, closing_id},
    id::{ClinicId, DeviceId, PatientId, PersonId},
    record::{Allergy, Grantee, Medication, Patient, Record, RecordKind, Version},
};
use uuid::Uuid;

use super::{feel, supply};
use crate::{
    access,
    fault::Fault,
    store::{
        self, StoreError, Tx,
        access::System,
        record::{Put, Writer},
    },
};

/// Why an operation does not take effect: an answer of the transaction, or its failure.
pub(super) enum Stop {
    Refused(ErrorCode, Option<&'static str>),
    /// The actor may not, by this rule.
    Denied(ErrorCode, &'static str),
    Failed(Fault),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::NotFound => Self::Refused(ErrorCode::NotFound, None),
            Fault::Hidden { why } => Self::Denied(ErrorCode::NotFound, why),
            Fault::Forbidden { why } => Self::Denied(ErrorCode::Forbidden, why),
            other => Self::Failed(other),
        }
    }
}

/// Applies `body`. What is refused because it may not be done, or because nothing is there to do it to, comes with the
/// rule that says so.
pub(super) async fn apply(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    body: &OperationBody,
    now: DateTime<Utc>,
) -> Result<(Outcome, Option<&'static str>), Fault> {
    let outcome = match body {
        OperationBody::LogDose { event } => log_dose(tx, actor, writer, event, now).await,
        OperationBody::PutMedication { base, medication } => {
            put_medication(tx, actor, writer, *base, medication, now).await
        }
        OperationBody::PutPatient { base, patient } => put_patient(tx, actor, writer, *base, patient, now).await,
        OperationBody::PutAllergy { base, allergy } => put_allergy(tx, actor, writer, *base, allergy, now).await,
        OperationBody::PutAlertRule { base, rule } => alert::put_rule(tx, actor, writer, *base, rule, now).await,
        OperationBody::AckAlert { base, alert } => alert::acknowledge(tx, actor, writer, *base, alert, now).await,
        OperationBody::PutDispense { base, dispense } => {
            supply::put_dispense(tx, actor, writer, *base, dispense, now).await
        }
        OperationBody::LogStock { entry } => supply::log_stock(tx, actor, writer, entry, now).await,
        OperationBody::LogSideEffect { entry } => feel::log_side_effect(tx, actor, writer, entry, now).await,
    };
    match outcome {
        Ok(outcome) => Ok((outcome, None)),
        Err(Stop::Refused(code, field)) => {
            let denied = (code == ErrorCode::NotFound).then_some("what it names is not there");
            let field = field.map(str::to_owned);
            Ok((Outcome::Refused { code, field }, denied))
        }
        Err(Stop::Denied(code, why)) => Ok((Outcome::Refused { code, field: None }, Some(why))),
        Err(Stop::Failed(fault)) => Err(fault),
    }
}

async fn log_dose(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    event: &DoseEvent,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let allowed = access::allow(tx, actor, Action::LogDose, event.patient, now).await?;
    if event.by != actor.person {
        return invalid("body.event.by");
    }
    if writer.device != Some(event.device) {
        return invalid("body.event.device");
    }
    let system = System::new("whose medication a dose is of");
    let medication = event.medication.uuid();
    if store::taken::owner(tx, &system, RecordKind::Medication, medication).await? != Some(event.patient) {
        return invalid("body.event.medication");
    }
    if let DoseAct::Retracted { event: retracted } = &event.what {
        match current(tx, RecordKind::DoseEvent, retracted.uuid()).await? {
            Some(Record::DoseEvent(old)) if old.patient == event.patient && old.medication == event.medication => {}
            Some(_) | None => return invalid("body.event.what.event"),
        }
    }
    let writer = writer.because(allowed.why);
    match store::record::put(tx, &writer, 0, Record::DoseEvent(event.clone())).await {
        Ok(Put::Written(version)) => Ok(Outcome::Applied { version }),
        // Another device of the patient, or the backend's own watch, has closed the dose first.
        Ok(Put::Moved(current)) if closes_the_same(event, &current) => Ok(Outcome::Conflict { current }),
        // An event is never changed: its id names something else already.
        Ok(Put::Moved(_)) | Err(StoreError::Conflict) => invalid("body.event.id"),
        Err(error) => Err(error.into()),
    }
}

/// Whether `current` is the entry that `event` would have been, made elsewhere: whoever closes a dose makes the same one.
fn closes_the_same(event: &DoseEvent, current: &Record) -> bool {
    let closing = match event.what {
        DoseAct::Missed {} => Closing::Missed,
        DoseAct::NotNotified { .. } => Closing::NotNotified,
        DoseAct::Held {} => Closing::Held,
        DoseAct::Notified {}
        | DoseAct::Taken { .. }
        | DoseAct::Skipped { .. }
        | DoseAct::Snoozed { .. }
        | DoseAct::Retracted { .. } => return false,
    };
    let (Some(occurrence), Record::DoseEvent(current)) = (&event.occurrence, current) else {
        return false;
    };
    event.id == closing_id(event.medication, occurrence, closing)
        && current.patient == event.patient
        && current.occurrence == event.occurrence
        // A retry by the device that made it is told apart from another device's entry: the one must match to the letter.
        && current.device != event.device
}

async fn put_medication(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    base: Version,
    medication: &Medication,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let existing = match current(tx, RecordKind::Medication, medication.id.uuid()).await? {
        Some(Record::Medication(existing)) if existing.patient == medication.patient => Some(existing),
        Some(_) => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None if base > 0 => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None => None,
    };
    let action = match &existing {
        Some(existing) if completes_times(existing, medication) => Action::CompleteTimes,
        Some(_) | None => Action::EditRegimen,
    };
    let allowed = access::allow(tx, actor, action, medication.patient, now).await?;
    let clinic = match &existing {
        Some(existing) => existing.clinic,
        None => written_by(actor, &allowed.subject, medication.clinic, now).ok_or(FOREIGN_CLINIC)?,
    };
    let record = Medication {
        clinic,
        ..medication.clone()
    };
    put(tx, &writer.because(allowed.why), base, Record::Medication(record)).await
}

/// Whether `edited` only gives times to what had none.
fn completes_times(existing: &Medication, edited: &Medication) -> bool {
    let completed = Medication {
        plan: edited.plan.clone(),
        version: existing.version,
        ..existing.clone()
    };
    let edited = Medication {
        version: existing.version,
        clinic: existing.clinic,
        ..edited.clone()
    };
    existing.plan.is_empty() && !edited.plan.is_empty() && completed == edited
}

async fn put_patient(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    base: Version,
    patient: &Patient,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let (person, why) = match current(tx, RecordKind::Patient, patient.id.uuid()).await? {
        Some(Record::Patient(existing)) => {
            let allowed = access::allow(tx, actor, Action::EditPatient, patient.id, now).await?;
            (existing.person, allowed.why)
        }
        Some(_) => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        // Someone who signed up without medicines of their own begins a record; nobody begins one for someone else.
        None if base == 0 && store::person::patient(tx, actor.person).await?.is_none() => {
            (Some(actor.person), "the patient's own record")
        }
        None => return Err(Stop::Refused(ErrorCode::NotFound, None)),
    };
    let record = Patient {
        person,
        ..patient.clone()
    };
    put(tx, &writer.because(why), base, Record::Patient(record)).await
}

async fn put_allergy(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    base: Version,
    allergy: &Allergy,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let allowed = access::allow(tx, actor, Action::EditRegimen, allergy.patient, now).await?;
    let clinic = match current(tx, RecordKind::Allergy, allergy.id.uuid()).await? {
        Some(Record::Allergy(existing)) if existing.patient == allergy.patient => existing.clinic,
        Some(_) => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None if base > 0 => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None => written_by(actor, &allowed.subject, allergy.clinic, now).ok_or(FOREIGN_CLINIC)?,
    };
    let record = Allergy {
        clinic,
        ..allergy.clone()
    };
    put(tx, &writer.because(allowed.why), base, Record::Allergy(record)).await
}

pub(super) const FOREIGN_CLINIC: Stop = Stop::Refused(ErrorCode::InvalidField, Some("body.clinic"));

/// The clinic that a new record may say it was written by: none, or one that the writer works for and that may write.
/// The outer option is none where it says another.
pub(super) fn written_by(
    actor: &Actor,
    subject: &Subject,
    stated: Option<ClinicId>,
    now: DateTime<Utc>,
) -> Option<Option<ClinicId>> {
    let Some(clinic) = stated else {
        return Some(None);
    };
    let as_staff = Actor {
        person: actor.person,
        memberships: actor
            .memberships
            .iter()
            .filter(|(of, _)| *of == clinic)
            .copied()
            .collect(),
    };
    let through_clinic = Subject {
        person: None,
        grants: subject
            .grants
            .iter()
            .filter(|grant| grant.to == Grantee::Clinic { clinic })
            .cloned()
            .collect(),
    };
    can(&as_staff, Action::EditRegimen, &through_clinic, now)
        .allowed
        .then_some(Some(clinic))
}

pub(super) async fn put(tx: &mut Tx, writer: &Writer, base: Version, record: Record) -> Result<Outcome, Stop> {
    match store::record::put(tx, writer, base, record).await {
        Ok(Put::Written(version)) => Ok(Outcome::Applied { version }),
        Ok(Put::Moved(current)) => Ok(Outcome::Conflict { current }),
        Err(StoreError::Conflict) => Err(Stop::Refused(ErrorCode::NotFound, None)),
        Err(error) => Err(error.into()),
    }
}

/// Appends an entry, which is never changed: an id that names something else already is refused as `body.entry.id`.
pub(super) async fn append(tx: &mut Tx, writer: &Writer, entry: Record) -> Result<Outcome, Stop> {
    match store::record::put(tx, writer, 0, entry).await {
        Ok(Put::Written(version)) => Ok(Outcome::Applied { version }),
        Ok(Put::Moved(_)) | Err(StoreError::Conflict) => invalid("body.entry.id"),
        Err(error) => Err(error.into()),
    }
}

/// The writer, where they may record doses for the patient, and what goes with them, and say so in their own name, from the
/// device that they write from.
pub(super) async fn may_append(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    (patient, by, device): (PatientId, PersonId, DeviceId),
    now: DateTime<Utc>,
) -> Result<Writer, Stop> {
    let allowed = access::allow(tx, actor, Action::LogDose, patient, now).await?;
    if by != actor.person {
        return Err(Stop::Refused(ErrorCode::InvalidField, Some("body.entry.by")));
    }
    if writer.device != Some(device) {
        return Err(Stop::Refused(ErrorCode::InvalidField, Some("body.entry.device")));
    }
    Ok(writer.because(allowed.why))
}

/// The record as it stands, before access to it is decided.
pub(super) async fn current(tx: &mut Tx, kind: RecordKind, id: Uuid) -> Result<Option<Record>, Stop> {
    let system = System::new("the record that an operation is about, to check the operation against");
    Ok(store::record::get(tx, &system, kind, id).await?)
}

pub(super) fn invalid(field: &'static str) -> Result<Outcome, Stop> {
    Err(Stop::Refused(ErrorCode::InvalidField, Some(field)))
}
