//! What crosses the wire between client and backend: requests, answers, error codes.
//!
//! Each path is a constant beside its types, so that both sides name it once.

use serde::{Deserialize, Serialize};

use crate::safety::ListFaults;

pub mod account;
pub mod audit;
pub mod export;
pub mod interactions;
pub mod invitation;
pub mod partner;
pub mod patient;
pub mod preview;
pub mod report;
pub mod second_factor;
pub mod sync;
pub mod webhook;

/// Shows nothing of what holds secrets where it is printed for developers.
macro_rules! redact {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )+};
}
use redact;

/// The version of this interface. A client and a backend that differ here do not talk; see [`ErrorCode::OtherVersion`].
pub const API_VERSION: u32 = 1;

/// The header in which each side states its [`API_VERSION`].
pub const VERSION_HEADER: &str = "doseline-api";

/// An error as it crosses a boundary: RFC 9457 `application/problem+json`, with a stable code. Holds no health data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `urn:doseline:error:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The stable code.
    pub code: ErrorCode,
    /// The HTTP status.
    pub status: u16,
    /// One sentence for a developer: what is wrong and the way out.
    pub title: String,
    /// The path of the field at fault, such as `schedule.rule.times[1].at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// Where a clinic's list of interactions is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListFaults>,
}

/// Every error that crosses a boundary, by its stable code. The UI has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request cannot be read.
    BadRequest,
    /// A field holds what it must not.
    InvalidField,
    /// More was asked for than one answer may hold.
    TooMuch,
    /// Nobody is signed in, or the sign-in has ended.
    SignedOut,
    /// E-mail and password do not fit together.
    WrongCredentials,
    /// The account has a second factor: a code is needed too.
    SecondFactorNeeded,
    /// The code of the second factor is wrong, used already, or too old.
    SecondFactorWrong,
    /// A clinic asks for a second factor, and the account has none: set it up first.
    SecondFactorRequired,
    /// The password is a first one: choose one of one's own first.
    OwnPasswordRequired,
    /// The password is a first one, and its time is over: ask for another.
    FirstPasswordEnded,
    /// An account with this e-mail exists.
    EmailTaken,
    /// Signed in, but not allowed.
    Forbidden,
    /// There is no such thing, or it is not the caller's to see.
    NotFound,
    /// The invitation code is wrong, used or expired.
    CodeInvalid,
    /// The record has changed since it was read.
    Conflict,
    /// An operation id came again with another body.
    OperationReused,
    /// Too many attempts; wait.
    TooManyAttempts,
    /// Client and backend are of different versions.
    OtherVersion,
    /// The backend cannot do it now.
    Unavailable,
    /// A fault of the backend.
    Internal,
    /// The backend cannot be reached.
    Offline,
    /// The device's store has no room.
    DiskFull,
    /// The device's store does not open with the key that the keychain holds.
    WrongKey,
    /// The device's keychain is locked.
    KeychainLocked,
    /// The device's store is damaged.
    CacheDamaged,
    /// The PIN is wrong.
    WrongPin,
    /// The device has no keychain; a PIN is needed.
    PinNeeded,
    /// The device's clock was set back.
    ClockSetBack,
    /// As-needed medicine: a limit would be passed.
    AboveLimit,
    /// The entry cannot be undone any more.
    TooLate,
}

impl ErrorCode {
    /// All codes, for tests that hold a sentence against each.
    pub const ALL: &[Self] = &[
        Self::BadRequest,
        Self::InvalidField,
        Self::TooMuch,
        Self::SignedOut,
        Self::WrongCredentials,
        Self::SecondFactorNeeded,
        Self::SecondFactorWrong,
        Self::SecondFactorRequired,
        Self::OwnPasswordRequired,
        Self::FirstPasswordEnded,
        Self::EmailTaken,
        Self::Forbidden,
        Self::NotFound,
        Self::CodeInvalid,
        Self::Conflict,
        Self::OperationReused,
        Self::TooManyAttempts,
        Self::OtherVersion,
        Self::Unavailable,
        Self::Internal,
        Self::Offline,
        Self::DiskFull,
        Self::WrongKey,
        Self::KeychainLocked,
        Self::CacheDamaged,
        Self::WrongPin,
        Self::PinNeeded,
        Self::ClockSetBack,
        Self::AboveLimit,
        Self::TooLate,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::InvalidField => "invalid_field",
            Self::TooMuch => "too_much",
            Self::SignedOut => "signed_out",
            Self::WrongCredentials => "wrong_credentials",
            Self::SecondFactorNeeded => "second_factor_needed",
            Self::SecondFactorWrong => "second_factor_wrong",
            Self::SecondFactorRequired => "second_factor_required",
            Self::OwnPasswordRequired => "own_password_required",
            Self::FirstPasswordEnded => "first_password_ended",
            Self::EmailTaken => "email_taken",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::CodeInvalid => "code_invalid",
            Self::Conflict => "conflict",
            Self::OperationReused => "operation_reused",
            Self::TooManyAttempts => "too_many_attempts",
            Self::OtherVersion => "other_version",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Offline => "offline",
            Self::DiskFull => "disk_full",
            Self::WrongKey => "wrong_key",
            Self::KeychainLocked => "keychain_locked",
            Self::CacheDamaged => "cache_damaged",
            Self::WrongPin => "wrong_pin",
            Self::PinNeeded => "pin_needed",
            Self::ClockSetBack => "clock_set_back",
            Self::AboveLimit => "above_limit",
            Self::TooLate => "too_late",
        }
    }
}
