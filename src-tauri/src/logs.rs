//! Logs and panics to standard error, without health data.
//!
//! A panic's message may quote what the code was working on, so only its place is told.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// Chooses what is logged, in the syntax of `tracing_subscriber::EnvFilter`.
const FILTER: &str = "DOSELINE_LOG";
const USUAL: &str = "warn,doseline_desktop=info,doseline_client=info";

/// Begins to log. Called once, before anything else.
pub fn begin() {
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(USUAL));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Fails only where a logger is set already, as when a mobile system starts the library twice in one process.
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let thread = std::thread::current();
        let place = panic
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()))
            .unwrap_or_default();
        tracing::error!(panic.place = %place, panic.thread = thread.name().unwrap_or("unnamed"), "panicked");
    }));
}
