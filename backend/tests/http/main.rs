//! Stories over the interface of the backend, on the embedded store, in this process.

#![expect(
    clippy::unwrap_used,
    reason = "clippy allows it in test functions only; here everything is for tests"
)]

mod access_matrix;
mod account;
mod audit;
mod event_stream;
mod first_password;
mod import;
mod interaction;
mod invitation;
mod openapi;
mod operations;
mod partner;
mod patient;
mod preview;
#[path = "../../../tests/src/receiver.rs"]
mod receiver;
mod report;
mod second_factor;
mod sync;
mod watch;
mod webhook;
mod world;
