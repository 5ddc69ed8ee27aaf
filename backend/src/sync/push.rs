//! Push: a batch of operations, applied in order in one transaction with their results.
//!
//! The result of each is kept with its effect: the same id again answers the same, whatever became of the first answer
//! on its way. The same id with another body is refused.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::Actor,
    api::{
        ErrorCode,
        sync::{OperationBody, OperationResult, Outcome, PUSH, Pushed, ReadOperation, read_operations},
    },
    id::{OperationId, PersonId},
    record::RecordKind,
    schedule::FieldError,
};
use serde_json::Value;

use super::{apply::apply, gather};
use crate::{
    account::{
        session::{self, Owed},
        token::Bearer,
    },
    app::{App, Origin},
    fault::Fault,
    random,
    store::{
        self, Tx,
        ahead::{Ahead, Asked},
        audit::{Notes, Reading, Refusal},
        operation::Kept,
        record::Writer,
    },
};

/// A push as it came, read.
pub(super) struct Push {
    bearer: Bearer,
    origin: Origin,
    at: DateTime<Utc>,
    /// Each with the hash of its body as it was sent.
    operations: Vec<(ReadOperation, String)>,
}

/// Applies a push. Whether the session of `bearer` lives is looked up in the same transaction; what is wrong with a body
/// that cannot be read is told to one that does.
pub async fn push(app: &App, bearer: Bearer, origin: Origin, request: Result<Value, Fault>) -> Result<Pushed, Fault> {
    let operations = match request.and_then(|request| read(&request)) {
        Ok(operations) => operations,
        Err(_) if !session::is_live(app, bearer).await? => return Err(Fault::SignedOut),
        Err(fault) => return Err(fault),
    };
    let push = Push {
        bearer,
        origin,
        at: app.now(),
        operations,
    };
    let results = gather::applied(app, push).await?;
    for result in &results {
        let outcome = match result.outcome {
            Outcome::Applied { .. } => "applied",
            Outcome::Conflict { .. } => "conflict",
            Outcome::Refused { .. } => "refused",
        };
        metrics::counter!("doseline_operations_total", "outcome" => outcome).increment(1);
    }
    Ok(Pushed { results })
}

/// The operations, each with the hash of its body as it was sent.
fn read(request: &Value) -> Result<Vec<(ReadOperation, String)>, Fault> {
    let operations = read_operations(request).map_err(|FieldError { path, problem }| Fault::Field { path, problem })?;
    let bodies = request.get("operations").and_then(Value::as_array);
    let bodies = bodies.into_iter().flatten();
    Ok(operations
        .into_iter()
        .zip(bodies)
        .map(|(operation, sent)| {
            // serde_json keeps the fields of an object in order of their names: the text is canonical.
            let body = sent.get("body").unwrap_or(&Value::Null).to_string();
            (operation, random::digest(&[b"operation", body.as_bytes()]))
        })
        .collect())
}

impl Push {
    /// How many operations there are.
    pub(super) const fn len(&self) -> usize {
        self.operations.len()
    }

    fn bodies(&self) -> impl Iterator<Item = &OperationBody> {
        self.operations
            .iter()
            .filter_map(|(operation, _)| operation.body.as_ref().ok())
    }

    /// Whether it brings nothing but doses.
    pub(super) fn only_doses(&self) -> bool {
        self.bodies().all(|body| match body {
            OperationBody::LogDose { .. } => true,
            OperationBody::PutMedication { .. }
            | OperationBody::PutPatient { .. }
            | OperationBody::PutAllergy { .. }
            | OperationBody::PutAlertRule { .. }
            | OperationBody::AckAlert { .. }
            | OperationBody::PutDispense { .. }
            | OperationBody::LogStock { .. }
            | OperationBody::LogSideEffect { .. } => false,
        })
    }

    /// Whether the transaction has taken every patient that it is about.
    pub(super) fn is_held(&self, tx: &Tx) -> bool {
        self.bodies().all(|body| tx.holds(body.patient()))
    }

