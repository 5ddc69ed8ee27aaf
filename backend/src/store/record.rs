//! Records: each write appends to its patient's chain and to the feed, and moves the record on, in one transaction.

use std::net::IpAddr;

use chrono::{DateTime, SubsecRound, Utc};
use doseline_shared::{
    change::{Hash, Link as _, Row as Change},
    id::{DeviceId, PatientId, PersonId},
    record::{Grant, Grantee, Patient, Record, RecordKind, Version},
};
use uuid::Uuid;

use super::{
    Committed, Param, Row, StoreError, Tx,
    access::{Reader, Scope, System, seen},
    params,
    taken::{self, Head, Standing},
    value::{json, word},
};

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The person; none for the system itself, such as an import.
    pub actor: Option<PersonId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// When; kept to the millisecond.
    pub at: DateTime<Utc>,
    /// From which address; none for the system itself.
    pub origin: Option<IpAddr>,
    /// What allows it, in words of the code.
    pub why: &'static str,
}

impl Writer {
    /// The system itself: a job, an import.
    pub const fn system(at: DateTime<Utc>, why: &'static str) -> Self {
        Self {
            actor: None,
            device: None,
            at,
            origin: None,
            why,
        }
    }

    /// The same writer, allowed by something else.
    pub const fn because(self, why: &'static str) -> Self {
        Self { why, ..self }
    }
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is written; the record's version now.
    Written(Version),
    /// The record has moved on from the base; nothing was written. The record as it stands.
    Moved(Box<Record>),
}

const FIRST_HEAD: &str = "\
    INSERT INTO patient (id, person, link, hash) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
const SET_PERSON: &str = "UPDATE patient SET person = $2 WHERE id = $1";
const APPEND: &str = "\
    INSERT INTO change (patient, link, tx, n, kind, record, version, body, actor, device, at, origin, why, prev, hash) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const FIRST: &str = "INSERT INTO record (kind, id, patient, version, link) VALUES ($1, $2, $3, $4, $5)";
const NEXT: &str = "UPDATE record SET version = $3, link = $4 WHERE kind = $1 AND id = $2";
const PUT_GRANT: &str = "\
    INSERT INTO patient_grant (id, patient, grantee_kind, grantee, scope, starts, ends) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (id) DO UPDATE SET grantee_kind = excluded.grantee_kind, grantee = excluded.grantee, \
      scope = excluded.scope, starts = excluded.starts, ends = excluded.ends";
const GET: &str = "\
    SELECT r.patient, c.body FROM record r JOIN change c ON c.patient = r.patient AND c.link = r.link \
    WHERE r.kind = $1 AND r.id = $2";
const OF_PATIENT: &str = "\
    SELECT c.kind, c.body FROM record r JOIN change c ON c.patient = r.patient AND c.link = r.link \
    WHERE r.patient = $1 ORDER BY r.link";
const OF_KIND: &str = "\
    SELECT c.kind, c.body FROM record r JOIN change c ON c.patient = r.patient AND c.link = r.link \
    WHERE r.patient = $1 AND r.kind = $2 ORDER BY r.link";
/// The patients that person $1 sees at $2, after the id $3, at most $4 of them.
const PATIENTS: &str = concat!(
    "SELECT c.body FROM (SELECT DISTINCT patient FROM (",
    seen!(),
    ") ways WHERE patient > $3 ORDER BY patient LIMIT $4) page \
     JOIN record r ON r.patient = page.patient AND r.kind = 'patient' \
     JOIN change c ON c.patient = r.patient AND c.link = r.link ORDER BY r.patient"
);

