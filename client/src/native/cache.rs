//! The cache in one SQLCipher file: every page encrypted and authenticated, every commit on disk before it returns.

use std::{cell::RefCell, path::Path, rc::Rc};

use doseline_shared::{api::interactions::InteractionList, id::PatientId, record::Record};
use rusqlite::{Connection, ErrorCode as Sqlite, OpenFlags, params};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{key::DatabaseKey, migrations};
use crate::cache::{Batch, Cache, CacheError, Pending, Quarantined, Stored};

const PUT_RECORD: &str = "INSERT INTO record (id, kind, patient, body) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, patient = excluded.patient, body = excluded.body";
const REMOVE_RECORD: &str = "DELETE FROM record WHERE id = ?1";
const RECORDS: &str = "SELECT id, kind, patient, body FROM record";
const PUT_PENDING: &str = "INSERT INTO outbox (id, body) VALUES (?1, ?2)
    ON CONFLICT (id) DO UPDATE SET body = excluded.body";
const REMOVE_PENDING: &str = "DELETE FROM outbox WHERE id = ?1";
const OUTBOX: &str = "SELECT id, body FROM outbox ORDER BY place";
const PUT_QUARANTINED: &str = "INSERT INTO quarantine (record, patient, kind, body) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (record) DO UPDATE SET patient = excluded.patient, kind = excluded.kind, body = excluded.body";
const RELEASE: &str = "DELETE FROM quarantine WHERE record = ?1";
const QUARANTINE: &str = "SELECT record, patient, kind, body FROM quarantine";
const PUT_VALUE: &str = "INSERT INTO value (name, value) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const REMOVE_VALUE: &str = "DELETE FROM value WHERE name = ?1";
const VALUES: &str = "SELECT name, value FROM value";
const REMOVE_PATIENT_RECORDS: &str = "DELETE FROM record WHERE patient = ?1";
const REMOVE_PATIENT_QUARANTINE: &str = "DELETE FROM quarantine WHERE patient = ?1";
const REMOVE_PATIENT_VALUES: &str = "DELETE FROM value WHERE substr(name, 1, length(?1)) = ?1";
const PUT_LIST: &str = "INSERT INTO list (clinic, body) VALUES (?1, ?2)
    ON CONFLICT (clinic) DO UPDATE SET body = excluded.body";
const REMOVE_LIST: &str = "DELETE FROM list WHERE clinic = ?1";
const LISTS: &str = "SELECT body FROM list";
pub(super) const SECRET: &str = "SELECT value FROM secret WHERE name = ?1";
pub(super) const PUT_SECRET: &str = "INSERT INTO secret (name, value) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
pub(super) const REMOVE_SECRET: &str = "DELETE FROM secret WHERE name = ?1";

/// See the module.
#[derive(Clone)]
pub struct SqlCipherCache {
    connection: Rc<Connection>,
    /// Read once at the opening, to see that the file is whole; the first load takes it.
    read: Rc<RefCell<Option<Stored>>>,
}

impl SqlCipherCache {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// `WrongKey` where it does not open with `key` (or its first page is damaged, which looks the same), `Damaged`,
    /// `Full`.
    pub fn open(path: &Path, key: &DatabaseKey) -> Result<Self, CacheError> {
        let connection = connect(
            path,
            key,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )?;
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(cache_error)?;
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(cache_error)?;
        // What is removed is overwritten, and does not wait in free pages.
        connection
            .pragma_update(None, "secure_delete", "ON")
            .map_err(cache_error)?;
        migrations::run(&connection).map_err(cache_error)?;
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(cache_error)?;
        Ok(Self {
            connection: Rc::new(connection),
            read: Rc::default(),
        })
    }

    /// Reads the file through, and keeps what it holds for the first load.
    pub(super) fn read_through(&self) -> Result<(), CacheError> {
        let stored = self.read().map_err(cache_error)?;
        *self.read.borrow_mut() = Some(stored);
        Ok(())
    }

    /// The most pages that the file may grow to. Past them the engine answers as it does on a full disk.
    ///
    /// # Errors
    /// The engine's.
    pub fn limit_pages(&self, pages: u32) -> Result<(), CacheError> {
        self.connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .map_err(cache_error)
    }

