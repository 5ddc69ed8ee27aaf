//! The hash chains, and the seals over them.
//!
//! A seal covers the heads of the patients that have moved since the seal before it, and that seal's hash; so the newest
//! seal stands for all heads of all patients, and each costs only what has changed. The heads are kept with it: a chain
//! that was cut short, or a patient who has gone missing, is named.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use doseline_shared::{
    change::{BrokenBy, Hash, Head, Linked, Row as Change, seal_hash, verify_chain},
    id::PatientId,
};

use super::horizon;
use crate::store::{Row, Statement, StoreError, Tx, params, record::hash};

/// What [`verify`] has looked at, and the first thing that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Patients whose chain holds.
    pub patients: u64,
    /// Links that hold.
    pub links: u64,
    /// Seals that hold.
    pub seals: u64,
    /// The first that does not.
    pub broken: Option<Broken>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A link of a patient's chain.
    Link {
        /// Whose chain.
        patient: PatientId,
        /// Which link.
        link: u64,
        /// How it is broken.
        why: BrokenBy,
    },
    /// The head of a patient's chain is not its last link.
    Head {
        /// Whose chain.
        patient: PatientId,
    },
    /// A record does not stand as its newest change says.
    Record {
        /// Whose.
        patient: PatientId,
    },
    /// A seal is not what was sealed.
    Seal {
        /// Which.
        number: u64,
    },
    /// What a seal covers is not there any more: the chain was cut short, or the whole patient is gone.
    Gone {
        /// Whose chain.
        patient: PatientId,
        /// The link that was sealed.
        link: u64,
        /// By which seal.
        seal: u64,
    },
}

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

const LAST_SEAL: &str = "SELECT number, horizon, hash FROM seal ORDER BY number DESC LIMIT 1";
/// The heads, at the horizon $2, of the patients that have moved since the horizon $1.
const MOVED: &str = "\
    SELECT c.patient, c.link, c.hash FROM \
      (SELECT patient, MAX(link) AS link FROM change WHERE tx >= $1 AND tx < $2 GROUP BY patient) m \
    JOIN change c ON c.patient = m.patient AND c.link = m.link ORDER BY c.patient";
const SEAL: &str = "\
    INSERT INTO seal (number, at, horizon, heads, prev, hash) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const SEAL_HEAD: &str = "INSERT INTO seal_head (seal, patient, link, hash) VALUES ($1, $2, $3, $4)";

/// One after another, so that no patient is in two places at once.
const PATIENTS: &str = "\
    SELECT patient FROM (SELECT id AS patient FROM patient UNION SELECT patient FROM change) all_of_them \
    WHERE patient > $1 ORDER BY patient LIMIT $2";
const CHAIN: &str = "\
    SELECT link, kind, record, version, body, actor, device, at, prev, hash FROM change WHERE patient = $1 ORDER BY link";
const HEAD: &str = "SELECT link, hash FROM patient WHERE id = $1";
const RECORDS: &str = "SELECT kind, id, version, link FROM record WHERE patient = $1";
const SEALS: &str = "SELECT number, heads, prev, hash FROM seal WHERE number > $1 ORDER BY number LIMIT $2";
const SEALED: &str = "\
    SELECT s.patient, s.link, s.hash, c.hash FROM seal_head s \
    LEFT JOIN change c ON c.patient = s.patient AND c.link = s.link WHERE s.seal = $1 ORDER BY s.patient";

const BATCH: i64 = 500;

/// Seals what has changed since the last seal; none where nothing has. Run it every minute, from any backend.
///
/// # Errors
/// [`StoreError`].
pub async fn seal(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<Seal>, StoreError> {
    let (last, from, prev) = match tx.query_opt(LAST_SEAL, &[]).await? {
        Some(row) => (row.get(0)?, row.get(1)?, hash(&row.get::<String>(2)?)?),
        None => (0_u64, 0_i64, Hash::ZERO),
    };
    let (_, horizon) = horizon(tx).await?;
    let moved = tx.query(MOVED, &params![from, horizon]).await?;
    let heads = moved.iter().map(|row| head(row, 0)).collect::<Result<Vec<_>, _>>()?;
    if heads.is_empty() {
        return Ok(None);
    }
    let sealed = Seal {
        number: last + 1,
        heads: heads.len() as u64,
        hash: seal_hash(&prev, &heads),
    };
    let values = params![
        sealed.number,
        now,
        horizon,
        sealed.heads,
        prev.to_string(),
        sealed.hash.to_string()
    ];
    if tx.execute(SEAL, &values).await? == 0 {
        // Another backend has just sealed.
        return Ok(None);
    }
    for heads in heads.chunks(500) {
        let statements: Vec<Statement> = heads
            .iter()
            .map(|head| {
                (
                    SEAL_HEAD,
                    params![sealed.number, head.patient, head.link, head.hash.to_string()].into(),
                )
            })
            .collect();
        tx.execute_all(&statements).await?;
    }
    Ok(Some(sealed))
}

fn head(row: &Row, column: usize) -> Result<Head, StoreError> {
    Ok(Head {
        patient: row.get(column)?,
        link: row.get(column + 1)?,
        hash: hash(&row.get::<String>(column + 2)?)?,
    })
}

/// Computes every chain and every seal again, and holds the records against them. Stops at the first that does not hold.
/// Run it on a snapshot ([`crate::store::Store::read`]).
///
/// # Errors
/// [`StoreError`] where it could not look; what it found is in the report.
pub async fn verify(tx: &mut Tx) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut after = String::new();
    loop {
        let patients = tx.query(PATIENTS, &params![&after, BATCH]).await?;
        let Some(last) = patients.last() else { break };
        after = last.get(0)?;
        for row in &patients {
            report.broken = verify_patient(tx, row.get(0)?, &mut report.links).await?;
            if report.broken.is_some() {
                return Ok(report);
            }
            report.patients += 1;
        }
    }
    report.broken = verify_seals(tx, &mut report.seals).await?;
    Ok(report)
}

