//! `cargo xtask zones`: writes the table of the changes of the clocks anew, after an update of `chrono-tz`.
//!
//! The law that holds the table to be what `chrono-tz` says also writes it where it is told to, so that the two can never
//! mean different formats.

use anyhow::Result;

use crate::step;
use crate::workspace::Workspace;

/// Writes `shared/src/zone/changes.bin`.
pub fn write(workspace: &Workspace) -> Result<()> {
    step::say("Reading the zones out of chrono-tz");
    let mut law = workspace.cargo();
    law.args([
        "test",
        "--package",
        "doseline-shared",
        "--test",
        "laws",
        "the_table_is_what_chrono_tz_says",
    ]);
    law.env("DOSELINE_WRITE_ZONES", "1");
    step::run(&mut law)
}
