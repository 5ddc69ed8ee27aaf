//! What clinics' lists say of medicines beside each other, and the list that a clinic has loaded.

use doseline_shared::safety::Severity;
use serde::{Deserialize, Serialize};

use super::Local;

/// An interaction, in the terms of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionView {
    /// One medicine's name.
    pub one: String,
    /// The other's; none where both ingredients are in the first.
    pub other: Option<String>,
    /// The two ingredients, as the list is read.
    pub ingredients: (String, String),
    /// How grave it is.
    pub severity: Severity,
    /// What happens, and what to do, in the clinic's words.
    pub text: String,
    /// Where the clinic has it from.
    pub source: String,
    /// Stands for it: the same for as long as the same is said of the same two ingredients.
    pub key: String,
}

/// The list of interactions that a clinic has loaded, for its administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionsView {
    /// The clinic's name.
    pub clinic: String,
    /// The list; none where there is none.
    pub list: Option<LoadedList>,
}

/// A list, by what there is to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedList {
    /// How many pairs it has.
    pub pairs: u32,
    /// When it was loaded.
    pub at: Local,
    /// Who loaded it.
    pub by: Option<String>,
}