async fn verify_patient(tx: &mut Tx, patient: PatientId, links: &mut u64) -> Result<Option<Broken>, StoreError> {
    let rows = tx.query(CHAIN, &params![patient]).await?;
    let chain = rows.iter().map(Stored::read).collect::<Result<Vec<_>, _>>()?;
    let end = match verify_chain(chain.iter().map(|link| link.linked(patient))) {
        Ok(end) => end,
        Err(broken) => {
            return Ok(Some(Broken::Link {
                patient,
                link: broken.link,
                why: broken.why,
            }));
        }
    };
    let head = tx.query_opt(HEAD, &params![patient]).await?;
    let head = head
        .map(|row| Ok::<_, StoreError>((row.get::<u64>(0)?, row.get::<String>(1)?)))
        .transpose()?;
    if head != Some((chain.len() as u64, end.to_string())) {
        return Ok(Some(Broken::Head { patient }));
    }
    let mut newest = HashMap::new();
    for link in &chain {
        newest.insert((link.kind.clone(), link.record), (link.version, link.link));
    }
    for row in tx.query(RECORDS, &params![patient]).await? {
        let stands = (row.get(2)?, row.get(3)?);
        if newest.remove(&(row.get(0)?, row.get(1)?)) != Some(stands) {
            return Ok(Some(Broken::Record { patient }));
        }
    }
    *links += chain.len() as u64;
    Ok((!newest.is_empty()).then_some(Broken::Record { patient }))
}

async fn verify_seals(tx: &mut Tx, seals: &mut u64) -> Result<Option<Broken>, StoreError> {
    let (mut after, mut prev) = (0_u64, Hash::ZERO);
    loop {
        let rows = tx.query(SEALS, &params![after, BATCH]).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        for row in rows {
            let number: u64 = row.get(0)?;
            let sealed = tx.query(SEALED, &params![number]).await?;
            let heads = sealed.iter().map(|row| head(row, 0)).collect::<Result<Vec<_>, _>>()?;
            let hash = seal_hash(&prev, &heads);
            let holds = number == after + 1
                && row.get::<u64>(1)? == heads.len() as u64
                && row.get::<String>(2)? == prev.to_string()
                && row.get::<String>(3)? == hash.to_string();
            if !holds {
                return Ok(Some(Broken::Seal { number }));
            }
            for (head, row) in heads.iter().zip(&sealed) {
                if row.get::<Option<String>>(3)? != Some(head.hash.to_string()) {
                    return Ok(Some(Broken::Gone {
                        patient: head.patient,
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

/// A link as it is stored.
struct Stored {
    link: u64,
    kind: String,
    record: uuid::Uuid,
    version: u64,
    body: String,
    actor: Option<doseline_shared::id::PersonId>,
    device: Option<doseline_shared::id::DeviceId>,
    at: DateTime<Utc>,
    prev: Hash,
    hash: Hash,
}

impl Stored {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            link: row.get(0)?,
            kind: row.get(1)?,
            record: row.get(2)?,
            version: row.get(3)?,
            body: row.get(4)?,
            actor: row.get(5)?,
            device: row.get(6)?,
            at: row.get(7)?,
            prev: hash(&row.get::<String>(8)?)?,
            hash: hash(&row.get::<String>(9)?)?,
        })
    }

    fn linked(&self, patient: PatientId) -> Linked<'_> {
        Linked {
            row: Change {
                patient,
                link: self.link,
                kind: &self.kind,
                record: self.record,
                version: self.version,
                body: &self.body,
                actor: self.actor,
                device: self.device,
                at: self.at,
            },
            prev: self.prev,
            hash: self.hash,
        }
    }
}
