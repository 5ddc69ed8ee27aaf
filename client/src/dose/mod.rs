//! Doses: what is due and what became of it, and the entries that say so.

mod as_needed;
mod log;
mod retract;
pub(crate) mod time;

pub(crate) use doseline_shared::dose::slate;

pub(crate) use as_needed::{DOUBLE_TAP_S, allowance};
pub(crate) use log::UNDO_S;
