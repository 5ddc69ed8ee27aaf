//! A clinic: its patients by need, its staff, the systems that it has connected, and its list of interactions.

pub(crate) mod interactions;
mod staff;
mod systems;
mod worklist;
