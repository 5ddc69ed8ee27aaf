//! Which compiler makes wasm: rustup's target where it is or can be fetched, else Debian's own rustc, which builds the
//! standard library from its sources.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{packages, step};

/// The target of the web app.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Behind some networks the attempt hangs instead of failing.
const FETCH_LIMIT: Duration = Duration::from_secs(30);

/// A compiler that can make wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that builds everything else.
    Rustup,
    /// Debian's `rustc-web`.
    Debian,
}

impl Toolchain {
    /// Finds a compiler, fetching or installing what is missing.
    pub fn ensure(workspace: &Workspace, yes: bool) -> Result<Self> {
        if has_target(workspace) {
            return Ok(Self::Rustup);
        }
        // A fetch that failed once is not tried again at every build, for it may cost half a minute each time.
        let remembered = workspace.wasm_target().join("compiler-is-debians");
        if !(remembered.exists() && debian_ready()) {
            step::say(format!(
                "Fetching the standard library for {TARGET} with rustup (30 s at most)"
            ));
            match step::run_within(workspace.program("rustup").args(["target", "add", TARGET]), FETCH_LIMIT) {
                Ok(()) if has_target(workspace) => return Ok(Self::Rustup),
                Ok(()) => step::line("    rustup fetched it for another toolchain than the one in use"),
                Err(problem) => step::line(format!("    {problem}")),
            }
            step::line("    Debian's own compiler builds it from source instead.");
            packages::ensure(&[packages::RUST_WEB], yes).with_context(|| {
                format!(
                    "there is no compiler for WebAssembly: make `rustup target add {TARGET}` work, then run this again"
                )
            })?;
            fs::create_dir_all(workspace.wasm_target())?;
            fs::write(
                &remembered,
                "rustup could not fetch the target; delete this file to try again\n",
            )?;
        }
        Ok(Self::Debian)
    }

    /// Cargo for wasm, in the target directory of its own. Arguments follow after the subcommand.
    pub fn cargo(self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Rustup => workspace.cargo(),
            Self::Debian => debian_cargo(workspace),
        };
        command
            .arg(subcommand)
            .args(["--target", TARGET, "--target-dir"])
            .arg(workspace.wasm_target());
        command
    }
}

/// Debian's cargo, set to build the standard library from source for any target.
pub fn debian_cargo(workspace: &Workspace) -> Command {
    let mut command = workspace.program("/usr/bin/cargo");
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO", "/usr/bin/cargo")
        .env("RUSTC", "/usr/bin/rustc");
    command
}

fn has_target(workspace: &Workspace) -> bool {
    let mut rustc = workspace.program("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    step::output(&mut rustc).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn debian_ready() -> bool {
    Path::new("/usr/bin/cargo").is_file() && Path::new("/usr/bin/rustc").is_file()
}
