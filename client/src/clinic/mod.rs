//! A clinic: its patients by need, its staff, the systems that it has connected and where they are told of changes, and its list of interactions.

pub(crate) mod interactions;
mod staff;
mod systems;
mod webhooks;
mod worklist;
