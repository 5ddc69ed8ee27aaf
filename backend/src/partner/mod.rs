//! Systems that a clinic connects: their keys, and the tokens that a key is exchanged for.

mod connect;
mod key;
mod token;

pub use connect::{connect, disconnect, end_key, list, make_key};
pub(crate) use connect::{note, of_clinic};
pub use token::{Credentials, introspect, issue, revoke, revoke_own, validate};
