//! A desk for the desktop app: a display without a screen, a session bus, an unlocked keychain, a notification service.
//!
//! All of them are the real programs, with a home of their own, and end with the story.

mod clock;
mod keychain;
mod tray;
mod window;

pub use tray::Tray;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use chrono_tz::Tz;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{browser::morning_zone, page::Page, place, process};

/// The name of the app's program.
const APP: &str = "doseline";
/// Chooses the button whose label lies in the file beside it, out of the menu that the notification service offers.
const CHOOSE: &str = "#!/bin/sh\ngrep -F -m1 \"#$(cat \"$(dirname \"$0\")/wanted\")\"\n";
/// A session bus with no folder of services that it could start.
const BUS_THAT_WAKES_NOBODY: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// See the module.
pub struct Desk {
    home: TempDir,
    children: Vec<Child>,
    display: String,
    bus: String,
    server: String,
    zone: Tz,
    own_clock: bool,
}

impl Desk {
    /// Sets one up for an app that knows the backend at `server`.
    pub fn set_up(server: &str) -> Self {
        let mut desk = Self::with_bus(server, &["--session"]);
        desk.unlock_keychain();
        desk.start_notifications();
        desk
    }

    /// The same on a computer that has no keychain: nothing owns its name on the bus, and nothing can be woken to.
    pub fn set_up_without_keychain(server: &str) -> Self {
        let config = tempfile::Builder::new()
            .prefix("doseline-bus-")
            .tempdir()
            .expect("a temporary folder");
        let file = config.path().join("bus.conf");
        fs::write(&file, BUS_THAT_WAKES_NOBODY).expect("the folder is ours");
        let mut desk = Self::with_bus(server, &[&format!("--config-file={}", file.display())]);
        desk.start_notifications();
        desk
    }

