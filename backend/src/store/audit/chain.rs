//! The seals over the trails, and the proof that nothing of them was changed, taken out or moved.

use chrono::{DateTime, Utc};
use doseline_shared::{
    audit::Event,
    change::{BrokenBy, Followed, Hash, Linked, Sealed},
    id::{ClinicId, DeviceId, PersonId},
};
use uuid::Uuid;

use crate::store::{
    Row, Statement, StoreError, Tx,
    access::System,
    params,
    record::hash,
    seal::{self, BrokenSeal, Seal, SealTexts},
};

const LAST_SEAL: &str = "SELECT number, hash FROM audit_seal ORDER BY number DESC LIMIT 1";
const UNSEALED: &str = "SELECT trail, link, hash FROM audit_head WHERE link > sealed ORDER BY trail";
const SET_SEALED: &str = "UPDATE audit_head SET sealed = $2 WHERE trail = $1";
const SEALS: SealTexts = SealTexts {
    of: Sealed::Audit,
    seal: "INSERT INTO audit_seal (number, at, heads, prev, hash) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    head: "INSERT INTO audit_seal_head (seal, trail, link, hash) VALUES ($1, $2, $3, $4)",
    list: "SELECT number, heads, prev, hash FROM audit_seal WHERE number > $1 ORDER BY number LIMIT $2",
    heads: "\
        SELECT s.trail, s.link, s.hash, a.hash FROM audit_seal_head s \
        LEFT JOIN audit a ON a.trail = s.trail AND a.link = s.link WHERE s.seal = $1 ORDER BY s.trail",
};

/// Seals the trails that have grown since the last seal; none where none has. Run it every minute, from any backend.
///
/// # Errors
/// [`StoreError`].
pub async fn seal(tx: &mut Tx, now: DateTime<Utc>) -> Result<Option<Seal>, StoreError> {
    let unsealed = tx.query(UNSEALED, &[]).await?;
    let heads = unsealed.iter().map(seal::head).collect::<Result<Vec<_>, _>>()?;
    let last = match tx.query_opt(LAST_SEAL, &[]).await? {
        Some(row) => (row.get(0)?, hash(&row.get::<String>(1)?)?),
        None => (0, Hash::ZERO),
    };
    let Some(sealed) = seal::make(tx, &SEALS, last, &heads, now, None).await? else {
        return Ok(None);
    };
    for heads in heads.chunks(500) {
        let statements: Vec<Statement> = heads
            .iter()
            .map(|head| (SET_SEALED, params![head.chain, head.link].into()))
            .collect();
        tx.execute_all(&statements).await?;
    }
    Ok(Some(sealed))
}

/// What [`verify`] has looked at, and the first thing that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Trails that hold.
    pub trails: u64,
    /// Events that hold.
    pub events: u64,
    /// Seals that hold.
    pub seals: u64,
    /// The first that does not.
    pub broken: Option<Broken>,
}

/// Something of the audit that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// An event of a trail.
    Event {
        /// Whose trail.
        trail: Uuid,
        /// Which event.
        link: u64,
        /// How it is broken.
        why: BrokenBy,
    },
    /// The head of a trail is not its last event.
    Head {
        /// Whose trail.
        trail: Uuid,
    },
    /// A seal is not what was sealed.
    Seal {
        /// Which.
        number: u64,
    },
    /// What a seal covers is not there any more: the trail was cut short, or all of it is gone.
    Gone {
        /// Whose trail.
        trail: Uuid,
        /// The event that was sealed.
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
                trail: chain,
                link,
                seal,
            },
        }
    }
}

/// One after another, so that no trail is in two places at once.
const TRAILS: &str = "\
    SELECT trail FROM (SELECT trail FROM audit_head UNION SELECT trail FROM audit) all_of_them \
    WHERE trail > $1 ORDER BY trail LIMIT $2";
const HEAD: &str = "SELECT trail, link, hash FROM audit_head WHERE trail = $1";
const EVENTS: &str = "\
    SELECT link, at, actor, device, origin, asked, outcome, why, clinic, prev, hash FROM audit \
    WHERE trail = $1 AND link > $2 ORDER BY link LIMIT $3";

const BATCH: i64 = 1_000;

/// An event as it is stored, with its hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in its trail.
    pub link: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Option<PersonId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// From which address.
    pub origin: Option<String>,
    /// For what.
    pub asked: String,
    /// `read`, or the code of the refusal.
    pub outcome: String,
    /// What opened the record, or why it was refused.
    pub why: String,
    /// The clinic, where they read as its staff.
    pub clinic: Option<ClinicId>,
    /// The hash of the event before it.
    pub prev: Hash,
    /// Its own hash.
    pub hash: Hash,
}

impl Stored {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            link: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            device: row.get(3)?,
            origin: row.get(4)?,
            asked: row.get(5)?,
            outcome: row.get(6)?,
            why: row.get(7)?,
            clinic: row.get(8)?,
            prev: hash(&row.get::<String>(9)?)?,
            hash: hash(&row.get::<String>(10)?)?,
        })
    }

    fn linked(&self, trail: Uuid) -> Linked<Event<'_>> {
        Linked {
            row: Event {
                trail,
                link: self.link,
                at: self.at,
                actor: self.actor,
                device: self.device,
                origin: self.origin.as_deref(),
                asked: &self.asked,
                outcome: &self.outcome,
                why: &self.why,
                clinic: self.clinic,
            },
            prev: self.prev,
            hash: self.hash,
        }
    }
}

/// The trails after the one given, in the order of their ids, at most a batch of them.
///
/// # Errors
/// [`StoreError`].
pub async fn trails(tx: &mut Tx, _: &System, after: Option<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let rows = tx.query(TRAILS, &params![after, BATCH]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The events of a trail after the link given, at most a batch of them.
///
/// # Errors
/// [`StoreError`].
pub async fn events(tx: &mut Tx, _: &System, trail: Uuid, after: u64) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.query(EVENTS, &params![trail, after, BATCH]).await?;
    rows.iter().map(Stored::read).collect()
}

/// Computes every trail and every seal over them again. Stops at the first that does not hold. Run it on a snapshot.
///
/// # Errors
/// [`StoreError`] where it could not look; what it found is in the report.
pub async fn verify(tx: &mut Tx) -> Result<Report, StoreError> {
    let system = System::new("to verify the audit");
    let mut report = Report::default();
    let mut after = None;
    loop {
        let trails = trails(tx, &system, after).await?;
        let Some(last) = trails.last() else { break };
        after = Some(*last);
        for trail in trails {
            report.broken = verify_trail(tx, &system, trail, &mut report.events).await?;
            if report.broken.is_some() {
                return Ok(report);
            }
            report.trails += 1;
        }
    }
    report.broken = seal::verify(tx, &SEALS, &mut report.seals).await?.map(Broken::from);
    Ok(report)
}

async fn verify_trail(
    tx: &mut Tx,
    system: &System,
    trail: Uuid,
    count: &mut u64,
) -> Result<Option<Broken>, StoreError> {
    let mut followed = Followed::default();
    loop {
        let events = events(tx, system, trail, followed.link).await?;
        if events.is_empty() {
            break;
        }
        for event in &events {
            if let Err(broken) = followed.on_to(&event.linked(trail)) {
                return Ok(Some(Broken::Event {
                    trail,
                    link: broken.link,
                    why: broken.why,
                }));
            }
        }
        *count += events.len() as u64;
    }
    let holds = seal::is_end(tx, HEAD, trail, &followed).await?;
    Ok((!holds).then_some(Broken::Head { trail }))
}
