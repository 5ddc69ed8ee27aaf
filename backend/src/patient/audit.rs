//! Who has looked at a patient's record. For the patient alone.

use doseline_shared::{
    access::Action,
    api::audit::{Audit, MAX_EVENTS},
    id::PatientId,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    access,
    app::{App, Caller, Target},
    fault::Fault,
    page,
    store::{self, Tx, access::Reader},
};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAudit {
    /// Events older than this link; the `before` of the answer before.
    before: Option<u64>,
    /// At most so many.
    #[schemars(range(min = 1, max = MAX_EVENTS))]
    limit: Option<usize>,
}

/// What others have seen of the record, or were not let see, the newest first.
pub async fn audit(
    app: &App,
    caller: Caller,
    target: Target,
    patient: PatientId,
    asked: AskAudit,
) -> Result<Audit, Fault> {
    let (now, limit) = (app.now(), page::limit(asked.limit, MAX_EVENTS)?);
    let events = async move |tx: &mut Tx, reader: &Reader| {
        let actor = access::actor(tx, caller.person).await?;
        access::allow(tx, &actor, Action::SeeAudit, patient, now).await?;
        Ok(store::audit::of_patient(tx, reader, patient, asked.before, limit).await?)
    };
    app.read_as(caller, target, now, events).await
}