    fn with_bus(server: &str, bus_arguments: &[&str]) -> Self {
        let home = tempfile::Builder::new()
            .prefix("doseline-desk-")
            .tempdir()
            .expect("a temporary folder");
        let mut screen = started(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1440x1200x24", "-nolisten", "tcp"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let display = format!(":{}", first_line(&mut screen));
        let mut bus = started(
            Command::new("dbus-daemon")
                .args(bus_arguments)
                .args(["--nofork", "--print-address"])
                .env("DISPLAY", &display)
                .env("HOME", home.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let address = first_line(&mut bus);
        let children = vec![screen, bus];
        let desk = Self {
            home,
            children,
            display,
            bus: address,
            server: server.to_owned(),
            zone: morning_zone(),
            own_clock: false,
        };
        for folder in ["run", "data", "config", "cache"] {
            fs::create_dir(desk.home.path().join(folder)).expect("the folder is ours");
        }
        fs::set_permissions(desk.home.path().join("run"), fs::Permissions::from_mode(0o700)).expect("it is ours");
        desk
    }

    /// The app's data.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("doseline")
    }

    /// The zone that the desk stands in: one where it is morning.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Starts the app with its window, under WebDriver.
    pub async fn open_window(&mut self) -> Page {
        let (port, native) = (free_port(), free_port());
        let log = self.log("tauri-driver");
        let driver = started(
            self.command(place::tool("bin/tauri-driver"))
                .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
                .stdout(log.try_clone().expect("the log is ours"))
                .stderr(log),
        );
        self.children.push(driver);
        let Value::Object(capabilities) = json!({"tauri:options": {"application": place::program(APP)}}) else {
            unreachable!("written as an object")
        };
        let page = Page::open(format!("http://127.0.0.1:{port}"), capabilities).await;
        page.ready().await;
        page
    }

    /// Starts the app as at login: with no window.
    pub fn start_hidden(&mut self) {
        self.start_with(&["--hidden"]);
    }

    /// Starts the app with its window, as a person does.
    pub fn start(&mut self) {
        self.start_with(&[]);
    }

    fn start_with(&mut self, arguments: &[&str]) {
        let log = self.log(APP);
        let app = started(
            self.command(place::program(APP))
                .args(arguments)
                .stdout(log.try_clone().expect("the log is ours"))
                .stderr(log),
        );
        self.children.push(app);
    }

    /// The app's processes.
    pub fn app(&self) -> Vec<u32> {
        process::of_folder(self.home.path(), Some(APP))
    }

    /// Ends the app without a warning, and what drives it.
    pub fn kill_app(&mut self) {
        let app = self.app();
        assert!(!app.is_empty(), "the app does not run: {}", self.logs());
        process::signal("KILL", &app);
        for name in ["WebKitWebDriver", "tauri-driver"] {
            process::signal("KILL", &process::of_folder(self.home.path(), Some(name)));
        }
        self.app_ends(Duration::from_secs(10));
        let end = Instant::now() + Duration::from_secs(10);
        // The bus lets go of a dead program's name a moment later; until then a new start is sent to the dead one.
        while self.names().contains("SingleInstance") {
            assert!(Instant::now() < end, "the bus forgets a killed app");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the app's processes have ended.
    pub fn app_ends(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while !self.app().is_empty() {
            assert!(Instant::now() < end, "the app is gone within {time:?}: {}", self.logs());
            // Until it is waited for, a child that has ended still counts as running.
            for child in &mut self.children {
                let _ = child.try_wait();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a notification stands.
    pub async fn notified(&self, time: Duration) {
        let end = Instant::now() + time;
        while self.standing() == 0 {
            assert!(Instant::now() < end, "no notification within {time:?}: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// How many notifications stand.
    pub fn standing(&self) -> u32 {
        let said = self.dunstctl(&["count", "displayed"]);
        said.trim().parse().unwrap_or_default()
    }

    /// Takes every notification off the screen that stands now.
    pub fn silence(&self) {
        self.dunstctl(&["close-all"]);
    }

    /// Presses the button with this label on the notification.
    pub fn press(&self, label: &str) {
        fs::write(self.home.path().join("wanted"), label).expect("the folder is ours");
        self.dunstctl(&["context"]);
    }

    /// Everything that was logged on this desk.
    pub fn logs(&self) -> String {
        let files = fs::read_dir(self.home.path())
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let logs = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.map(|path| {
            format!(
                "{}:\n{}\n",
                path.display(),
                fs::read_to_string(&path).unwrap_or_default()
            )
        })
        .collect()
    }

    fn start_notifications(&mut self) {
        let choose = self.home.path().join("choose");
        fs::write(&choose, CHOOSE).expect("the folder is ours");
        fs::set_permissions(&choose, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let config = self.home.path().join("dunstrc");
        fs::write(&config, format!("[global]\ndmenu = {}\n", choose.display())).expect("the folder is ours");
        let log = self.log("dunst");
        let service = started(
            self.command("dunst")
                .arg("-conf")
                .arg(&config)
                .stdout(log.try_clone().expect("the log is ours"))
                .stderr(log),
        );
        self.children.push(service);
        self.owned("org.freedesktop.Notifications");
    }

    /// Every name that is taken on the bus.
    fn names(&self) -> String {
        self.call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.ListNames",
            &[],
        )
    }

    /// What a service on the bus answers to a call, as text.
    fn call(&self, service: &str, object: &str, method: &str, arguments: &[&str]) -> String {
        let output = self
            .command("gdbus")
            .args(["call", "--session", "--timeout=10", "--dest", service])
            .args(["--object-path", object, "--method", method])
            .args((!arguments.is_empty()).then_some("--"))
            .args(arguments)
            .output()
            .expect("gdbus is not installed; run `cargo xtask test`, which installs it");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{service} {method}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Waits until a service has taken its name on the bus.
    fn owned(&self, name: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.names().contains(&format!("'{name}'")) {
            assert!(Instant::now() < end, "{name} does not come up: {}", self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn dunstctl(&self, arguments: &[&str]) -> String {
        let output = self.command("dunstctl").args(arguments).output();
        let output = output.expect("dunst is not installed; run `cargo xtask test`, which installs it");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A program on this desk.
    fn command(&self, program: impl Into<PathBuf>) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program.into());
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("DOSELINE_DATA_DIR", self.data())
            .env("DOSELINE_SERVER", &self.server)
            .envs(self.clock())
            .env("TZ", self.zone.name())
            .env("LANG", "C.UTF-8")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null());
        command
    }

    fn log(&self, name: &str) -> File {
        let path = self.home.path().join(format!("{name}.log"));
        File::options()
            .create(true)
            .append(true)
            .open(path)
            .expect("the folder is ours")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        process::end_all_of(self.home.path());
        for child in self.children.iter_mut().rev() {
            // One that has ended already is no fault.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn started(command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        panic!("{program} cannot be started ({error}); run `cargo xtask test`, which installs it")
    })
}

fn first_line(child: &mut Child) -> String {
    let mut output = BufReader::new(child.stdout.take().expect("its output is a pipe"));
    let mut line = String::new();
    output.read_line(&mut line).expect("it tells where it is");
    // What it says later must not fill the pipe.
    std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
    line.trim().to_owned()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port()
}
