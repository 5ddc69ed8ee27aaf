//! The watch's rows: when each patient is to be looked at next, who is at it, and how far the feed was read.
//!
//! Nothing here is on the way of a write: the watch reads the feed up to the same horizon as a pull. Refuses to know what
//! a miss is; what is found at a look comes from `doseline_shared::watch`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    dose::SYSTEM_DEVICE,
    id::PatientId,
    record::{Record, RecordKind},
};
use serde::Deserialize;

use super::{Row, Statement, StoreError, Tx, access::System, change, params, taken, tx::Pair};

/// How a change of the feed matters to the watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// An entry: it matters where the patient's row heeds entries. Otherwise the next look comes early enough.
    Entry,
    /// Anything else: look again at once.
    Any,
}

/// What is new in the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    from: (i64, i64),
    to: (i64, i64),
    /// The patients concerned.
    pub touched: BTreeMap<PatientId, Touch>,
    /// Whether there is more already.
    pub more: bool,
}

/// A patient whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub patient: PatientId,
    /// Since when.
    pub due: DateTime<Utc>,
    /// When the watch over the patient began; none where it begins now.
    pub since: Option<DateTime<Utc>>,
    touched: i64,
}

/// When to look at a patient next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When; none where only a change can bring it.
    pub next: Option<DateTime<Utc>>,
    /// Whether it concerns a medication that is dangerous to miss.
    pub critical: bool,
    /// Whether any entry may bring it forward.
    pub heed: bool,
    /// When the watch over the patient began; none where nobody watches.
    pub since: Option<DateTime<Utc>>,
}

/// Most patients that are counted as waiting.
pub const COUNTED: i64 = 10_000;

const CURSOR: &str = "SELECT tx, n FROM watch_feed WHERE id = 1";
const MOVE_CURSOR: &str = "UPDATE watch_feed SET tx = $1, n = $2 WHERE id = 1 AND tx = $3 AND n = $4";
/// Bodies of entries only, which say what kind of entry it is.
const NEWS: &str = "\
    SELECT tx, n, patient, kind, device, CASE WHEN kind = 'dose_event' THEN body ELSE '' END \
    FROM change WHERE (tx, n) > ($1, $2) AND tx < $3 ORDER BY tx, n LIMIT $4";
const TOUCH: &str = "\
    INSERT INTO watch (patient, next_due, critical, heed, touched, since, holder, held_until) \
    VALUES ($1, $2, 0, 1, 0, NULL, NULL, 0) \
    ON CONFLICT (patient) DO UPDATE SET touched = watch.touched + 1, \
      next_due = CASE WHEN watch.next_due > excluded.next_due THEN excluded.next_due ELSE watch.next_due END";
const TOUCH_HEEDING: &str = "\
    UPDATE watch SET touched = touched + 1, next_due = CASE WHEN next_due > $2 THEN $2 ELSE next_due END \
    WHERE patient = $1 AND heed = 1";
/// A pair: only PostgreSQL has several backends that take at once, and each is to take what no other is just taking.
const TAKE: Pair = Pair {
    embedded: "UPDATE watch SET holder = $1, held_until = $2 WHERE patient IN ( \
          SELECT patient FROM watch WHERE critical = $3 AND next_due <= $4 AND held_until <= $4 \
          ORDER BY next_due LIMIT $5) \
        RETURNING patient, next_due, since, touched",
    postgres: "WITH turn AS MATERIALIZED ( \
          SELECT patient FROM watch WHERE critical = $3 AND next_due <= $4 AND held_until <= $4 \
          ORDER BY next_due LIMIT $5 FOR UPDATE SKIP LOCKED) \
        UPDATE watch w SET holder = $1, held_until = $2 FROM turn WHERE w.patient = turn.patient \
        RETURNING w.patient, w.next_due, w.since, w.touched",
};
const SETTLE: &str = "\
    UPDATE watch SET next_due = $3, critical = $4, heed = $5, since = $6, holder = NULL, held_until = 0 \
    WHERE patient = $1 AND holder = $2 AND touched = $7";
const LET_GO: &str = "UPDATE watch SET holder = NULL, held_until = 0 WHERE patient = $1 AND holder = $2";
const LET_ALL_GO: &str = "UPDATE watch SET holder = NULL, held_until = 0 WHERE holder = $1";
const HELD: &str = "SELECT 1 FROM watch WHERE patient = $1 AND holder = $2";
const WAITING: &str = "\
    SELECT COUNT(*) FROM ( \
      SELECT 1 FROM watch WHERE critical IN (0, 1) AND next_due <= $1 LIMIT $2) waiting";
