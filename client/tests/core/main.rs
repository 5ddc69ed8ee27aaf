//! Stories of one device: what it records, shows, keeps and sends. The store is the real encrypted file; the backend is
//! played by the host of the test, which answers as the contract in `shared::api` says.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod account;
mod alerts;
mod audit;
mod doses;
mod drafts;
mod files;
mod interactions;
mod people;
mod reminders;
mod report;
mod side_effects;
mod stock;
mod sync;
mod travel;
mod world;
mod years;
