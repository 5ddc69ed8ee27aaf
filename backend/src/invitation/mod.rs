//! Invitations: one-time codes by which someone comes to see a patient, and the end of what they may see.

mod code;
mod end_grant;
mod invite;
mod lookup;
mod redeem;

pub use end_grant::end_grant;
pub use invite::invite;
pub use lookup::lookup;
pub use redeem::redeem;
