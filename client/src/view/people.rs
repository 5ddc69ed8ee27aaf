//! Caregivers and clinics, and the codes that invite them.

use chrono::{DateTime, Utc};
use doseline_shared::{
    id::{GrantId, MedicationId, PatientId},
    record::{Grant, Grantee, Scope, Tell},
};
use serde::{Deserialize, Serialize};

use super::NetworkView;

/// Caregivers and clinics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeopleView {
    /// Whether the signed-in person has a record of their own.
    pub patient: Option<PatientId>,
    /// Who may see it, those in force first.
    pub grants: Vec<Grant>,
    /// How soon each of those in force is told of missed doses.
    pub telling: Vec<Telling>,
    /// Whom the person cares for.
    pub cares_for: Vec<CaredFor>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// How soon someone is told of missed doses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    /// Who.
    pub to: Grantee,
    /// Of medicines that are dangerous to miss.
    pub critical: Tell,
    /// Of the others.
    pub others: Tell,
    /// Of each medicine that is taken at its times, by name.
    pub medicines: Vec<TellingOf>,
}

/// How soon someone is told of missed doses of one medicine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TellingOf {
    /// Which.
    pub medication: MedicationId,
    /// Its name.
    pub name: String,
    /// How soon.
    pub tell: Tell,
}

/// Someone whom the signed-in person cares for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaredFor {
    /// The grant; ending it is theirs too.
    pub grant: GrantId,
    /// Who.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// What is allowed.
    pub scope: Scope,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// A fresh code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationView {
    /// The code, in groups of four.
    pub code: String,
    /// A link that opens the web app with the code filled in.
    pub link: String,
    /// The link as a QR code: one SVG path in a square of `qr_size` modules.
    pub qr_path: String,
    /// Modules on a side, quiet zone included.
    pub qr_size: u32,
    /// When it stops working.
    pub expires: DateTime<Utc>,
}
