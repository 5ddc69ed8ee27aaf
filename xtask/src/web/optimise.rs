//! Makes the release wasm smaller on the wire with Binaryen's `wasm-opt`.

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

/// What makes the compressed wasm smaller. `-Oz` makes only the raw one smaller: it breaks up the repetitions that
/// brotli lives on (847 kB instead of 778 kB for the same input), and takes minutes.
const PASSES: [&str; 5] = [
    "--duplicate-function-elimination",
    "--remove-unused-module-elements",
    "--vacuum",
    "--strip-debug",
    "--strip-producers",
];

/// Replaces the wasm by a smaller one that does the same.
pub fn shrink(workspace: &Workspace, wasm: &Path, yes: bool) -> Result<()> {
    let tool = tools::npm(workspace, tools::BINARYEN, yes)?;
    step::say("wasm-opt");
    let smaller = wasm.with_extension("opt.wasm");
    let mut optimise = workspace.program("node");
    optimise
        .arg(tool)
        .args(FEATURES)
        .args(PASSES)
        .arg(wasm)
        .arg("-o")
        .arg(&smaller);
    step::run(&mut optimise).context("wasm-opt refused the web app")?;
    fs::rename(&smaller, wasm)?;
    Ok(())
}
