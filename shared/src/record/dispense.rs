//! What a pharmacy or a clinic handed out: the only source of PDC and MPR.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Version;
use crate::{
    id::{ClinicId, DispenseId, MedicationId, PatientId},
    quantity::Quantity,
};

/// A supply that was handed out (FHIR `MedicationDispense`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Dispense {
    /// Identity.
    pub id: DispenseId,
    /// To whom.
    pub patient: PatientId,
    /// Of which medication.
    pub medication: MedicationId,
    /// The clinic that wrote it.
    pub clinic: Option<ClinicId>,
    /// Version.
    pub version: Version,
    /// The local date on which it was handed out; its supply begins then.
    pub on: NaiveDate,
    /// How much.
    pub quantity: Quantity,
    /// For how many days it is meant to last.
    pub days_supply: u32,
    /// What kind of drug it is, as far as that changes from when on a patient counts as adherent.
    pub class: DrugClass,
    /// Whether it holds.
    pub status: DispenseStatus,
}

/// The kinds of drug that measures tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DrugClass {
    /// Against HIV: less than nearly all of it does not hold the virus down.
    Antiretroviral,
    /// Any other.
    Other,
}

/// Whether a dispense holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DispenseStatus {
    /// It was handed out.
    Completed,
    /// It was written by mistake, and counts for nothing.
    EnteredInError,
}
