//! The audit trails: who has read in whose record, what was refused, and what was done to accounts, clinics and systems.
//! What was written to records stands in the feed of changes,
//! with who, from where and why.
//!
//! Reading for a person goes through [`read`], which writes down whose records are in an answer before it gives it.

mod chain;

use std::{collections::BTreeMap, net::IpAddr};

use chrono::{DateTime, SubsecRound, Utc};
use doseline_shared::{
    api::audit::{Audit, AuditEvent},
    audit::Event as Hashed,
    change::{Hash, Link},
    id::{ClinicId, DeviceId, PatientId, PersonId},
};
use uuid::Uuid;

pub use self::chain::{Broken, Report, Stored, events, seal, trails, verify};
use super::{
    Param, Row, Store, StoreError, Tx,
    access::{self, Opened, Reader, Scope},
    params,
    seal::head,
    tx::Pair,
};

/// The outcome of a read; every other is an act, or the code of a refusal.
const READ: &str = "read";

/// The trail of what nobody who is known did, about nobody who is there.
const NOBODY: Uuid = Uuid::nil();

/// The longest request that is noted, in characters; the rest of a longer one is cut off.
const LONGEST: usize = 300;

/// A person who reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who.
    pub person: PersonId,
    /// On which device.
    pub device: DeviceId,
    /// From which address.
    pub origin: IpAddr,
    /// Method and path, without the query.
    pub asked: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// An attempt that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Who, and on which device; none where nobody was signed in.
    pub who: Option<(PersonId, DeviceId)>,
    /// From which address.
    pub origin: IpAddr,
    /// Method and path, without the query; for an operation of a push, its kind too.
    pub asked: String,
    /// Whose account was to be signed in to, where nobody was signed in and there is such an account.
    pub account: Option<PersonId>,
    /// Whose record was asked for, whether there is one or not.
    pub patient: Option<PatientId>,
    /// The code of the answer.
    pub code: &'static str,
    /// Which rule says so.
    pub why: &'static str,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that was done to an account, a clinic or a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Whose trail: the account, the clinic or the system.
    pub on: Uuid,
    /// Who, and on which device; none for the operator.
    pub by: Option<(PersonId, DeviceId)>,
    /// From which address; none for the operator.
    pub origin: Option<IpAddr>,
    /// What was done, in a word.
    pub what: &'static str,
    /// To whom or to what, where the trail does not say it.
    pub concerns: String,
    /// Which rule allowed it.
    pub why: &'static str,
    /// When.
    pub at: DateTime<Utc>,
}

impl Act {
    /// What the operator does, by a command on the machine of the backend.
    pub fn of_operator(on: Uuid, what: &'static str, concerns: String, at: DateTime<Utc>) -> Self {
        Self {
            on,
            by: None,
            origin: None,
            what,
            concerns,
            why: "the operator of the backend",
            at,
        }
    }
}

/// What is written down.
struct Event {
    trail: Uuid,
    at: DateTime<Utc>,
    actor: Option<PersonId>,
    device: Option<DeviceId>,
    origin: Option<String>,
    asked: String,
    outcome: &'static str,
    why: &'static str,
    clinic: Option<ClinicId>,
}

impl Event {
    /// A record was opened.
    fn read(reading: &Reading, opened: &Opened) -> Self {
        Self {
            trail: opened.patient.uuid(),
            at: reading.at,
            actor: Some(reading.person),
            device: Some(reading.device),
            origin: Some(reading.origin.to_string()),
            asked: short(&reading.asked),
            outcome: READ,
            why: opened.way.name(),
            clinic: opened.clinic,
        }
    }
}

/// The ends of the trails, made the transaction's own. A pair: on PostgreSQL others may be at them; the embedded engine
/// has one writer.
const HEADS: Pair = Pair {
    embedded: "SELECT trail, link, hash FROM audit_head WHERE trail = ANY($1)",
    postgres: "SELECT trail, link, hash FROM audit_head WHERE trail = ANY($1) ORDER BY trail FOR NO KEY UPDATE",
};
const APPEND: &str = "\
    INSERT INTO audit (trail, link, at, actor, device, origin, asked, outcome, why, clinic, prev, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const MOVE_HEAD: &str = "\
    INSERT INTO audit_head (trail, link, hash, sealed) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (trail) DO UPDATE SET link = excluded.link, hash = excluded.hash";
