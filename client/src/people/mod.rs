//! Who may see whose record, and who did: grants, invitations, codes, the audit.

mod audit;
mod export;
pub(crate) mod invitation;
mod list;
pub(crate) mod rights;
