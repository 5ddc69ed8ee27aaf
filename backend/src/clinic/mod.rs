//! Clinics: founding one, and its staff.

mod add_staff;
mod found;
mod list;
mod list_staff;
mod remove_staff;

pub use add_staff::add_staff;
pub use found::{Founded, NewClinic, found};
pub use list::list;
pub use list_staff::list_staff;
pub use remove_staff::remove_staff;
