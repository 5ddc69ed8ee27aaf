//! How the failures of the outside become the one [`Fault`] that a surface understands.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::{ErrorCode, Problem},
    safety::ListFaults,
};

use crate::{ask::Fault, cache::CacheError, host::Unreachable};

impl Fault {
    /// A fault that is told by its code alone.
    pub const fn of(code: ErrorCode) -> Self {
        Self {
            code,
            field: None,
            retry_after: None,
            next_allowed: None,
            list: None,
        }
    }

    /// A field that holds what it must not.
    pub fn field(path: impl Into<String>) -> Self {
        Self {
            field: Some(path.into()),
            ..Self::of(ErrorCode::InvalidField)
        }
    }

    /// A limit of an as-needed medicine; `next` is when the next dose is allowed.
    pub fn above_limit(next: Option<DateTime<Utc>>) -> Self {
        Self {
            next_allowed: next,
            ..Self::of(ErrorCode::AboveLimit)
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self {
            field: problem.field,
            retry_after: problem.retry_after,
            list: problem.list,
            ..Self::of(problem.code)
        }
    }
}

impl From<ListFaults> for Fault {
    fn from(faults: ListFaults) -> Self {
        Self {
            list: Some(faults),
            ..Self::of(ErrorCode::InvalidField)
        }
    }
}

impl From<Unreachable> for Fault {
    fn from(_: Unreachable) -> Self {
        Self::of(ErrorCode::Offline)
    }
}

impl From<CacheError> for Fault {
    fn from(error: CacheError) -> Self {
        Self::of(match error {
            CacheError::WrongKey => ErrorCode::WrongKey,
            CacheError::Damaged(_) => ErrorCode::CacheDamaged,
            CacheError::Full => ErrorCode::DiskFull,
            CacheError::Failed(_) => ErrorCode::Internal,
        })
    }
}
