//! Commands over the audit: the proof that nothing of it was changed, and its export.
//!
//! The audit has two halves. What was written stands in the chains of changes; what was read, and what was refused, in the
//! audit trails.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use doseline_shared::id::PatientId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::commands::CommandError;
use crate::{
    config::Config,
    serve::open_store,
    store::{Store, StoreError, Tx, access::System, audit, change},
};

/// What a verification has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What was written.
    pub changes: change::Report,
    /// What was read and refused.
    pub audit: audit::Report,
}

/// Computes every hash chain and seal again.
///
/// # Errors
/// [`CommandError`] where it could not look.
pub async fn verify(config: &Config) -> Result<Verified, CommandError> {
    let (store, _) = open_store(config).await?;
    let verified = store.read(async |tx: &mut Tx| {
        Ok::<_, StoreError>(Verified {
            changes: change::verify(tx).await?,
            audit: audit::verify(tx).await?,
        })
    });
    Ok(verified.await?)
}

const SYSTEM: System = System::new("to export the audit");

/// Writes the audit out, a JSON object a line: of each patient the chain of changes, then every trail. Of `of` alone where
/// that is given. The records themselves are left out unless `records` asks for them: they are health data, but without
/// them nobody else can compute the hashes of the changes again.
///
/// # Errors
/// [`CommandError`].
pub async fn export(
    config: &Config,
    of: Option<Uuid>,
    records: bool,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let (store, _) = open_store(config).await?;
    match of {
        Some(of) => {
            export_changes(&store, PatientId::from_uuid(of), records, out).await?;
            export_trail(&store, of, out).await
        }
        None => {
            let mut after = None;
            loop {
                let patients = async move |tx: &mut Tx| change::patients(tx, &SYSTEM, after).await;
                let patients = store.read(patients).await?;
                let Some(last) = patients.last() else { break };
                after = Some(*last);
                for patient in patients {
                    export_changes(&store, patient, records, out).await?;
                }
            }
            let mut after = None;
            loop {
                let trails = async move |tx: &mut Tx| audit::trails(tx, &SYSTEM, after).await;
                let trails = store.read(trails).await?;
                let Some(last) = trails.last() else { break };
                after = Some(*last);
                for trail in trails {
                    export_trail(&store, trail, out).await?;
                }
            }
            Ok(())
        }
    }
}

/// Chains only grow at their ends, so they are read piece by piece, and no snapshot of the store is held meanwhile.
async fn export_changes(
    store: &Store,
    patient: PatientId,
    records: bool,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let mut after = 0;
    loop {
        let links = store.read(async move |tx: &mut Tx| change::links(tx, &SYSTEM, patient, after).await);
        let links = links.await?;
        let Some(last) = links.last() else { return Ok(()) };
        after = last.link;
        for link in links {
            let mut line = json!({
                "chain": "change",
                "of": patient,
                "link": link.link,
                "at": instant(link.at),
                "actor": link.actor,
                "device": link.device,
                "origin": link.origin,
                "why": link.why,
                "kind": link.kind,
                "record": link.record,
                "version": link.version,
                "prev": link.prev.to_string(),
                "hash": link.hash.to_string(),
            });
            if let (true, Some(fields)) = (records, line.as_object_mut()) {
                fields.insert("body".to_owned(), Value::String(link.body));
            }
            writeln!(out, "{line}")?;
        }
    }
}

async fn export_trail(store: &Store, trail: Uuid, out: &mut impl Write) -> Result<(), CommandError> {
    let mut after = 0;
    loop {
        let events = store.read(async move |tx: &mut Tx| audit::events(tx, &SYSTEM, trail, after).await);
        let events = events.await?;
        let Some(last) = events.last() else { return Ok(()) };
        after = last.link;
        for event in events {
            let line = json!({
                "chain": "audit",
                "of": trail,
                "link": event.link,
                "at": instant(event.at),
                "actor": event.actor,
                "device": event.device,
                "origin": event.origin,
                "asked": event.asked,
                "outcome": event.outcome,
                "why": event.why,
                "clinic": event.clinic,
                "prev": event.prev.to_string(),
                "hash": event.hash.to_string(),
            });
            writeln!(out, "{line}")?;
        }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
