//! `cargo xtask ui`: builds the screens, for browsers into `dist/` and for the desktop shell into `dist-window/`. Owns
//! which steps there are; the steps lie beside this file.

mod assemble;
mod compress;
mod optimise;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::compiler::{self, Compiler, WASM};
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

/// Which host the screens are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screens {
    /// A browser: with the core, without the shell's boundary.
    Browser,
    /// The shell's window: the other way round.
    Window,
    /// Both in one, for both folders: one build while developing and in tests.
    Either,
}

impl Screens {
    const fn features(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Window => "window",
            Self::Either => "browser,window",
        }
    }

    fn folders(self, workspace: &Workspace) -> Vec<PathBuf> {
        match self {
            Self::Browser => vec![workspace.dist()],
            Self::Window => vec![workspace.dist_window()],
            Self::Either => vec![workspace.dist(), workspace.dist_window()],
        }
    }
}

/// Makes Leptos keep each piece of a view behind one type, in place of a new type (and its code) for each way of nesting.
const ERASED: &str = "--cfg=erase_components";
/// Makes a panic end the page's code without words, so that neither they nor what forms them are downloaded. What it says
/// would reach nobody but a developer's console, and the web app for tests keeps it.
const WORDLESS: &str = "-Zunstable-options -Cpanic=immediate-abort";

/// Builds the screens for each host that is asked for; does nothing where neither code nor assets have changed.
pub fn build(workspace: &Workspace, flavour: Flavour, hosts: &[Screens], yes: bool) -> Result<()> {
    let compiler = Compiler::ensure(workspace, WASM, yes)?;
    for host in hosts {
        build_for(workspace, compiler, flavour, *host, yes)?;
    }
    Ok(())
}

fn build_for(workspace: &Workspace, compiler: Compiler, flavour: Flavour, host: Screens, yes: bool) -> Result<()> {
    step::say(format!(
        "Building the web app (profile {}, for {})",
        flavour.profile(),
        host.features()
    ));
    let mut cargo = compiler.cargo(workspace, "build", WASM, &workspace.wasm_target());
    if flavour == Flavour::Release {
        let flags = if compiler.builds_std(workspace) {
            compiler::build_std(&mut cargo);
            format!("{ERASED} {WORDLESS}")
        } else {
            step::line("    Without them the web app is larger than it need be.");
            ERASED.to_owned()
        };
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    }
    cargo
        .args(["--package", "doseline-ui", "--lib", "--profile", flavour.profile()])
        .args(["--no-default-features", "--features", host.features()]);
    step::run(&mut cargo).context("the web app does not compile")?;

    let wasm = workspace
        .wasm_target()
        .join(WASM)
        .join(flavour.profile())
        .join("doseline_ui.wasm");
    let code = fs::read(&wasm).with_context(|| format!("cargo left no {}", wasm.display()))?;
    let sources = assemble::sources(&workspace.root.join("assets"))?;
    let mark = assemble::mark(&code, &sources);
    let folders = host.folders(workspace);
    let is_current = |folder: &PathBuf| assemble::is_current(&stamp(workspace, folder), &mark, folder);
    if folders.iter().all(is_current) {
        step::line("    it is up to date");
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
    for folder in folders {
        assemble::place(&site, &folder)?;
        assemble::write_stamp(&stamp(workspace, &folder), &mark, &site)?;
    }
    compress::report(&site);
    Ok(())
}

/// Where it is noted what a folder was made of.
fn stamp(workspace: &Workspace, folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default();
    workspace.wasm_target().join(name).with_extension("stamp")
}
