//! The ledger of what a patient has at home: refills and counts. Doses taken are read from the record of doses, so that
//! nothing is written twice.

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, MedicationId, PatientId, PersonId, StockEntryId},
    quantity::Quantity,
};

/// One entry in the ledger. It is never changed; a mistake is answered by a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StockEntry {
    /// Identity, made where it was created.
    pub id: StockEntryId,
    /// Whose stock.
    pub patient: PatientId,
    /// Of which medication.
    pub medication: MedicationId,
    /// What happened.
    pub what: StockAct,
    /// When it happened, with the local offset of that moment.
    pub at: DateTime<FixedOffset>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub by: PersonId,
    /// On which device.
    pub device: DeviceId,
}

/// What happened to a stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StockAct {
    /// More came in.
    Refill {
        /// How much.
        amount: Quantity,
    },
    /// It was counted: this much is there, whatever the ledger said before.
    Count {
        /// How much.
        amount: Quantity,
    },
}

crate::tagged!(StockAct by "kind", strict {
    "refill" => Refill { amount },
    "count" => Count { amount },
});

impl StockAct {
    /// The amount that it names.
    pub const fn amount(&self) -> &Quantity {
        match self {
            Self::Refill { amount } | Self::Count { amount } => amount,
        }
    }
}

/// How the stock of a medication is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StockSettings {
    /// The unit that it is counted in, such as `tablet`.
    pub unit: String,
    /// Days from asking for more until it is there.
    pub lead_days: u32,
}
