//! Where the programs under test, the built web app, the tools and the real input are.
//!
//! `cargo xtask test` says it by environment variables; run by hand, the places are those of this checkout.

use std::{
    env,
    path::{Path, PathBuf},
};

/// A program under test, such as `doseline-backend`.
pub fn program(name: &str) -> PathBuf {
    let folder = named("DOSELINE_TEST_BIN_DIR").unwrap_or_else(profile);
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not built; run `cargo xtask test`, or `cargo build -p doseline-backend -p doseline-desktop`",
        path.display()
    );
    path
}

/// The built web app.
pub fn web_app() -> PathBuf {
    let folder = named("DOSELINE_TEST_DIST").unwrap_or_else(|| checkout().join("dist"));
    assert!(
        folder.join("index.html").exists(),
        "the web app is not built; run `cargo xtask test`, or `cargo xtask ui`"
    );
    folder
}

/// A file among the installed tools, such as `bin/tauri-driver`.
pub fn tool(path: &str) -> PathBuf {
    let folder = named("DOSELINE_TEST_TOOLS").unwrap_or_else(|| target().join("tools"));
    let path = folder.join(path);
    assert!(
        path.exists(),
        "{} is not installed; run `cargo xtask test`, which installs it",
        path.display()
    );
    path
}

/// One of the bundles of real input.
pub fn bundle(name: &str) -> PathBuf {
    let path = checkout().join("../shared/data/synthea").join(name);
    assert!(path.exists(), "the real input {} is not there", path.display());
    path
}

/// Where screenshots are written.
pub fn screenshots() -> PathBuf {
    target().join("screenshots")
}

/// The folder of everything that is built.
pub fn target() -> PathBuf {
    profile()
        .parent()
        .expect("a profile's folder lies in the target folder")
        .to_owned()
}

/// The folder of the programs built with this one: a test lies in `deps` in it, a helper of the harness in itself.
fn profile() -> PathBuf {
    let program = env::current_exe().expect("a running program has a path");
    let folder = program.parent().expect("a program lies in a folder");
    let above = folder.ends_with("deps").then(|| folder.parent()).flatten();
    above.unwrap_or(folder).to_owned()
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from)
}
