//! Signing up, in and out, and the tokens of the session.

pub(crate) mod backend;
mod sign_in;
mod sign_out;
pub(crate) mod token;
