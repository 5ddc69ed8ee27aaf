//! Signing up, in and out, passwords, the second factor, and the tokens of the session.

pub(crate) mod backend;
mod change_password;
mod second_factor;
mod sign_in;
mod sign_out;
pub(crate) mod token;
