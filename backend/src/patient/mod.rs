//! What other systems read of a patient, in the types of `shared::api::patient`, who has looked at the
//! record, and a copy of all of it.

mod adherence;
mod audit;
mod export;
mod log;
mod medications;

pub use adherence::{AskAdherence, adherence};
pub use audit::{AskAudit, audit};
pub use export::export;
pub use medications::medications;
