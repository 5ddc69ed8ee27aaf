//! Where things are, and how cargo is called. Owns the paths; everything else asks here, so that
//! `CARGO_TARGET_DIR` and a checkout in any folder work.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::step;

/// The paths of this checkout.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target directory, wherever it is configured to be.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this xtask was built from.
    pub fn find() -> Result<Self> {
        let metadata = metadata(&["--no-deps"])?;
        let path = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata has no {key}"))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
        })
    }

    /// The built web app for browsers, which the backend serves.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The same screens for the desktop shell, which embeds them.
    pub fn dist_window(&self) -> PathBuf {
        self.root.join("dist-window")
    }

    /// Tools from npm, PyPI and cargo that only this checkout uses.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The target directory of wasm builds, apart from the native one because their compiler may differ.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// The folder of binaries that a plain `cargo build` makes.
    pub fn debug_bin(&self) -> PathBuf {
        self.target.join("debug")
    }

    /// Cargo in the root, as if called by hand.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// Any program in the root, in the environment that this xtask was called in.
    pub fn program(&self, name: impl AsRef<Path>) -> Command {
        let mut command = Command::new(name.as_ref());
        command.current_dir(&self.root);
        without_cargo(&mut command);
        command
    }

    /// The shell embeds `dist-window/` when it compiles, so that folder has to exist before the web app is built.
    pub fn ensure_dist(&self) -> Result<()> {
        let folder = self.dist_window();
        let index = folder.join("index.html");
        if !index.exists() {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(
                &index,
                "<!doctype html><meta charset=\"utf-8\"><title>Doseline</title><p>The web app is not built yet: run <code>cargo xtask ui</code>.\n",
            )?;
        }
        Ok(())
    }
}

/// `cargo metadata`, read.
pub fn metadata(arguments: &[&str]) -> Result<Value> {
    let text = step::output(cargo().args(["metadata", "--format-version", "1"]).args(arguments))?;
    Ok(serde_json::from_str(&text)?)
}

/// The cargo that called us, with an environment that does not look like that of a nested call. Build scripts that
/// watch `CARGO_PKG_…` or `CARGO_MANIFEST_DIR` would otherwise run again each time.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    without_cargo(&mut command);
    command
}

fn without_cargo(command: &mut Command) {
    const PREFIXES: [&str; 5] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_PRIMARY_",
    ];
    for (key, _) in env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        if key == "CARGO" || PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
            command.env_remove(key);
        }
    }
}
