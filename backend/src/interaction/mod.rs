//! A clinic's list of interactions: loading one from its own CSV file, reading it, withdrawing it.
//!
//! Owns how a file is cut into rows. What its cells may hold is `doseline_shared::safety`'s; no list is bundled.

pub mod file;
mod load;
mod read;
mod withdraw;

pub use load::load;
pub use read::{Reading, read};
pub use withdraw::withdraw;
