//! The domain of Doseline, pure: schedules, doses, records, access, and the types that cross the wire.
//!
//! Owns every rule of medicine and every shape that client and backend exchange. Refuses I/O, clocks, randomness and
//! async: whatever a function needs from the world, its caller hands in.

pub mod access;
pub mod adherence;
pub mod api;
pub mod audit;
pub mod change;
pub mod dose;
mod field;
pub mod id;
pub mod merge;
pub mod order;
pub mod quantity;
pub mod record;
pub mod report;
pub mod safety;
pub mod schedule;
#[cfg(feature = "schema")]
pub mod schema;
pub mod side_effect;
pub mod stock;
pub mod tagged;
pub mod travel;
pub mod watch;
pub mod zone;
