//! Grants, as they stand. They are records of their patient: written through [`record::put`], in the feed like any other.

use doseline_shared::{
    id::{ClinicId, GrantId, PatientId},
    record::{Grant, Record, RecordKind, Version},
};

use super::{
    StoreError, Tx,
    access::Scope,
    params,
    record::{self, Put, Writer},
};

/// Every grant of several patients: patient and record.
pub(super) const OF_PATIENTS: &str = "\
    SELECT r.patient, c.body FROM record r JOIN change c ON c.patient = r.patient AND c.link = r.link \
    WHERE r.patient = ANY($1) AND r.kind = 'grant' ORDER BY r.link";
const PATIENTS_OF_CLINIC: &str = "\
    SELECT DISTINCT patient FROM patient_grant WHERE grantee = $1 AND grantee_kind = 'clinic' ORDER BY patient";

/// Every grant of the patient, also those that have ended.
///
/// # Errors
/// [`StoreError`].
pub async fn of_patient(tx: &mut Tx, scope: &impl Scope, patient: PatientId) -> Result<Vec<Grant>, StoreError> {
    let records = record::of_kind(tx, scope, patient, RecordKind::Grant).await?;
    Ok(records.into_iter().filter_map(grant).collect())
}

/// The grant with this id.
///
/// # Errors
/// [`StoreError`].
pub async fn by_id(tx: &mut Tx, scope: &impl Scope, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let record = record::get(tx, scope, RecordKind::Grant, id.uuid()).await?;
    Ok(record.and_then(grant))
}

/// Writes a grant, as [`record::put`] does.
///
/// # Errors
/// As [`record::put`].
pub async fn put(tx: &mut Tx, writer: &Writer, base: Version, grant: Grant) -> Result<Put, StoreError> {
    record::put(tx, writer, base, Record::Grant(grant)).await
}

/// The patients that have, or had, a grant for the clinic.
///
/// # Errors
/// [`StoreError`].
pub async fn patients_of_clinic(
    tx: &mut Tx,
    _: &super::access::System,
    clinic: ClinicId,
) -> Result<Vec<PatientId>, StoreError> {
    tx.query(PATIENTS_OF_CLINIC, &params![clinic])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

fn grant(record: Record) -> Option<Grant> {
    match record {
        Record::Grant(grant) => Some(grant),
        Record::Patient(_)
        | Record::Allergy(_)
        | Record::Condition(_)
        | Record::Medication(_)
        | Record::DoseEvent(_)
        | Record::AlertRule(_)
        | Record::Alert(_)
        | Record::Dispense(_)
        | Record::StockEntry(_)
        | Record::SideEffectEntry(_) => None,
    }
}
