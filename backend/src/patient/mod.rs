//! What other systems read of a patient, in the types of `shared::api::patient`, and who has looked at the record.

mod adherence;
mod audit;
mod log;
mod medications;

pub use adherence::{AskAdherence, adherence};
pub use audit::{AskAudit, audit};
pub use medications::medications;
