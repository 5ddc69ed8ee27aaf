//! Systems that a clinic has connected: their keys, the tokens that a key is exchanged for, and what a token opens.
//!
//! A key is one text, shown once. By OAuth 2.0 it is the secret of a client whose id is that of the system
//! (RFC 6749, section 4.4, client credentials); in the short form it is sent alone.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::webhook::Webhook;
use crate::id::{ClinicId, KeyId, PatientId, PersonId};

/// `POST`: [`NewSystem`] → [`IssuedKey`], 201. `GET` → `Vec<`[`PartnerSystem`]`>`.
pub const SYSTEMS: &str = "/v1/clinics/{clinic}/systems";
/// `DELETE`: ends the system with its keys and tokens at once, 204.
pub const SYSTEM: &str = "/v1/clinics/{clinic}/systems/{system}";
/// `POST`: [`NewKey`] → [`IssuedKey`], 201.
pub const KEYS: &str = "/v1/clinics/{clinic}/systems/{system}/keys";
/// `DELETE`: ends the key with its tokens at once, 204.
pub const KEY: &str = "/v1/clinics/{clinic}/systems/{system}/keys/{key}";

/// `POST`, a form by RFC 6749, section 4.4.2 → [`AccessToken`].
pub const TOKEN: &str = "/token";
/// `POST`, a form by RFC 7662, section 2.1 → [`Introspection`].
pub const INTROSPECT: &str = "/introspect";
/// `POST`, a form by RFC 7009, section 2.1; 200 whatever the token was.
pub const REVOKE: &str = "/revoke";
/// `GET`: the metadata of RFC 8414.
pub const METADATA: &str = "/.well-known/oauth-authorization-server";
/// `GET`: the keys that tokens are signed with, by RFC 7517.
pub const JWKS: &str = "/.well-known/jwks.json";

/// `POST`: [`KeyForToken`] → [`AccessToken`].
pub const SHORT_TOKEN: &str = "/api/auth/token";
/// `GET` → [`Validated`].
pub const SHORT_VALIDATE: &str = "/api/auth/validate";
/// `DELETE`: ends the token that it is sent with, 204.
pub const SHORT_REVOKE: &str = "/api/auth/revoke";

/// `GET`, with `after` and `limit` → [`Patients`].
pub const PATIENTS: &str = "/v1/patients";

/// Most patients in one answer.
pub const MAX_PATIENTS: usize = 200;
/// Longest that a key serves, in days.
pub const MAX_KEY_DAYS: u32 = 730;
/// Most live keys of one system: the one in use, and those that take its place.
pub const MAX_KEYS: usize = 5;
/// Most live systems of one clinic.
pub const MAX_SYSTEMS: usize = 100;

/// What a token opens. What of it concerns which patient, grants say as for everyone else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ApiScope {
    /// Who the clinic's patients are.
    #[serde(rename = "provider:read")]
    ProviderRead,
    /// Medications and their schedules.
    #[serde(rename = "schedule:read")]
    ScheduleRead,
    /// Measures of adherence.
    #[serde(rename = "adherence:read")]
    AdherenceRead,
}

impl ApiScope {
    /// All scopes.
    pub const ALL: &[Self] = &[Self::ProviderRead, Self::ScheduleRead, Self::AdherenceRead];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProviderRead => "provider:read",
            Self::ScheduleRead => "schedule:read",
            Self::AdherenceRead => "adherence:read",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::ProviderRead => 1,
            Self::ScheduleRead => 2,
            Self::AdherenceRead => 4,
        }
    }
}

/// A set of scopes: as text, their names with a space between them (RFC 6749, section 3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ApiScopes(u8);

impl ApiScopes {
    /// Whether `scope` is among them.
    pub const fn contains(self, scope: ApiScope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of `others` are among them.
    pub const fn contains_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = ApiScope> {
        ApiScope::ALL.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<ApiScope> for ApiScopes {
    fn from_iter<T: IntoIterator<Item = ApiScope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for ApiScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

/// A scope that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such scope: the scopes are provider:read, schedule:read and adherence:read")]
pub struct NoSuchScope;

impl FromStr for ApiScopes {
    type Err = NoSuchScope;

    fn from_str(text: &str) -> Result<Self, NoSuchScope> {
        let scope = |name: &str| ApiScope::ALL.iter().copied().find(|scope| scope.name() == name);
        text.split_ascii_whitespace()
            .map(|name| scope(name).ok_or(NoSuchScope))
            .collect()
    }
}

impl Serialize for ApiScopes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ApiScopes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A system to be connected, with its first key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSystem {
    /// Name, 1 to 200 characters: patients read it where they see who has looked at their record.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub name: String,
    /// The key.
    pub key: NewKey,
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it opens, at least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub scopes: Vec<ApiScope>,
    /// How long it serves, 1 to 730 days.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_KEY_DAYS)))]
    pub days: u32,
}

/// A key that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuedKey {
    /// The system; its id is the client id too.
    pub system: PersonId,
    /// The key as it stands in the list.
    pub key: Key,
    /// The key itself. It is not kept, and cannot be shown again.
    pub secret: String,
}

/// A connected system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartnerSystem {
    /// Identity; the client id too.
    pub system: PersonId,
    /// Name.
    pub name: String,
    /// When it was connected.
    pub since: DateTime<Utc>,
    /// Its keys that have not been ended, the newest first; one whose time is over among them.
    pub keys: Vec<Key>,
    /// Its webhooks, in the order in which they were made.
    #[serde(default)]
    pub webhooks: Vec<Webhook>,
}

/// A key, without what is secret of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// Identity; the beginning of the key's text holds it.
    pub id: KeyId,
    /// What it opens.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it ends by itself.
    pub expires: DateTime<Utc>,
    /// When a token was last made for it.
    pub used: Option<DateTime<Utc>>,
}

/// The short form of asking for a token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyForToken {
    /// The key.
    pub api_key: String,
    /// What the token is to open, names with spaces between them; all that the key opens where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// An access token (RFC 6749, section 5.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessToken {
    /// The token: a JWT by RFC 9068, signed with EdDSA.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// How long it serves, in seconds.
    pub expires_in: u32,
    /// What it opens.
    pub scope: ApiScopes,
}

/// What a live token is, to the system that sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Validated {
    /// The system.
    pub system: PersonId,
    /// Its name.
    pub name: String,
    /// The clinic that it is connected to.
    pub clinic: ClinicId,
    /// What the token opens.
    pub scope: ApiScopes,
    /// When it ends.
    pub expires: DateTime<Utc>,
}

/// What became of a token (RFC 7662, section 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Introspection {
    /// Whether it serves, and was made for the client that asks.
    pub active: bool,
    /// What is said of one that serves.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub token: Option<ActiveToken>,
}

/// A token that serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActiveToken {
    /// What it opens.
    pub scope: ApiScopes,
    /// The client that it was made for.
    pub client_id: PersonId,
    /// The same.
    pub sub: PersonId,
    /// `Bearer`.
    pub token_type: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

/// The patients that the caller sees, by their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Patients {
    /// At most as many as were asked for.
    pub patients: Vec<PatientName>,
    /// What to ask for the next ones with, as `after`; none where these are the last.
    pub next: Option<PatientId>,
}

/// Who a patient is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PatientName {
    /// Identity.
    pub patient: PatientId,
    /// Full name.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Home zone.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
}

super::redact!(IssuedKey, KeyForToken, AccessToken);
