//! Operations on what a patient was given and has at home: dispenses and the ledger of a stock.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor},
    api::{ErrorCode, sync::Outcome},
    record::{Dispense, Record, RecordKind, StockEntry, Version},
};

use super::apply::{FOREIGN_CLINIC, Stop, append, current, invalid, may_append, put, written_by};
use crate::{
    access,
    store::{self, Tx, access::System, record::Writer},
};

/// Writes a dispense: for whoever may edit the regimen, and of a medication of the same patient.
pub(super) async fn put_dispense(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    base: Version,
    dispense: &Dispense,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let allowed = access::allow(tx, actor, Action::EditRegimen, dispense.patient, now).await?;
    let clinic = match current(tx, RecordKind::Dispense, dispense.id.uuid()).await? {
        Some(Record::Dispense(existing)) if existing.patient == dispense.patient => existing.clinic,
        Some(_) => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None if base > 0 => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None => written_by(actor, &allowed.subject, dispense.clinic, now).ok_or(FOREIGN_CLINIC)?,
    };
    match current(tx, RecordKind::Medication, dispense.medication.uuid()).await? {
        Some(Record::Medication(medication)) if medication.patient == dispense.patient => {}
        Some(_) | None => return invalid("body.dispense.medication"),
    }
    let record = Dispense {
        clinic,
        ..dispense.clone()
    };
    put(tx, &writer.because(allowed.why), base, Record::Dispense(record)).await
}

/// Appends to the ledger of a stock: for whoever may record doses, since both say what was there and is no more.
pub(super) async fn log_stock(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    entry: &StockEntry,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let writer = may_append(tx, actor, writer, (entry.patient, entry.by, entry.device), now).await?;
    let system = System::new("whose medication a stock is of");
    let medication = entry.medication.uuid();
    if store::taken::owner(tx, &system, RecordKind::Medication, medication).await? != Some(entry.patient) {
        return invalid("body.entry.medication");
    }
    append(tx, &writer, Record::StockEntry(entry.clone())).await
}
