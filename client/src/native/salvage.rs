//! What can still be read of a damaged file: unsent entries, and the small values that say whose they are.
//!
//! Reads only. A connection that has met a damaged page reads nothing more, so each attempt has its own: from both ends,
//! and then row by row across the gap, so that a damaged page costs no more than what lies on it.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

use super::{cache::connect, key::DatabaseKey};
use crate::{cache::Pending, state::value::stands_for_records};

/// The widest gap that is read row by row.
const WIDEST_GAP: i64 = 20_000;

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
    let connect = || connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE).ok();
    let mut salvage = Salvage {
        outbox: outbox(&connect),
        ..Salvage::default()
    };
    for order in ["ASC", "DESC"] {
        each(
            connect(),
            &format!("SELECT name, value FROM value ORDER BY name {order}"),
            |name, value| {
                // Where the feeds stood is of no use without the records.
                if !stands_for_records(name) {
                    salvage.values.insert(name.to_owned(), value.to_owned());
                }
            },
        );
        each(
            connect(),
            &format!("SELECT name, value FROM secret ORDER BY name {order}"),
            |name, value| {
                salvage.secrets.insert(name.to_owned(), value.to_owned());
            },
        );
    }
    salvage
}

fn outbox(connect: &impl Fn() -> Option<Connection>) -> BTreeMap<i64, Pending> {
    let mut found = BTreeMap::new();
    let mut take = |place: &str, body: &str| {
        if let (Ok(place), Ok(pending)) = (place.parse(), serde_json::from_str(body)) {
            found.insert(place, pending);
        }
    };
    let mut ends = [None, None];
    for (end, order) in ends.iter_mut().zip(["ASC", "DESC"]) {
        let query = format!("SELECT place, body FROM outbox NOT INDEXED ORDER BY place {order}");
        let whole = each(connect(), &query, |place, body| {
            *end = place.parse::<i64>().ok();
            take(place, body);
        });
        if whole {
            return found;
        }
    }
    let [Some(low), Some(high)] = ends else {
        return found;
    };
    let mut connection = connect();
    for place in (low + 1..high).take(usize::try_from(WIDEST_GAP).unwrap_or(usize::MAX)) {
        let query = format!("SELECT place, body FROM outbox NOT INDEXED WHERE place = {place}");
        if !each_on(connection.as_ref(), &query, &mut take) {
            connection = connect();
        }
    }
    found
}

/// [`each_on`] on a connection of its own.
fn each(connection: Option<Connection>, query: &str, found: impl FnMut(&str, &str)) -> bool {
    each_on(connection.as_ref(), query, found)
}

/// Every row that comes before the first error. Whether there was none.
fn each_on(connection: Option<&Connection>, query: &str, mut found: impl FnMut(&str, &str)) -> bool {
    let read = |connection: &Connection| -> rusqlite::Result<()> {
        let mut statement = connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text = |place| match row.get_ref(place) {
                Ok(ValueRef::Integer(number)) => Some(number.to_string()),
                Ok(value) => value.as_str().ok().map(str::to_owned),
                Err(_) => None,
            };
            if let (Some(first), Some(second)) = (text(0), text(1)) {
                found(&first, &second);
            }
        }
        Ok(())
    };
    connection.map(read).is_some_and(|read| read.is_ok())
}
