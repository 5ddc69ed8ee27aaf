//! Push: a batch of operations, applied in order in one transaction with their results.
//!
//! The result of each is kept with its effect: the same id again answers the same, whatever became of the first answer
//! on its way. The same id with another body is refused.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::Actor,
    api::{
        ErrorCode,
        sync::{OperationBody, OperationResult, Outcome, Pushed, ReadOperation, read_operations},
    },
    record::RecordKind,
    schedule::FieldError,
};
use serde_json::Value;

use super::{apply::apply, gather};
use crate::{
    account::{session, token::Bearer},
    app::App,
    fault::Fault,
    random,
    store::{
        self, Tx,
        ahead::{Ahead, Asked},
        operation::Kept,
        record::Writer,
    },
};

/// A push as it came, read.
pub(super) struct Push {
    bearer: Bearer,
    at: DateTime<Utc>,
    /// Each with the hash of its body as it was sent.
    operations: Vec<(ReadOperation, String)>,
}

/// Applies a push. Whether the session of `bearer` lives is looked up in the same transaction; what is wrong with a body
/// that cannot be read is told to one that does.
pub async fn push(app: &App, bearer: Bearer, request: Result<Value, Fault>) -> Result<Pushed, Fault> {
    let operations = match request.and_then(|request| read(&request)) {
        Ok(operations) => operations,
        Err(_) if !session::is_live(app, bearer).await? => return Err(Fault::SignedOut),
        Err(fault) => return Err(fault),
    };
    let push = Push {
        bearer,
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

    /// Applies every operation; none where the session has ended.
    pub(super) async fn apply(&self, tx: &mut Tx, ahead: &mut Ahead) -> Result<Option<Vec<OperationResult>>, Fault> {
        let Bearer { person, device, .. } = self.bearer;
        let session = ahead.sessions.get(&self.bearer.session);
        if session.is_none_or(|session| (session.person, session.device) != (person, device)) {
            return Ok(None);
        }
        let actor = Actor {
            person,
            memberships: ahead.memberships.get(&person).cloned().unwrap_or_default(),
        };
        let writer = Writer {
            actor: Some(person),
            device: Some(device),
            at: self.at,
        };
        let mut results = Vec::with_capacity(self.operations.len());
        for (operation, body_hash) in &self.operations {
            results.push(one(tx, &actor, &writer, ahead, operation, body_hash).await?);
        }
        Ok(Some(results))
    }
}

async fn one(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    ahead: &mut Ahead,
    operation: &ReadOperation,
    body_hash: &str,
) -> Result<OperationResult, Fault> {
    if let Some(kept) = ahead.kept.get(&operation.id) {
        if kept.body_hash == body_hash && kept.actor == actor.person {
            return Ok(kept.result.clone());
        }
        return Ok(OperationResult {
            id: operation.id,
            outcome: Outcome::Refused {
                code: ErrorCode::OperationReused,
                field: Some("id".to_owned()),
            },
        });
    }
    let outcome = match &operation.body {
        Ok(body) => apply(tx, actor, writer, body, writer.at).await?,
        Err(error) => Outcome::Refused {
            code: ErrorCode::InvalidField,
            field: Some(error.path.clone()),
        },
    };
    let kept = Kept {
        actor: actor.person,
        body_hash: body_hash.to_owned(),
        result: OperationResult {
            id: operation.id,
            outcome,
        },
    };
    store::operation::keep(tx, &kept, writer.at).await?;
    let result = kept.result.clone();
    ahead.kept.insert(operation.id, kept);
    Ok(result)
}
