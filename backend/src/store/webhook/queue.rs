//! The messages of each webhook: what waits, in order, and what was given up. One backend at a time sends for a webhook.
//!
//! Whoever changes a queue has the webhook's row first, so that a message which comes and one which goes cannot both think
//! that the other sees to the next attempt.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    api::webhook::{EventKind, Message, Messages, Outcome},
    id::{MessageId, PatientId, PersonId, WebhookId},
};

use super::{
    super::{Row, Statement, StoreError, Tx, access, params, tx::Pair},
    NEVER, events, feed, kind, outcome,
};

/// How long a backend that sends may be silent before another goes on: longer than an attempt takes.
pub const HOLD: TimeDelta = TimeDelta::seconds(60);

/// A message to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Identity.
    pub id: MessageId,
    /// What it says.
    pub kind: EventKind,
    /// Whom it is about.
    pub patient: Option<PatientId>,
    /// What is sent.
    pub body: String,
}

/// The first message that waits, and what is needed to send it.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// Where to.
    pub url: String,
    /// The secret, encrypted.
    pub secret: String,
    /// The secret before it, encrypted, where it still signs along.
    pub old_secret: Option<String>,
    /// The message.
    pub message: MessageId,
    /// What is sent.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it is tried.
    pub since: DateTime<Utc>,
}

/// What there is to do for a webhook that was taken.
#[derive(Clone, PartialEq, Eq)]
pub enum Begun {
    /// A message to send.
    Send(Box<Head>),
    /// Nothing waits; the webhook was let go.
    Nothing,
    /// The webhook is another backend's by now, or is no more.
    Lost,
}

const ROOM: &str = "\
    UPDATE webhook SET place = place + $2, next_due = CASE WHEN next_due = $3 THEN $4 ELSE next_due END \
    WHERE id = $1 AND gone IS NULL RETURNING place, next_due";
const INSERT: &str = "\
    INSERT INTO webhook_message (id, webhook, place, kind, patient, body, made, since, attempts, outcome, dead) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0, NULL, 0)";
const WAITING_PING: &str = "\
    SELECT m.id, m.kind, m.made, m.attempts, m.outcome, m.dead, CAST(NULL AS BIGINT), m.place FROM webhook_message m \
    WHERE m.webhook = $1 AND m.dead = 0 AND m.kind = $2 ORDER BY m.place LIMIT 1";
const IS_DUE: &str = "SELECT 1 FROM webhook WHERE next_due <= $1 AND held_until <= $1 LIMIT 1";
/// A pair: only PostgreSQL has several backends that take at once, and each is to take what no other is just taking.
const TAKE: Pair = Pair {
    embedded: "UPDATE webhook SET holder = $1, held_until = $2 WHERE id IN ( \
          SELECT id FROM webhook WHERE next_due <= $3 AND held_until <= $3 ORDER BY next_due LIMIT $4) \
        RETURNING id",
    postgres: "WITH turn AS MATERIALIZED ( \
          SELECT id FROM webhook WHERE next_due <= $3 AND held_until <= $3 \
          ORDER BY next_due LIMIT $4 FOR UPDATE SKIP LOCKED) \
        UPDATE webhook w SET holder = $1, held_until = $2 FROM turn WHERE w.id = turn.id RETURNING w.id",
};
const HOLD_ON: &str = "\
    UPDATE webhook SET held_until = $3 WHERE id = $1 AND holder = $2 \
    RETURNING system, url, events, secret, CASE WHEN old_until > $4 THEN old_secret ELSE NULL END";
const HEAD: &str = "\
    SELECT id, kind, patient, body, attempts, since FROM webhook_message \
    WHERE webhook = $1 AND dead = 0 ORDER BY place LIMIT 1";
const FORGET: &str = "DELETE FROM webhook_message WHERE id = $1";
const HAS_DELIVERED: &str = "UPDATE webhook SET delivered = $3 WHERE id = $1 AND holder = $2";
const NOTE: &str =
    "UPDATE webhook_message SET attempts = attempts + 1, outcome = $2, dead = $3 WHERE id = $1 AND dead = 0";
const GIVE_ALL_UP: &str = "UPDATE webhook_message SET dead = $2 WHERE webhook = $1 AND dead = 0";
const IS_GONE: &str =
    "UPDATE webhook SET gone = $3, holder = NULL, held_until = 0, next_due = $4 WHERE id = $1 AND holder = $2";
const LET_GO: &str = "\
    UPDATE webhook SET holder = NULL, held_until = 0, next_due = COALESCE($3, next_due) WHERE id = $1 AND holder = $2";
/// The time of the next attempt stands beside the first that waits, and beside no other.
const LIST: &str = "\
    SELECT m.id, m.kind, m.made, m.attempts, m.outcome, m.dead, \
      CASE WHEN m.dead = 0 AND m.place = ( \
        SELECT MIN(f.place) FROM webhook_message f WHERE f.webhook = m.webhook AND f.dead = 0) \
      THEN w.next_due ELSE NULL END, m.place \
    FROM webhook_message m JOIN webhook w ON w.id = m.webhook \
    WHERE m.webhook = $1 AND m.place > $2 ORDER BY m.place LIMIT $3";
