//! Webhooks of connected systems: the webhooks themselves, how far the feed was read for each, and their messages.
//!
//! Secrets come and go encrypted. Refuses to know what an event is made of, and how a message is sent.

mod feed;
mod queue;

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::webhook::{COUNTED, EventKind, Failing, Outcome, Webhook},
    id::{ClinicId, PersonId, WebhookId},
};

pub use self::{
    feed::{Advance, Fresh, News, Since, advance, news, since},
    queue::{
        Begun, HOLD, Head, NewMessage, add, begin, delivered, failed, given_up, gone, is_due, let_go, list, prune,
        replay, take, waiting_ping,
    },
};
use super::{Row, StoreError, Tx, change, params};

/// A webhook to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Identity.
    pub id: WebhookId,
    /// Whose.
    pub system: PersonId,
    /// Where messages are sent.
    pub url: String,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// The secret, encrypted.
    pub secret: String,
    /// Who makes it.
    pub made_by: PersonId,
    /// When.
    pub created: DateTime<Utc>,
}

/// When nothing waits: later than any time.
const NEVER: i64 = i64::MAX;

const INSERT: &str = "\
    INSERT INTO webhook (id, system, url, events, secret, made_by, created, tx, n, place, next_due, held_until) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, 0)";
const OF_CLINIC: &str = "\
    SELECT w.system, w.id, w.url, w.events, w.created, w.old_until, w.delivered, w.gone, w.next_due, \
      (SELECT COUNT(*) FROM ( \
        SELECT 1 FROM webhook_message m WHERE m.webhook = w.id AND m.dead = 0 LIMIT $3) waiting), \
      (SELECT COUNT(*) FROM ( \
        SELECT 1 FROM webhook_message m WHERE m.webhook = w.id AND m.dead > 0 LIMIT $3) dead), \
      (SELECT m.attempts FROM webhook_message m WHERE m.webhook = w.id AND m.dead = 0 ORDER BY m.place LIMIT 1), \
      (SELECT m.outcome FROM webhook_message m WHERE m.webhook = w.id AND m.dead = 0 ORDER BY m.place LIMIT 1) \
    FROM webhook w JOIN partner_system s ON s.id = w.system \
    WHERE s.clinic = $1 AND s.ended IS NULL AND (s.id = $2 OR $2 IS NULL) ORDER BY w.created, w.id";
const RENEW_SECRET: &str = "\
    UPDATE webhook SET old_secret = secret, old_until = $4, secret = $3 WHERE system = $1 AND id = $2";
const END_MESSAGES: &str = "\
    DELETE FROM webhook_message WHERE webhook IN ( \
      SELECT id FROM webhook WHERE system = $1 AND (id = $2 OR $2 IS NULL))";
const END: &str = "DELETE FROM webhook WHERE system = $1 AND (id = $2 OR $2 IS NULL)";
const LOCK: &str = "UPDATE webhook SET place = place WHERE system = $1 AND (id = $2 OR $2 IS NULL)";

/// Keeps a new webhook. It is told of what is committed from now on.
///
/// # Errors
/// [`StoreError::Missing`] where the system is not known.
pub async fn insert(tx: &mut Tx, webhook: &NewWebhook) -> Result<(), StoreError> {
    let (_, horizon) = change::horizon(tx).await?;
    let values = params![
        webhook.id,
        webhook.system,
        &webhook.url,
        text(&webhook.events),
        &webhook.secret,
        webhook.made_by,
        webhook.created,
        horizon - 1,
        NEVER,
        NEVER
    ];
    tx.execute(INSERT, &values).await.map(drop)
}

/// The webhooks of the clinic's systems, or of one of them, each with its system, in the order in which they were made.
///
/// # Errors
/// [`StoreError`].
pub async fn of_clinic(
    tx: &mut Tx,
    clinic: ClinicId,
    system: Option<PersonId>,
) -> Result<Vec<(PersonId, Webhook)>, StoreError> {
    let rows = tx
        .query(OF_CLINIC, &params![clinic, system, i64::from(COUNTED)])
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, webhook(row)?))).collect()
}

fn webhook(row: &Row) -> Result<Webhook, StoreError> {
    let count = |place| Ok::<_, StoreError>(u32::try_from(row.get::<u64>(place)?).unwrap_or(COUNTED));
    let attempts: Option<u64> = row.get(11)?;
    let (next, last): (i64, Option<String>) = (row.get(8)?, row.get(12)?);
    let failing = match (attempts, last, DateTime::from_timestamp_millis(next)) {
        (Some(attempts), Some(last), Some(next)) if attempts > 0 => Some(Failing {
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            outcome: outcome(&last)?,
            next,
        }),
        (_, _, _) => None,
    };
    Ok(Webhook {
        id: row.get(1)?,
        url: row.get(2)?,
        events: events(row, 3)?,
        since: row.get(4)?,
        old_secret_until: row.get(5)?,
        delivered: row.get(6)?,
        gone: row.get(7)?,
        waiting: count(9)?,
        dead: count(10)?,
        failing,
    })
}

/// Signs with `secret` from now on, and with the one before along until `old_until`; whether there is such a webhook.
///
/// # Errors
/// [`StoreError`].
pub async fn renew_secret(
    tx: &mut Tx,
    system: PersonId,
    webhook: WebhookId,
    secret: &str,
    old_until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = params![system, webhook, secret, old_until];
    Ok(tx.execute(RENEW_SECRET, &values).await? > 0)
}

/// Forgets the webhook of the system with its messages, or all of them; whether there was one.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, system: PersonId, webhook: Option<WebhookId>) -> Result<bool, StoreError> {
    let which = params![system, webhook];
    // Its rows first, so that no backend adds a message meanwhile.
    tx.execute(LOCK, &which).await?;
    tx.execute(END_MESSAGES, &which).await?;
    Ok(tx.execute(END, &which).await? > 0)
}

fn text(events: &[EventKind]) -> String {
    let names: Vec<&str> = events.iter().map(|kind| kind.name()).collect();
    names.join(" ")
}

fn events(row: &Row, place: usize) -> Result<Vec<EventKind>, StoreError> {
    let names: String = row.get(place)?;
    names.split_ascii_whitespace().map(kind).collect()
}

fn kind(name: &str) -> Result<EventKind, StoreError> {
    name.parse()
        .map_err(|_| StoreError::Damaged("a webhook is for what there is not"))
}

fn outcome(text: &str) -> Result<Outcome, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Damaged("an attempt has an outcome that there is not"))
}
