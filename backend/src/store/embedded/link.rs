//! One connection to the encrypted file: opening it, and running statements on it.

use std::{collections::HashMap, fs::OpenOptions, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

use crate::store::{Param, Row, StoreError, StoreKey, value::json};

/// Each connection keeps its prepared statements.
const STATEMENTS: usize = 256;

/// Opens `path` with `key`. A missing file is made, readable by its owner only.
pub(super) fn open(path: &Path, key: &StoreKey, read_only: bool) -> Result<Connection, StoreError> {
    match make(path) {
        Ok(()) | Err(StoreError::TargetExists) => {}
        Err(error) => return Err(error),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    unlock(&connection, key)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // FULL: an answered write survives a loss of power. fullfsync: on macOS too. wal_autocheckpoint, in pages: the same few
    // pages are written by one commit after another, and each goes back into the file once for all of them.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA trusted_schema = OFF;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    if read_only {
        connection.execute_batch("PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

/// Makes an empty file that only its owner can read.
pub(super) fn make(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(StoreError::TargetExists),
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Err(StoreError::Full),
        Err(_) => Err(StoreError::Unavailable("its file cannot be made")),
    }
}

/// Gives the connection its key, and shows that it fits.
pub(super) fn unlock(connection: &Connection, key: &StoreKey) -> Result<(), StoreError> {
    // The key comes before anything that touches the file.
    connection.execute_batch(&key.pragma())?;
    let cipher: Option<String> = connection
        .query_row("PRAGMA cipher_version", [], |row| row.get(0))
        .ok()
        .filter(|version: &String| !version.is_empty());
    if cipher.is_none() {
        return Err(StoreError::Failed("the engine cannot encrypt".to_owned()));
    }
    // The first touch: a wrong key shows here.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
    Ok(())
}

/// A connection in use.
pub(in crate::store) struct Link {
    connection: Connection,
    /// `$1` means "a parameter of that name" to SQLite, numbered by its first use; `?1` means number 1. A list is one
    /// parameter, as JSON. Each text is translated once.
    texts: HashMap<&'static str, Box<str>>,
    /// The first statement that failed in the present job.
    failure: Option<StoreError>,
}

impl Link {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            texts: HashMap::new(),
            failure: None,
        }
    }

    pub(in crate::store) fn execute(&mut self, sql: &'static str, params: &[Param]) -> Result<u64, StoreError> {
        let result = self.try_execute(sql, params);
        self.remember(result)
    }

    pub(in crate::store) fn query(&mut self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>, StoreError> {
        let result = self.try_query(sql, params);
        self.remember(result)
    }

    fn remember<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failure.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// The first statement that failed since this was last asked.
    pub(super) fn take_failure(&mut self) -> Option<StoreError> {
        self.failure.take()
    }

    fn try_execute(&mut self, sql: &'static str, params: &[Param]) -> Result<u64, StoreError> {
        let text = self.texts.entry(sql).or_insert_with(|| numbered(sql));
        let mut statement = self.connection.prepare_cached(text)?;
        bind(&mut statement, params)?;
        let changed = statement.raw_execute()?;
        u64::try_from(changed).map_err(|_| StoreError::Failed("a count".to_owned()))
    }

    fn try_query(&mut self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>, StoreError> {
        let text = self.texts.entry(sql).or_insert_with(|| numbered(sql));
        let mut statement = self.connection.prepare_cached(text)?;
        bind(&mut statement, params)?;
        let columns = statement.column_count();
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| read(row.get_ref(column)?));
            found.push(Row(values.collect::<Result<_, StoreError>>()?));
        }
        Ok(found)
    }

    /// Runs a control statement: `BEGIN`, `SAVEPOINT`, …
    pub(super) fn batch(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    /// How many rows the connection has written since it was opened: a count to compare.
    pub(super) fn rows_written(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Whether no transaction is open. In the middle of one it means that the engine has rolled all of it back.
    pub(super) fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Leaves whatever transaction is open.
    pub(super) fn end(&mut self) {
        if !self.is_idle() {
            // What cannot even be rolled back shows at the next BEGIN.
            let _ = self.batch("ROLLBACK");
        }
    }

    /// Writes the log back into the file.
    pub(super) fn checkpoint(&self) {
        let _ = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, params: &[Param]) -> Result<(), StoreError> {
    if statement.parameter_count() != params.len() {
        return Err(StoreError::Failed("wrong number of parameters".to_owned()));
    }
    for (index, param) in (1..).zip(params) {
        match param {
            Param::Text(text) => statement.raw_bind_parameter(index, text)?,
            Param::Int(number) => statement.raw_bind_parameter(index, number)?,
            Param::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
            Param::List(texts) => statement.raw_bind_parameter(index, json(texts)?)?,
        }
    }
    Ok(())
}

fn read(value: ValueRef<'_>) -> Result<Param, StoreError> {
    match value {
        ValueRef::Null => Ok(Param::Null),
        ValueRef::Integer(number) => Ok(Param::Int(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(Param::from)
            .map_err(|_| StoreError::Damaged("a text is none")),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::Damaged("a column holds what it must not")),
    }
}

/// `$1` → `?1`, and `= ANY($1)` → a list that SQLite understands. No query of ours holds either in a literal.
fn numbered(sql: &str) -> Box<str> {
    let mut text = String::with_capacity(sql.len() + 64);
    let mut parts = sql.split("= ANY(");
    text.extend(parts.next());
    for part in parts {
        let (number, rest) = part.split_once(')').unwrap_or((part, ""));
        text.extend(["IN (SELECT value FROM json_each(", number, "))", rest]);
    }
    text.replace('$', "?").into_boxed_str()
}
