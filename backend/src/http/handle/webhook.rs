//! Webhooks of the systems that a clinic connects.

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, NoContent, Response,
        sse::{self, Sse},
    },
};
use doseline_shared::{
    api::webhook::{IssuedWebhook, Message, Messages, NewWebhook, Webhook},
    id::{ClinicId, MessageId, PersonId, WebhookId},
};

use super::{Answer, Created, Done, Made};
use crate::{
    app::{App, Caller},
    fault::Fault,
    http::{
        around::AccessText,
        read::{Asked, Ids, Json},
    },
    webhook::{self, AskEvents, AskMessages, Listening},
};

/// Server-sent events, each with the cursor behind it as its id.
pub struct Events(Listening);

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        let told = futures::stream::unfold(self.0, async |mut listening| {
            let told = listening.next().await?;
            let event = sse::Event::default().id(told.cursor);
            let event = match &told.event {
                Some(about) => event.event(about.kind.name()).json_data(about),
                None => Ok(event),
            };
            Some((event, listening))
        });
        Sse::new(told).into_response()
    }
}

pub async fn events(
    State(app): State<App>,
    caller: Caller,
    AccessText(token): AccessText,
    headers: HeaderMap,
    Asked(asked): Asked<AskEvents>,
) -> Result<Events, Fault> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    webhook::listen(&app, caller, &token, last.or(asked.after.as_deref()))
        .await
        .map(Events)
}

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
