//! `cargo xtask bench`: measures what the design promises, each beside its comparison in the same run, and prints a
//! table. Owns which measurements there are; each lies in a file of its own.
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

mod audit;
mod backend;
mod bundle;
mod display;
mod driver;
mod expand;
mod feed;
mod five_years;
mod memory;
mod raw;
mod screen;
mod start;
mod table;
mod watch;
mod worklist;
mod write;

use std::process::ExitCode;

use anyhow::{Result, bail};
use table::Row;

/// The measurements, in the order of the table.
const NAMES: [&str; 10] = [
    "expand", "write", "feed", "audit", "worklist", "watch", "bundle", "start", "screen", "memory",
];

fn main() -> ExitCode {
    let only = std::env::args().nth(1);
    match measure(only.as_deref()) {
        Ok(rows) => {
            println!("\n{}", table::render(&rows));
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(only: Option<&str>) -> Result<Vec<Row>> {
    if let Some(name) = only
        && !NAMES.contains(&name)
    {
        bail!("there is no measurement `{name}`; they are {}", NAMES.join(", "));
    }
    // Both rustls and reqwest leave the choice of cryptography to the program.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new()?;
    let mut rows = Vec::new();
    for name in NAMES.into_iter().filter(|name| only.is_none_or(|only| only == *name)) {
        println!("→ measuring: {name}");
        rows.extend(match name {
            "expand" => expand::measure()?,
            "write" => runtime.block_on(write::measure())?,
            "feed" => runtime.block_on(feed::measure())?,
            "audit" => runtime.block_on(audit::measure())?,
            "watch" => runtime.block_on(watch::measure())?,
            "worklist" => runtime.block_on(worklist::measure())?,
            "bundle" => bundle::measure()?,
            "start" => runtime.block_on(start::measure())?,
            "screen" => runtime.block_on(screen::measure())?,
            _ => runtime.block_on(memory::measure())?,
        });
    }
    Ok(rows)
}
