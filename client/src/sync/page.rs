//! One page of changes, decoded change by change: what this version cannot read is kept aside and stops nothing.

use doseline_shared::{
    api::{ErrorCode, sync::PatientScope},
    id::PatientId,
    record::Record,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{ask::Fault, cache::Quarantined, json};

/// A page as it comes, with each change's body as text, for it may be of a kind that is not known here.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    changes: Vec<RawChange<'a>>,
    cursor: String,
    more: bool,
    scope: Option<PatientScope>,
}

#[derive(Deserialize)]
struct RawChange<'a> {
    patient: PatientId,
    record: Uuid,
    #[serde(default)]
    kind: String,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
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
    let raw: Raw<'_> = serde_json::from_str(body).map_err(|_| Fault::of(ErrorCode::Unavailable))?;
    let mut page = Page {
        records: Vec::with_capacity(raw.changes.len()),
        unreadable: Vec::new(),
        cursor: raw.cursor,
        more: raw.more,
        scope: raw.scope,
    };
    for change in raw.changes {
        let body = change.body.map(RawValue::get).unwrap_or_default();
        match decode_record(body, change.patient, change.record) {
            Some(record) => page.records.push(record),
            None => page.unreadable.push(Quarantined {
                patient: change.patient,
                kind: change.kind,
                record: change.record,
                body: body.to_owned(),
            }),
        }
    }
    Ok(page)
}

/// The record that `body` stands for, where it is the one that the change names.
pub(super) fn decode_record(body: &str, patient: PatientId, id: Uuid) -> Option<Record> {
    json::read::<Record>(body)
        .ok()
        .filter(|record| record.patient() == patient && record.id() == id)
}
