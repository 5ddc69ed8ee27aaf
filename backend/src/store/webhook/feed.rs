//! Reads the feed for each webhook, by a cursor of its own, and for a system that listens itself, up to the same horizon as
//! a pull.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::{partner::ApiScopes, webhook::EventKind},
    id::{ClinicId, PatientId, PersonId, WebhookId},
    record::RecordKind,
};
use uuid::Uuid;

use super::{
    super::{
        Row, StoreError, Tx,
        access::{System, sees},
        change::{self, Cursor},
        params,
    },
    NewMessage, events, queue,
};

/// What is new in the feed for one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The webhook.
    pub webhook: WebhookId,
    /// The clinic of its system.
    pub clinic: ClinicId,
    /// What it is for.
    pub chosen: Vec<EventKind>,
    /// What the live keys of its system open.
    pub scopes: ApiScopes,
    /// The changes that may concern it: of patients whom its system sees, and of grants to its clinic.
    pub changes: Vec<Fresh>,
    /// Whether there is more already.
    pub more: bool,
    from: (i64, i64),
    to: (i64, i64),
}

/// A change that may concern a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Whose.
    pub patient: PatientId,
    /// Of which kind of record.
    pub kind: RecordKind,
    /// Of which record.
    pub record: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The record after the change, where the kind alone does not say what it means: of entries of doses, of supplies and
    /// of grants.
    pub body: String,
    /// Whether the system sees the patient now.
    pub seen: bool,
    /// Its place in the feed.
    pub place: (i64, i64),
}

/// What is new in the feed for one system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The changes that may concern it, as for a webhook, each with the cursor behind it.
    pub changes: Vec<(Fresh, Cursor)>,
    /// How far the feed was read.
    pub cursor: Cursor,
    /// Whether there is more already.
    pub more: bool,
}

/// What came of the news of one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    news: News,
    messages: Vec<NewMessage>,
}

impl Advance {
    /// These messages came of it.
    pub fn new(news: News, messages: Vec<NewMessage>) -> Self {
        Self { news, messages }
    }
}

const LIVE: &str = "\
    SELECT w.id, w.system, s.clinic, w.events, w.tx, w.n FROM webhook w JOIN partner_system s ON s.id = w.system \
    WHERE w.gone IS NULL AND s.ended IS NULL ORDER BY w.id";
const SCOPES: &str = "\
    SELECT k.system, k.scopes FROM api_key k WHERE k.ended IS NULL AND k.expires > $1 \
      AND k.system IN (SELECT system FROM webhook)";
/// The place of the last change of a page of $4 changes and one more.
const END_OF_PAGE: &str = "\
    SELECT tx, n FROM change WHERE (tx, n) > ($1, $2) AND tx < $3 ORDER BY tx, n LIMIT 1 OFFSET $4";
const NEWEST: &str = "\
    SELECT tx, n FROM change WHERE (tx, n) > ($1, $2) AND tx < $3 ORDER BY tx DESC, n DESC LIMIT 1";
/// What of the page the system $1 sees at $2, and grants to its clinic $7, which may have ended.
const CHANGES: &str = concat!(
    "SELECT c.patient, c.kind, c.record, c.at, \
       CASE WHEN c.kind IN ('dose_event', 'dispense', 'grant') THEN c.body ELSE '' END, CASE WHEN ",
    sees!(),
    " THEN 1 ELSE 0 END, c.tx, c.n FROM change c WHERE (c.tx, c.n) > ($3, $4) AND (c.tx, c.n) <= ($5, $6) AND (( \
       c.kind IN ('patient', 'medication', 'dose_event', 'dispense') AND ",
    sees!(),
    ") OR (c.kind = 'grant' AND EXISTS ( \
       SELECT 1 FROM patient_grant own WHERE own.id = c.record AND own.grantee_kind = 'clinic' AND own.grantee = $7))) \
     ORDER BY c.tx, c.n"
);
const MOVE: &str = "UPDATE webhook SET tx = $2, n = $3 WHERE id = $1 AND tx = $4 AND n = $5 AND gone IS NULL";

/// What is new for each webhook that is not gone, of at most `page` changes of the feed; nothing for those for which
/// nothing is.
///
/// # Errors
/// [`StoreError`].
pub async fn news(tx: &mut Tx, _: &System, now: DateTime<Utc>, page: u32) -> Result<Vec<News>, StoreError> {
    let live = tx.query(LIVE, &[]).await?;
    if live.is_empty() {
        return Ok(Vec::new());
    }
    let (_, horizon) = change::horizon(tx).await?;
    let mut scopes: HashMap<PersonId, ApiScopes> = HashMap::new();
    let mut all = Vec::new();
    for row in &live {
        let system: PersonId = row.get(1)?;
        let from = (row.get(4)?, row.get(5)?);
        let Some((to, more)) = page_end(tx, from, horizon, page).await? else {
            continue;
        };
        if scopes.is_empty() {
            scopes = open(tx, now).await?;
        }
        let clinic: ClinicId = row.get(2)?;
        all.push(News {
            webhook: row.get(0)?,
            clinic,
            chosen: events(row, 3)?,
            scopes: scopes.get(&system).copied().unwrap_or_default(),
            changes: changes(tx, (system, clinic), from, to, now).await?,
            more,
            from,
            to,
        });
    }
    Ok(all)
}

