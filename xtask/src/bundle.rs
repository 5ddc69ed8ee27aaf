//! `cargo xtask bundle`: the desktop app as a .deb, and a look whether it installs and starts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::web::{self, Flavour, Screens};
use crate::workspace::Workspace;
use crate::{packages, step, tools};

/// An app that still runs after so long has opened its window and its store.
const STARTED: Duration = Duration::from_secs(15);

/// Builds the package; with `install` installs it on this machine and starts it once.
pub fn run(workspace: &Workspace, install: bool, yes: bool) -> Result<()> {
    packages::ensure(packages::BUILD, yes)?;
    packages::ensure(packages::DESKTOP, yes)?;
    web::build(workspace, Flavour::Release, &[Screens::Window], yes)?;
    let cli = tools::npm(workspace, tools::TAURI_CLI, yes)?;
    step::say("Building the package (ten minutes or more)");
    let begun = SystemTime::now();
    step::run(workspace.program("node").arg(cli).args(["build", "--bundles", "deb"]))?;
    let folder = workspace.target.join("release/bundle/deb");
    let package =
        newest_deb(&folder, begun).with_context(|| format!("there is no new .deb in {}", folder.display()))?;
    step::line(format!(
        "    {} ({:.1} MB)",
        package.display(),
        fs::metadata(&package)?.len() as f64 / 1e6
    ));
    look_inside(workspace, &package)?;
    if install {
        install_and_start(workspace, &package)?;
    } else {
        step::line("    `cargo xtask bundle --install` also installs it here and starts it once");
    }
    Ok(())
}

fn newest_deb(folder: &Path, since: SystemTime) -> Option<PathBuf> {
    let packages = fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let changed = |path: &PathBuf| fs::metadata(path).and_then(|found| found.modified()).ok();
    packages
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "deb"))
        .filter(|path| changed(path).is_some_and(|when| when >= since))
        .max_by_key(changed)
}

fn look_inside(workspace: &Workspace, package: &Path) -> Result<()> {
    let list = step::output(workspace.program("dpkg-deb").arg("--contents").arg(package))?;
    for needed in ["usr/bin/doseline", ".desktop", ".png"] {
        if !list.lines().any(|line| line.ends_with(needed)) {
            bail!("the package holds no {needed}");
        }
    }
    Ok(())
}

fn install_and_start(workspace: &Workspace, package: &Path) -> Result<()> {
    packages::install_file(package)?;
    packages::ensure(packages::TEST, true)?;
    step::say("Starting the installed app on a display without a screen");
    let data = workspace.target.join("bundle-data");
    fs::create_dir_all(&data)?;
    let mut app = workspace.program("xvfb-run");
    app.args(["-a", "dbus-run-session", "--", "timeout", "--signal=TERM"])
        .arg(STARTED.as_secs().to_string())
        .arg("/usr/bin/doseline")
        .env("DOSELINE_DATA_DIR", &data)
        .stdin(Stdio::null());
    let status = app.status().context("xvfb-run could not be started")?;
    // 124 is the word of `timeout` for a program that was still running.
    if status.code() != Some(124) {
        bail!(
            "the installed app ended by itself ({status}) within {} s",
            STARTED.as_secs()
        );
    }
    step::line(format!("    it ran for {} s until it was stopped", STARTED.as_secs()));
    Ok(())
}
