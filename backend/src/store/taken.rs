//! What a transaction has taken: patients whose chains it may lengthen, and how the records stand that it asked for.
//!
//! Nobody else writes a patient who is taken until the transaction ends, so what was read after the taking stays true
//! for all of it and is read once. The heads that have moved are written at its end, once each.

use std::collections::{BTreeMap, HashMap, HashSet};

use doseline_shared::{
    access::Subject,
    change::Hash,
    id::{PatientId, PersonId},
    record::{Grant, RecordKind, Version},
};
use uuid::Uuid;

use super::{Param, Row, Statement, StoreError, Tx, access::System, params, record::hash, tx::Pair};

/// What to do about a patient whom someone else is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Wait for the other one. Several patients are taken in the order of their ids, so that nobody waits in a circle.
    Wait,
    /// Go on without the patient.
    Leave,
}

/// The end of a patient's chain, and whose the patient's record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) person: Option<PersonId>,
    pub(super) link: u64,
    pub(super) hash: Hash,
}

/// How a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) patient: PatientId,
    pub(super) version: Version,
}

#[derive(Default)]
pub(super) struct Taken {
    heads: HashMap<PatientId, Head>,
    moved: HashSet<PatientId>,
    /// None for what is not there.
    records: HashMap<(RecordKind, Uuid), Option<Standing>>,
    grants: HashMap<PatientId, Vec<Grant>>,
}

/// The heads, made the transaction's own. A pair: on PostgreSQL other writers may be at them, and what they leave is read;
/// the embedded engine has one writer, whose everything is.
const HEADS: Pair = Pair {
    embedded: "SELECT id, person, link, hash FROM patient WHERE id = ANY($1)",
    postgres: "SELECT id, person, link, hash FROM patient WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
};
/// The same without those that another writer is at. A pair for the same reason.
const FREE_HEADS: Pair = Pair {
    embedded: HEADS.embedded,
    postgres: "SELECT id, person, link, hash FROM patient WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
};
/// Of one kind at a time: with two lists PostgreSQL would read every record of the kinds.
const RECORDS: &str = "SELECT kind, id, patient, version FROM record WHERE kind = $1 AND id = ANY($2)";
/// Goes on from the head that was read; it is there, and the transaction's own.
const MOVE_HEAD: &str = "\
    INSERT INTO patient (id, link, hash) VALUES ($1, $2, $3) \
    ON CONFLICT (id) DO UPDATE SET link = excluded.link, hash = excluded.hash";

/// What takes `patients`, and then asks for `records`; [`keep`] reads the answers.
pub(super) fn ask(tx: &Tx, busy: Busy, patients: &[PatientId], records: &[(RecordKind, Uuid)]) -> Vec<Statement> {
    let heads = match busy {
        Busy::Wait => &HEADS,
        Busy::Leave => &FREE_HEADS,
    };
    let mut by_kind: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for (kind, id) in records {
        by_kind.entry(kind.name()).or_default().push(*id);
    }
    let mut statements: Vec<Statement> = vec![(tx.pick(heads), params![Param::list(patients)].into())];
    statements.extend(
        by_kind
            .into_iter()
            .map(|(kind, ids)| (RECORDS, params![kind, Param::list(ids)].into())),
    );
    statements
}

/// Keeps what the statements of [`ask`] have found.
pub(super) fn keep(tx: &mut Tx, records: &[(RecordKind, Uuid)], found: &[Vec<Row>]) -> Result<(), StoreError> {
    let (heads, standing) = found
        .split_first()
        .ok_or(StoreError::Damaged("a query without an answer"))?;
    for row in heads {
        let patient = row.get(0)?;
        // A head that has moved is ahead of its row.
        if tx.holds(patient) {
            continue;
        }
        let head = Head {
            person: row.get(1)?,
            link: row.get(2)?,
            hash: hash(&row.get::<String>(3)?)?,
        };
        tx.taken.heads.insert(patient, head);
    }
    tx.taken.records.extend(records.iter().map(|record| (*record, None)));
    for row in standing.iter().flatten() {
        let standing = Standing {
            patient: row.get(2)?,
            version: row.get(3)?,
        };
        tx.taken.records.insert((row.word(0)?, row.get(1)?), Some(standing));
    }
    Ok(())
}

/// Takes the patient and asks for the record, where that has not been done yet.
pub(super) async fn take(
    tx: &mut Tx,
    patient: PatientId,
    record: (RecordKind, Uuid),
) -> Result<(Option<Head>, Option<Standing>), StoreError> {
    if !(tx.holds(patient) && tx.taken.records.contains_key(&record)) {
        let statements = ask(tx, Busy::Wait, &[patient], &[record]);
        let found = tx.query_all(&statements).await?;
        keep(tx, &[record], &found)?;
    }
    let standing = tx.taken.records.get(&record).copied().flatten();
    Ok((tx.taken.heads.get(&patient).copied(), standing))
}

/// Whose the record is; none where there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn owner(tx: &mut Tx, _: &System, kind: RecordKind, id: Uuid) -> Result<Option<PatientId>, StoreError> {
    if let Some(standing) = tx.taken.records.get(&(kind, id)) {
        return Ok(standing.map(|standing| standing.patient));
    }
    let row = tx.query_opt(OWNER, &params![kind.name(), id]).await?;
    row.map(|row| row.get(0)).transpose()
}

const OWNER: &str = "SELECT patient FROM record WHERE kind = $1 AND id = $2";

/// What decides about access to the patient, where it has been read ahead.
pub fn subject(tx: &Tx, _: &System, patient: PatientId) -> Option<Subject> {
    Some(Subject {
        person: tx.taken.heads.get(&patient)?.person,
        grants: tx.taken.grants.get(&patient)?.clone(),
    })
}

impl Taken {
    /// Notes that every grant of `patient`, who is taken, has been read.
    pub(super) fn grants(&mut self, patient: PatientId, grants: Vec<Grant>) {
        self.grants.insert(patient, grants);
    }

    /// Notes a write: the record as it stands now, and the head that it became.
    pub(super) fn written(&mut self, record: (RecordKind, Uuid), standing: Standing, head: Head, is_moved: bool) {
        let patient = standing.patient;
        self.records.insert(record, Some(standing));
        self.heads.insert(patient, head);
        if is_moved {
            self.moved.insert(patient);
        }
        if record.0 == RecordKind::Grant {
            self.grants.remove(&patient);
        }
    }
}

impl Tx {
    /// Whether the transaction has taken the patient.
    pub fn holds(&self, patient: PatientId) -> bool {
        self.taken.heads.contains_key(&patient)
    }

    /// Writes the heads that have moved. Nothing else is written after it.
    pub(super) async fn write_heads(&mut self) -> Result<(), StoreError> {
        for patient in std::mem::take(&mut self.taken.moved) {
            if let Some(head) = self.taken.heads.get(&patient) {
                let values = params![patient, head.link, head.hash.to_string()];
                self.insert_later(MOVE_HEAD, values.into()).await?;
            }
        }
        Ok(())
    }
}
