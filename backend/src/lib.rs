//! The provider backend of Doseline: HTTP, store, accounts, sync, import and operations.

mod access;
pub mod account;
pub mod app;
mod chart;
pub mod clinic;
pub mod config;
pub mod demo;
pub mod device;
pub mod fault;
pub mod http;
pub mod import;
pub mod interaction;
pub mod invitation;
mod lock;
pub mod operations;
mod page;
pub mod partner;
pub mod patient;
pub mod random;
pub mod report;
pub mod schedule;
mod serve;
pub mod store;
pub mod sync;
mod tls;
pub mod watch;
pub mod webhook;

pub use serve::{Running, ServeError, open_store, serve, serve_demo, serve_with_clock};
