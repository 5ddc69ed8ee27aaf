//! Sign-ins and their refresh tokens. A token serves once; one that comes a second time ends its whole family, because
//! then two hold it. Tokens are known by their SHA-256 only.

use chrono::{DateTime, Utc};
use doseline_shared::id::{DeviceId, PersonId, SessionId};

use super::{Row, StoreError, Tx, params, person::has_first, second_factor::lacking};

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Identity; also that of the family of its refresh tokens.
    pub id: SessionId,
    /// Who signed in.
    pub person: PersonId,
    /// On which device.
    pub device: DeviceId,
    /// When.
    pub created: DateTime<Utc>,
    /// When it was ended; none while it lives.
    pub ended: Option<DateTime<Utc>>,
}

/// A session that has not been ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The session.
    pub session: Session,
    /// Whether the password of its person is a first one.
    pub has_first_password: bool,
    /// Whether a clinic asks its person for a second factor, and there is none.
    pub lacks_second_factor: bool,
}

/// What became of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was good, and the new one stands in its place.
    Rotated(Session),
    /// It had been used before: its family has now ended. Return this from the transaction as `Ok`, or it is undone.
    Reused(Session),
    /// Its session has ended.
    Ended,
    /// Its time is over.
    Expired,
    /// There is no such token.
    Unknown,
}

const INSERT: &str = "INSERT INTO session (id, person, device, created, ended) VALUES ($1, $2, $3, $4, NULL)";
const INSERT_REFRESH: &str = "INSERT INTO refresh (hash, session, issued, expires, used) VALUES ($1, $2, $3, $4, NULL)";
const BY_REFRESH: &str = "\
    SELECT s.id, s.person, s.device, s.created, s.ended, r.expires, r.used \
    FROM refresh r JOIN session s ON s.id = r.session WHERE r.hash = $1";
const USE: &str = "UPDATE refresh SET used = $2 WHERE hash = $1 AND used IS NULL";
const LIVE: &str = concat!(
    "SELECT id, person, device, created, ended, ",
    has_first!("session.person"),
    ", ",
    lacking!("session.person"),
    " FROM session WHERE id = $1 AND ended IS NULL"
);
/// The same of several; [`read_live`] reads a row.
pub(super) const ALL_LIVE: &str = concat!(
    "SELECT id, person, device, created, ended, ",
    has_first!("session.person"),
    ", ",
    lacking!("session.person"),
    " FROM session WHERE id = ANY($1) AND ended IS NULL"
);
const END: &str = "UPDATE session SET ended = $2 WHERE id = $1 AND ended IS NULL";
const END_DEVICE: &str = "UPDATE session SET ended = $3 WHERE person = $1 AND device = $2 AND ended IS NULL";
const END_PERSON: &str = "UPDATE session SET ended = $2 WHERE person = $1 AND ended IS NULL";
const END_OTHERS: &str = "UPDATE session SET ended = $3 WHERE person = $1 AND id <> $2 AND ended IS NULL";
const SEEN: &str = "\
    UPDATE device SET seen = $2 \
    WHERE seen < $2 AND EXISTS (SELECT 1 FROM session s WHERE s.id = $1 AND s.person = device.person AND s.device = device.id)";
const PRUNE: &str = "DELETE FROM refresh WHERE expires < $1";

/// Keeps a new sign-in with its first refresh token. The device must be known ([`super::device::upsert`]).
///
/// # Errors
/// [`StoreError::Missing`] where person or device is not known.
pub async fn insert(
    tx: &mut Tx,
    session: &Session,
    refresh_hash: &str,
    expires: DateTime<Utc>,
) -> Result<(), StoreError> {
    let statements = [
        (
            INSERT,
            params![session.id, session.person, session.device, session.created].into(),
        ),
        (
            INSERT_REFRESH,
            params![refresh_hash, session.id, session.created, expires].into(),
        ),
    ];
    tx.execute_all(&statements).await.map(drop)
}

/// Keeps a new sign-in that has no refresh token.
///
/// # Errors
/// [`StoreError::Missing`] where person or device is not known.
pub(super) async fn insert_bare(
    tx: &mut Tx,
    id: SessionId,
    person: PersonId,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(INSERT, &params![id, person, device, now]).await.map(drop)
}