/// What is new for a system of a clinic behind a cursor, of at most `page` changes of the feed; without one, nothing, and
/// where the feed ends now. None where the cursor is void: of another life of the store.
///
/// # Errors
/// [`StoreError`].
pub async fn since(
    tx: &mut Tx,
    _: &System,
    of: (PersonId, ClinicId),
    cursor: Option<&Cursor>,
    now: DateTime<Utc>,
    page: u32,
) -> Result<Option<Since>, StoreError> {
    // A system is at no front desk: nothing of a record is kept from it by its role.
    const MARK: u32 = 0;
    let (epoch, horizon) = change::horizon(tx).await?;
    let end = Cursor::before(epoch.clone(), MARK, horizon);
    let cursor = cursor.unwrap_or(&end);
    if !cursor.fits(&epoch, MARK, horizon) {
        return Ok(None);
    }
    let from = (cursor.tx, cursor.n);
    let Some((to, more)) = page_end(tx, from, horizon, page).await? else {
        let cursor = cursor.clone();
        return Ok(Some(Since {
            changes: Vec::new(),
            cursor,
            more: false,
        }));
    };
    let changes = changes(tx, of, from, to, now).await?;
    Ok(Some(Since {
        changes: changes
            .into_iter()
            .map(|fresh| {
                let behind = cursor.at(fresh.place.0, fresh.place.1);
                (fresh, behind)
            })
            .collect(),
        cursor: cursor.at(to.0, to.1),
        more,
    }))
}

/// The changes of a part of the feed that may concern a system of a clinic.
async fn changes(
    tx: &mut Tx,
    (system, clinic): (PersonId, ClinicId),
    from: (i64, i64),
    to: (i64, i64),
    now: DateTime<Utc>,
) -> Result<Vec<Fresh>, StoreError> {
    let page = params![system, now, from.0, from.1, to.0, to.1, clinic];
    tx.query(CHANGES, &page).await?.iter().map(fresh).collect()
}

/// Where the next page ends, and whether there is more behind it; none where there is nothing.
async fn page_end(
    tx: &mut Tx,
    from: (i64, i64),
    horizon: i64,
    page: u32,
) -> Result<Option<((i64, i64), bool)>, StoreError> {
    let before_last = i64::from(page) - 1;
    let full = tx
        .query_opt(END_OF_PAGE, &params![from.0, from.1, horizon, before_last])
        .await?;
    let (row, more) = match full {
        Some(row) => (Some(row), true),
        None => (tx.query_opt(NEWEST, &params![from.0, from.1, horizon]).await?, false),
    };
    row.map(|row| Ok(((row.get(0)?, row.get(1)?), more))).transpose()
}

/// What the live keys of each system with a webhook open together.
pub(super) async fn open(tx: &mut Tx, now: DateTime<Utc>) -> Result<HashMap<PersonId, ApiScopes>, StoreError> {
    let mut open: HashMap<PersonId, ApiScopes> = HashMap::new();
    for row in tx.query(SCOPES, &params![now]).await? {
        let scopes: ApiScopes = row
            .get::<String>(1)?
            .parse()
            .map_err(|_| StoreError::Damaged("a key opens what there is not"))?;
        let of_system = open.entry(row.get(0)?).or_default();
        *of_system = of_system.iter().chain(scopes.iter()).collect();
    }
    Ok(open)
}

fn fresh(row: &Row) -> Result<Fresh, StoreError> {
    Ok(Fresh {
        patient: row.get(0)?,
        kind: row.word(1)?,
        record: row.get(2)?,
        at: row.get(3)?,
        body: row.get(4)?,
        seen: row.get(5)?,
        place: (row.get(6)?, row.get(7)?),
    })
}

/// Moves on in the feed for each webhook and keeps the messages that came of it, both or neither: where another backend has
/// been there first, or the webhook was ended, nothing of it is kept. How many messages were.
///
/// # Errors
/// [`StoreError`].
pub async fn advance(tx: &mut Tx, all: &[Advance], now: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut kept = 0;
    for Advance { news, messages } in all {
        let cursor = params![news.webhook, news.to.0, news.to.1, news.from.0, news.from.1];
        if tx.execute(MOVE, &cursor).await? > 0 {
            queue::append(tx, news.webhook, messages, now).await?;
            kept += messages.len() as u64;
        }
    }
    Ok(kept)
}
