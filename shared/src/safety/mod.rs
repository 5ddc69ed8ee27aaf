//! What to warn of when a medicine is added: the same ingredient twice, an allergy, an interaction.
//!
//! Owns the comparison of names and a clinic's list of interactions. It warns and never forbids: a person decides. It
//! knows no classes of drugs, so that an allergy to penicillins does not warn of amoxicillin.

mod interaction;
mod name;
mod warning;

pub use self::{
    interaction::{InteractionPair, Interactions, ListFault, Problem, Severity},
    name::{ingredients, normal, share_an_ingredient},
    warning::{Warning, warnings},
};
