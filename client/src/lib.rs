//! What a Doseline device does: use cases, replica of the records, outbox, sync.
//!
//! One core, two hosts: the desktop and mobile shells run it natively over SQLCipher, the browser runs it as wasm inside
//! the page. It takes what it needs from the outside through [`host::Host`] and [`cache::Cache`], and it knows neither
//! Tauri nor the browser. A surface asks with an [`ask::Ask`] and draws the [`view`] that comes back.

pub mod ask;
pub mod cache;
pub mod host;
pub mod view;
