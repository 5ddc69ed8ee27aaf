//! Makes the release wasm smaller with Binaryen's `wasm-opt`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{step, tools};

/// The features that rustc's wasm uses; wasm-opt refuses what it was not told of.
const FEATURES: [&str; 5] = [
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

/// Replaces the wasm by a smaller one that does the same.
pub fn shrink(workspace: &Workspace, wasm: &Path, yes: bool) -> Result<()> {
    let tool = tools::npm(workspace, tools::BINARYEN, yes)?;
    step::say("wasm-opt -Oz (a minute or two)");
    let smaller = wasm.with_extension("opt.wasm");
    let mut optimise = workspace.program("node");
    optimise
        .arg(tool)
        .arg("-Oz")
        .args(FEATURES)
        .arg(wasm)
        .arg("-o")
        .arg(&smaller);
    step::run(&mut optimise).context("wasm-opt refused the web app")?;
    fs::rename(&smaller, wasm)?;
    Ok(())
}
