//! Devices: where a person is signed in, and ending that.

mod list;
mod revoke;

pub use list::list;
pub use revoke::revoke;
