//! Webhooks of the systems that a clinic connects.

use axum::{extract::State, response::NoContent};
use doseline_shared::{
    api::webhook::{IssuedWebhook, Message, Messages, NewWebhook, Webhook},
    id::{ClinicId, MessageId, PersonId, WebhookId},
};

use super::{Answer, Created, Done, Made};
use crate::{
    app::{App, Caller},
    http::read::{Asked, Ids, Json},
    webhook::{self, AskMessages},
};

pub async fn make(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system)): Ids<(ClinicId, PersonId)>,
    Json(request): Json<NewWebhook>,
) -> Made<IssuedWebhook> {
    webhook::make(&app, caller, clinic, system, request).await.map(Created)
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system)): Ids<(ClinicId, PersonId)>,
) -> Answer<Vec<Webhook>> {
    webhook::list(&app, caller, clinic, system).await.map(Json)
}

pub async fn end(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system, webhook)): Ids<(ClinicId, PersonId, WebhookId)>,
) -> Done {
    webhook::end(&app, caller, clinic, system, webhook)
        .await
        .map(|()| NoContent)
}

pub async fn ping(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system, webhook)): Ids<(ClinicId, PersonId, WebhookId)>,
) -> Made<Message> {
    webhook::ping(&app, caller, clinic, system, webhook).await.map(Created)
}

pub async fn renew_secret(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system, webhook)): Ids<(ClinicId, PersonId, WebhookId)>,
) -> Made<IssuedWebhook> {
    webhook::renew_secret(&app, caller, clinic, system, webhook)
        .await
        .map(Created)
}

pub async fn messages(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system, webhook)): Ids<(ClinicId, PersonId, WebhookId)>,
    Asked(asked): Asked<AskMessages>,
) -> Answer<Messages> {
    webhook::messages(&app, caller, clinic, system, webhook, asked)
        .await
        .map(Json)
}

pub async fn replay(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system, webhook, message)): Ids<(ClinicId, PersonId, WebhookId, MessageId)>,
) -> Answer<Message> {
    webhook::replay(&app, caller, clinic, system, webhook, message)
        .await
        .map(Json)
}
