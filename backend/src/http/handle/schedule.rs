//! The preview of a schedule.

use axum::extract::State;
use doseline_shared::api::preview::Previewed;
use serde_json::Value;

use super::{Answer, ok};
use crate::{
    app::{App, Origin},
    http::read::Json,
    schedule,
};

pub async fn preview(State(app): State<App>, origin: Origin, Json(request): Json<Value>) -> Answer<Previewed> {
    schedule::preview(&app, origin, request).await.map(ok)
}
