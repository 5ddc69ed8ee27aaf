//! One page of changes, decoded change by change: what this version cannot read is kept aside and stops nothing.

use doseline_shared::{
    api::{ErrorCode, sync::PatientScope},
    id::PatientId,
    record::Record,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{ask::Fault, cache::Quarantined};

/// A page as it comes.
#[derive(Deserialize)]
struct Raw {
    changes: Vec<Value>,
    cursor: String,
    more: bool,
    scope: Option<PatientScope>,
}

/// A page, decoded.
pub(super) struct Page {
    pub(super) records: Vec<Record>,
    pub(super) unreadable: Vec<Quarantined>,
    pub(super) cursor: String,
    pub(super) more: bool,
    pub(super) scope: Option<PatientScope>,
}

/// Decodes a page.
///
/// # Errors
/// It is no page at all.
pub(super) fn decode(body: &str) -> Result<Page, Fault> {
    let raw: Raw = super::super::account::backend::read(body)?;
    let mut page = Page {
        records: Vec::with_capacity(raw.changes.len()),
        unreadable: Vec::new(),
        cursor: raw.cursor,
        more: raw.more,
        scope: raw.scope,
    };
    for change in &raw.changes {
        let (Some(patient), Some(id)) = (uuid_at(change, "patient"), uuid_at(change, "record")) else {
            return Err(Fault::of(ErrorCode::Unavailable));
        };
        let patient = PatientId::from_uuid(patient);
        let body = change.get("body").map(Value::to_string).unwrap_or_default();
        match decode_record(&body, patient, id) {
            Some(record) => page.records.push(record),
            None => page.unreadable.push(Quarantined {
                patient,
                kind: change
                    .get("kind")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
                record: id,
                body,
            }),
        }
    }
    Ok(page)
}

/// The record that `body` stands for, where it is the one that the change names.
pub(super) fn decode_record(body: &str, patient: PatientId, id: Uuid) -> Option<Record> {
    serde_json::from_str::<Record>(body)
        .ok()
        .filter(|record| record.patient() == patient && record.id() == id)
}

fn uuid_at(change: &Value, field: &str) -> Option<Uuid> {
    change.get(field)?.as_str()?.parse().ok()
}
