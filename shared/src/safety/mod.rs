//! What to warn of when a medicine is added, and while it is taken: the same ingredient twice, an allergy, an interaction.
//!
//! Owns the comparison of names and the rules of a clinic's list of interactions. It warns and never forbids: a person
//! decides. It knows no classes of drugs, so that an allergy to penicillins does not warn of amoxicillin.

mod interaction;
mod list;
mod name;
mod warning;

pub use self::{
    interaction::{InteractionPair, Interactions, Severity},
    list::{Column, ListFault, ListFaults, ListProblem, MAX_BYTES, MAX_FAULTS, MAX_PAIRS, list_text, read_list},
    name::{ingredients, normal, share_an_ingredient},
    warning::{Met, Warning, in_use, interacting, warnings},
};
