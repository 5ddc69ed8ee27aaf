//! Who may see whose record: grants, invitations, codes.

mod invitation;
mod list;
pub(crate) mod rights;
