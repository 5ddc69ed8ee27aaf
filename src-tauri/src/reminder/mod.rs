//! Reminders: when to look, what stands on the screen, and what a press of a button means.
//!
//! The core says which doses are to be reminded of and when to ask again. This only shows, withdraws and reports.

pub mod notify;
pub mod standing;
pub mod timer;
pub mod wording;