/// Writes a record that was read at version `base`, 0 for a new one. The record's own version is ignored and set. An
/// entry that is never changed, such as a dose event, and is there already with the same content is written, and changes
/// nothing.
///
/// # Errors
/// [`StoreError::Missing`] where there is no such patient; [`StoreError::Conflict`] where the id belongs to a record of
/// another patient, or the person to another patient's record.
pub async fn put(tx: &mut Tx, writer: &Writer, base: Version, record: Record) -> Result<Put, StoreError> {
    let record = at_version(record, base + 1);
    let (kind, id, patient) = (record.kind(), record.id(), record.patient());
    let (head, standing) = taken::take(tx, patient, (kind, id)).await?;
    if standing.is_some_and(|standing| standing.patient != patient) {
        return Err(StoreError::Conflict);
    }
    if standing.map_or(0, |standing| standing.version) != base {
        return moved_on(tx, record).await;
    }
    let head = match (head, &record) {
        (Some(head), _) => head,
        (None, Record::Patient(first)) => Head {
            person: first.person,
            link: 0,
            hash: Hash::ZERO,
        },
        (None, _) => return Err(StoreError::Missing),
    };
    let link = Link::new(writer, &record, (head.link, head.hash))?;
    link.begin_chain(tx).await?;
    link.write(tx).await?;
    let next = Head {
        person: match &record {
            Record::Patient(patient) => patient.person,
            Record::Allergy(_)
            | Record::Condition(_)
            | Record::Medication(_)
            | Record::DoseEvent(_)
            | Record::Grant(_)
            | Record::AlertRule(_)
            | Record::Alert(_)
            | Record::Dispense(_)
            | Record::StockEntry(_)
            | Record::SideEffectEntry(_) => head.person,
        },
        link: link.number,
        hash: link.hash,
    };
    let version = base + 1;
    tx.taken
        .written((kind, id), Standing { patient, version }, next, link.number > 1);
    tx.note(Committed::Changed {
        patient,
        scope_changed: matches!(kind, RecordKind::Patient | RecordKind::Grant),
    });
    Ok(Put::Written(version))
}

/// A write that came too late, unless it is the same entry once more.
async fn moved_on(tx: &mut Tx, record: Record) -> Result<Put, StoreError> {
    let current = get(
        tx,
        &System::new("the current record for a conflict"),
        record.kind(),
        record.id(),
    )
    .await?
    .ok_or(StoreError::Damaged("a record without a change"))?;
    match record {
        Record::DoseEvent(_) | Record::StockEntry(_) | Record::SideEffectEntry(_) if current == record => {
            Ok(Put::Written(1))
        }
        Record::DoseEvent(_)
        | Record::StockEntry(_)
        | Record::SideEffectEntry(_)
        | Record::Dispense(_)
        | Record::Patient(_)
        | Record::Allergy(_)
        | Record::Condition(_)
        | Record::Medication(_)
        | Record::Grant(_)
        | Record::AlertRule(_)
        | Record::Alert(_) => Ok(Put::Moved(Box::new(current))),
    }
}

/// The next link of a patient's chain.
struct Link<'a> {
    writer: &'a Writer,
    record: &'a Record,
    at: DateTime<Utc>,
    origin: Option<String>,
    body: String,
    number: u64,
    prev: Hash,
    hash: Hash,
}

impl<'a> Link<'a> {
    fn new(writer: &'a Writer, record: &'a Record, (before, prev): (u64, Hash)) -> Result<Self, StoreError> {
        let (body, number, at) = (json(record)?, before + 1, writer.at.trunc_subsecs(3));
        let origin = writer.origin.map(|origin| origin.to_string());
        let change = Change {
            patient: record.patient(),
            link: number,
            kind: record.kind().name(),
            record: record.id(),
            version: record.version(),
            body: &body,
            actor: writer.actor,
            device: writer.device,
            at,
            origin: origin.as_deref(),
            why: Some(writer.why),
        };
        let hash = change.hash_after(&prev);
        Ok(Self {
            writer,
            record,
            at,
            origin,
            body,
            number,
            prev,
            hash,
        })
    }

    /// Makes the head of a new patient, whom someone else may have made just now. Any other head is the transaction's
    /// own, and moves on at its end.
    async fn begin_chain(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let (1, Record::Patient(first)) = (self.number, self.record) else {
            return Ok(());
        };
        let values = params![self.record.patient(), first.person, self.number, self.hash.to_string()];
        match tx.execute(FIRST_HEAD, &values).await? {
            0 => {
                tx.ask_again();
                Err(StoreError::Conflict)
            }
            _ => Ok(()),
        }
    }

    async fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let (kind, id, patient) = (self.record.kind().name(), self.record.id(), self.record.patient());
        let (version, link) = (self.record.version(), self.number);
        let (number, n) = tx.next_place().await?;
        let change = params![
            patient,
            link,
            number,
            n,
            kind,
            id,
            version,
            &self.body,
            self.writer.actor,
            self.writer.device,
            self.at,
            self.origin.as_deref(),
            self.writer.why,
            self.prev.to_string(),
            self.hash.to_string(),
        ];
        tx.insert_later(APPEND, change.into()).await?;
        if version == 1 {
            let values = params![kind, id, patient, version, link];
            tx.insert_later(FIRST, values.into()).await?;
        } else {
            tx.execute_later(NEXT, params![kind, id, version, link].into()).await?;
        }
        match self.record {
            Record::Patient(record) if link > 1 => {
                tx.execute_later(SET_PERSON, params![patient, record.person].into())
                    .await
            }
            Record::Grant(grant) => tx.execute_later(PUT_GRANT, grant_row(grant)?).await,
            Record::Patient(_)
            | Record::Allergy(_)
            | Record::Condition(_)
            | Record::Medication(_)
            | Record::DoseEvent(_)
            | Record::AlertRule(_)
            | Record::Alert(_)
            | Record::Dispense(_)
            | Record::StockEntry(_)
            | Record::SideEffectEntry(_) => Ok(()),
        }
    }
}

