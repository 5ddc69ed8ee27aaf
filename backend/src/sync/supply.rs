//! Operations on what a patient was given and has at home: dispenses and the ledger of a stock.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor},
    api::{ErrorCode, sync::Outcome},
    record::{Dispense, Record, RecordKind, StockEntry, Version},
};

use super::apply::{FOREIGN_CLINIC, Known, Stop, current, invalid, put, written_by};
use crate::{
    access,
    store::{
        self, StoreError, Tx,
        record::{Put, Writer},
    },
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
    let subject = access::allow(tx, actor, Action::EditRegimen, dispense.patient, now).await?;
    let clinic = match current(tx, RecordKind::Dispense, dispense.id.uuid()).await? {
        Some(Record::Dispense(existing)) if existing.patient == dispense.patient => existing.clinic,
        Some(_) => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None if base > 0 => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        None => written_by(actor, &subject, dispense.clinic, now).ok_or(FOREIGN_CLINIC)?,
    };
    match current(tx, RecordKind::Medication, dispense.medication.uuid()).await? {
        Some(Record::Medication(medication)) if medication.patient == dispense.patient => {}
        Some(_) | None => return invalid("body.dispense.medication"),
    }
    let record = Dispense {
        clinic,
        ..dispense.clone()
    };
    put(tx, writer, base, Record::Dispense(record)).await
}

/// Appends to the ledger of a stock: for whoever may record doses, since both say what was there and is no more.
pub(super) async fn log_stock(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    known: &mut Known,
    entry: &StockEntry,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    access::decide(actor, Action::LogDose, known.subject(tx, entry.patient).await?, now)?;
    if entry.by != actor.person {
        return invalid("body.entry.by");
    }
    if writer.device != Some(entry.device) {
        return invalid("body.entry.device");
    }
    if known.patient_of(tx, entry.medication).await? != Some(entry.patient) {
        return invalid("body.entry.medication");
    }
    match store::record::put(tx, writer, 0, Record::StockEntry(entry.clone())).await {
        Ok(Put::Written(version)) => Ok(Outcome::Applied { version }),
        // An entry is never changed: its id names something else already.
        Ok(Put::Moved(_)) | Err(StoreError::Conflict) => invalid("body.entry.id"),
        Err(error) => Err(error.into()),
    }
}
