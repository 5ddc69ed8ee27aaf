//! What other systems read of a patient.

use axum::extract::State;
use doseline_shared::{
    api::patient::{Adherence, Medications},
    id::PatientId,
};

use super::{Answer, ok};
use crate::{
    app::{App, Caller},
    http::read::{Asked, Ids},
    patient,
};

pub async fn medications(State(app): State<App>, caller: Caller, Ids(id): Ids<PatientId>) -> Answer<Medications> {
    patient::medications(&app, caller, id).await.map(ok)
}

pub async fn adherence(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<PatientId>,
    Asked(asked): Asked<patient::AskAdherence>,
) -> Answer<Adherence> {
    patient::adherence(&app, caller, id, asked).await.map(ok)
}
