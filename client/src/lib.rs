//! What a Doseline device does: use cases, replica of the records, outbox, sync.
//!
//! One core, two hosts: the desktop and mobile shells run it natively over SQLCipher, the browser runs it as wasm inside
//! the page. It takes what it needs from the outside through [`host::Host`] and [`cache::Cache`], and it knows neither
//! Tauri nor the browser. A surface asks with an [`ask::Ask`] and draws the [`view`] that comes back.

mod account;
mod alert;
pub mod ask;
pub mod cache;
mod caregiver;
mod clinic;
mod clock;
pub mod core;
mod dose;
mod fault;
mod feel;
pub mod host;
mod interaction;
pub mod json;
#[cfg(feature = "native")]
pub mod native;
mod people;
mod regimen;
pub mod remind;
mod replica;
mod report;
mod settings;
mod signal;
mod state;
mod sync;
mod today;
mod travel;
pub mod vault;
pub mod view;
pub mod words;
