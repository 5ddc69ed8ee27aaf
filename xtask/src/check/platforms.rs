//! `cargo xtask check --platforms`: links the desktop app for Windows, and type-checks all its Rust for macOS, Android
//! and iOS, from Debian. It proves that code behind `cfg` is real code, and nothing about running.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::compiler::Compiler;
use crate::workspace::Workspace;
use crate::{packages, step};

/// One platform, and how far it can be followed from here.
struct Platform {
    name: &'static str,
    target: &'static str,
    /// Linked to a program, or only type-checked.
    links: bool,
    /// Has no C compiler here, so that one stands in for it.
    stand_in: bool,
}

const PLATFORMS: [Platform; 4] = [
    Platform {
        name: "Windows",
        target: "x86_64-pc-windows-gnu",
        links: true,
        stand_in: false,
    },
    Platform {
        name: "macOS",
        target: "aarch64-apple-darwin",
        links: false,
        stand_in: true,
    },
    Platform {
        name: "Android",
        target: "aarch64-linux-android",
        links: false,
        stand_in: true,
    },
    Platform {
        name: "iOS",
        target: "aarch64-apple-ios",
        links: false,
        stand_in: true,
    },
];

/// Stands in for a C compiler: preprocesses with clang, and answers every compilation with an empty object. Rust
/// code is type-checked without ever being linked, so nobody reads those objects.
const STAND_IN: &str = r#"#!/bin/sh
out=
preprocess=
previous=
for argument in "$@"; do
    # -? is how Microsoft's compiler is told apart: only that one answers it.
    case "$argument" in -E) preprocess=1 ;; '-?') exit 1 ;; esac
    [ "$previous" = "-o" ] && out=$argument
    previous=$argument
done
if [ -n "$preprocess" ]; then
    exec clang "$@"
fi
[ -n "$out" ] && : > "$out"
for argument in "$@"; do
    case "$argument" in --version | -v | -dumpversion) echo "clang version 14.0.0" ;; esac
done
exit 0
"#;

/// Follows each platform (or the one named) as far as it goes and prints a table.
pub fn check(workspace: &Workspace, only: Option<&str>, yes: bool) -> Result<()> {
    let chosen: Vec<&Platform> = PLATFORMS
        .iter()
        .filter(|platform| only.is_none_or(|name| platform.name.eq_ignore_ascii_case(name)))
        .collect();
    if chosen.is_empty() {
        bail!(
            "the platforms are: {}",
            PLATFORMS.map(|platform| platform.name).join(", ")
        );
    }
    if chosen.iter().any(|platform| platform.links) {
        packages::ensure(&[packages::WINDOWS], yes)?;
    }
    if chosen.iter().any(|platform| platform.stand_in) {
        packages::ensure(packages::STAND_IN, yes)?;
    }
    workspace.ensure_dist()?;
    let rows: Vec<Row> = chosen
        .into_iter()
        .map(|platform| follow(workspace, platform, yes))
        .collect();

    step::line(format!(
        "\n    {:<9} {:<24} {:<14} {:<8} {:>6}",
        "", "target", "how far", "result", "time"
    ));
    for row in &rows {
        step::line(format!(
            "    {:<9} {:<24} {:<14} {:<8} {:>4} s",
            row.platform.name,
            row.platform.target,
            if row.platform.links { "linked" } else { "type-checked" },
            if row.result.is_ok() { "good" } else { "FAILED" },
            row.seconds
        ));
    }
    let mut failed = false;
    for row in &rows {
        match &row.result {
            Ok(Some(program)) => step::line(format!("    {}: {}", row.platform.name, program.display())),
            Ok(None) => {}
            Err(error) => {
                failed = true;
                step::line(format!("    {}: {error:#}", row.platform.name));
            }
        }
    }
    if failed {
        bail!("not every platform is good")
    } else {
        Ok(())
    }
}

struct Row<'a> {
    platform: &'a Platform,
    result: Result<Option<PathBuf>>,
    seconds: u64,
}

fn follow<'a>(workspace: &Workspace, platform: &'a Platform, yes: bool) -> Row<'a> {
    let begun = Instant::now();
    step::say(format!("{} ({})", platform.name, platform.target));
    let result = build(workspace, platform, yes);
    Row {
        platform,
        result,
        seconds: begun.elapsed().as_secs(),
    }
}

fn build(workspace: &Workspace, platform: &Platform, yes: bool) -> Result<Option<PathBuf>> {
    let folder = workspace.target.join("platforms").join(platform.name.to_lowercase());
    let compiler = Compiler::ensure(workspace, platform.target, yes)?;
    let subcommand = if platform.links { "build" } else { "check" };
    let mut cargo = compiler.cargo(workspace, subcommand, platform.target, &folder);
    cargo.args(["--package", "doseline-desktop"]);
    if platform.stand_in {
        stand_in(&mut cargo, platform.target, &folder)?;
    }
    step::run(&mut cargo)?;
    if !platform.links {
        return Ok(None);
    }
    let program = folder.join(platform.target).join("debug/doseline.exe");
    if !program.is_file() {
        bail!("cargo left no {}", program.display());
    }
    Ok(Some(program))
}

/// Points the C builds of dependencies at the stand-in.
fn stand_in(cargo: &mut Command, target: &str, folder: &Path) -> Result<()> {
    let sdk = folder.join("empty-sdk");
    fs::create_dir_all(&sdk)?;
    let compiler = folder.join("cc");
    fs::write(&compiler, STAND_IN)?;
    #[cfg(unix)]
    fs::set_permissions(&compiler, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let suffix = target.replace('-', "_");
    cargo
        .env(format!("CC_{suffix}"), &compiler)
        .env(format!("CXX_{suffix}"), &compiler)
        .env(format!("AR_{suffix}"), "llvm-ar")
        .env(format!("RANLIB_{suffix}"), "llvm-ranlib")
        .env("SDKROOT", &sdk);
    Ok(())
}
