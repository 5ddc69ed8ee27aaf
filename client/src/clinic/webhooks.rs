//! Where the systems of a clinic are told of changes, and what waits to be told. All of it is the backend's; nothing is kept
//! on the device.

use doseline_shared::{
    api::{
        partner::PartnerSystem,
        webhook::{IssuedWebhook, MESSAGES, Message, Messages, NewWebhook, PING, REPLAY, SECRET, WEBHOOK, WEBHOOKS},
    },
    id::{ClinicId, PersonId, WebhookId},
};

use crate::{
    ask::{EndWebhook, Fault, MakeWebhook, OpenMessages, PingWebhook, RenewWebhookSecret, ReplayMessage},
    core::Core,
    host::Host,
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Makes a webhook. The secret in the answer is shown once.
    pub(crate) async fn make_webhook(&self, ask: MakeWebhook) -> Result<IssuedWebhook, Fault> {
        let body = NewWebhook {
            url: ask.webhook.url.trim().to_owned(),
            events: ask.webhook.events,
        };
        self.post(&path(WEBHOOKS, ask.clinic, ask.system), &body).await
    }

    /// Ends a webhook.
    pub(crate) async fn end_webhook(&self, ask: EndWebhook) -> Result<Vec<PartnerSystem>, Fault> {
        self.delete(&of(WEBHOOK, ask.clinic, ask.system, ask.webhook)).await?;
        self.open_systems(ask.clinic).await
    }

    /// Sends a test.
    pub(crate) async fn ping_webhook(&self, ask: PingWebhook) -> Result<Message, Fault> {
        self.post(&of(PING, ask.clinic, ask.system, ask.webhook), &()).await
    }

    /// Makes a new secret. It is shown once too.
    pub(crate) async fn renew_webhook_secret(&self, ask: RenewWebhookSecret) -> Result<IssuedWebhook, Fault> {
        self.post(&of(SECRET, ask.clinic, ask.system, ask.webhook), &()).await
    }

    /// What waits, and what was given up.
    pub(crate) async fn open_messages(&self, ask: OpenMessages) -> Result<Messages, Fault> {
        let path = of(MESSAGES, ask.clinic, ask.system, ask.webhook);
        match ask.after {
            Some(after) => self.get(&format!("{path}?after={after}")).await,
            None => self.get(&path).await,
        }
    }

    /// Has a message go again.
    pub(crate) async fn replay_message(&self, ask: ReplayMessage) -> Result<Message, Fault> {
        let path = of(REPLAY, ask.clinic, ask.system, ask.webhook);
        let path = path.replace("{message}", &ask.message.to_string());
        self.post(&path, &()).await
    }
}

fn path(pattern: &str, clinic: ClinicId, system: PersonId) -> String {
    pattern
        .replace("{clinic}", &clinic.to_string())
        .replace("{system}", &system.to_string())
}

fn of(pattern: &str, clinic: ClinicId, system: PersonId, webhook: WebhookId) -> String {
    path(pattern, clinic, system).replace("{webhook}", &webhook.to_string())
}
