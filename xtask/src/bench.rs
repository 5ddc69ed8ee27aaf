//! `cargo xtask bench`: builds what is measured at full speed and starts the measurements, which live in `tests/`.

use anyhow::Result;

use crate::web::{self, Flavour, Screens};
use crate::workspace::Workspace;
use crate::{packages, step, test, tools};

/// Measures everything, or what is named.
pub fn run(workspace: &Workspace, name: Option<&str>, yes: bool) -> Result<()> {
    packages::ensure(packages::BUILD, yes)?;
    packages::ensure(packages::DESKTOP, yes)?;
    packages::ensure(packages::TEST, yes)?;
    tools::tauri_driver(workspace)?;
    web::build(workspace, Flavour::Release, &[Screens::Browser, Screens::Window], yes)?;
    step::say("Building the backend, the desktop app and the measurements at full speed (ten minutes or more)");
    let packages = ["doseline-backend", "doseline-desktop", "doseline-tests"];
    let mut build = workspace.cargo();
    build.args(["build", "--release", "--bins"]);
    for package in packages {
        build.args(["--package", package]);
    }
    step::run(&mut build)?;
    if name.is_none_or(|name| name == "expand") {
        step::say("Holding the expansion against the slow one on 100,000 random schedules of each kind");
        let mut oracle = workspace.cargo();
        oracle.args([
            "test",
            "--release",
            "--package",
            "doseline-shared",
            "--test",
            "laws",
            "expansion_is",
        ]);
        step::run(oracle.env("DOSELINE_SCHEDULES", "100000"))?;
    }
    let programs = workspace.target.join("release");
    let mut bench = workspace.program(programs.join("bench"));
    bench.args(name);
    test::environment(&mut bench, workspace, &programs)?;
    step::run(&mut bench)
}
