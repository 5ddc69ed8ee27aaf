//! Tools that come from npm, PyPI and cargo, installed under `target/tools` and nowhere else.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{packages, step};

/// A package of npm, with the version that was tried.
#[derive(Debug, Clone, Copy)]
pub struct Npm {
    name: &'static str,
    version: &'static str,
    /// A file that is there once it is installed.
    proof: &'static str,
}

/// Makes wasm smaller.
pub const BINARYEN: Npm = Npm {
    name: "binaryen",
    version: "132.0.0",
    proof: "bin/wasm-opt",
};
/// Finds what keeps people out of a page.
pub const AXE: Npm = Npm {
    name: "axe-core",
    version: "^4.10",
    proof: "axe.min.js",
};
/// Makes the .deb.
pub const TAURI_CLI: Npm = Npm {
    name: "@tauri-apps/cli",
    version: "^2",
    proof: "tauri.js",
};

/// Installs a package of npm where it is missing and returns the path of its proof.
pub fn npm(workspace: &Workspace, package: Npm, yes: bool) -> Result<PathBuf> {
    let tools = workspace.tools();
    let proof = tools.join("node_modules").join(package.name).join(package.proof);
    if !proof.exists() {
        packages::ensure(&[packages::NPM], yes)?;
        step::say(format!(
            "npm install {}@{} into {}",
            package.name,
            package.version,
            tools.display()
        ));
        fs::create_dir_all(&tools)?;
        let manifest = tools.join("package.json");
        if !manifest.exists() {
            // Without it npm would look for a project in the folders above.
            fs::write(&manifest, "{\"private\": true}\n")?;
        }
        let mut install = workspace.program("npm");
        install
            .current_dir(&tools)
            .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
            .arg(format!("{}@{}", package.name, package.version));
        step::run(&mut install).context("npm could not install; look whether the network lets npm through")?;
    }
    Ok(proof)
}

/// Asks an interface whatever its description allows, and holds the answers against it.
pub const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Installs a package of PyPI, with the programs that it brings, where it is missing.
pub fn python(workspace: &Workspace, package: &str, yes: bool) -> Result<()> {
    packages::ensure(&[packages::PYTHON], yes)?;
    let home = workspace.tools().join("python");
    let proof = home.join(package.replace("==", "-"));
    if proof.exists() {
        return Ok(());
    }
    step::say(format!("pip install {package} into {}", home.display()));
    step::run(workspace.program("python3").args(["-m", "venv"]).arg(&home))?;
    let mut install = workspace.program(home.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", package]);
    step::run(&mut install).context("pip could not install; look whether the network lets pip through")?;
    fs::write(&proof, "").context("the folder of Python's tools cannot be written")
}

/// Installs `tauri-driver`, which drives the desktop window as a WebDriver.
pub fn tauri_driver(workspace: &Workspace) -> Result<()> {
    let tools = workspace.tools();
    if tools.join("bin/tauri-driver").exists() {
        return Ok(());
    }
    step::say("cargo install tauri-driver (about a minute)");
    let install = |locked: bool| {
        let mut cargo = workspace.cargo();
        cargo
            .args(["install", "tauri-driver", "--version", "^2.0", "--root"])
            .arg(&tools);
        // Its own folder, so that it neither waits for a build of ours nor mixes with it.
        cargo.arg("--target-dir").arg(tools.join("build"));
        if locked {
            cargo.arg("--locked");
        }
        cargo
    };
    // A registry that lags behind can lack a version that the lock file names.
    step::run(&mut install(true))
        .or_else(|_| step::run(&mut install(false)))
        .context("tauri-driver could not be installed; the desktop stories need it")?;
    fs::remove_dir_all(tools.join("build")).context("the build folder of tauri-driver could not be removed")
}
