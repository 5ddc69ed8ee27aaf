//! Which patients there are for a caller; what other systems read of one, in the types of `shared::api::patient`; who has
//! looked at the record; and a copy of all of it.

mod adherence;
mod audit;
mod export;
mod list;
mod log;
mod medications;

pub use adherence::{AskAdherence, adherence};
pub use audit::{AskAudit, audit};
pub use export::export;
pub use list::{AskPatients, list};
pub use medications::medications;
