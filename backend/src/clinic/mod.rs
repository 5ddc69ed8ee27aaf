//! Clinics: founding one, its staff, and whom it asks for a second factor.

mod add_staff;
mod found;
mod list;
mod list_staff;
mod remove_staff;
mod renew_first_password;
mod require;

pub use add_staff::add_staff;
pub use found::{Founded, NewClinic, found};
pub use list::list;
pub use list_staff::list_staff;
pub use remove_staff::remove_staff;
pub use renew_first_password::renew_first_password;
pub use require::{require, requirement};
