//! The laws of the domain, each held by a test: schedules, doses, merge, access, the hash chain.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its data has failed")]

mod access;
mod adherence;
mod after;
mod as_needed;
mod build;
mod cases;
mod change;
mod clock_changes;
mod dose;
mod elapsed;
mod every_zone;
mod format;
mod last_taken;
mod merge;
mod operations;
mod plan;
mod safety;
mod stock;
mod travel;
mod wall;
mod watch;
mod zones;
