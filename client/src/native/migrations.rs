//! The tables of the cache, as steps that are only ever added to. The file's `user_version` counts the steps it has.

use rusqlite::Connection;

/// Each step runs once, in this order.
const STEPS: &[&str] = &[
    "
    CREATE TABLE record (
        id BLOB NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL,
        patient BLOB NOT NULL,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX record_patient ON record (patient);
    CREATE TABLE outbox (
        place INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        body TEXT NOT NULL
    );
    CREATE TABLE quarantine (
        record BLOB NOT NULL PRIMARY KEY,
        patient BLOB NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE value (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE secret (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE list (
        clinic BLOB NOT NULL PRIMARY KEY,
        body TEXT NOT NULL
    );
",
];

/// Brings the file up to this version. One that a newer version has written keeps its number: steps only add.
pub(super) fn run(connection: &Connection) -> rusqlite::Result<()> {
    let done: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (number, step) in (1u32..).zip(STEPS).filter(|(number, _)| *number > done) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}
