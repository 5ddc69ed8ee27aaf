//! Sync: push, pull and hints, in the types of `shared::api::sync`.

mod apply;
mod feel;
mod gather;
mod hints;
mod pull;
mod push;
mod supply;

pub use gather::Gathering;
pub use hints::hints;
pub use pull::{AskChanges, AskPatientChanges, changes, patient_changes};
pub use push::push;
