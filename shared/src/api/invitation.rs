//! One-time codes by which a caregiver or a clinic comes to see a patient, and the end of what they may see.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{ClinicId, InvitationId, PatientId},
    record::{Grant, Scope},
};

/// `POST`: [`NewInvitation`] → [`Invitation`], 201.
pub const INVITATIONS: &str = "/v1/invitations";
/// `POST`: [`Code`] → [`Offer`]: what the code would do, without using it.
pub const LOOKUP: &str = "/v1/invitations/lookup";
/// `POST`: [`Code`] → [`Redeemed`]: uses the code up.
pub const REDEEM: &str = "/v1/invitations/redeem";
/// `DELETE`: ends the grant at once, 204. For the patient, and for whoever it was given to.
pub const GRANT: &str = "/v1/grants/{grant}";

/// Characters of a code: no `0 O 1 I L U`, so that it can be read out on the telephone.
pub const CODE_ALPHABET: &str = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters in a code, shown in groups of four. Case, spaces and hyphens do not matter when it is entered.
pub const CODE_LENGTH: usize = 12;

/// What an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NewInvitation {
    /// The caller, a patient, lets someone care for them.
    Caregiver {
        /// What they may do.
        scope: Scope,
        /// Until when.
        until: Option<DateTime<Utc>>,
    },
    /// The caller, who works for the clinic, asks a patient to join it.
    JoinClinic {
        /// The clinic.
        clinic: ClinicId,
    },
    /// The caller, who works for a clinic, hands a patient's record to the person whose it is.
    ClaimRecord {
        /// The clinic.
        clinic: ClinicId,
        /// The record.
        patient: PatientId,
    },
}

crate::tagged!(NewInvitation by "kind", strict {
    "caregiver" => Caregiver { scope, until },
    "join_clinic" => JoinClinic { clinic },
    "claim_record" => ClaimRecord { clinic, patient },
});

/// A fresh invitation. The code is shown once and kept only as a hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// Identity.
    pub id: InvitationId,
    /// The code, in groups of four.
    pub code: String,
    /// When it stops working.
    pub expires: DateTime<Utc>,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation")
            .field("id", &self.id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A code as entered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The code.
    pub code: String,
}

/// What a code would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Offer {
    /// What it is for.
    pub what: OfferKind,
    /// The name of the patient or clinic that made it.
    pub from: String,
    /// What it would allow.
    pub scope: Scope,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// The kinds of offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// To care for a patient.
    Caregiver,
    /// To join a clinic.
    JoinClinic,
    /// To take over one's own record from a clinic.
    ClaimRecord,
}

/// What a code has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Redeemed {
    /// What it was for.
    pub what: OfferKind,
    /// The patient concerned.
    pub patient: PatientId,
    /// The grant it made; none for a claimed record.
    pub grant: Option<Grant>,
}
