//! Seals, over the chains of changes and over the audit trails alike: each covers the ends of the chains that have moved
//! since the one before it, and that one's hash.

use chrono::{DateTime, Utc};
use doseline_shared::change::{Followed, Hash, Head, Sealed, seal_hash};
use uuid::Uuid;

use super::{Param, Row, Statement, StoreError, Tx, params, record::hash};

/// A seal that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Its number, from 1.
    pub number: u64,
    /// How many heads it covers.
    pub heads: u64,
    /// Its hash. Noted outside of the store, it holds against someone who can rewrite all of the store.
    pub hash: Hash,
}

/// A seal that does not hold.
pub(super) enum BrokenSeal {
    /// It is not what was sealed.
    Seal {
        /// Which.
        number: u64,
    },
    /// What it covers is not there any more.
    Gone {
        /// Whose chain.
        chain: Uuid,
        /// The link that was sealed.
        link: u64,
        /// By which seal.
        seal: u64,
    },
}

/// The queries on one kind of seals.
pub(super) struct SealTexts {
    pub(super) of: Sealed,
    /// Keeps a seal, unless there is one of that number: number, at, heads, prev, hash, and what only this kind keeps.
    pub(super) seal: &'static str,
    /// Keeps a head with its seal: seal, chain, link, hash.
    pub(super) head: &'static str,
    /// At most $2 seals after the number $1: number, heads, prev, hash.
    pub(super) list: &'static str,
    /// The heads of seal $1: chain, link, hash, and the hash of that link as it is now.
    pub(super) heads: &'static str,
}

const BATCH: i64 = 500;

/// A head: chain, link, hash.
pub(super) fn head(row: &Row) -> Result<Head, StoreError> {
    Ok(Head {
        chain: row.get(0)?,
        link: row.get(1)?,
        hash: hash(&row.get::<String>(2)?)?,
    })
}

/// Seals `heads`, after the last seal's number and hash (0 and [`Hash::ZERO`] before the first); none where there is nothing
/// to seal, or another backend has just sealed. `more` is what only this kind of seals keeps.
pub(super) async fn make(
    tx: &mut Tx,
    texts: &SealTexts,
    (last, prev): (u64, Hash),
    heads: &[Head],
    now: DateTime<Utc>,
    more: Option<Param>,
) -> Result<Option<Seal>, StoreError> {
    if heads.is_empty() {
        return Ok(None);
    }
    let sealed = Seal {
        number: last + 1,
        heads: heads.len() as u64,
        hash: seal_hash(texts.of, &prev, heads),
    };
    let mut values = params![
        sealed.number,
        now,
        sealed.heads,
        prev.to_string(),
        sealed.hash.to_string()
    ]
    .to_vec();
    values.extend(more);
    if tx.execute(texts.seal, &values).await? == 0 {
        return Ok(None);
    }
    write_heads(tx, texts, sealed.number, heads).await?;
    Ok(Some(sealed))
}

/// Whether the head that `sql` finds for a chain is where following the chain has ended.
pub(super) async fn is_end(
    tx: &mut Tx,
    sql: &'static str,
    chain: Uuid,
    followed: &Followed,
) -> Result<bool, StoreError> {
    let found = tx.query_opt(sql, &params![chain]).await?;
    let found = found.as_ref().map(head).transpose()?;
    Ok(found.is_some_and(|head| (head.link, head.hash) == (followed.link, followed.hash)))
}

/// Keeps the heads that a seal covers.
async fn write_heads(tx: &mut Tx, texts: &SealTexts, number: u64, heads: &[Head]) -> Result<(), StoreError> {
    for heads in heads.chunks(500) {
        let statements: Vec<Statement> = heads
            .iter()
            .map(|head| {
                let values = params![number, head.chain, head.link, head.hash.to_string()];
                (texts.head, values.into())
            })
            .collect();
        tx.execute_all(&statements).await?;
    }
    Ok(())
}

/// Computes every seal again, counting those that hold; the first that does not.
pub(super) async fn verify(tx: &mut Tx, texts: &SealTexts, seals: &mut u64) -> Result<Option<BrokenSeal>, StoreError> {
    let (mut after, mut prev) = (0_u64, Hash::ZERO);
    loop {
        let rows = tx.query(texts.list, &params![after, BATCH]).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            let number: u64 = row.get(0)?;
            let sealed = tx.query(texts.heads, &params![number]).await?;
            let heads = sealed.iter().map(head).collect::<Result<Vec<_>, _>>()?;
            let hash = seal_hash(texts.of, &prev, &heads);
            let holds = number == after + 1
                && row.get::<u64>(1)? == heads.len() as u64
                && row.get::<String>(2)? == prev.to_string()
                && row.get::<String>(3)? == hash.to_string();
            if !holds {
                return Ok(Some(BrokenSeal::Seal { number }));
            }
            for (head, row) in heads.iter().zip(&sealed) {
                if row.get::<Option<String>>(3)? != Some(head.hash.to_string()) {
                    return Ok(Some(BrokenSeal::Gone {
                        chain: head.chain,
                        link: head.link,
                        seal: number,
                    }));
                }
            }
            (after, prev) = (number, hash);
            *seals += 1;
        }
    }
}
