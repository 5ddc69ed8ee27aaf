//! The feed of changes: pulling after a cursor, and where the feed ends.
//!
//! The order is (tx, n): the number of the transaction, and the place within it. On the embedded engine the one writer
//! counts its commits. On PostgreSQL the number is the transaction's own id, and a pull stops at the horizon, the oldest
//! transaction that still runs: whatever lies before the horizon is there for good, so a cursor never goes past a change
//! that is committed late. No sequence could promise that.

mod chain;
mod cursor;

use doseline_shared::{api::sync::Change, id::PatientId};

pub use self::{
    chain::{Broken, Report, Stored, links, patients, seal, verify},
    cursor::{Cursor, NotACursor},
};
use super::{
    Row, StoreError, Tx,
    access::{Reader, Scope, Sight, seen, sees},
    migrate, params,
    tx::Pair,
};

/// What a pull gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pull {
    /// The next changes.
    Page(Page),
    /// The cursor is of another life of the store, or of another role of the reader: the device drops it and pulls
    /// every patient from the beginning. The cursor given is the feed's present end.
    StartAfresh(Cursor),
}

/// Changes in the order of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The changes.
    pub changes: Vec<Change>,
    /// Where to go on from.
    pub cursor: Cursor,
    /// Whether there is more already.
    pub more: bool,
}

/// The number of a transaction that writes. A pair: only PostgreSQL has transaction ids, and only the embedded engine
/// has one writer that can count. `tx_base` keeps the numbers rising when the database moves to another server.
pub(super) const OWN_NUMBER: Pair = Pair {
    embedded: "SELECT COALESCE(MAX(tx), 0) + 1 FROM change",
    postgres: "SELECT pg_current_xact_id()::text::bigint + tx_base FROM store",
};

/// The epoch, and the first transaction that a pull must not show yet. A pair for the same reason.
const HORIZON: Pair = Pair {
    embedded: "SELECT epoch, (SELECT COALESCE(MAX(tx), 0) + 1 FROM change) FROM store",
    postgres: "SELECT epoch, pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tx_base FROM store",
};

const HELD_BACK: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM change WHERE tx >= $1 ORDER BY tx LIMIT 1000) held";
const EPOCH: &str = "SELECT epoch FROM store";
const NEW_EPOCH: &str = "UPDATE store SET epoch = $1";

/// How many changes of anyone may follow the cursor for [`FEW_NEW`] to be the quicker way.
const FEW: i64 = 512;
/// Ordered, although a count needs no order: it makes PostgreSQL walk the index also where it knows nothing of the table
/// yet, instead of reading all of it.
const HOW_MANY: &str = "\
    SELECT COUNT(*) FROM (SELECT 1 FROM change WHERE (tx, n) > ($1, $2) AND tx < $3 ORDER BY tx, n LIMIT $4) newer";

/// Walks the feed of everyone from the cursor and asks of each change whether the reader sees it: for a device that is
/// nearly up to date, however many patients it sees and however long the history.
const FEW_NEW: &str = concat!(
    "SELECT c.tx, c.n, c.patient, c.kind, c.record, c.version, c.body FROM change c \
     WHERE (c.tx, c.n) > ($3, $4) AND c.tx < $5 AND ",
    sees!(),
    " ORDER BY c.tx, c.n LIMIT $6"
);

/// Walks the patients that the reader sees and takes what is new of each: for a device that was away for long, however
/// much others have written. Bodies are fetched last, of those that are given out only. CROSS JOIN: SQLite keeps the order
/// of the tables.
const MANY_NEW: &str = concat!(
    "SELECT c.tx, c.n, c.patient, c.kind, c.record, c.version, c.body FROM ( \
       SELECT k.patient, k.link, k.tx, k.n FROM (SELECT patient, MAX(sight) AS sight FROM (",
    seen!(),
    ") ways GROUP BY patient) s CROSS JOIN change k \
       WHERE k.patient = s.patient AND (k.tx, k.n) > ($3, $4) AND k.tx < $5 \
         AND (s.sight = 1 OR k.kind IN ('patient', 'grant')) \
       ORDER BY k.tx, k.n LIMIT $6) f \
     CROSS JOIN change c WHERE c.patient = f.patient AND c.link = f.link ORDER BY c.tx, c.n"
);

const OF_PATIENT: &str = "\
    SELECT tx, n, patient, kind, record, version, body FROM change \
    WHERE patient = $1 AND (tx, n) > ($2, $3) AND tx < $4 AND ($6 = 1 OR kind IN ('patient', 'grant')) \
    ORDER BY tx, n LIMIT $5";

