//! Clinics' lists of interactions on the device: which are here, and what they say of a regimen.
//!
//! A list stands for the patients whose record is open to its clinic. It works without the network, from what was fetched
//! last. What it says is told and never in the way.

mod fetch;
mod know;
mod met;

use chrono::{DateTime, Utc};
use doseline_shared::{api::interactions::InteractionList, safety::Interactions};

pub(crate) use self::{
    know::unknown,
    met::{lists_of, met, met_by, told},
};

/// A clinic's list.
pub(crate) struct ClinicList {
    revision: String,
    /// When it was loaded.
    pub(crate) loaded_at: DateTime<Utc>,
    /// Who loaded it, where the backend tells.
    pub(crate) loaded_by: Option<String>,
    count: usize,
    pairs: Interactions,
}

impl ClinicList {
    /// The list as it was fetched, ready to be looked up in.
    pub(crate) fn new(list: InteractionList) -> Self {
        Self {
            revision: list.revision,
            loaded_at: list.loaded_at,
            loaded_by: list.loaded_by,
            count: list.pairs.len(),
            pairs: Interactions::new(list.pairs),
        }
    }

    /// How many pairs the clinic has loaded.
    pub(crate) fn pairs(&self) -> u32 {
        u32::try_from(self.count).unwrap_or(u32::MAX)
    }
}
