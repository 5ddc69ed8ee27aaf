//! `cargo xtask setup` and `cargo xtask run`: from a bare machine to the main job.

use std::env;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::compiler::{self, Compiler};
use crate::web::{self, Flavour, Screens};
use crate::workspace::Workspace;
use crate::{packages, step};

/// Where the backend listens when nobody else does.
const USUAL_PORT: u16 = 8700;
/// Filling an empty store with the demo clinic hashes a few passwords, which is slow on purpose.
const START_LIMIT: Duration = Duration::from_secs(120);
/// A backend that is asked to stop finishes what it has begun.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Installs what building and running need.
pub fn setup(workspace: &Workspace, yes: bool) -> Result<()> {
    step::say("Looking for what is needed");
    packages::ensure(packages::BUILD, yes)?;
    if has_display() {
        packages::ensure(packages::DESKTOP, yes)?;
    }
    Compiler::ensure(workspace, compiler::WASM, yes)?;
    step::line("    everything that is needed is here");
    Ok(())
}

/// Sets up, builds, and runs the backend with its demo clinic, and the desktop app where there is a display.
pub fn run(workspace: &Workspace, yes: bool) -> Result<()> {
    setup(workspace, yes)?;
    web::build(workspace, Flavour::Lite, &[Screens::Either], yes)?;
    let desktop = has_display();
    step::say(if desktop {
        "Building the backend and the desktop app (the first time takes about ten minutes)"
    } else {
        "Building the backend (the first time takes some minutes)"
    });
    let mut build = workspace.cargo();
    build.args(["build", "--package", "doseline-backend"]);
    if desktop {
        build.args(["--package", "doseline-desktop"]);
    }
    step::run(&mut build)?;

    let stopping = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&stopping);
    ctrlc::set_handler(move || noticed.store(true, Ordering::SeqCst)).context("Ctrl-C cannot be watched")?;

    let mut children = Children(Vec::new());
    let result = serve(workspace, desktop, &mut children, &stopping);
    children.stop();
    result
}

fn serve(workspace: &Workspace, desktop: bool, children: &mut Children, stopping: &AtomicBool) -> Result<()> {
    let data = workspace.target.join("run");
    std::fs::create_dir_all(data.join("backend"))?;
    let address = free_address()?;
    step::say(format!(
        "Starting the backend on {address}; its encrypted store is in {}",
        data.display()
    ));
    let mut backend = workspace.program(workspace.debug_bin().join("doseline-backend"));
    backend
        .args(["serve", "--demo"])
        .env("DOSELINE_LISTEN", address.to_string())
        .env("DOSELINE_STORE__KIND", "embedded")
        .env("DOSELINE_STORE__PATH", data.join("backend/doseline.db"))
        .env("DOSELINE_STORE__KEY_FILE", data.join("backend/doseline.key"))
        .env("DOSELINE_WEB_DIR", workspace.dist());
    children.start("the backend", &mut backend)?;
    await_ready(address, children, stopping)?;

    let url = format!("http://{address}");
    step::line("");
    step::line(format!("    Web app:  {url}"));
    step::line("    The accounts are listed above. Ctrl-C stops everything.");
    step::line("");
    if desktop {
        step::say("Starting the desktop app; closing its window leaves it in the tray");
        let mut app = workspace.program(workspace.debug_bin().join("doseline"));
        app.env("DOSELINE_SERVER", &url)
            .env("DOSELINE_DATA_DIR", data.join("desktop"));
        children.start("the desktop app", &mut app)?;
    }
    while !stopping.load(Ordering::SeqCst) {
        children.report_ended()?;
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Whether a window can be shown.
fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The usual port, or any that is free.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", USUAL_PORT)).or_else(|_| {
        step::line(format!("    port {USUAL_PORT} is taken; another one will do"));
        TcpListener::bind(("127.0.0.1", 0))
    })?;
    Ok(listener.local_addr()?)
}

fn await_ready(address: SocketAddr, children: &mut Children, stopping: &AtomicBool) -> Result<()> {
    let end = Instant::now() + START_LIMIT;
    while !is_ready(address) {
        // Ctrl-C reaches the backend too, so that its end is no fault then.
        if stopping.load(Ordering::SeqCst) {
            bail!("stopped before the backend was ready");
        }
        children.report_ended()?;
        if Instant::now() > end {
            bail!(
                "the backend did not become ready within {} s; its log is above",
                START_LIMIT.as_secs()
            );
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// The programs that were started here and nothing else.
struct Children(Vec<(&'static str, Child)>);

impl Children {
    fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        let child = command
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        self.0.push((name, child));
        Ok(())
    }

    /// The backend has to live; the desktop app may be quit by its owner.
    fn report_ended(&mut self) -> Result<()> {
        let mut ended = None;
        self.0.retain_mut(|(name, child)| match child.try_wait() {
            Ok(Some(status)) => {
                ended = Some((*name, status));
                false
            }
            Ok(None) | Err(_) => true,
        });
        match ended {
            Some(("the backend", status)) => {
                bail!("the backend ended ({status}); its log above says why")
            }
            Some((name, status)) if status.success() => {
                step::line(format!("    {name} was quit; the backend goes on until Ctrl-C"));
                Ok(())
            }
            Some((name, status)) => bail!("{name} ended ({status}); its log above says why"),
            None => Ok(()),
        }
    }

    fn stop(&mut self) {
        step::say("Stopping");
        for (_, child) in &self.0 {
            // One that has ended in the meantime needs no signal.
            step::succeeds(Command::new("kill").args(["-TERM", &child.id().to_string()]));
        }
        for (name, child) in &mut self.0 {
            match step::wait_within(child, STOP_LIMIT) {
                Ok(Some(_)) => {}
                Ok(None) => step::line(format!("    {name} did not stop by itself and was ended")),
                Err(error) => step::line(format!("    {name}: {error}")),
            }
        }
    }
}