const LINK: &str = "SELECT link FROM patient WHERE id = $1";
const STANDING: &str = "\
    SELECT c.body FROM record r JOIN change c ON c.patient = r.patient AND c.link = r.link \
    WHERE r.patient = $1 AND r.kind IN ('patient', 'medication', 'grant', 'alert_rule') ORDER BY r.link";
const RECENT: &str = "\
    SELECT link, at, kind, CASE WHEN kind IN ('dose_event', 'alert') THEN body ELSE '' END \
    FROM change WHERE patient = $1 AND link < $2 ORDER BY link DESC LIMIT $3";
/// Changes of one patient that are read at once, from the newest back.
const PAGE: i64 = 48;

/// What is new in the feed, at most `limit` changes of it; none where nothing is. What the watch wrote itself is no news.
///
/// # Errors
/// [`StoreError`].
pub async fn news(tx: &mut Tx, _: &System, limit: usize) -> Result<Option<News>, StoreError> {
    let cursor = tx.query_one(CURSOR, &[]).await?;
    let from = (cursor.get(0)?, cursor.get(1)?);
    let (_, horizon) = change::horizon(tx).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = tx.query(NEWS, &params![from.0, from.1, horizon, limit]).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    let mut news = News {
        from,
        to: (last.get(0)?, last.get(1)?),
        touched: BTreeMap::new(),
        more: rows.len() as u64 >= limit.unsigned_abs(),
    };
    let own = SYSTEM_DEVICE.to_string();
    for row in &rows {
        if row.get::<Option<String>>(4)?.as_ref() == Some(&own) {
            continue;
        }
        let touch = touch(row)?;
        let standing = news.touched.entry(row.get(2)?).or_insert(touch);
        *standing = touch.max(*standing);
    }
    Ok(Some(news))
}

/// What the watch has to know of an entry.
#[derive(Deserialize)]
struct Entry {
    what: Act,
}

#[derive(Deserialize)]
struct Act {
    kind: String,
}

fn touch(row: &Row) -> Result<Touch, StoreError> {
    if row.word::<RecordKind>(3)? != RecordKind::DoseEvent {
        return Ok(Touch::Any);
    }
    let entry: Entry = row.json(5)?;
    // An entry that is taken back leaves a dose open that was thought answered.
    Ok(if entry.what.kind == "retracted" {
        Touch::Any
    } else {
        Touch::Entry
    })
}

/// Has the patients of the news looked at from `now` on, and moves on in the feed; false where another backend has done it.
///
/// # Errors
/// [`StoreError`].
pub async fn heed(tx: &mut Tx, news: &News, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let cursor = params![news.to.0, news.to.1, news.from.0, news.from.1];
    if tx.execute(MOVE_CURSOR, &cursor).await? == 0 {
        return Ok(false);
    }
    let touches: Vec<Statement> = news
        .touched
        .iter()
        .map(|(patient, touch)| {
            let sql = match touch {
                Touch::Any => TOUCH,
                Touch::Entry => TOUCH_HEEDING,
            };
            (sql, params![*patient, now].into())
        })
        .collect();
    tx.execute_all(&touches).await?;
    Ok(true)
}