const ARE_PATIENTS: &str = "SELECT id FROM patient WHERE id = ANY($1)";
/// What others than person $3 did, before link $2, the newest first.
const OF_PATIENT: &str = "\
    SELECT a.link, a.at, a.actor, p.name, a.outcome, a.why, a.clinic, c.name, a.asked FROM audit a \
    LEFT JOIN person p ON p.id = a.actor LEFT JOIN clinic c ON c.id = a.clinic \
    WHERE a.trail = $1 AND a.link < $2 AND (a.actor IS NULL OR a.actor <> $3) ORDER BY a.link DESC LIMIT $4";

/// Reads for a person, and gives the answer only once it is written down whose records are in it.
///
/// # Errors
/// The job's own, or a [`StoreError`] as one of them: what cannot be written down is not given.
pub async fn read<T, E, F>(store: &Store, reading: Reading, job: F) -> Result<T, E>
where
    F: AsyncFn(&mut Tx, &Reader) -> Result<T, E> + Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (person, now) = (reading.person, reading.at);
    let (answer, opened) = store
        .read(async move |tx: &mut Tx| {
            #[expect(clippy::disallowed_methods, reason = "this is what writes it down")]
            let reader = access::reader(tx, person, now).await?;
            let answer = job(tx, &reader).await?;
            Ok::<_, E>((answer, access::opened(tx, &reader).await?))
        })
        .await?;
    if opened.is_empty() {
        return Ok(answer);
    }
    // A transaction of its own, since readers stand beside the one writer of the embedded engine.
    let note = async move |tx: &mut Tx| {
        let events = opened.iter().map(|record| Event::read(&reading, record));
        append(tx, events.collect()).await.map_err(E::from)
    };
    store.write(note).await?;
    Ok(answer)
}

/// Writes down that a record was opened by the transaction itself.
///
/// # Errors
/// [`StoreError`].
pub async fn opened(tx: &mut Tx, reading: &Reading, opened: &Opened) -> Result<(), StoreError> {
    append(tx, vec![Event::read(reading, opened)]).await
}

/// Writes an act down, at the end of the transaction that does it.
///
/// # Errors
/// [`StoreError`].
pub async fn acted(tx: &mut Tx, act: Act) -> Result<(), StoreError> {
    let event = Event {
        trail: act.on,
        at: act.at,
        actor: act.by.map(|(person, _)| person),
        device: act.by.map(|(_, device)| device),
        origin: act.origin.map(|origin| origin.to_string()),
        asked: short(&act.concerns),
        outcome: act.what,
        why: act.why,
        clinic: None,
    };
    append(tx, vec![event]).await
}

/// What a transaction that writes has to write down beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Records that are in an answer, as when an edit comes too late and is answered with what stands.
    pub shown: Vec<(Reading, PatientId)>,
    /// What was refused.
    pub refusals: Vec<Refusal>,
}

/// Writes notes down at the end of a transaction, all of them at once, so that nobody waits for another in a circle.
///
/// # Errors
/// [`StoreError`].
pub async fn note(tx: &mut Tx, notes: &Notes) -> Result<(), StoreError> {
    let mut events = Vec::new();
    for (reading, patient) in &notes.shown {
        #[expect(clippy::disallowed_methods, reason = "this is what writes it down")]
        let reader = access::reader(tx, reading.person, reading.at).await?;
        reader.opened(tx, *patient);
        let opened = access::opened(tx, &reader).await?;
        events.extend(opened.iter().map(|record| Event::read(reading, record)));
    }
    events.extend(refused(tx, &notes.refusals).await?);
    append(tx, events).await
}

