//! What can go wrong in the store, by what the caller can do about it. Carries no value of any query.

use rusqlite::ErrorCode as Embedded;
use tokio_postgres::error::SqlState;

/// A failure of the store. Clone, because one failed commit answers everyone who waited for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The engine cannot be reached or is too busy; trying again later may help.
    #[error("the store cannot be used now: {0}")]
    Unavailable(&'static str),
    /// The disk has no room. Nothing of the transaction was kept.
    #[error("the disk of the store is full")]
    Full,
    /// The file does not open with this key.
    #[error("the store does not open with this key, or it is no store")]
    WrongKey,
    /// The file is not what was written.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// The store was written by another version of Doseline.
    #[error("the store belongs to another version of Doseline")]
    OtherVersion,
    /// A value that must be unique exists, or a record's id belongs to another patient.
    #[error("it exists already")]
    Conflict,
    /// The patient, person or clinic that a row belongs to is not there.
    #[error("what it belongs to does not exist")]
    Missing,
    /// A file stands where one is to be written.
    #[error("the target file exists already")]
    TargetExists,
    /// This engine does not do that.
    #[error("this engine of the store does not do that: {0}")]
    Unsupported(&'static str),
    /// Anything else, by the engine's code.
    #[error("the store failed: {0}")]
    Failed(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(code, _) = &error else {
            return Self::Failed(rust_side(&error).to_owned());
        };
        match code.code {
            Embedded::DiskFull => Self::Full,
            Embedded::NotADatabase => Self::WrongKey,
            Embedded::DatabaseCorrupt => Self::Damaged("a page cannot be read"),
            Embedded::DatabaseBusy | Embedded::DatabaseLocked => Self::Unavailable("another process holds it"),
            Embedded::ConstraintViolation if code.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
                Self::Missing
            }
            Embedded::ConstraintViolation => Self::Conflict,
            Embedded::CannotOpen => Self::Unavailable("its file cannot be opened"),
            Embedded::OutOfMemory => Self::Unavailable("no memory"),
            _ => Self::Failed(format!("sqlite {}", code.extended_code)),
        }
    }
}

/// rusqlite's own errors by kind; their texts may hold values.
fn rust_side(error: &rusqlite::Error) -> &'static str {
    match error {
        rusqlite::Error::InvalidParameterCount(..) => "wrong number of parameters",
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) => "unexpected type",
        rusqlite::Error::InvalidColumnIndex(_) => "no such column",
        rusqlite::Error::SqlInputError { .. } => "a query that the engine does not understand",
        _ => "embedded engine",
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            return Self::Unavailable("the connection to PostgreSQL failed");
        };
        match code {
            &SqlState::UNIQUE_VIOLATION => Self::Conflict,
            &SqlState::FOREIGN_KEY_VIOLATION => Self::Missing,
            &SqlState::DISK_FULL => Self::Full,
            &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Self::Damaged("PostgreSQL reports corruption"),
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => {
                Self::Unavailable("too many wrote the same at once")
            }
            &SqlState::QUERY_CANCELED | &SqlState::LOCK_NOT_AVAILABLE => Self::Unavailable("PostgreSQL took too long"),
            &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Self::Unavailable("PostgreSQL refuses the user")
            }
            other if ["08", "53", "57"].iter().any(|class| other.code().starts_with(class)) => {
                Self::Unavailable("PostgreSQL is not ready")
            }
            other => Self::Failed(format!("postgres {}", other.code())),
        }
    }
}

/// Whether PostgreSQL asks for the whole transaction to be run again.
pub(super) fn asks_for_retry(error: &tokio_postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED)
    )
}
