//! What pushes need to know before they are applied, read for all of them in one round trip.

use std::collections::{HashMap, HashSet};

use doseline_shared::{
    access::StaffRole,
    id::{ClinicId, OperationId, PatientId, PersonId, SessionId},
    record::{Record, RecordKind},
};
use uuid::Uuid;

use super::{
    Param, Row, Statement, StoreError, Tx, clinic, grant,
    operation::{self, Kept},
    params,
    session::{self, Live},
    taken::{self, Busy},
};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Sessions that may live.
    pub sessions: HashSet<SessionId>,
    /// People whose memberships decide.
    pub persons: HashSet<PersonId>,
    /// Operations that may have been applied before.
    pub operations: HashSet<OperationId>,
    /// Patients to take, with their grants.
    pub patients: HashSet<PatientId>,
    /// Records that may be there.
    pub records: HashSet<(RecordKind, Uuid)>,
}

/// What was found. What was found of patients and records stays with the transaction.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    /// The sessions that live.
    pub sessions: HashMap<SessionId, Live>,
    /// The clinics that each works for now, and as what.
    pub memberships: HashMap<PersonId, Vec<(ClinicId, StaffRole)>>,
    /// The results that are kept.
    pub kept: HashMap<OperationId, Kept>,
}

/// Takes the patients, as far as `busy` says, and reads the rest.
///
/// # Errors
/// [`StoreError`].
pub async fn read(tx: &mut Tx, asked: &Asked, busy: Busy) -> Result<Ahead, StoreError> {
    let patients: Vec<PatientId> = asked.patients.iter().copied().collect();
    let records: Vec<(RecordKind, Uuid)> = asked.records.iter().copied().collect();
    let list = |sql, ids: Param| -> Statement { (sql, params![ids].into()) };
    // Once the patients are taken, what is read of them after it stays true.
    let mut statements = taken::ask(tx, busy, &patients, &records);
    let taking = statements.len();
    statements.extend([
        list(grant::OF_PATIENTS, Param::list(&patients)),
        list(operation::RESULTS, Param::list(&asked.operations)),
        list(session::ALL_LIVE, Param::list(&asked.sessions)),
        list(clinic::ALL_MEMBERSHIPS, Param::list(&asked.persons)),
    ]);
    let found = tx.query_all(&statements).await?;
    let (taken, [grants, kept, sessions, memberships]) = found.split_at(taking) else {
        return Err(StoreError::Damaged("a query without an answer"));
    };
    taken::keep(tx, &records, taken)?;
    keep_grants(tx, &asked.patients, grants)?;
    let mut ahead = Ahead::default();
    for row in kept {
        let kept = operation::read(row)?;
        ahead.kept.insert(kept.result.id, kept);
    }
    for row in sessions {
        let live = session::read_live(row)?;
        ahead.sessions.insert(live.session.id, live);
    }
    for row in memberships {
        let at = (row.get(1)?, row.word(2)?);
        ahead.memberships.entry(row.get(0)?).or_default().push(at);
    }
    Ok(ahead)
}

fn keep_grants(tx: &mut Tx, patients: &HashSet<PatientId>, rows: &[Row]) -> Result<(), StoreError> {
    let mut grants: HashMap<PatientId, Vec<_>> = patients
        .iter()
        .filter(|patient| tx.holds(**patient))
        .map(|patient| (*patient, Vec::new()))
        .collect();
    for row in rows {
        if let (Some(of_patient), Record::Grant(grant)) = (grants.get_mut(&row.get(0)?), row.json(1)?) {
            of_patient.push(grant);
        }
    }
    for (patient, grants) in grants {
        tx.taken.grants(patient, grants);
    }
    Ok(())
}
