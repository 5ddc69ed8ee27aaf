//! The real backend as a process of its own, which can be killed, and started again on the same data and port.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{account::Account, place, postgres, process};

/// What a backend keeps its records in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One encrypted file.
    Embedded,
    /// A PostgreSQL server.
    Postgres,
}

/// Runs a story `async fn(Engine)` on both engines, as the tests `<story>::embedded` and `<story>::postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($story:ident) => {
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                super::$story($crate::backend::Engine::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$story($crate::backend::Engine::Postgres).await;
            }
        }
    };
}

/// One backend, its configuration and its data.
pub struct Backend {
    folder: TempDir,
    engine: Engine,
    address: SocketAddr,
    process: Option<Child>,
    starts: u32,
}

impl Backend {
    /// Starts one with no data on a free port.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// The same with more arguments, such as `--demo`.
    pub async fn start_with(engine: Engine, arguments: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doseline-backend-")
            .tempdir()
            .expect("a temporary folder");
        let store = match engine {
            Engine::Embedded => format!(
                "kind = \"embedded\"\npath = {:?}",
                folder.path().join("data/doseline.db")
            ),
            Engine::Postgres => format!("kind = \"postgres\"\nurl = {:?}", postgres::fresh_database().await),
        };
        let config = format!(
            "web_dir = {web:?}\n[store]\n{store}\nkey_file = {key:?}\n[log]\nformat = \"json\"\nfilter = \"debug\"\n\
             [limits]\nsign_up_per_address = 10000\nsign_in_per_address = 10000\nsign_in_per_email = 1000\n\
             previews_per_minute = 100000\nrequests_per_minute = 1000000\n\
             [webhooks]\nnetworks = [\"127.0.0.0/8\"]\n",
            web = place::web_app(),
            key = folder.path().join("keys/doseline.key"),
        );
        fs::write(folder.path().join("doseline.toml"), config).expect("the folder is ours");
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut backend = Self {
            folder,
            engine,
            address,
            process: None,
            starts: 0,
        };
        backend.run_on(arguments).await;
        backend
    }

    /// What it keeps its records in.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Its address, such as `http://127.0.0.1:4711`. The same after every start.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that it keeps outside of a database server: the store, the key, the logs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the embedded store.
    pub fn store_file(&self) -> PathBuf {
        self.folder.path().join("data/doseline.db")
    }

    /// Ends it without a warning.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process.kill().await.expect("a process of our own can be killed");
    }

    /// Tells it to stop and waits until it has.
    pub async fn stop(&mut self) {
        let mut process = self.process.take().expect("it runs");
        process::signal("TERM", &[process.id().expect("it runs")]);
        let ended = tokio::time::timeout(Duration::from_secs(20), process.wait()).await;
        let status = ended
            .expect("a backend that is told to stop stops")
            .expect("its end is told");
        assert!(status.success(), "the backend stopped with {status}");
    }

    /// Starts it again on the same data and port.
    pub async fn start_again(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        self.run_on(&[]).await;
    }

    /// Runs another of the backend's commands on the same configuration.
    pub async fn command(&self, arguments: &[&str]) -> Output {
        self.program()
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .output()
            .await
            .expect("the backend starts")
    }

    /// Runs a command that has to succeed, and returns what it printed.
    pub async fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).await;
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{arguments:?} failed: {out}{err}");
        out.into_owned()
    }

    /// Founds Harmony Clinic with an administrator, who chooses the password of every story.
    pub async fn found_clinic(&self, name: &str, email: &str) {
        let clinic = ["admin", "create-clinic", "--name", "Harmony Clinic"];
        let administrator = ["--admin-name", name, "--admin-email", email];
        let said = self.succeed(&[clinic, administrator].concat()).await;
        let first = said.lines().find_map(|line| line.strip_prefix("password: "));
        Account::choose(self, email, first.expect("the first password is printed")).await;
    }

    async fn run_on(&mut self, arguments: &[&str]) {
        self.starts += 1;
        let log = self.folder.path().join(format!("log-{}.jsonl", self.starts));
        let process = self
            .program()
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .args(arguments)
            .env("DOSELINE_LISTEN", self.address.to_string())
            .stdout(File::create(self.folder.path().join("stdout")).expect("the folder is ours"))
            .stderr(File::create(&log).expect("the folder is ours"))
            .spawn()
            .expect("the backend starts");
        let process = self.process.insert(process);
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let text = fs::read_to_string(&log).expect("the log is ours");
            if let Some(address) = text.lines().find_map(listening) {
                self.address = address;
                return;
            }
            let ended = process.try_wait().expect("a process of our own");
            assert!(
                ended.is_none() && Instant::now() < end,
                "the backend does not listen ({ended:?}):\n{text}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn program(&self) -> Command {
        let mut command = Command::new(place::program("doseline-backend"));
        command
            .stdin(Stdio::null())
            .current_dir(self.folder.path())
            .kill_on_drop(true);
        command
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("doseline.toml")
    }
}

/// The address in the line of the log that says where the backend listens.
fn listening(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line.get("message")? == "listening")
        .then(|| line.get("address")?.as_str()?.parse().ok())
        .flatten()
}
