//! What waits for a webhook and what was given up, and having that go again. For the clinic's administrators.

use doseline_shared::{
    api::webhook::{MAX_MESSAGES, Message, Messages},
    id::{ClinicId, MessageId, PersonId, WebhookId},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::manage::{GONE, find};
use crate::{
    app::{App, Caller},
    fault::Fault,
    page, partner,
    store::{self, Tx},
};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskMessages {
    /// Messages after this one; the `next` of the answer before.
    after: Option<u64>,
    /// At most so many.
    #[schemars(range(min = 1, max = MAX_MESSAGES))]
    limit: Option<usize>,
}

/// The messages, in the order in which they are sent.
pub async fn messages(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    webhook: WebhookId,
    asked: AskMessages,
) -> Result<Messages, Fault> {
    let (now, limit) = (app.now(), page::limit(asked.limit, MAX_MESSAGES)?);
    app.store
        .read(async move |tx: &mut Tx| {
            partner::of_clinic(tx, caller, clinic, system, now).await?;
            find(tx, clinic, system, webhook).await?;
            Ok(store::webhook::list(tx, webhook, asked.after, limit).await?)
        })
        .await
}

/// Has a message that was given up go again, under the same id, after what waits.
pub async fn replay(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    webhook: WebhookId,
    message: MessageId,
) -> Result<Message, Fault> {
    let now = app.now();
    let replay = async move |tx: &mut Tx| {
        let (_, why) = partner::of_clinic(tx, caller, clinic, system, now).await?;
        if find(tx, clinic, system, webhook).await?.gone.is_some() {
            return Err(GONE);
        }
        let again = store::webhook::replay(tx, webhook, message, now).await?;
        let again = again.ok_or(Fault::NotFound)?;
        let what = format!("{system} {webhook} {message}");
        partner::note(tx, caller, clinic, "message_replayed", what, why, now).await?;
        Ok(again)
    };
    app.store.write(replay).await
}
