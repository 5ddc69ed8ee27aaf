//! Which compiler makes code for another target: rustup's where its standard library is or can be fetched, else
//! Debian's own rustc, which builds the standard library from its sources.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{packages, step};

/// The target of the web app.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Behind some networks the attempt hangs instead of failing.
const FETCH_LIMIT: Duration = Duration::from_secs(30);

/// A compiler for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    /// The one that builds everything else.
    Rustup,
    /// Debian's `rustc-web`.
    Debian,
}

impl Compiler {
    /// Finds a compiler for `target`, fetching or installing what is missing.
    pub fn ensure(workspace: &Workspace, target: &str, yes: bool) -> Result<Self> {
        if has_target(workspace, target) {
            return Ok(Self::Rustup);
        }
        // A fetch that failed once is not tried again at every build, for it may cost half a minute each time.
        let remembered = workspace.target.join("compilers").join(target);
        if !(remembered.exists() && debian_ready()) {
            step::say(format!(
                "Fetching the standard library for {target} with rustup (30 s at most)"
            ));
            match step::run_within(workspace.program("rustup").args(["target", "add", target]), FETCH_LIMIT) {
                Ok(()) if has_target(workspace, target) => return Ok(Self::Rustup),
                Ok(()) => step::line("    rustup says that it is there, but the compiler in use does not find it"),
                Err(problem) => step::line(format!("    {problem}")),
            }
            step::line("    Debian's own compiler builds it from source instead.");
            packages::ensure(&[packages::RUST_WEB], yes).with_context(|| {
                format!(
                    "there is no compiler for {target}: make `rustup target add {target}` work, then run this again"
                )
            })?;
            fs::create_dir_all(workspace.target.join("compilers"))?;
            fs::write(
                &remembered,
                "rustup could not fetch it; delete this file to try again\n",
            )?;
        }
        Ok(Self::Debian)
    }

    /// Whether it can build the standard library along with the code, fetching the sources where they are missing.
    pub fn builds_std(self, workspace: &Workspace) -> bool {
        if self == Self::Debian || has_sources(workspace) {
            return true;
        }
        step::say("Fetching the sources of the standard library with rustup (30 s at most)");
        let mut fetch = workspace.program("rustup");
        fetch.args(["component", "add", "rust-src"]);
        if let Err(problem) = step::run_within(&mut fetch, FETCH_LIMIT) {
            step::line(format!("    {problem}"));
        }
        has_sources(workspace)
    }

    /// Cargo for `target`, in a target directory of its own. Further arguments follow.
    pub fn cargo(self, workspace: &Workspace, subcommand: &str, target: &str, folder: &Path) -> Command {
        let mut command = match self {
            Self::Rustup => workspace.cargo(),
            Self::Debian => debian_cargo(workspace),
        };
        command
            .args([subcommand, "--target", target, "--target-dir"])
            .arg(folder);
        command
    }
}

/// Debian's cargo, set to build the standard library from source for any target.
fn debian_cargo(workspace: &Workspace) -> Command {
    let mut command = workspace.program("/usr/bin/cargo");
    build_std(&mut command)
        .env("CARGO", "/usr/bin/cargo")
        .env("RUSTC", "/usr/bin/rustc");
    command
}

/// Makes cargo build the standard library along with the code.
pub fn build_std(cargo: &mut Command) -> &mut Command {
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
}

fn has_target(workspace: &Workspace, target: &str) -> bool {
    let mut rustc = workspace.program("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]);
    step::output(&mut rustc).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn has_sources(workspace: &Workspace) -> bool {
    let sysroot = step::output(workspace.program("rustc").args(["--print", "sysroot"]));
    sysroot.is_ok_and(|folder| {
        Path::new(folder.trim())
            .join("lib/rustlib/src/rust/library/std")
            .is_dir()
    })
}

fn debian_ready() -> bool {
    Path::new("/usr/bin/cargo").is_file() && Path::new("/usr/bin/rustc").is_file()
}
