//! Accounts, sign-in, devices and a clinic's staff.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    access::StaffRole,
    id::{ClinicId, DeviceId, PatientId, PersonId},
};

/// `POST`: [`SignUp`] → [`Session`], 201.
pub const ACCOUNTS: &str = "/v1/accounts";
/// `POST`: [`SignIn`] → [`Session`], 201. `DELETE`: ends the caller's own, 204.
pub const SESSIONS: &str = "/v1/sessions";
/// `POST`: [`Refresh`] → [`Session`].
pub const REFRESH: &str = "/v1/sessions/refresh";
/// `GET` → [`Me`].
pub const ME: &str = "/v1/me";
/// `POST`: [`ChangePassword`]: ends the caller's sessions on other devices, 204. All that is open, but [`ME`] and signing
/// out, to whoever has signed in with a first password.
pub const PASSWORD: &str = "/v1/me/password";
/// `GET` → `Vec<`[`Device`]`>`.
pub const DEVICES: &str = "/v1/devices";
/// `POST`: [`EndDevice`]: ends every session of the device at once, 204.
pub const END_DEVICE: &str = "/v1/devices/{device}/end";
/// `POST`: [`NewStaff`] → [`AddedStaff`], 201. `GET` → `Vec<`[`Staff`]`>`.
pub const STAFF: &str = "/v1/clinics/{clinic}/staff";
/// `DELETE`: ends the membership at once, 204.
pub const STAFF_MEMBER: &str = "/v1/clinics/{clinic}/staff/{person}";
/// `POST` → [`FirstPassword`], 201: one in place of that before, for who has not chosen their own; 409 for who has.
pub const FIRST_PASSWORD: &str = "/v1/clinics/{clinic}/staff/{person}/first-password";

/// A new account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// Full name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub name: String,
    /// E-mail; compared without case.
    #[cfg_attr(feature = "schema", schemars(email))]
    pub email: String,
    /// 8 to 256 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 8, max = 256)))]
    pub password: String,
    /// Home zone.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
    /// Whether the person has medicines of their own: makes a patient's record.
    pub as_patient: bool,
    /// The device that signs up.
    pub device: NewDevice,
}

/// A sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// E-mail.
    pub email: String,
    /// Password.
    pub password: String,
    /// A code of the authenticator app, or a recovery code; needed where the account has a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The device that signs in.
    pub device: NewDevice,
}

/// A new password in place of the old one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The old one.
    pub password: String,
    /// A code of the second factor, where the account has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The new one, 8 to 256 characters and none that is easy to guess.
    #[cfg_attr(feature = "schema", schemars(length(min = 8, max = 256)))]
    pub new: String,
}

/// The device that a session is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// Its identity, made on the device at first start and kept.
    pub id: DeviceId,
    /// What its owner would call it, such as "Chrome on Linux".
    pub name: String,
}

/// A refresh.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token; it serves once.
    pub refresh: String,
    /// A random text, 16 to 100 characters, that the device chose and kept before it asked. The same token with the same
    /// text is the same request once more, its answer having been lost: it is answered the same, as long as that answer
    /// has not been used. With none, or another, it is a reuse.
    #[cfg_attr(feature = "schema", schemars(length(min = 16, max = 100)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<String>,
}

/// A session. Its tokens are secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The access token: a JWT of type `at+jwt`, signed with EdDSA, for 15 minutes.
    pub access: String,
    /// When it ends.
    pub access_until: DateTime<Utc>,
    /// The next refresh token. One that is used twice ends the whole family.
    pub refresh: String,
    /// Who is signed in.
    pub me: Me,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    /// Identity.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// The person's own record as a patient.
    pub patient: Option<PatientId>,
    /// The clinics that the person works for.
    pub staff: Vec<Membership>,
    /// Whether the password is a first one: until the person has chosen their own nothing else is open.
    #[serde(default)]
    pub first_password: bool,
    /// Whether one of the clinics asks for a second factor and there is none: until it is set up nothing else is open.
    #[serde(default)]
    pub second_factor_missing: bool,
}

/// A person's place in a clinic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Membership {
    /// The clinic.
    pub clinic: ClinicId,
    /// Its name.
    pub clinic_name: String,
    /// The role.
    pub role: StaffRole,
}

/// A device with a live session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// Name.
    pub name: String,
    /// When it signed in first.
    pub since: DateTime<Utc>,
    /// When it was last heard of.
    pub seen: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// That it is really the person who ends the sessions of a device. The password alone: the device that was lost may be the one
/// with the authenticator app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndDevice {
    /// The password.
    pub password: String,
}

/// A new member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    /// Full name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: StaffRole,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Staff {
    /// Identity.
    pub person: PersonId,
    /// Full name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: StaffRole,
    /// Until when the first password opens the account, where the clinic made it and the person has not chosen their own.
    /// Told to the clinic's administrators alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_password: Option<DateTime<Utc>>,
}

/// A member of staff who was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddedStaff {
    /// Who.
    pub staff: Staff,
    /// What they sign in with first; none where they have a password of their own.
    pub first_password: Option<FirstPassword>,
}

/// A password that was made for someone, to be handed over in person. A secret: shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FirstPassword {
    /// The password, such as `k4m7q-x2w9p-3tbhd`.
    pub password: String,
    /// Until when it opens the account.
    pub until: DateTime<Utc>,
}

super::redact!(
    SignUp,
    SignIn,
    ChangePassword,
    Refresh,
    Session,
    EndDevice,
    FirstPassword
);
