//! Which patients there are for a caller, what other systems read of one, who has looked at the record, and a copy of all of it.

use axum::extract::State;
use doseline_shared::{
    api::{
        audit::Audit,
        export::Export,
        partner::Patients,
        patient::{Adherence, Medications},
    },
    id::PatientId,
};

use super::Answer;
use crate::{
    app::{App, Caller, Target},
    http::read::{Asked, Ids, Json},
    patient,
};

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Asked(asked): Asked<patient::AskPatients>,
) -> Answer<Patients> {
    patient::list(&app, caller, target, asked).await.map(Json)
}

pub async fn audit(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Ids(id): Ids<PatientId>,
    Asked(asked): Asked<patient::AskAudit>,
) -> Answer<Audit> {
    patient::audit(&app, caller, target, id, asked).await.map(Json)
}

pub async fn export(State(app): State<App>, caller: Caller, target: Target, Ids(id): Ids<PatientId>) -> Answer<Export> {
    patient::export(&app, caller, target, id).await.map(Json)
}

pub async fn medications(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Ids(id): Ids<PatientId>,
) -> Answer<Medications> {
    patient::medications(&app, caller, target, id).await.map(Json)
}

pub async fn adherence(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Ids(id): Ids<PatientId>,
    Asked(asked): Asked<patient::AskAdherence>,
) -> Answer<Adherence> {
    patient::adherence(&app, caller, target, id, asked).await.map(Json)
}