/// The session of a refresh token, whatever state either is in.
///
/// # Errors
/// [`StoreError`].
pub async fn by_refresh_hash(tx: &mut Tx, hash: &str) -> Result<Option<Session>, StoreError> {
    tx.query_opt(BY_REFRESH, &params![hash])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The live session of a refresh token that has not been used yet.
///
/// # Errors
/// [`StoreError`].
async fn unused(tx: &mut Tx, hash: &str) -> Result<Option<Session>, StoreError> {
    let Some(row) = tx.query_opt(BY_REFRESH, &params![hash]).await? else {
        return Ok(None);
    };
    let session = read(&row)?;
    let used = row.get::<Option<DateTime<Utc>>>(6)?;
    Ok((session.ended.is_none() && used.is_none()).then_some(session))
}

/// Uses the token `old` up and puts `new` in its place. Of two that try at once one wins, and the other one is a reuse,
/// unless it asks for the same `new`, which has not been used.
///
/// # Errors
/// [`StoreError`].
pub async fn rotate(
    tx: &mut Tx,
    old: &str,
    new: &str,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<Rotation, StoreError> {
    let used = tx.execute(USE, &params![old, now]).await? > 0;
    let Some(row) = tx.query_opt(BY_REFRESH, &params![old]).await? else {
        return Ok(Rotation::Unknown);
    };
    let session = read(&row)?;
    if session.ended.is_some() {
        return Ok(Rotation::Ended);
    }
    if !used {
        // The same request once more: nothing but it could have made that token, and nobody has used it.
        if let Some(next) = unused(tx, new).await?
            && next.id == session.id
        {
            return Ok(Rotation::Rotated(session));
        }
        end_family(tx, session.id, now).await?;
        return Ok(Rotation::Reused(Session {
            ended: Some(now),
            ..session
        }));
    }
    if row.get::<DateTime<Utc>>(5)? <= now {
        return Ok(Rotation::Expired);
    }
    tx.execute(INSERT_REFRESH, &params![new, session.id, now, expires])
        .await?;
    Ok(Rotation::Rotated(session))
}

/// The session, where it has not been ended.
///
/// # Errors
/// [`StoreError`].
pub async fn live(tx: &mut Tx, id: SessionId) -> Result<Option<Live>, StoreError> {
    let row = tx.query_opt(LIVE, &params![id]).await?;
    row.as_ref().map(read_live).transpose()
}

/// Ends the session and all its tokens; whether it was live.
///
/// # Errors
/// [`StoreError`].
pub async fn end_family(tx: &mut Tx, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.execute(END, &params![id, now]).await? > 0)
}

/// Ends every session of one device of a person; how many were live.
///
/// # Errors
/// [`StoreError`].
pub async fn end_device(
    tx: &mut Tx,
    person: PersonId,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    tx.execute(END_DEVICE, &params![person, device, now]).await
}

/// Ends every session of a person; how many were live.
///
/// # Errors
/// [`StoreError`].
pub async fn end_person(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(END_PERSON, &params![person, now]).await
}

/// Ends every session of a person but this one; how many were live.
///
/// # Errors
/// [`StoreError`].
pub async fn end_others(tx: &mut Tx, person: PersonId, but: SessionId, now: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(END_OTHERS, &params![person, but, now]).await
}

/// Notes that the session's device was heard of.
///
/// # Errors
/// [`StoreError`].
pub async fn touch(tx: &mut Tx, id: SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(SEEN, &params![id, now]).await.map(drop)
}

/// Forgets tokens whose time was over before `before`; how many.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(PRUNE, &params![before]).await
}

pub(super) fn read_live(row: &Row) -> Result<Live, StoreError> {
    Ok(Live {
        session: read(row)?,
        has_first_password: row.get(5)?,
        lacks_second_factor: row.get(6)?,
    })
}

fn read(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.get(0)?,
        person: row.get(1)?,
        device: row.get(2)?,
        created: row.get(3)?,
        ended: row.get(4)?,
    })
}
