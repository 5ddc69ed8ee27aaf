//! Who may see whose record: grants, invitations, codes.

pub(crate) mod invitation;
mod list;
pub(crate) mod rights;
