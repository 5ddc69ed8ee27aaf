//! The one error that the backend's use cases answer with, by its stable code.
//!
//! One type for all of them, because all of them cross the same boundary: HTTP turns it into a problem, the commands
//! into a sentence. Refuses to carry health data, names or free text of a person: only static words and field paths.

use doseline_shared::{
    api::{ErrorCode, Problem},
    id::PersonId,
    safety::ListFaults,
};

/// Why a use case did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The request cannot be read.
    #[error("the request cannot be read: {problem}")]
    BadRequest {
        /// What is wrong and where.
        problem: String,
    },
    /// A field holds what it must not.
    #[error("{path}: {problem}")]
    Field {
        /// The path of the field.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A clinic's list of interactions is at fault. Nothing of it was kept.
    #[error("the list is at fault in {} places; list.first names them by line and column", .0.first.len() as u64 + u64::from(.0.more))]
    List(ListFaults),
    /// More was asked for than one answer may hold.
    #[error("{problem}")]
    TooMuch {
        /// The field that asks for too much.
        path: Option<String>,
        /// The limit.
        problem: String,
    },
    /// Nobody is signed in, or the sign-in has ended.
    #[error("not signed in: send a live access token as a bearer token, or sign in again")]
    SignedOut,
    /// E-mail and password do not fit together.
    #[error("e-mail and password do not fit together")]
    WrongCredentials {
        /// Whose account was to be signed in to, where there is one; for the audit alone.
        account: Option<PersonId>,
    },
    /// A key of a system does not serve.
    #[error("the key is wrong, ended or expired: a clinic's administrator makes a new one")]
    WrongKey,
    /// The password is right, and a code of the second factor is needed too.
    #[error("this account has a second factor: send its code as `code` too")]
    SecondFactorNeeded,
    /// The code of the second factor is wrong.
    #[error("the code is wrong, used already or too old: wait for the next one, or use a recovery code")]
    SecondFactorWrong {
        /// Whose it is; for the audit alone.
        account: PersonId,
    },
    /// A clinic asks for a second factor that is not there.
    #[error("a clinic asks for a second factor: set one up first")]
    SecondFactorRequired,
    /// The password is a first one.
    #[error("this password was made to be handed over: choose one of your own first")]
    OwnPasswordRequired,
    /// The password is a first one, and its time is over.
    #[error("this first password has ended: whoever handed it over makes a new one")]
    FirstPasswordEnded {
        /// Whose it was; for the audit alone.
        account: PersonId,
    },
    /// An account with this e-mail exists.
    #[error("an account with this e-mail exists: sign in to it")]
    EmailTaken,
    /// Signed in, but not allowed.
    #[error("not allowed: {why}")]
    Forbidden {
        /// The rule that says so.
        why: &'static str,
    },
    /// There is no such thing, or it is not the caller's to see.
    #[error("there is no such thing here")]
    NotFound,
    /// There is, but the caller may not know of it: answered as if there were not.
    #[error("there is no such thing here")]
    Hidden {
        /// The rule that says so; for the audit alone.
        why: &'static str,
    },
    /// The invitation code is wrong, used or expired.
    #[error("the code is wrong, used up or expired: ask for a new one")]
    CodeInvalid,
    /// It clashes with what is there.
    #[error("{problem}")]
    Conflict {
        /// The field that clashes.
        path: Option<&'static str>,
        /// What clashes, and the way out.
        problem: &'static str,
    },
    /// Too many attempts.
    #[error("too many attempts: wait and try again")]
    TooManyAttempts {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Client and backend are of different versions.
    #[error("this backend speaks version {ours} of the interface")]
    OtherVersion {
        /// The version spoken here.
        ours: u32,
    },
    /// The backend cannot do it now.
    #[error("the backend cannot do it now: try again")]
    Unavailable {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// A fault of the backend. What it was is in the log.
    #[error("a fault of the backend; its log says more")]
    Internal,
}

impl Fault {
    /// The stable code.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadRequest { .. } => ErrorCode::BadRequest,
            Self::Field { .. } | Self::List(_) => ErrorCode::InvalidField,
            Self::TooMuch { .. } => ErrorCode::TooMuch,
            Self::SignedOut => ErrorCode::SignedOut,
            Self::WrongCredentials { .. } | Self::WrongKey => ErrorCode::WrongCredentials,
            Self::SecondFactorNeeded => ErrorCode::SecondFactorNeeded,
            Self::SecondFactorWrong { .. } => ErrorCode::SecondFactorWrong,
            Self::SecondFactorRequired => ErrorCode::SecondFactorRequired,
            Self::OwnPasswordRequired => ErrorCode::OwnPasswordRequired,
            Self::FirstPasswordEnded { .. } => ErrorCode::FirstPasswordEnded,
            Self::EmailTaken => ErrorCode::EmailTaken,
            Self::Forbidden { .. } => ErrorCode::Forbidden,
            Self::NotFound | Self::Hidden { .. } => ErrorCode::NotFound,
            Self::CodeInvalid => ErrorCode::CodeInvalid,
            Self::Conflict { .. } => ErrorCode::Conflict,
            Self::TooManyAttempts { .. } => ErrorCode::TooManyAttempts,
            Self::OtherVersion { .. } => ErrorCode::OtherVersion,
            Self::Unavailable { .. } => ErrorCode::Unavailable,
            Self::Internal => ErrorCode::Internal,
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. } | Self::OtherVersion { .. } => 400,
            Self::SignedOut
            | Self::WrongCredentials { .. }
            | Self::WrongKey
            | Self::SecondFactorNeeded
            | Self::SecondFactorWrong { .. }
            | Self::FirstPasswordEnded { .. } => 401,
            Self::Forbidden { .. } | Self::SecondFactorRequired | Self::OwnPasswordRequired => 403,
            Self::NotFound | Self::Hidden { .. } | Self::CodeInvalid => 404,
            Self::EmailTaken | Self::Conflict { .. } => 409,
            Self::Field { .. } | Self::List(_) | Self::TooMuch { .. } => 422,
            Self::TooManyAttempts { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable { .. } => 503,
        }
    }

    /// Seconds to wait before trying again.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyAttempts { retry_after } | Self::Unavailable { retry_after } => Some(*retry_after),
            Self::BadRequest { .. }
            | Self::Field { .. }
            | Self::List(_)
            | Self::TooMuch { .. }
            | Self::SignedOut
            | Self::WrongCredentials { .. }
            | Self::WrongKey
            | Self::SecondFactorNeeded
            | Self::SecondFactorWrong { .. }
            | Self::SecondFactorRequired
            | Self::OwnPasswordRequired
            | Self::FirstPasswordEnded { .. }
            | Self::EmailTaken
            | Self::Forbidden { .. }
            | Self::NotFound
            | Self::Hidden { .. }
            | Self::CodeInvalid
            | Self::Conflict { .. }
            | Self::OtherVersion { .. }
            | Self::Internal => None,
        }
    }

    /// A field at `path` that holds what it must not.
    pub fn field(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// As it crosses the boundary.
    pub fn problem(&self) -> Problem {
        let field = match self {
            Self::Field { path, .. } => Some(path.clone()),
            Self::TooMuch { path, .. } => path.clone(),
            Self::Conflict { path, .. } => path.map(str::to_owned),
            Self::BadRequest { .. }
            | Self::List(_)
            | Self::SignedOut
            | Self::WrongCredentials { .. }
            | Self::WrongKey
            | Self::SecondFactorNeeded
            | Self::SecondFactorWrong { .. }
            | Self::SecondFactorRequired
            | Self::OwnPasswordRequired
            | Self::FirstPasswordEnded { .. }
            | Self::EmailTaken
            | Self::Forbidden { .. }
            | Self::NotFound
            | Self::Hidden { .. }
            | Self::CodeInvalid
            | Self::TooManyAttempts { .. }
            | Self::OtherVersion { .. }
            | Self::Unavailable { .. }
            | Self::Internal => None,
        };
        Problem {
            kind: format!("urn:doseline:error:{}", self.code().name()),
            code: self.code(),
            status: self.status(),
            title: self.to_string(),
            field,
            retry_after: self.retry_after(),
            list: if let Self::List(faults) = self {
                Some(faults.clone())
            } else {
                None
            },
        }
    }
}
