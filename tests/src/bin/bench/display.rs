//! A display without a screen, with a session bus and an unlocked keychain of its own, for the desktop app.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Everything that the desktop app finds on a desk. Ends with this value.
pub struct Display {
    children: Vec<Child>,
    home: TempDir,
    number: String,
    bus: String,
}

impl Display {
    /// Starts the display, the bus and the keychain.
    pub fn start() -> Result<Self> {
        let home = tempfile::tempdir()?;
        let mut screen = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb could not be started")?;
        let number = first_line(&mut screen)?;
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon could not be started")?;
        let address = first_line(&mut bus)?;
        let mut display = Self {
            children: vec![bus, screen],
            home,
            number: format!(":{number}"),
            bus: address,
        };
        let mut keychain = display
            .command("gnome-keyring-daemon")
            .args(["--unlock", "--components=secrets", "--foreground"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("gnome-keyring-daemon could not be started")?;
        keychain
            .stdin
            .take()
            .context("the keychain has no input")?
            .write_all(b"pw\n")?;
        display.children.push(keychain);
        std::thread::sleep(Duration::from_secs(1));
        Ok(display)
    }

    /// A program on this display, on this bus, at home in a folder of its own.
    pub fn command(&self, program: impl Into<PathBuf>) -> Command {
        let mut command = Command::new(program.into());
        command
            .env("DISPLAY", &self.number)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("DOSELINE_DATA_DIR", self.home.path().join("doseline"))
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // One that has ended already is no fault.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn first_line(child: &mut Child) -> Result<String> {
    let output = child.stdout.take().context("it has no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
