//! What other systems read of a patient, in the types of `shared::api::patient`.

mod adherence;
mod log;
mod medications;

pub use adherence::{AskAdherence, adherence};
pub use medications::medications;
