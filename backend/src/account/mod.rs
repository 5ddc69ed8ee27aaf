//! Accounts: sign-up, sign-in with its second factor, sessions, and who is signed in.

pub mod attempt;
pub mod change_password;
pub mod email;
pub mod first_password;
mod me;
pub mod password;
mod refresh;
pub mod second_factor;
pub mod session;
mod sign_in;
mod sign_out;
mod sign_up;
pub mod token;

pub use change_password::change_password;
pub use me::me;
pub use refresh::refresh;
pub use sign_in::sign_in;
pub use sign_out::sign_out;
pub use sign_up::sign_up;
