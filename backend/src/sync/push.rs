//! Push: a batch of operations, applied in order in one transaction with their results.
//!
//! The result of each is kept with its effect: the same id again answers the same, whatever became of the first answer
//! on its way. The same id with another body is refused.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::{
        ErrorCode,
        sync::{OperationResult, Outcome, Pushed, ReadOperation, read_operations},
    },
    schedule::FieldError,
};
use serde_json::Value;

use super::apply::{Known, apply};
use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Tx, operation::Kept, record::Writer},
};

/// Applies a push.
pub async fn push(app: &App, caller: Caller, request: Value) -> Result<Pushed, Fault> {
    let now = app.now();
    let operations = read(&request)?;
    let results = app
        .store
        .write(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            let writer = Writer {
                actor: Some(caller.person),
                device: Some(caller.device),
                at: now,
            };
            let mut known = Known::default();
            let mut results = Vec::with_capacity(operations.len());
            for (operation, body_hash) in &operations {
                results.push(one(tx, &actor, &writer, &mut known, operation, body_hash, now).await?);
            }
            Ok::<_, Fault>(results)
        })
        .await?;
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

async fn one(
    tx: &mut Tx,
    actor: &doseline_shared::access::Actor,
    writer: &Writer,
    known: &mut Known,
    operation: &ReadOperation,
    body_hash: &str,
    now: DateTime<Utc>,
) -> Result<OperationResult, Fault> {
    if let Some(kept) = store::operation::result(tx, operation.id).await? {
        if kept.body_hash == body_hash && kept.actor == actor.person {
            return Ok(kept.result);
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
        Ok(body) => apply(tx, actor, writer, known, body, now).await?,
        Err(error) => Outcome::Refused {
            code: ErrorCode::InvalidField,
            field: Some(error.path.clone()),
        },
    };
    let result = OperationResult {
        id: operation.id,
        outcome,
    };
    let kept = Kept {
        actor: actor.person,
        body_hash: body_hash.to_owned(),
        result: result.clone(),
    };
    store::operation::keep(tx, &kept, now).await?;
    Ok(result)
}