/// Takes at most `limit` patients whose time has come, for `node` until `until`: those with a critical dose first, then by
/// time.
///
/// # Errors
/// [`StoreError`].
pub async fn take(
    tx: &mut Tx,
    node: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Turn>, StoreError> {
    let mut turns = Vec::new();
    for critical in [true, false] {
        let left = i64::try_from(limit.saturating_sub(turns.len())).unwrap_or(i64::MAX);
        let sql = tx.pick(&TAKE);
        let rows = tx.query(sql, &params![node, until, critical, now, left]).await?;
        let mut taken = rows.iter().map(turn).collect::<Result<Vec<_>, _>>()?;
        taken.sort_unstable_by_key(|turn| turn.due);
        turns.append(&mut taken);
    }
    Ok(turns)
}

fn turn(row: &Row) -> Result<Turn, StoreError> {
    Ok(Turn {
        patient: row.get(0)?,
        due: row.get(1)?,
        since: row.get(2)?,
        touched: row.get(3)?,
    })
}

/// Lets go of the turns, each with its next moment, where `node` still holds it. A turn whose patient has changed since it
/// was taken keeps the moment that the change brought.
///
/// # Errors
/// [`StoreError`].
pub async fn settle(tx: &mut Tx, node: &str, turns: &[(Turn, Moment)]) -> Result<(), StoreError> {
    let statements: Vec<Statement> = turns
        .iter()
        .flat_map(|(turn, moment)| {
            let next = moment.next.map_or(i64::MAX, |next| next.timestamp_millis());
            let values = params![
                turn.patient,
                node,
                next,
                moment.critical,
                moment.heed,
                moment.since,
                turn.touched
            ];
            [(SETTLE, values.into()), (LET_GO, params![turn.patient, node].into())]
        })
        .collect();
    tx.execute_all(&statements).await.map(drop)
}

/// Lets go of one patient, whose moment stays as it is.
///
/// # Errors
/// [`StoreError`].
pub async fn let_one_go(tx: &mut Tx, node: &str, patient: PatientId) -> Result<(), StoreError> {
    tx.execute(LET_GO, &params![patient, node]).await.map(drop)
}

/// Lets go of everything that `node` holds: it stops.
///
/// # Errors
/// [`StoreError`].
pub async fn let_go(tx: &mut Tx, node: &str) -> Result<(), StoreError> {
    tx.execute(LET_ALL_GO, &params![node]).await.map(drop)
}

/// Makes the patient's record this transaction's own, and says whether it is as it was at `link`, and `node` still has its
/// turn.
///
/// # Errors
/// [`StoreError`].
pub async fn unchanged(tx: &mut Tx, node: &str, patient: PatientId, link: u64) -> Result<bool, StoreError> {
    let (head, _) = taken::take(tx, patient, (RecordKind::Patient, patient.uuid())).await?;
    let held = tx.query_opt(HELD, &params![patient, node]).await?;
    Ok(head.is_some_and(|head| head.link == link) && held.is_some())
}

/// How many patients wait whose time has come, [`COUNTED`] at most.
///
/// # Errors
/// [`StoreError`].
pub async fn waiting(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.query_one(WAITING, &params![now, COUNTED]).await?.get(0)
}

/// Where the patient's chain ends.
///
/// # Errors
/// [`StoreError`].
pub async fn link(tx: &mut Tx, _: &System, patient: PatientId) -> Result<u64, StoreError> {
    tx.query_one(LINK, &params![patient]).await?.get(0)
}

/// The patient, the medications, the grants and the rules, as they stand.
///
/// # Errors
/// [`StoreError`].
pub async fn standing(tx: &mut Tx, _: &System, patient: PatientId) -> Result<Vec<Record>, StoreError> {
    let rows = tx.query(STANDING, &params![patient]).await?;
    rows.iter().map(|row| row.json(0)).collect()
}

/// The entries and alerts that were written since, the newest first; of an alert that was written often, each state. Reads
/// the patient's chain from its end, never the years before.
///
/// # Errors
/// [`StoreError`].
pub async fn recent(
    tx: &mut Tx,
    _: &System,
    patient: PatientId,
    since: DateTime<Utc>,
) -> Result<Vec<Record>, StoreError> {
    let mut records = Vec::new();
    let mut before = i64::MAX;
    loop {
        let rows = tx.query(RECENT, &params![patient, before, PAGE]).await?;
        for row in &rows {
            before = row.get(0)?;
            if row.get::<DateTime<Utc>>(1)? < since {
                return Ok(records);
            }
            match row.word::<RecordKind>(2)? {
                RecordKind::DoseEvent | RecordKind::Alert => records.push(row.json(3)?),
                RecordKind::Patient
                | RecordKind::Allergy
                | RecordKind::Condition
                | RecordKind::Medication
                | RecordKind::Grant
                | RecordKind::AlertRule
                | RecordKind::Dispense
                | RecordKind::StockEntry
                | RecordKind::SideEffectEntry => {}
            }
        }
        if i64::try_from(rows.len()).unwrap_or(PAGE) < PAGE {
            return Ok(records);
        }
    }
}

/// How long a backend that has taken a turn may be silent before another takes it.
pub const HOLD: TimeDelta = TimeDelta::seconds(30);