const REPLAY: &str = "\
    UPDATE webhook_message SET dead = 0, attempts = 0, outcome = NULL, since = $3, place = $4 \
    WHERE webhook = $1 AND id = $2 AND dead > 0 \
    RETURNING id, kind, made, attempts, outcome, dead, CAST(NULL AS BIGINT), place";
const PRUNE: &str = "DELETE FROM webhook_message WHERE dead > 0 AND dead < $1";

/// Appends messages to the queue; the first of them is tried at once where nothing waits before it. When the first that
/// waits is tried, in milliseconds.
pub(super) async fn append(
    tx: &mut Tx,
    webhook: WebhookId,
    messages: &[NewMessage],
    now: DateTime<Utc>,
) -> Result<Option<i64>, StoreError> {
    let Some((last, next)) = room(tx, webhook, messages.len(), now).await? else {
        return Ok(None);
    };
    let first = last - i64::try_from(messages.len()).unwrap_or(0) + 1;
    let rows: Vec<Statement> = messages
        .iter()
        .zip(first..)
        .map(|(message, place)| {
            let values = params![
                message.id,
                webhook,
                place,
                message.kind.name(),
                message.patient,
                &message.body,
                now
            ];
            (INSERT, values.into())
        })
        .collect();
    tx.execute_all(&rows).await?;
    Ok(Some(next))
}

