//! The hash chains, and the seals over them.
//!
//! A seal covers the heads of the patients that have moved since the seal before it, and that seal's hash; so the newest
//! seal stands for all heads of all patients, and each costs only what has changed. The heads are kept with it: a chain
//! that was cut short, or a patient who has gone missing, is named.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use doseline_shared::{
    change::{BrokenBy, Followed, Hash, Linked, Row as Change, Sealed},
    id::{DeviceId, PatientId, PersonId},
};
use uuid::Uuid;

use super::horizon;
use crate::store::{
    Row, StoreError, Tx,
    access::System,
    params,
    record::hash,
    seal::{self, BrokenSeal, Seal, SealTexts},
};

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

impl From<BrokenSeal> for Broken {
    fn from(broken: BrokenSeal) -> Self {
        match broken {
            BrokenSeal::Seal { number } => Self::Seal { number },
            BrokenSeal::Gone { chain, link, seal } => Self::Gone {
                patient: PatientId::from_uuid(chain),
                link,
                seal,
            },
        }
    }
}

const LAST_SEAL: &str = "SELECT number, horizon, hash FROM seal ORDER BY number DESC LIMIT 1";
/// The heads, at the horizon $2, of the patients that have moved since the horizon $1.
const MOVED: &str = "\
    SELECT c.patient, c.link, c.hash FROM \
      (SELECT patient, MAX(link) AS link FROM change WHERE tx >= $1 AND tx < $2 GROUP BY patient) m \
    JOIN change c ON c.patient = m.patient AND c.link = m.link ORDER BY c.patient";
const SEALS: SealTexts = SealTexts {
    of: Sealed::Changes,
    seal: "\
        INSERT INTO seal (number, at, heads, prev, hash, horizon) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    head: "INSERT INTO seal_head (seal, patient, link, hash) VALUES ($1, $2, $3, $4)",
    list: "SELECT number, heads, prev, hash FROM seal WHERE number > $1 ORDER BY number LIMIT $2",
    heads: "\
        SELECT s.patient, s.link, s.hash, c.hash FROM seal_head s \
        LEFT JOIN change c ON c.patient = s.patient AND c.link = s.link WHERE s.seal = $1 ORDER BY s.patient",
};

/// One after another, so that no patient is in two places at once.
const PATIENTS: &str = "\
    SELECT patient FROM (SELECT id AS patient FROM patient UNION SELECT patient FROM change) all_of_them \
    WHERE patient > $1 ORDER BY patient LIMIT $2";
const CHAIN: &str = "\
    SELECT link, kind, record, version, body, actor, device, at, origin, why, prev, hash FROM change \
    WHERE patient = $1 AND link > $2 ORDER BY link LIMIT $3";
const HEAD: &str = "SELECT id, link, hash FROM patient WHERE id = $1";
const RECORDS: &str = "SELECT kind, id, version, link FROM record WHERE patient = $1";

const BATCH: i64 = 1_000;

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
    let heads = moved.iter().map(seal::head).collect::<Result<Vec<_>, _>>()?;
    seal::make(tx, &SEALS, (last, prev), &heads, now, Some(horizon.into())).await
}

/// The patients after the one given, in the order of their ids, at most a batch of them.
///
/// # Errors
/// [`StoreError`].
pub async fn patients(tx: &mut Tx, _: &System, after: Option<PatientId>) -> Result<Vec<PatientId>, StoreError> {
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let rows = tx.query(PATIENTS, &params![after, BATCH]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The links of a patient's chain after the one given, at most a batch of them.
///
/// # Errors
/// [`StoreError`].
pub async fn links(tx: &mut Tx, _: &System, patient: PatientId, after: u64) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.query(CHAIN, &params![patient, after, BATCH]).await?;
    rows.iter().map(Stored::read).collect()
}

/// Computes every chain and every seal again, and holds the records against them. Stops at the first that does not hold.
/// Run it on a snapshot ([`crate::store::Store::read`]).
///
/// # Errors
/// [`StoreError`] where it could not look; what it found is in the report.
pub async fn verify(tx: &mut Tx) -> Result<Report, StoreError> {
    let system = System::new("to verify the chains");
    let mut report = Report::default();
    let mut after = None;
    loop {
        let patients = patients(tx, &system, after).await?;
        let Some(last) = patients.last() else { break };
        after = Some(*last);
        for patient in patients {
            report.broken = verify_patient(tx, &system, patient, &mut report.links).await?;
            if report.broken.is_some() {
                return Ok(report);
            }
            report.patients += 1;
        }
    }
    report.broken = seal::verify(tx, &SEALS, &mut report.seals).await?.map(Broken::from);
    Ok(report)
}

async fn verify_patient(
    tx: &mut Tx,
    system: &System,
    patient: PatientId,
    count: &mut u64,
) -> Result<Option<Broken>, StoreError> {
    let mut followed = Followed::default();
    let mut newest = HashMap::new();
    loop {
        let links = links(tx, system, patient, followed.link).await?;
        if links.is_empty() {
            break;
        }
        for link in links {
            if let Err(broken) = followed.on_to(&link.linked(patient)) {
                let (link, why) = (broken.link, broken.why);
                return Ok(Some(Broken::Link { patient, link, why }));
            }
            newest.insert((link.kind, link.record), (link.version, link.link));
        }
    }
    if !seal::is_end(tx, HEAD, patient.uuid(), &followed).await? {
        return Ok(Some(Broken::Head { patient }));
    }
    for row in tx.query(RECORDS, &params![patient]).await? {
        let stands = (row.get(2)?, row.get(3)?);
        if newest.remove(&(row.get(0)?, row.get(1)?)) != Some(stands) {
            return Ok(Some(Broken::Record { patient }));
        }
    }
    *count += followed.link;
    Ok((!newest.is_empty()).then_some(Broken::Record { patient }))
}

/// A link as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the chain.
    pub link: u64,
    /// The kind of record.
    pub kind: String,
    /// Which record.
    pub record: Uuid,
    /// The record's version after the change.
    pub version: u64,
    /// The record after the change.
    pub body: String,
    /// Who changed it.
    pub actor: Option<PersonId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// When.
    pub at: DateTime<Utc>,
    /// From which address.
    pub origin: Option<String>,
    /// What allowed it.
    pub why: Option<String>,
    /// The hash of the link before it.
    pub prev: Hash,
    /// Its own hash.
    pub hash: Hash,
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
            origin: row.get(8)?,
            why: row.get(9)?,
            prev: hash(&row.get::<String>(10)?)?,
            hash: hash(&row.get::<String>(11)?)?,
        })
    }

    fn linked(&self, patient: PatientId) -> Linked<Change<'_>> {
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
                origin: self.origin.as_deref(),
                why: self.why.as_deref(),
            },
            prev: self.prev,
            hash: self.hash,
        }
    }
}
