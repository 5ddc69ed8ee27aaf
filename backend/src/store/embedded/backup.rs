//! A copy of the embedded store while it is in use, and its way back. Both stay encrypted with the store's key, and
//! neither counts before it was opened, checked page by page, and its hash chains verified.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use futures::executor::block_on;
use rusqlite::{Connection, OpenFlags, backup::Backup};

use super::{
    Link,
    link::{make, open, unlock},
};
use crate::store::{StoreError, StoreKey, Tx, audit, change, migrate, tx::Engine};

/// Copies the store at `path`, as it stands, to `target`, which must not exist.
pub(super) fn backup(path: &Path, key: &StoreKey, target: &Path) -> Result<(), StoreError> {
    let part = Part::beside(target)?;
    make(&part.0)?;
    {
        let source = open(path, key, true)?;
        let mut copy = Connection::open_with_flags(&part.0, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        unlock(&copy, key)?;
        // All pages in one step: one snapshot, which writers in the log go past.
        match Backup::new(&source, &mut copy)?.step(-1)? {
            rusqlite::backup::StepResult::Done => {}
            _ => return Err(StoreError::Unavailable("the copy did not end")),
        }
        // One file, without a log beside it.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    }
    check(&part.0, key)?;
    part.place(target)
}

/// Brings the backup at `from` back as the store at `to`, which must not exist, as a new life of the store: devices pull
/// afresh, because they may hold what the backup does not.
pub(in crate::store) fn restore(from: &Path, key: &StoreKey, to: &Path) -> Result<(), StoreError> {
    let part = Part::beside(to)?;
    make(&part.0)?;
    fs::copy(from, &part.0).map_err(|error| disk(&error))?;
    {
        let mut copy = open(&part.0, key, false)?;
        migrate::embedded(&mut copy)?;
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    }
    let mut tx = check(&part.0, key)?;
    block_on(change::new_epoch(&mut tx))?;
    drop(tx);
    part.place(to)
}

/// Opens the file with its key and looks at every page and every link.
fn check(path: &Path, key: &StoreKey) -> Result<Tx, StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    unlock(&connection, key)?;
    // One row for each page whose authentication code does not fit.
    let mut statement = connection.prepare("PRAGMA cipher_integrity_check")?;
    if statement.query([])?.next()?.is_some() {
        return Err(StoreError::Damaged("a page is not what was written"));
    }
    drop(statement);
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged("its tables and indexes do not fit together"));
    }
    let mut tx = Tx::new(Engine::Embedded(Link::new(connection)));
    if block_on(change::verify(&mut tx))?.broken.is_some() {
        return Err(StoreError::Damaged("its hash chains do not hold"));
    }
    if block_on(audit::verify(&mut tx))?.broken.is_some() {
        return Err(StoreError::Damaged("its audit does not hold"));
    }
    Ok(tx)
}

/// A file that is not yet what it will be; removed unless it is put in its place.
struct Part(PathBuf);

impl Part {
    fn beside(target: &Path) -> Result<Self, StoreError> {
        // A log left over from another file of that name would be played into this one.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            if with_suffix(target, suffix).exists() {
                return Err(StoreError::TargetExists);
            }
        }
        Ok(Self(with_suffix(target, ".part")))
    }

    fn place(self, target: &Path) -> Result<(), StoreError> {
        File::open(&self.0)
            .and_then(|file| file.sync_all())
            .map_err(|error| disk(&error))?;
        // A link, not a rename: it fails where the target has come to exist meanwhile.
        fs::hard_link(&self.0, target)
            .or_else(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Err(error),
                // A file system without links.
                _ => fs::rename(&self.0, target),
            })
            .map_err(|error| disk(&error))?;
        #[cfg(unix)]
        if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|error| disk(&error))?;
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Not there is what is wanted.
            let _ = fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn disk(error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        std::io::ErrorKind::AlreadyExists => StoreError::TargetExists,
        std::io::ErrorKind::NotFound => StoreError::Missing,
        _ => StoreError::Unavailable("the disk"),
    }
}
