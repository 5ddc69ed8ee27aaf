//! The regimen: the list of medicines, a medicine's page, adding, editing and stopping.

pub mod draft;
pub(crate) mod list;
mod page;
mod preview;
mod save;
pub(crate) mod stock;
mod stop;
pub(crate) mod when;