/// The present end of the feed, for this reader: what is committed from now on lies behind it.
///
/// # Errors
/// [`StoreError`].
pub async fn end(tx: &mut Tx, reader: &Reader) -> Result<Cursor, StoreError> {
    let (epoch, horizon) = horizon(tx).await?;
    Ok(Cursor::before(epoch, reader.mark(), horizon))
}

/// At most `limit` changes after the cursor, of all patients that the reader sees.
///
/// # Errors
/// [`StoreError`].
pub async fn after(tx: &mut Tx, reader: &Reader, cursor: &Cursor, limit: usize) -> Result<Pull, StoreError> {
    let (epoch, horizon) = horizon(tx).await?;
    if !cursor.fits(&epoch, reader.mark(), horizon) {
        return Ok(Pull::StartAfresh(Cursor::before(epoch, reader.mark(), horizon)));
    }
    let newer: i64 = tx
        .query_one(HOW_MANY, &params![cursor.tx, cursor.n, horizon, FEW + 1])
        .await?
        .get(0)?;
    if newer == 0 {
        return page(&[], cursor, limit).map(Pull::Page);
    }
    let sql = if newer <= FEW { FEW_NEW } else { MANY_NEW };
    let values = params![
        reader.person(),
        reader.now(),
        cursor.tx,
        cursor.n,
        horizon,
        one_more(limit),
    ];
    let rows = tx.query(sql, &values).await?;
    Ok(given(tx, page(&rows, cursor, limit)?))
}

/// At most `limit` changes of one patient after the cursor, from the beginning where there is none. Nothing where the
/// reader does not see the patient.
///
/// # Errors
/// [`StoreError`].
pub async fn of_patient(
    tx: &mut Tx,
    reader: &Reader,
    patient: PatientId,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Pull, StoreError> {
    let (epoch, horizon) = horizon(tx).await?;
    let start = Cursor::start(epoch.clone(), reader.mark());
    let cursor = cursor.unwrap_or(&start);
    if !cursor.fits(&epoch, reader.mark(), horizon) {
        return Ok(Pull::StartAfresh(Cursor::before(epoch, reader.mark(), horizon)));
    }
    let Some(sight) = reader.sight(tx, patient).await? else {
        return page(&[], cursor, limit).map(Pull::Page);
    };
    let values = params![
        patient,
        cursor.tx,
        cursor.n,
        horizon,
        one_more(limit),
        sight == Sight::Full,
    ];
    let rows = tx.query(OF_PATIENT, &values).await?;
    Ok(given(tx, page(&rows, cursor, limit)?))
}

/// This life of the store.
///
/// # Errors
/// [`StoreError`].
pub async fn epoch(tx: &mut Tx) -> Result<String, StoreError> {
    tx.query_one(EPOCH, &[]).await?.get(0)
}

/// How many committed changes lie behind the horizon, 1,000 at most.
pub(super) async fn held_back(tx: &mut Tx) -> Result<u64, StoreError> {
    let (_, horizon) = horizon(tx).await?;
    tx.query_one(HELD_BACK, &params![horizon]).await?.get(0)
}

/// Begins a new life of the store: every cursor is void.
///
/// # Errors
/// [`StoreError`].
pub async fn new_epoch(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(NEW_EPOCH, &params![migrate::epoch()]).await.map(drop)
}

/// The epoch and the horizon. Within a transaction that writes, its own changes lie behind the horizon; on the embedded
/// engine so do those of the others that are committed together with it.
pub(super) async fn horizon(tx: &mut Tx) -> Result<(String, i64), StoreError> {
    let row = tx.query_one(tx.pick(&HORIZON), &[]).await?;
    let horizon: i64 = row.get(1)?;
    Ok((row.get(0)?, tx.number().map_or(horizon, |own| horizon.min(own))))
}

/// One more than asked for tells whether there is more.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}

/// A page for a person: whose changes are in it is noted.
fn given(tx: &mut Tx, page: Page) -> Pull {
    for change in &page.changes {
        tx.opened(change.patient);
    }
    Pull::Page(page)
}

fn page(rows: &[Row], from: &Cursor, limit: usize) -> Result<Page, StoreError> {
    let more = rows.len() > limit;
    let rows = rows.get(..limit).unwrap_or(rows);
    let cursor = match rows.last() {
        Some(last) => from.at(last.get(0)?, last.get(1)?),
        None => from.clone(),
    };
    Ok(Page {
        changes: rows.iter().map(read).collect::<Result<_, _>>()?,
        cursor,
        more,
    })
}

fn read(row: &Row) -> Result<Change, StoreError> {
    Ok(Change {
        patient: row.get(2)?,
        kind: row.word(3)?,
        record: row.get(4)?,
        version: row.get(5)?,
        body: row.json(6)?,
    })
}
