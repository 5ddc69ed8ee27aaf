//! `cargo xtask check`: what has to hold before anything is committed. Runs all of it, then says what failed.

mod forbidden;
mod layering;
mod locales;
mod platforms;

use std::time::Duration;

use anyhow::{Result, bail};

use crate::compiler::{Compiler, WASM};
use crate::workspace::Workspace;
use crate::{packages, step};

pub use platforms::check as platforms;

/// Formatting, lints, layers, locales, and what must not be in the project.
pub fn run(workspace: &Workspace, yes: bool) -> Result<()> {
    packages::ensure(packages::BUILD, yes)?;
    packages::ensure(packages::DESKTOP, yes)?;
    ensure_components(workspace)?;
    workspace.ensure_dist()?;
    let mut failed = Vec::new();
    let mut note = |name: &str, result: Result<()>| match result {
        Ok(()) => step::line(format!("    {name}: good")),
        Err(error) => {
            step::line(format!("    {name}: {error:#}"));
            failed.push(name.to_owned());
        }
    };

    step::say("Formatting");
    note(
        "formatting",
        step::run(workspace.cargo().args(["fmt", "--all", "--", "--check", "-l"])),
    );
    step::say("Layers, locales, forbidden things");
    note("layers", layering::check());
    note("locales", locales::check(workspace));
    note("forbidden things", forbidden::check(workspace));
    step::say("Lints (clippy)");
    let lints = ["--all-targets", "--", "-D", "warnings"];
    note(
        "lints",
        step::run(workspace.cargo().args(["clippy", "--workspace"]).args(lints)),
    );
    let compiler = Compiler::ensure(workspace, WASM, yes)?;
    step::say("The web app for wasm");
    // Each host alone, as a release is built, and both together.
    for hosts in ["browser,window", "browser", "window"] {
        let mut wasm = match compiler {
            Compiler::Rustup => compiler.cargo(workspace, "clippy", WASM, &workspace.wasm_target()),
            // Debian's compiler has no clippy; the lints above ran on the native build of the same code.
            Compiler::Debian => compiler.cargo(workspace, "check", WASM, &workspace.wasm_target()),
        };
        wasm.args([
            "--package",
            "doseline-ui",
            "--lib",
            "--no-default-features",
            "--features",
            hosts,
        ]);
        if compiler == Compiler::Rustup {
            wasm.args(["--", "-D", "warnings"]);
        }
        note(&format!("web app for {hosts}"), step::run(&mut wasm));
    }

    if failed.is_empty() {
        step::say("All checks passed");
        return Ok(());
    }
    bail!("not good: {}", failed.join(", "))
}

/// A minimal toolchain comes without clippy and rustfmt.
fn ensure_components(workspace: &Workspace) -> Result<()> {
    for (command, component) in [("clippy", "clippy"), ("fmt", "rustfmt")] {
        if !step::succeeds(workspace.cargo().args([command, "--version"])) {
            step::say(format!("rustup component add {component}"));
            let added = step::run_within(
                workspace.program("rustup").args(["component", "add", component]),
                Duration::from_secs(120),
            );
            if let Err(problem) = added {
                bail!("{component} is missing and could not be fetched ({problem}); install it, then run this again");
            }
        }
    }
    Ok(())
}
