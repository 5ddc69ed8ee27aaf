//! Logs: one line an event on standard error, as JSON or for eyes.
//!
//! No line holds health data, names, e-mails, tokens or query strings: they are not handed to `tracing` anywhere.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSection};

/// Begins to log.
///
/// # Errors
/// Where `log.filter` cannot be read, or something logs already.
pub fn start(section: &LogSection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let filter = EnvFilter::try_new(&section.filter)?;
    let lines = fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match section.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
        LogFormat::Text => lines.try_init(),
    }
}
