//! The caller's own second factor.

use axum::{extract::State, response::NoContent};
use doseline_shared::api::second_factor::{Confirm, Enrolment, FirstCode, RecoveryCodes, Removal, SecondFactor};

use super::{Answer, Created, Done, Made};
use crate::{
    account::second_factor,
    app::{App, Caller},
    http::read::Json,
};

pub async fn state(State(app): State<App>, caller: Caller) -> Answer<SecondFactor> {
    second_factor::state(&app, caller).await.map(Json)
}

pub async fn begin(State(app): State<App>, caller: Caller, Json(request): Json<Confirm>) -> Made<Enrolment> {
    second_factor::begin(&app, caller, request).await.map(Created)
}

pub async fn confirm(State(app): State<App>, caller: Caller, Json(request): Json<FirstCode>) -> Answer<RecoveryCodes> {
    second_factor::confirm(&app, caller, request).await.map(Json)
}

pub async fn recovery_codes(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<Confirm>,
) -> Answer<RecoveryCodes> {
    second_factor::recovery_codes(&app, caller, request).await.map(Json)
}

pub async fn remove(State(app): State<App>, caller: Caller, Json(request): Json<Removal>) -> Done {
    second_factor::remove(&app, caller, request).await.map(|()| NoContent)
}
