//! Identities: UUIDv7, one type per thing, so that a patient's id cannot stand where a person's belongs.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A UUIDv7 for the instant `now`, filled up with the caller's `random` bytes.
pub fn uuid_v7(now: DateTime<Utc>, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for the instant `now`; `random` comes from the caller's source of randomness.
            pub fn new(now: DateTime<Utc>, random: [u8; 10]) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The id that `uuid` stands for.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// Someone with an account: a patient, a caregiver, a member of staff, or several of these at once; or a system that a
    /// clinic has connected.
    PersonId,
    /// A patient's record: the unit of access, of sync, of the hash chain and of distribution.
    PatientId,
    /// A clinic.
    ClinicId,
    /// One installation of the app, or one browser, of one person.
    DeviceId,
    /// A medication in a patient's regimen; also the identity of its schedule.
    MedicationId,
    /// One entry in the append-only record of doses.
    DoseEventId,
    /// An allergy or intolerance.
    AllergyId,
    /// A condition (diagnosis).
    ConditionId,
    /// A supply that was handed out.
    DispenseId,
    /// One entry in the ledger of a stock.
    StockEntryId,
    /// One entry about side effects.
    SideEffectEntryId,
    /// A patient's permission for a person or a clinic.
    GrantId,
    /// A one-time invitation.
    InvitationId,
    /// One operation of a push; the key of its stored result.
    OperationId,
    /// A sign-in and all the refresh tokens that descend from it.
    SessionId,
    /// Whom to tell of missed doses, and how soon.
    AlertRuleId,
    /// Someone to be told of one missed dose.
    AlertId,
    /// A key of a system that a clinic has connected.
    KeyId,
    /// A webhook of such a system: where it is told of changes.
    WebhookId,
    /// One message to a webhook; the same at every attempt.
    MessageId,
}
