//! Delivers the messages of one webhook, one after another: one that fails holds back those after it.

use std::time::{Duration, Instant};

use doseline_shared::{
    api::webhook::Outcome,
    id::{MessageId, WebhookId},
};

use super::{
    Courier, IN_TURN,
    post::Parcel,
    retry::{Then, then},
};
use crate::{
    fault::Fault,
    store::{
        self, Tx,
        webhook::{Begun, Head},
    },
};

/// An attempt that has not begun so long after the webhook was taken for it is left: with the longest that it may take, it
/// still ends before [`store::webhook::HOLD`] is over.
const LATE: Duration = Duration::from_secs(30);

impl Courier {
    /// Sends what waits for the webhook, which `holder` has taken, until nothing does, one fails, or it is another's turn.
    pub(super) async fn deliver(&self, webhook: WebhookId, holder: &str) -> Result<(), Fault> {
        for _ in 0..IN_TURN {
            if self.is_stopping() {
                break;
            }
            let begun = Instant::now();
            let (now, by) = (self.now(), holder.to_owned());
            let begin = async move |tx: &mut Tx| Ok::<_, Fault>(store::webhook::begin(tx, webhook, &by, now).await?);
            let head = match self.0.store.write(begin).await? {
                Begun::Send(head) => head,
                Begun::Nothing | Begun::Lost => return Ok(()),
            };
            if begun.elapsed() > LATE {
                // By the time that an attempt is over it could be another's.
                return Ok(());
            }
            let outcome = self.attempt(webhook, &head).await?;
            if !self.note(webhook, holder, &head, outcome).await? {
                return Ok(());
            }
        }
        let by = holder.to_owned();
        let let_go = async move |tx: &mut Tx| Ok::<_, Fault>(store::webhook::let_go(tx, webhook, &by, None).await?);
        self.0.store.write(let_go).await.map(drop)
    }

    async fn attempt(&self, webhook: WebhookId, head: &Head) -> Result<Outcome, Fault> {
        let seconds = self.now().timestamp();
        let secrets = [&head.secret].into_iter().chain(&head.old_secret);
        let signatures = self
            .0
            .secrets
            .signatures(webhook, secrets, head.message, seconds, &head.body)?;
        let parcel = Parcel {
            url: &head.url,
            id: head.message.to_string(),
            seconds,
            signatures,
            body: head.body.clone(),
        };
        Ok(self.0.post.send(parcel).await)
    }

    /// Writes down what became of an attempt; whether to go on with the next message.
    async fn note(&self, webhook: WebhookId, holder: &str, head: &Head, outcome: Outcome) -> Result<bool, Fault> {
        let (now, by, message) = (self.now(), holder.to_owned(), head.message);
        let became = if outcome.is_delivered() {
            Became::Delivered
        } else if outcome.is_gone() {
            Became::Gone
        } else {
            match then(head.attempts.saturating_add(1), head.since, now) {
                Then::Again(next) => Became::Waiting(next),
                Then::GiveUp => Became::Dead,
            }
        };
        tell(webhook, message, outcome, became);
        let note = async move |tx: &mut Tx| {
            match became {
                Became::Delivered => store::webhook::delivered(tx, webhook, &by, message, now).await?,
                Became::Waiting(next) => store::webhook::failed(tx, webhook, &by, message, outcome, next).await?,
                Became::Dead => store::webhook::given_up(tx, webhook, &by, message, outcome, now).await?,
                Became::Gone => store::webhook::gone(tx, webhook, &by, message, outcome, now).await?,
            }
            Ok::<_, Fault>(())
        };
        self.0.store.write(note).await?;
        Ok(matches!(became, Became::Delivered | Became::Dead))
    }
}

/// What became of a message with an attempt.
#[derive(Clone, Copy)]
enum Became {
    Delivered,
    Waiting(chrono::DateTime<chrono::Utc>),
    Dead,
    /// The receiver wants nothing any more.
    Gone,
}

fn tell(webhook: WebhookId, message: MessageId, outcome: Outcome, became: Became) {
    let word = match became {
        Became::Delivered => "delivered",
        Became::Waiting(_) => "failed",
        Became::Dead => "given_up",
        Became::Gone => "gone",
    };
    metrics::counter!("doseline_webhook_attempts_total", "became" => word).increment(1);
    match became {
        Became::Delivered | Became::Waiting(_) => {
            tracing::debug!(webhook.id = %webhook, webhook.message = %message, webhook.outcome = %outcome, "an attempt");
        }
        Became::Dead | Became::Gone => {
            tracing::warn!(webhook.id = %webhook, webhook.message = %message, webhook.outcome = %outcome, "a message was given up");
        }
    }
}
