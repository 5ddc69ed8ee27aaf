//! A clinic: its patients by need, its staff, and its list of interactions.

pub(crate) mod interactions;
mod staff;
mod worklist;