fn grant_row(grant: &Grant) -> Result<Vec<Param>, StoreError> {
    let (kind, grantee) = match grant.to {
        Grantee::Caregiver { person } => ("caregiver", person.uuid()),
        Grantee::Clinic { clinic } => ("clinic", clinic.uuid()),
    };
    let ends = [grant.until, grant.ended_at].into_iter().flatten().min();
    // Rounded the way that never lets a grant hold for longer than it says.
    let starts = -(-grant.from.timestamp_micros()).div_euclid(1_000);
    let ends = ends.map_or(i64::MAX, |end| end.timestamp_millis());
    Ok(params![
        grant.id,
        grant.patient,
        kind,
        grantee,
        word(&grant.scope)?,
        starts,
        ends,
    ]
    .into())
}

/// The record, where the scope covers it.
///
/// # Errors
/// [`StoreError`].
pub async fn get(tx: &mut Tx, scope: &impl Scope, kind: RecordKind, id: Uuid) -> Result<Option<Record>, StoreError> {
    let Some(row) = tx.query_opt(GET, &params![kind.name(), id]).await? else {
        return Ok(None);
    };
    let patient = row.get(0)?;
    let sight = scope.sight(tx, patient).await?;
    if sight.is_some_and(|sight| sight.covers(kind)) {
        scope.opened(tx, patient);
        row.json(1).map(Some)
    } else {
        Ok(None)
    }
}

/// Who the patients are that the reader sees, however much of them: by their ids, after the one given, at most `limit`;
/// and whether there are more.
///
/// # Errors
/// [`StoreError`].
pub async fn patients(
    tx: &mut Tx,
    reader: &Reader,
    after: Option<PatientId>,
    limit: usize,
) -> Result<(Vec<Patient>, bool), StoreError> {
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let values = params![reader.person(), reader.now(), after, one_more];
    let rows = tx.query(PATIENTS, &values).await?;
    let mut patients = Vec::with_capacity(limit.min(rows.len()));
    for row in rows.iter().take(limit) {
        if let Record::Patient(patient) = row.json(0)? {
            reader.opened(tx, patient.id);
            patients.push(patient);
        }
    }
    Ok((patients, rows.len() > limit))
}

/// Every record of the patient that the scope covers, as it stands, the one longest unchanged first.
///
/// # Errors
/// [`StoreError`].
pub async fn of_patient(tx: &mut Tx, scope: &impl Scope, patient: PatientId) -> Result<Vec<Record>, StoreError> {
    let Some(sight) = scope.sight(tx, patient).await? else {
        return Ok(Vec::new());
    };
    scope.opened(tx, patient);
    let rows = tx.query(OF_PATIENT, &params![patient]).await?;
    let covered = |row: &&Row| row.word(0).map_or(true, |kind| sight.covers(kind));
    rows.iter().filter(covered).map(|row| row.json(1)).collect()
}

/// The records of one kind of the patient, where the scope covers that kind.
///
/// # Errors
/// [`StoreError`].
pub async fn of_kind(
    tx: &mut Tx,
    scope: &impl Scope,
    patient: PatientId,
    kind: RecordKind,
) -> Result<Vec<Record>, StoreError> {
    if !scope.sight(tx, patient).await?.is_some_and(|sight| sight.covers(kind)) {
        return Ok(Vec::new());
    }
    scope.opened(tx, patient);
    let rows = tx.query(OF_KIND, &params![patient, kind.name()]).await?;
    rows.iter().map(|row| row.json(1)).collect()
}

fn at_version(mut record: Record, version: Version) -> Record {
    match &mut record {
        Record::Patient(record) => record.version = version,
        Record::Allergy(record) => record.version = version,
        Record::Condition(record) => record.version = version,
        Record::Medication(record) => record.version = version,
        Record::Grant(record) => record.version = version,
        Record::AlertRule(record) => record.version = version,
        Record::Alert(record) => record.version = version,
        Record::Dispense(record) => record.version = version,
        Record::DoseEvent(_) | Record::StockEntry(_) | Record::SideEffectEntry(_) => {}
    }
    record
}

pub(super) fn hash(text: &str) -> Result<Hash, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged("a hash is none"))
}
