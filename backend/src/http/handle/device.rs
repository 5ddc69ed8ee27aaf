//! Devices.

use axum::{extract::State, response::NoContent};
use doseline_shared::{
    api::account::{Device, EndDevice},
    id::DeviceId,
};

use super::{Answer, Done};
use crate::{
    app::{App, Caller},
    device,
    http::read::{Ids, Json},
};

pub async fn list(State(app): State<App>, caller: Caller) -> Answer<Vec<Device>> {
    device::list(&app, caller).await.map(Json)
}

pub async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DeviceId>,
    Json(request): Json<EndDevice>,
) -> Done {
    device::revoke(&app, caller, id, request).await.map(|()| NoContent)
}
