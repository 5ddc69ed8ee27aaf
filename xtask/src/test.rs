//! `cargo xtask test`: sets up what the stories need, builds everything once, runs every test, and adds up.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::web::{self, Flavour, Screens};
use crate::workspace::Workspace;
use crate::{packages, step, tools};

/// Bundles of synthetic patients in FHIR R4, made by Synthea.
const RECORDS: &str = "../shared/data/synthea";

/// Runs the tests whose names contain `filter`, or all. The last line is the count; the answer is whether all is well.
pub fn run(workspace: &Workspace, filter: Option<&str>, yes: bool) -> Result<bool> {
    step::say("Looking for what the tests need");
    if !workspace.root.join(RECORDS).is_dir() {
        step::line(format!(
            "    The tests of the import read real records, which are no part of this repository: without three bundles in\n    {RECORDS} they fail."
        ));
    }
    packages::ensure(packages::BUILD, yes)?;
    packages::ensure(packages::DESKTOP, yes)?;
    packages::ensure(packages::TEST, yes)?;
    tools::tauri_driver(workspace)?;
    tools::npm(workspace, tools::AXE, yes)?;
    tools::python(workspace, tools::SCHEMATHESIS, yes)?;
    web::build(workspace, Flavour::Lite, &[Screens::Either], yes)?;
    step::say("Building the backend, the desktop app and the tests");
    // One call for both, so that the programs under test and the tests share every dependency.
    step::run(
        workspace
            .cargo()
            .args(["build", "--workspace", "--lib", "--bins", "--tests"]),
    )?;

    step::say("Running the tests");
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast", "--"]).args(filter);
    environment(&mut cargo, workspace, &workspace.debug_bin())?;
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo could not be started")?;
    let mut totals = Totals::default();
    for line in BufReader::new(child.stdout.take().context("cargo has no output")?).lines() {
        let line = line?;
        totals.read(&line);
        step::line(&line);
    }
    let status = child.wait()?;
    if !status.success() && totals.failed == 0 {
        // A test binary that was killed says no result of its own.
        totals.failed = 1;
    }
    if !totals.names.is_empty() {
        step::line("\nFailed:");
        for name in &totals.names {
            step::line(format!("    {name}"));
        }
    }
    if totals.failed > 0 {
        step::line("\n`cargo xtask test <name>` runs one alone.");
    } else if totals.passed == 0 {
        step::line("\nNo test ran.");
    }
    step::line(format!("\n{} passed, {} failed", totals.passed, totals.failed));
    Ok(totals.failed == 0 && totals.passed > 0)
}

/// Tells the tests where the programs, the web app and the tools are.
pub fn environment(cargo: &mut Command, workspace: &Workspace, programs: &Path) -> Result<()> {
    cargo
        .env("DOSELINE_TEST_BIN_DIR", programs)
        .env("DOSELINE_TEST_DIST", workspace.dist())
        .env("DOSELINE_TEST_TOOLS", workspace.tools());
    // Debian keeps PostgreSQL's server programs off the path.
    if let Some(postgres) = newest_postgres(Path::new("/usr/lib/postgresql")) {
        cargo.env("DOSELINE_TEST_PG_BIN", &postgres);
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(postgres).chain(env::split_paths(&path));
        cargo.env("PATH", env::join_paths(folders)?);
    }
    Ok(())
}

fn newest_postgres(folder: &Path) -> Option<PathBuf> {
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .max_by_key(version)?;
    Some(newest.join("bin"))
}

/// What the test binaries said, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    names: Vec<String>,
}

impl Totals {
    fn read(&mut self, line: &str) {
        if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.names.push(name.to_owned());
        }
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_binaries_are_added_up() {
        let mut totals = Totals::default();
        for line in [
            "test dose::a ... ok",
            "test dose::b ... FAILED",
            "test result: FAILED. 11 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.31s",
            "a line of a test that says 7 passed; 9 failed",
            "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            totals.read(line);
        }
        assert_eq!(
            totals,
            Totals {
                passed: 15,
                failed: 1,
                names: vec!["dose::b".to_owned()]
            }
        );
    }
}