    /// How many pages the file has.
    ///
    /// # Errors
    /// The engine's.
    pub fn pages(&self) -> Result<u32, CacheError> {
        self.connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .map_err(cache_error)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn read(&self) -> rusqlite::Result<Stored> {
        let mut stored = Stored::default();
        let mut records = self.connection.prepare(RECORDS)?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(3)?.as_str()?;
            match serde_json::from_str::<Record>(body) {
                Ok(record) => stored.records.push(record),
                // An older version of the app reads what a newer one has written: kept, as what sync cannot read is.
                Err(_) => stored.quarantine.push(Quarantined {
                    patient: PatientId::from_uuid(uuid(row.get(2)?)),
                    kind: row.get(1)?,
                    record: uuid(row.get(0)?),
                    body: body.to_owned(),
                }),
            }
        }
        let mut outbox = self.connection.prepare(OUTBOX)?;
        let mut rows = outbox.query([])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(1)?.as_str()?;
            match serde_json::from_str::<Pending>(body) {
                Ok(pending) => stored.outbox.push(pending),
                Err(error) => {
                    // Left in the file for the version that wrote it, and shown among what cannot be read.
                    tracing::error!(cache.line = error.line(), "an unsent entry cannot be read");
                    stored.quarantine.push(Quarantined {
                        patient: PatientId::from_uuid(Uuid::nil()),
                        kind: "operation".to_owned(),
                        record: uuid(row.get(0)?),
                        body: body.to_owned(),
                    });
                }
            }
        }
        let mut quarantine = self.connection.prepare(QUARANTINE)?;
        let mut rows = quarantine.query([])?;
        while let Some(row) = rows.next()? {
            stored.quarantine.push(Quarantined {
                record: uuid(row.get(0)?),
                patient: PatientId::from_uuid(uuid(row.get(1)?)),
                kind: row.get(2)?,
                body: row.get(3)?,
            });
        }
        let mut values = self.connection.prepare(VALUES)?;
        let mut rows = values.query([])?;
        while let Some(row) = rows.next()? {
            stored.values.push((row.get(0)?, row.get(1)?));
        }
        let mut lists = self.connection.prepare(LISTS)?;
        let mut rows = lists.query([])?;
        while let Some(row) = rows.next()? {
            // One that another version has written is fetched again.
            stored
                .lists
                .extend(serde_json::from_str::<InteractionList>(row.get_ref(0)?.as_str()?).ok());
        }
        Ok(stored)
    }

    fn write(&self, batch: &Batch) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        for patient in &batch.remove_patients {
            let id = patient.uuid();
            transaction
                .prepare_cached(REMOVE_PATIENT_RECORDS)?
                .execute([id.as_bytes()])?;
            transaction
                .prepare_cached(REMOVE_PATIENT_QUARANTINE)?
                .execute([id.as_bytes()])?;
            transaction
                .prepare_cached(REMOVE_PATIENT_VALUES)?
                .execute([format!("patient/{patient}/")])?;
        }
        for (_, id) in &batch.remove {
            transaction.prepare_cached(REMOVE_RECORD)?.execute([id.as_bytes()])?;
        }
        for entry in &batch.quarantine {
            transaction.prepare_cached(PUT_QUARANTINED)?.execute(params![
                entry.record.as_bytes(),
                entry.patient.uuid().as_bytes(),
                entry.kind,
                entry.body
            ])?;
        }
        for record in &batch.put {
            let id = record.id();
            transaction.prepare_cached(RELEASE)?.execute([id.as_bytes()])?;
            transaction.prepare_cached(PUT_RECORD)?.execute(params![
                id.as_bytes(),
                record.kind().name(),
                record.patient().uuid().as_bytes(),
                json(record)?
            ])?;
        }
        for pending in &batch.pending {
            transaction
                .prepare_cached(PUT_PENDING)?
                .execute(params![pending.id.uuid().as_bytes(), json(pending)?])?;
        }
        for id in &batch.acknowledged {
            transaction
                .prepare_cached(REMOVE_PENDING)?
                .execute([id.uuid().as_bytes()])?;
        }
        for (name, value) in &batch.values {
            match value {
                Some(value) => transaction.prepare_cached(PUT_VALUE)?.execute([name, value])?,
                None => transaction.prepare_cached(REMOVE_VALUE)?.execute([name])?,
            };
        }
        for (clinic, list) in &batch.lists {
            let id = clinic.uuid();
            match list {
                Some(list) => transaction
                    .prepare_cached(PUT_LIST)?
                    .execute(params![id.as_bytes(), json(list)?])?,
                None => transaction.prepare_cached(REMOVE_LIST)?.execute([id.as_bytes()])?,
            };
        }
        transaction.commit()
    }
}

impl Cache for SqlCipherCache {
    async fn load(&self) -> Result<Stored, CacheError> {
        match self.read.borrow_mut().take() {
            Some(stored) => Ok(stored),
            None => self.read().map_err(cache_error),
        }
    }

    async fn commit(&self, batch: Batch) -> Result<(), CacheError> {
        self.read.borrow_mut().take();
        self.write(&batch).map_err(cache_error)
    }

    fn keeps_records(&self) -> bool {
        true
    }
}

/// Opens the file and proves the key on it.
pub(super) fn connect(path: &Path, key: &DatabaseKey, flags: OpenFlags) -> Result<Connection, CacheError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(cache_error)?;
    let statement = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", key.hex().as_str()));
    connection.query_row(&statement, [], |_| Ok(())).map_err(cache_error)?;
    let readable = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0));
    match readable {
        Ok(_) => Ok(connection),
        Err(error) if error.sqlite_error_code() == Some(Sqlite::NotADatabase) => Err(CacheError::WrongKey),
        Err(error) => Err(cache_error(error)),
    }
}

/// What the engine's error means for the person.
pub(super) fn cache_error(error: rusqlite::Error) -> CacheError {
    match error.sqlite_error_code() {
        Some(Sqlite::DiskFull) => CacheError::Full,
        Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => CacheError::Damaged(error.to_string()),
        _ => CacheError::Failed(error.to_string()),
    }
}

fn json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn uuid(bytes: [u8; 16]) -> Uuid {
    Uuid::from_bytes(bytes)
}
