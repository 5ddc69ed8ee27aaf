//! `cargo xtask ui`: builds the web app into `dist/`. Owns which steps there are; the steps lie beside this file.

mod assemble;
mod compress;
mod optimise;

use std::fs;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::compiler::{Compiler, WASM};
use crate::step;
use crate::workspace::Workspace;

/// How much work goes into the size of the web app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Quick to build: for development and tests.
    Lite,
    /// As small as can be: for people.
    Release,
}

impl Flavour {
    const fn profile(self) -> &'static str {
        match self {
            Self::Lite => "web-lite",
            Self::Release => "web",
        }
    }
}

/// Makes Leptos keep each piece of a view behind one type, in place of a new type (and its code) for each way of nesting.
const ERASED: &str = "--cfg=erase_components";

/// Builds the web app; does nothing where neither code nor assets have changed.
pub fn build(workspace: &Workspace, flavour: Flavour, yes: bool) -> Result<()> {
    let compiler = Compiler::ensure(workspace, WASM, yes)?;
    step::say(format!("Building the web app (profile {})", flavour.profile()));
    let mut cargo = compiler.cargo(workspace, "build", WASM, &workspace.wasm_target());
    if flavour == Flavour::Release {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", ERASED);
    }
    step::run(cargo.args(["--package", "doseline-ui", "--lib", "--profile", flavour.profile()]))
        .context("the web app does not compile")?;

    let wasm = workspace
        .wasm_target()
        .join(WASM)
        .join(flavour.profile())
        .join("doseline_ui.wasm");
    let code = fs::read(&wasm).with_context(|| format!("cargo left no {}", wasm.display()))?;
    let sources = assemble::sources(&workspace.root.join("assets"))?;
    let mark = assemble::mark(&code, &sources);
    let stamp = workspace.wasm_target().join("dist.stamp");
    if assemble::is_current(&stamp, &mark, &workspace.dist()) {
        step::line(format!("    {} is up to date", workspace.dist().display()));
        return Ok(());
    }

    step::say("Binding wasm to JavaScript");
    let bound = workspace.wasm_target().join("bound");
    if bound.exists() {
        fs::remove_dir_all(&bound)?;
    }
    Bindgen::new()
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(flavour == Flavour::Release)
        .remove_producers_section(true)
        .out_name("doseline")
        .input_path(&wasm)
        .generate(&bound)
        .context("wasm-bindgen could not bind the web app; is its version the same as that of the crate?")?;
    let bound_wasm = bound.join("doseline_bg.wasm");
    if flavour == Flavour::Release {
        optimise::shrink(workspace, &bound_wasm, yes)?;
    }
    let site = assemble::site(sources, &bound)?;
    if !site.iter().any(|file| file.path == "index.html") {
        bail!("assets/web has no index.html");
    }
    step::say("Compressing");
    let site = compress::all(site, flavour)?;
    assemble::place(&site, &workspace.dist())?;
    assemble::write_stamp(&stamp, &mark, &site)?;
    compress::report(&site);
    Ok(())
}