    /// Adds to `asked` what [`Push::apply`] needs to know.
    pub(super) fn ask(&self, asked: &mut Asked) {
        asked.sessions.insert(self.bearer.session);
        asked.persons.insert(self.bearer.person);
        asked
            .operations
            .extend(self.operations.iter().map(|(operation, _)| operation.id));
        for body in self.bodies() {
            asked.patients.insert(body.patient());
            match body {
                OperationBody::LogDose { event } => {
                    asked.records.insert((RecordKind::DoseEvent, event.id.uuid()));
                    asked.records.insert((RecordKind::Medication, event.medication.uuid()));
                }
                OperationBody::PutMedication { medication, .. } => {
                    asked.records.insert((RecordKind::Medication, medication.id.uuid()));
                }
                OperationBody::PutPatient { patient, .. } => {
                    asked.records.insert((RecordKind::Patient, patient.id.uuid()));
                }
                OperationBody::PutAllergy { allergy, .. } => {
                    asked.records.insert((RecordKind::Allergy, allergy.id.uuid()));
                }
                OperationBody::PutAlertRule { rule, .. } => {
                    asked.records.insert((RecordKind::AlertRule, rule.id.uuid()));
                }
                OperationBody::AckAlert { alert, .. } => {
                    asked.records.insert((RecordKind::Alert, alert.id.uuid()));
                }
                OperationBody::PutDispense { dispense, .. } => {
                    asked.records.insert((RecordKind::Dispense, dispense.id.uuid()));
                }
                OperationBody::LogStock { entry } => {
                    asked.records.insert((RecordKind::StockEntry, entry.id.uuid()));
                }
                OperationBody::LogSideEffect { entry } => {
                    asked.records.insert((RecordKind::SideEffectEntry, entry.id.uuid()));
                }
            }
        }
    }

    /// Applies every operation; the inner error where the session may not. What is to be written to the audit beside the
    /// effects is added to `notes`.
    pub(super) async fn apply(
        &self,
        tx: &mut Tx,
        ahead: &mut Ahead,
        notes: &mut Notes,
    ) -> Result<Result<Vec<OperationResult>, Fault>, Fault> {
        let Bearer { person, device, .. } = self.bearer;
        let live = ahead.sessions.get(&self.bearer.session);
        match live.filter(|live| self.bearer.is_of(&live.session)) {
            None => return Ok(Err(Fault::SignedOut)),
            Some(live) => {
                if let Some(owed) = Owed::by(live) {
                    return Ok(Err(owed.into()));
                }
            }
        }
        let actor = Actor {
            person,
            memberships: ahead.memberships.get(&person).cloned().unwrap_or_default(),
        };
        let writer = Writer {
            actor: Some(person),
            device: Some(device),
            at: self.at,
            origin: Some(self.origin.0),
            why: "",
        };
        let mut results = Vec::with_capacity(self.operations.len());
        for (operation, body_hash) in &self.operations {
            if let Some(kept) = ahead.kept.get(&operation.id) {
                results.push(again(kept, person, operation.id, body_hash));
                continue;
            }
            let (outcome, denied) = match &operation.body {
                Ok(body) => apply(tx, &actor, &writer, body, self.at).await?,
                Err(error) => {
                    let (code, field) = (ErrorCode::InvalidField, Some(error.path.clone()));
                    (Outcome::Refused { code, field }, None)
                }
            };
            if let Ok(body) = &operation.body {
                self.note(body, &outcome, denied, notes);
            }
            let id = operation.id;
            let kept = Kept {
                actor: person,
                body_hash: body_hash.clone(),
                result: OperationResult { id, outcome },
            };
            store::operation::keep(tx, &kept, self.at).await?;
            results.push(kept.result.clone());
            ahead.kept.insert(id, kept);
        }
        Ok(Ok(results))
    }

    /// What of an operation goes to the audit: that it was refused, or that what stands was shown instead.
    fn note(&self, body: &OperationBody, outcome: &Outcome, denied: Option<&'static str>, notes: &mut Notes) {
        let Bearer { person, device, .. } = self.bearer;
        let (origin, at) = (self.origin.0, self.at);
        let asked = || format!("POST {PUSH} {}", kind(body));
        match (outcome, denied) {
            (Outcome::Refused { code, .. }, Some(why)) => notes.refusals.push(Refusal {
                who: Some((person, device)),
                origin,
                asked: asked(),
                account: None,
                patient: Some(body.patient()),
                code: code.name(),
                why,
                at,
            }),
            (Outcome::Conflict { current }, _) => {
                let reading = Reading {
                    person,
                    device,
                    origin,
                    asked: asked(),
                    at,
                };
                notes.shown.push((reading, current.patient()));
            }
            (Outcome::Applied { .. } | Outcome::Refused { .. }, _) => {}
        }
    }
}

/// What an operation does, by its name on the wire.
fn kind(body: &OperationBody) -> String {
    let sent = serde_json::to_value(body).unwrap_or_default();
    sent.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The answer to an operation that was answered before. It is in the audit already.
fn again(kept: &Kept, person: PersonId, id: OperationId, body_hash: &str) -> OperationResult {
    if kept.body_hash == body_hash && kept.actor == person {
        return kept.result.clone();
    }
    OperationResult {
        id,
        outcome: Outcome::Refused {
            code: ErrorCode::OperationReused,
            field: Some("id".to_owned()),
        },
    }
}