/// A refusal belongs to the trail of the patient, where there is one; otherwise to that of the person who asked, of the
/// account that was tried, or to nobody's.
async fn refused(tx: &mut Tx, refusals: &[Refusal]) -> Result<Vec<Event>, StoreError> {
    let asked: Vec<PatientId> = refusals.iter().filter_map(|refusal| refusal.patient).collect();
    let found = match asked.as_slice() {
        [] => Vec::new(),
        asked => tx.query(ARE_PATIENTS, &params![Param::list(asked)]).await?,
    };
    let patients = found
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<PatientId>, _>>()?;
    let event = |refusal: &Refusal| {
        let of_patient = refusal.patient.filter(|patient| patients.contains(patient));
        let of_person = refusal.who.map(|(person, _)| person).or(refusal.account);
        let of_person = of_person.map(PersonId::uuid);
        Event {
            trail: of_patient.map(PatientId::uuid).or(of_person).unwrap_or(NOBODY),
            at: refusal.at,
            actor: refusal.who.map(|(person, _)| person),
            device: refusal.who.map(|(_, device)| device),
            origin: Some(refusal.origin.to_string()),
            asked: short(&refusal.asked),
            outcome: refusal.code,
            why: refusal.why,
            clinic: None,
        }
    };
    Ok(refusals.iter().map(event).collect())
}

fn short(asked: &str) -> String {
    asked.chars().take(LONGEST).collect()
}

/// Appends to the trails, each in the order given.
async fn append(tx: &mut Tx, events: Vec<Event>) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let mut ends: BTreeMap<Uuid, (u64, Hash)> = events.iter().map(|event| (event.trail, (0, Hash::ZERO))).collect();
    let rows = tx.query(tx.pick(&HEADS), &params![Param::list(ends.keys())]).await?;
    for row in &rows {
        let end = head(row)?;
        ends.insert(end.chain, (end.link, end.hash));
    }
    for event in events {
        let (before, prev) = ends.get(&event.trail).copied().unwrap_or((0, Hash::ZERO));
        let (link, at) = (before + 1, event.at.trunc_subsecs(3));
        let hashed = Hashed {
            trail: event.trail,
            link,
            at,
            actor: event.actor,
            device: event.device,
            origin: event.origin.as_deref(),
            asked: &event.asked,
            outcome: event.outcome,
            why: event.why,
            clinic: event.clinic,
        };
        let hash = hashed.hash_after(&prev);
        let row = params![
            event.trail,
            link,
            at,
            event.actor,
            event.device,
            event.origin,
            event.asked,
            event.outcome,
            event.why,
            event.clinic,
            prev.to_string(),
            hash.to_string(),
        ];
        tx.insert_later(APPEND, row.into()).await?;
        ends.insert(event.trail, (link, hash));
    }
    for (trail, (link, hash)) in ends {
        tx.insert_later(MOVE_HEAD, params![trail, link, hash.to_string(), 0_i64].into())
            .await?;
    }
    Ok(())
}

/// What others than the reader have seen of the record of `patient`, or were not let see: at most `limit` events before the
/// link `before`, the newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn of_patient(
    tx: &mut Tx,
    reader: &Reader,
    patient: PatientId,
    before: Option<u64>,
    limit: usize,
) -> Result<Audit, StoreError> {
    let before = before.unwrap_or(i64::MAX as u64);
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let values = params![patient, before, reader.person(), one_more];
    reader.opened(tx, patient);
    let rows = tx.query(OF_PATIENT, &values).await?;
    let shown = rows.get(..limit).unwrap_or(&rows);
    let events = shown.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    let last = events.last().map(|event| event.link);
    Ok(Audit {
        patient,
        events,
        before: last.filter(|_| rows.len() > limit),
    })
}

fn event(row: &Row) -> Result<AuditEvent, StoreError> {
    let is_read = row.get::<String>(4)? == READ;
    Ok(AuditEvent {
        link: row.get(0)?,
        at: row.get(1)?,
        person: row.get(2)?,
        name: row.get(3)?,
        way: if is_read { Some(row.word(5)?) } else { None },
        clinic: row.get(6)?,
        clinic_name: row.get(7)?,
        asked: row.get(8)?,
        refused: if is_read { None } else { Some(row.word(4)?) },
    })
}
