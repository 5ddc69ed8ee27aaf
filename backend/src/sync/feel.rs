//! Operations on how a patient feels: what is recorded of side effects.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::Actor,
    api::sync::Outcome,
    record::{Record, RecordKind, SideEffectAct, SideEffectEntry},
};

use super::apply::{Stop, append, current, invalid, may_append};
use crate::store::{self, Tx, access::System, record::Writer};

/// Appends to what is recorded of side effects: for whoever may record doses. A side effect ends and is taken back by
/// entries of their own, which name one of the same patient.
pub(super) async fn log_side_effect(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    entry: &SideEffectEntry,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let writer = may_append(tx, actor, writer, (entry.patient, entry.by, entry.device), now).await?;
    if let Some(field) = astray(tx, entry).await? {
        return invalid(field);
    }
    append(tx, &writer, Record::SideEffectEntry(entry.clone())).await
}

/// The field that names what is not there, or what the entry cannot be about.
async fn astray(tx: &mut Tx, entry: &SideEffectEntry) -> Result<Option<&'static str>, Stop> {
    Ok(match &entry.what {
        SideEffectAct::Reported { report } => {
            let system = System::new("whose medication is suspected of a side effect");
            match report.medication {
                Some(suspected) => {
                    let owner = store::taken::owner(tx, &system, RecordKind::Medication, suspected.uuid()).await?;
                    (owner != Some(entry.patient)).then_some("body.entry.what.report.medication")
                }
                None => None,
            }
        }
        SideEffectAct::Ended { entry: of, on } => match current(tx, RecordKind::SideEffectEntry, of.uuid()).await? {
            Some(Record::SideEffectEntry(of)) if of.patient == entry.patient => match of.what {
                SideEffectAct::Reported { report } => (*on < report.from).then_some("body.entry.what.on"),
                SideEffectAct::Ended { .. } | SideEffectAct::Retracted { .. } => Some("body.entry.what.entry"),
            },
            Some(_) | None => Some("body.entry.what.entry"),
        },
        SideEffectAct::Retracted { entry: of } => match current(tx, RecordKind::SideEffectEntry, of.uuid()).await? {
            Some(Record::SideEffectEntry(of)) if of.patient == entry.patient => match of.what {
                SideEffectAct::Reported { .. } | SideEffectAct::Ended { .. } => None,
                SideEffectAct::Retracted { .. } => Some("body.entry.what.entry"),
            },
            Some(_) | None => Some("body.entry.what.entry"),
        },
    })
}
