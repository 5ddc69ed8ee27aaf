//! Schedules: the public preview.

mod preview;

pub use preview::preview;
