//! The second factor at sign-in: codes of an authenticator app (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds), and recovery
//! codes for when it is lost.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::StaffRole;

/// `GET` → [`SecondFactor`]. `POST`: [`Confirm`] with the password alone → [`Enrolment`], 201: begins, and takes the place
/// of what was begun and not finished; 409 where there is one already.
pub const SECOND_FACTOR: &str = "/v1/me/second-factor";
/// `POST`: [`FirstCode`] → [`RecoveryCodes`]: from now on sign-ins need it.
pub const CONFIRM: &str = "/v1/me/second-factor/confirm";
/// `POST`: [`Confirm`] → [`RecoveryCodes`]: new ones; the old ones are void.
pub const RECOVERY_CODES: &str = "/v1/me/second-factor/recovery-codes";
/// `POST`: [`Removal`]: sign-ins need it no longer, 204.
pub const REMOVE: &str = "/v1/me/second-factor/remove";
/// `GET` → [`Requirement`]. `PUT`: [`Requirement`] → the same. For the clinic's administrator; its staff may read it.
pub const REQUIREMENT: &str = "/v1/clinics/{clinic}/second-factor";

/// How many recovery codes there are at first.
pub const RECOVERY_CODE_COUNT: usize = 10;

/// Whether the caller has a second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecondFactor {
    /// Since when sign-ins need it; none where they do not.
    pub since: Option<DateTime<Utc>>,
    /// Recovery codes that have not been used.
    pub recovery_codes_left: u32,
    /// Whether a clinic asks for it. Until there is one, nothing else is open.
    pub required: bool,
}

/// What the authenticator app is to know. A secret: shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Enrolment {
    /// The key in base32, for typing.
    pub key: String,
    /// The same as `otpauth://…`, for a QR code.
    pub uri: String,
}

/// The first code that the app shows: it has understood.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    /// Six digits.
    pub code: String,
    /// Whether the caller's sessions on other devices end, which began without a second factor.
    #[serde(default)]
    pub end_others: bool,
}

/// That a second factor goes, by whom it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// The password.
    pub password: String,
    /// A code of the app, or a recovery code, which is then used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether the caller's sessions on other devices end.
    #[serde(default)]
    pub end_others: bool,
}

/// That it is really the person who asks for something dangerous.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// The password.
    pub password: String,
    /// A code of the app, or a recovery code, which is then used up; needed where there is a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Codes that each serve once in place of the app's. Secrets: shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// The codes, such as `k4m7q-x2w9p`.
    pub codes: Vec<String>,
}

/// Whom a clinic asks for a second factor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Staff in these roles.
    pub roles: Vec<StaffRole>,
}

super::redact!(Enrolment, FirstCode, Removal, Confirm, RecoveryCodes);
