//! What can still be read of a damaged file: unsent entries, and the small values that say whose they are.
//!
//! Reads only. Each row is read by itself, from both ends, so that a damaged page costs no more than what lies on it.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OpenFlags};

use super::{cache::connect, key::DatabaseKey};
use crate::cache::Pending;

/// What was saved.
#[derive(Default)]
pub(super) struct Salvage {
    /// By their place in the outbox.
    pub(super) outbox: BTreeMap<i64, Pending>,
    pub(super) values: BTreeMap<String, String>,
    pub(super) secrets: BTreeMap<String, String>,
}

impl Salvage {
    /// How many unsent entries were saved.
    pub(super) fn entries(&self) -> u32 {
        u32::try_from(self.outbox.len()).unwrap_or(u32::MAX)
    }
}

/// Reads what can be read of the file at `path`. Nothing, where it does not open with `key`.
pub(super) fn salvage(path: &Path, key: &DatabaseKey) -> Salvage {
    let mut salvage = Salvage::default();
    let Ok(connection) = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE) else {
        return salvage;
    };
    for order in ["ASC", "DESC"] {
        each(&connection, &format!("SELECT place, body FROM outbox NOT INDEXED ORDER BY place {order}"), |place, body| {
            if let (Ok(place), Ok(pending)) = (place.parse(), serde_json::from_str(body)) {
                salvage.outbox.insert(place, pending);
            }
        });
        each(&connection, &format!("SELECT name, value FROM value ORDER BY name {order}"), |name, value| {
            // Where the feeds stood is of no use without the records.
            if !name.starts_with("patient/") && !name.starts_with("feed/") {
                salvage.values.insert(name.to_owned(), value.to_owned());
            }
        });
        each(&connection, &format!("SELECT name, value FROM secret ORDER BY name {order}"), |name, value| {
            salvage.secrets.insert(name.to_owned(), value.to_owned());
        });
    }
    salvage
}

/// Every row that comes before the first error.
fn each(connection: &Connection, query: &str, mut found: impl FnMut(&str, &str)) {
    let Ok(mut statement) = connection.prepare(query) else {
        return;
    };
    let Ok(mut rows) = statement.query([]) else {
        return;
    };
    while let Ok(Some(row)) = rows.next() {
        let text = |place| match row.get_ref(place) {
            Ok(rusqlite::types::ValueRef::Integer(number)) => Some(number.to_string()),
            Ok(value) => value.as_str().ok().map(str::to_owned),
            Err(_) => None,
        };
        if let (Some(first), Some(second)) = (text(0), text(1)) {
            found(&first, &second);
        }
    }
}
