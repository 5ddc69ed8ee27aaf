//! Push, pull and hints.

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    response::Response,
};
use doseline_shared::{
    api::sync::{Pulled, Pushed},
    id::PatientId,
};

use super::{Answer, ok};
use crate::{
    account::token::Bearer,
    app::{App, Caller},
    fault::Fault,
    http::read::{AnyJson, Asked, Ids},
    sync,
};

/// The longest first message; nothing longer is ever expected of a client.
const LONGEST_MESSAGE: usize = 8 * 1024;

pub async fn push(State(app): State<App>, bearer: Bearer, request: Result<AnyJson, Fault>) -> Answer<Pushed> {
    sync::push(&app, bearer, request.map(|AnyJson(request)| request))
        .await
        .map(ok)
}

pub async fn changes(State(app): State<App>, caller: Caller, Asked(asked): Asked<sync::AskChanges>) -> Answer<Pulled> {
    sync::changes(&app, caller, asked).await.map(ok)
}

pub async fn patient_changes(
    State(app): State<App>,
    caller: Caller,
    Ids(patient): Ids<PatientId>,
    Asked(asked): Asked<sync::AskPatientChanges>,
) -> Answer<Pulled> {
    sync::patient_changes(&app, caller, patient, asked).await.map(ok)
}

pub async fn hints(
    State(app): State<App>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Fault> {
    let upgrade = upgrade.map_err(|_| Fault::BadRequest {
        problem: "hints come over a WebSocket: connect with an upgrade".to_owned(),
    })?;
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| sync::hints(app, socket)))
}