/// Makes room for so many messages: the last of their places, and when the first that waits is tried. None where the
/// webhook takes no more.
async fn room(
    tx: &mut Tx,
    webhook: WebhookId,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Option<(i64, i64)>, StoreError> {
    if count == 0 {
        return Ok(None);
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let row = tx.query_opt(ROOM, &params![webhook, count, NEVER, now]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Appends one message; as it stands in the list, or none where the webhook takes no more.
///
/// # Errors
/// [`StoreError`].
pub async fn add(
    tx: &mut Tx,
    webhook: WebhookId,
    message: &NewMessage,
    now: DateTime<Utc>,
) -> Result<Option<Message>, StoreError> {
    let next = append(tx, webhook, std::slice::from_ref(message), now).await?;
    Ok(next.map(|next| Message {
        id: message.id,
        kind: message.kind,
        made: now,
        attempts: 0,
        outcome: None,
        next: Some(now).filter(|now| now.timestamp_millis() == next),
        dead: None,
    }))
}

/// The test event that waits already, where one does.
///
/// # Errors
/// [`StoreError`].
pub async fn waiting_ping(tx: &mut Tx, webhook: WebhookId) -> Result<Option<Message>, StoreError> {
    let row = tx
        .query_opt(WAITING_PING, &params![webhook, EventKind::Ping.name()])
        .await?;
    row.as_ref().map(message).transpose()
}

/// Whether there is a webhook for which something is to be sent, and nobody is at it.
///
/// # Errors
/// [`StoreError`].
pub async fn is_due(tx: &mut Tx, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.query_opt(IS_DUE, &params![now]).await?.is_some())
}

/// Takes at most `limit` webhooks for which something is to be sent, for `holder` and for as long as [`HOLD`].
///
/// # Errors
/// [`StoreError`].
pub async fn take(tx: &mut Tx, holder: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<WebhookId>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx
        .query(tx.pick(&TAKE), &params![holder, now + HOLD, now, limit])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The first message that waits, of a webhook that `holder` has taken. One that the system may not read about any more, by
/// its clinic's grants or by its keys, is forgotten instead.
///
/// # Errors
/// [`StoreError`].
pub async fn begin(tx: &mut Tx, webhook: WebhookId, holder: &str, now: DateTime<Utc>) -> Result<Begun, StoreError> {
    let Some(held) = tx
        .query_opt(HOLD_ON, &params![webhook, holder, now + HOLD, now])
        .await?
    else {
        return Ok(Begun::Lost);
    };
    let (system, chosen) = (held.get::<PersonId>(0)?, events(&held, 2)?);
    let scopes = feed::open(tx, now).await?.remove(&system).unwrap_or_default();
    #[expect(
        clippy::disallowed_methods,
        reason = "it asks whether a patient is seen, and reads nothing of one"
    )]
    let reader = access::reader(tx, system, now).await?;
    while let Some(row) = tx.query_opt(HEAD, &params![webhook]).await? {
        let (id, kind) = (row.get::<MessageId>(0)?, kind(&row.get::<String>(1)?)?);
        let seen = match (kind, row.get::<Option<PatientId>>(2)?) {
            // That a patient has left is for who does not see them any more.
            (EventKind::PatientLeft, _) | (_, None) => true,
            (_, Some(patient)) => access::Scope::sight(&reader, tx, patient).await?.is_some(),
        };
        if !seen || !kind.goes_to(&chosen, scopes) {
            tx.execute(FORGET, &params![id]).await?;
            continue;
        }
        return Ok(Begun::Send(Box::new(Head {
            url: held.get(1)?,
            secret: held.get(3)?,
            old_secret: held.get(4)?,
            message: id,
            body: row.get(3)?,
            attempts: u32::try_from(row.get::<u64>(4)?).unwrap_or(u32::MAX),
            since: row.get(5)?,
        })));
    }
    tx.execute(LET_GO, &params![webhook, holder, NEVER]).await?;
    Ok(Begun::Nothing)
}

/// The message was delivered.
///
/// # Errors
/// [`StoreError`].
pub async fn delivered(
    tx: &mut Tx,
    webhook: WebhookId,
    holder: &str,
    message: MessageId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(HAS_DELIVERED, &params![webhook, holder, now]).await?;
    // Whoever holds the webhook by now: it has arrived.
    tx.execute(FORGET, &params![message]).await.map(drop)
}

/// The message was not delivered, and is tried again at `next`: the webhook is let go until then.
///
/// # Errors
/// [`StoreError`].
pub async fn failed(
    tx: &mut Tx,
    webhook: WebhookId,
    holder: &str,
    message: MessageId,
    outcome: Outcome,
    next: DateTime<Utc>,
) -> Result<(), StoreError> {
    if let_go(tx, webhook, holder, Some(next)).await? {
        tx.execute(NOTE, &params![message, outcome.to_string(), 0_i64]).await?;
    }
    Ok(())
}

/// The message was not delivered, and is given up: those after it go on.
///
/// # Errors
/// [`StoreError`].
pub async fn given_up(
    tx: &mut Tx,
    webhook: WebhookId,
    holder: &str,
    message: MessageId,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let held = params![webhook, holder, now + HOLD, now];
    if tx.query_opt(HOLD_ON, &held).await?.is_some() {
        tx.execute(NOTE, &params![message, outcome.to_string(), now]).await?;
    }
    Ok(())
}

/// The receiver is gone for good: nothing is sent any more, and what waits is given up.
///
/// # Errors
/// [`StoreError`].
pub async fn gone(
    tx: &mut Tx,
    webhook: WebhookId,
    holder: &str,
    message: MessageId,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if tx.execute(IS_GONE, &params![webhook, holder, now, NEVER]).await? > 0 {
        tx.execute(NOTE, &params![message, outcome.to_string(), now]).await?;
        tx.execute(GIVE_ALL_UP, &params![webhook, now]).await?;
    }
    Ok(())
}

/// Lets go of the webhook, where `holder` has it, with the time of the next attempt where that is another; whether it had
/// it.
///
/// # Errors
/// [`StoreError`].
pub async fn let_go(
    tx: &mut Tx,
    webhook: WebhookId,
    holder: &str,
    next: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(LET_GO, &params![webhook, holder, next]).await? > 0)
}

/// What waits and what was given up, after the place given.
///
/// # Errors
/// [`StoreError`].
pub async fn list(tx: &mut Tx, webhook: WebhookId, after: Option<u64>, limit: usize) -> Result<Messages, StoreError> {
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let rows = tx.query(LIST, &params![webhook, after.unwrap_or(0), one_more]).await?;
    let shown = rows.get(..limit).unwrap_or(&rows);
    let last = shown.last().map(|row| row.get::<u64>(7)).transpose()?;
    Ok(Messages {
        messages: shown.iter().map(message).collect::<Result<_, _>>()?,
        next: last.filter(|_| rows.len() > limit),
    })
}

fn message(row: &Row) -> Result<Message, StoreError> {
    let last: Option<String> = row.get(4)?;
    let next: Option<i64> = row.get(6)?;
    let dead: i64 = row.get(5)?;
    Ok(Message {
        id: row.get(0)?,
        kind: kind(&row.get::<String>(1)?)?,
        made: row.get(2)?,
        attempts: u32::try_from(row.get::<u64>(3)?).unwrap_or(u32::MAX),
        outcome: last.as_deref().map(outcome).transpose()?,
        next: next.and_then(DateTime::from_timestamp_millis),
        dead: DateTime::from_timestamp_millis(dead).filter(|_| dead > 0),
    })
}

/// Has a message that was given up go again, after those that wait; none where it was not given up, or the webhook takes no
/// more.
///
/// # Errors
/// [`StoreError`].
pub async fn replay(
    tx: &mut Tx,
    webhook: WebhookId,
    id: MessageId,
    now: DateTime<Utc>,
) -> Result<Option<Message>, StoreError> {
    let Some((place, next)) = room(tx, webhook, 1, now).await? else {
        return Ok(None);
    };
    let row = tx.query_opt(REPLAY, &params![webhook, id, now, place]).await?;
    let again = row.as_ref().map(message).transpose()?;
    Ok(again.map(|message| Message {
        next: Some(now).filter(|now| now.timestamp_millis() == next),
        ..message
    }))
}

/// Forgets what was given up before `before`; how much.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(PRUNE, &params![before]).await
}
