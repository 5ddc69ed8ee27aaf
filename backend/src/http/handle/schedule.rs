//! The preview of a schedule.

use axum::extract::State;
use doseline_shared::api::preview::{Preview, Previewed};

use super::Answer;
use crate::{
    app::{App, Origin},
    http::read::{AnyJson, Json},
    schedule,
};

pub async fn preview(State(app): State<App>, origin: Origin, request: AnyJson<Preview>) -> Answer<Previewed> {
    schedule::preview(&app, origin, request.0).await.map(Json)
}
