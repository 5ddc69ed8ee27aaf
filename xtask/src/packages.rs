//! System packages. Installs on Debian and its relatives with apt, after saying what and asking; elsewhere says what
//! to install. Refuses to guess the package names of other systems.

use std::io::{BufRead, IsTerminal};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step;

/// Something that the work needs from the system.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// What it is for, in words that help on any system.
    pub what: &'static str,
    /// The Debian packages.
    pub debian: &'static [&'static str],
    /// What shows that nothing has to be installed, wherever it came from.
    proof: Proof,
}

#[derive(Debug, Clone, Copy)]
enum Proof {
    /// A program on the path.
    Program(&'static str),
    /// Libraries that pkg-config knows.
    Libraries(&'static [&'static str]),
    /// The Debian packages themselves; elsewhere it cannot be known, and the work says when it is missing.
    Packages,
}

const fn program(what: &'static str, debian: &'static [&'static str], name: &'static str) -> Need {
    Need {
        what,
        debian,
        proof: Proof::Program(name),
    }
}

const fn packages(what: &'static str, debian: &'static [&'static str]) -> Need {
    Need {
        what,
        debian,
        proof: Proof::Packages,
    }
}

/// What it takes to compile everything but the window.
pub const BUILD: &[Need] = &[
    program("a C compiler and linker", &["build-essential"], "cc"),
    program("make, to build OpenSSL for SQLCipher", &["make"], "make"),
    program("perl, likewise", &["perl"], "perl"),
    program("pkg-config", &["pkg-config"], "pkg-config"),
];

/// What the search for bytes that break a reader takes besides.
pub const FUZZ: &[Need] = &[program("a C++ compiler, for libFuzzer", &["g++"], "c++")];

/// What the window and its tray take besides.
pub const DESKTOP: &[Need] = &[Need {
    what: "WebKitGTK 4.1, librsvg and the app indicator, for the desktop window and its tray",
    debian: &["libwebkit2gtk-4.1-dev", "librsvg2-dev", "libayatana-appindicator3-dev"],
    proof: Proof::Libraries(&["webkit2gtk-4.1", "librsvg-2.0", "ayatana-appindicator3-0.1"]),
}];

/// What the story tests use besides.
pub const TEST: &[Need] = &[
    packages("PostgreSQL's server programs", &["postgresql"]),
    program("the Chromium browser", &["chromium"], "chromium"),
    program("Chromium's WebDriver", &["chromium-driver"], "chromedriver"),
    program("the WebDriver of WebKitGTK", &["webkit2gtk-driver"], "WebKitWebDriver"),
    program("a display without a screen", &["xvfb"], "Xvfb"),
    program("its access file", &["xauth"], "xauth"),
    program("a D-Bus session", &["dbus", "dbus-x11"], "dbus-run-session"),
    program("calls over it", &["libglib2.0-bin"], "gdbus"),
    program("a panel with a tray", &["xfce4-panel"], "xfce4-panel"),
    packages("a clock that a story can set", &["libfaketime"]),
    program("a Secret Service", &["gnome-keyring"], "gnome-keyring-daemon"),
    program("a notification service", &["dunst"], "dunst"),
    program("screenshots", &["imagemagick"], "import"),
    program("keys and windows driven from outside", &["xdotool"], "xdotool"),
    packages("fonts for the screenshots", &["fonts-noto-core"]),
    program("readers of PDF files", &["poppler-utils"], "pdftotext"),
    NPM,
    PYTHON,
];

/// For axe-core, wasm-opt and the bundler.
pub const NPM: Need = program("npm", &["npm"], "npm");

/// For schemathesis.
pub const PYTHON: Need = packages("Python with environments of its own", &["python3-venv"]);

/// Debian's own compiler with the sources of the standard library, for targets that rustup cannot fetch.
pub const RUST_WEB: Need = packages(
    "Debian's rustc for WebAssembly",
    &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"],
);

/// For `check --platforms`.
pub const WINDOWS: Need = program(
    "a cross-linker for Windows",
    &["gcc-mingw-w64-x86-64"],
    "x86_64-w64-mingw32-gcc",
);

/// For `check --platforms`, where no C compiler is at hand.
pub const STAND_IN: &[Need] = &[
    program("clang, to preprocess C", &["clang"], "clang"),
    program("LLVM's archiver", &["llvm"], "llvm-ar"),
];

/// Installs what is missing of `needs`, having asked unless `yes` or nobody is there to ask.
pub fn ensure(needs: &[Need], yes: bool) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !present(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    step::say("These are missing:");
    for need in &missing {
        step::line(format!("    {} ({})", need.what, need.debian.join(", ")));
    }
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "this is no Debian, so nothing is installed for you: install what is listed above (the names in brackets are Debian's), then run the command again"
        );
    }
    let names: Vec<&str> = missing.iter().flat_map(|need| need.debian.iter().copied()).collect();
    if !yes && std::io::stdin().is_terminal() {
        step::line(format!("Install {} with apt-get? [Y/n]", names.join(" ")));
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "" | "y" | "Y" | "yes") {
            bail!(
                "nothing was installed; run `apt-get install {}` yourself, then this command again",
                names.join(" ")
            );
        }
    }
    let root = is_root()?;
    step::say("apt-get update");
    if let Err(error) = step::run(apt(root).arg("update")) {
        step::line(format!("    {error:#}; going on with the package lists that are here"));
    }
    step::say(format!("apt-get install {}", names.join(" ")));
    step::run(
        apt(root)
            .args(["install", "-y", "--no-install-recommends"])
            .args(&names),
    )
    .with_context(|| {
        format!(
            "apt-get could not install; try `apt-get update && apt-get install {}` by hand",
            names.join(" ")
        )
    })
}

/// Installs a package file with what it depends on.
pub fn install_file(package: &Path) -> Result<()> {
    let root = is_root()?;
    step::say(format!("apt-get install {}", package.display()));
    step::run(
        apt(root)
            .args(["install", "-y", "--no-install-recommends", "--reinstall"])
            .arg(package),
    )
    .context("the package does not install")
}

/// apt-get as root, asking nothing and waiting for another apt that is at work.
fn apt(as_root: bool) -> Command {
    let mut command = Command::new(if as_root { "env" } else { "sudo" });
    if !as_root {
        command.arg("env");
    }
    command.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-o",
        "DPkg::Lock::Timeout=300",
    ]);
    command
}

/// Whether this process is root; an error where it could not become root either.
fn is_root() -> Result<bool> {
    let root = step::output(Command::new("id").arg("-u"))?.trim() == "0";
    if !root && !on_path("sudo") {
        bail!("installing packages needs root, and there is no sudo: run `cargo xtask setup` as root once");
    }
    Ok(root)
}

fn present(need: &Need) -> bool {
    // Windows and macOS bring their own web view and tray, and whatever else is missing says so when it is called.
    if !cfg!(target_os = "linux") {
        return true;
    }
    match need.proof {
        Proof::Program(name) => on_path(name),
        Proof::Libraries(names) => step::succeeds(Command::new("pkg-config").arg("--exists").args(names)),
        Proof::Packages => !on_path("dpkg-query") || need.debian.iter().all(|package| installed(package)),
    }
}

fn installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .output()
        .is_ok_and(|output| output.status.success() && output.stdout == b"installed")
}

/// Whether a program of this name can be found.
pub fn on_path(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}
