//! Push, pull and hints.

use axum::{
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use doseline_shared::{
    api::sync::{Pulled, Push, Pushed},
    id::PatientId,
};

use super::Answer;
use crate::{
    account::token::Bearer,
    app::{App, Caller, Origin, Target},
    fault::Fault,
    http::{
        read::{AnyJson, Asked, Ids, Json},
        same_origin,
    },
    sync,
};

/// The longest first message; nothing longer is ever expected of a client.
const LONGEST_MESSAGE: usize = 8 * 1024;

pub async fn push(
    State(app): State<App>,
    bearer: Bearer,
    origin: Origin,
    request: Result<AnyJson<Push>, Fault>,
) -> Answer<Pushed> {
    sync::push(&app, bearer, origin, request.map(|request| request.0))
        .await
        .map(Json)
}

pub async fn changes(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Asked(asked): Asked<sync::AskChanges>,
) -> Answer<Pulled> {
    sync::changes(&app, caller, target, asked).await.map(Json)
}

pub async fn patient_changes(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Ids(patient): Ids<PatientId>,
    Asked(asked): Asked<sync::AskPatientChanges>,
) -> Answer<Pulled> {
    sync::patient_changes(&app, caller, target, patient, asked)
        .await
        .map(Json)
}

/// The other end of a WebSocket: nothing but the handshake is HTTP.
pub struct Upgraded(Response);

impl IntoResponse for Upgraded {
    fn into_response(self) -> Response {
        self.0
    }
}

pub async fn hints(
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Upgraded, Fault> {
    same_origin::ours(&app, &headers)?;
    let upgrade = upgrade.map_err(|_| Fault::BadRequest {
        problem: "hints come over a WebSocket: connect with an upgrade".to_owned(),
    })?;
    let upgrade = upgrade.max_message_size(LONGEST_MESSAGE);
    Ok(Upgraded(
        upgrade.on_upgrade(move |socket| sync::hints(app, origin, socket)),
    ))
}
