//! A device without a screen: the real client core over its real encrypted cache, as a process that can be killed.
//!
//! The process is this crate's helper `device`; it is asked in JSON lines, as the window asks the desktop app. It has no
//! keychain, so its key is wrapped by a PIN.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chrono_tz::Tz;
use doseline_client::{
    ask::{Ask, ChoosePin, Fault, Request, Secret, SignIn, SignUp, Start, Unlock},
    cache::Pending,
    view::StartView,
};
use doseline_shared::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::oneshot,
};

use crate::{account::PASSWORD, backend::Backend, network::Weather, seed::Seed};

/// The PIN of every device of a story.
pub const PIN: &str = "271828";

/// A line to the process.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// Comes back with the answer.
    pub number: u64,
    /// What to do.
    pub order: Order,
}

/// What the process can be told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// What a surface asks.
    Ask(Box<Ask>),
    /// From now on the network and the clock are like this.
    Weather(Weather),
    /// What lies in the cache on disk: a [`Held`].
    Held,
}

/// A line from the process.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    /// Of which line.
    pub number: u64,
    /// The answer.
    pub answer: Result<Value, Fault>,
}

/// What a device holds on disk.
#[derive(Debug, Serialize, Deserialize)]
pub struct Held {
    /// Acknowledged records.
    pub records: Vec<Record>,
    /// What waits to be sent.
    pub outbox: Vec<Pending>,
}

/// One device and its data.
pub struct Device {
    folder: TempDir,
    program: PathBuf,
    zone: Tz,
    seed: Seed,
    running: Option<Running>,
}

/// Who waits for which answer.
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<Value, Fault>>>>>;

struct Running {
    process: Child,
    input: tokio::sync::Mutex<ChildStdin>,
    waiting: Waiting,
    next: AtomicU64,
}

impl Device {
    /// A device with no data, whose PIN is chosen. `program` is the helper, `env!("CARGO_BIN_EXE_device")` in a test.
    pub async fn new(program: &str, zone: Tz, mut seed: Seed) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doseline-device-")
            .tempdir()
            .expect("a temporary folder");
        let mut device = Self {
            folder,
            program: program.into(),
            zone,
            seed: seed.split(),
            running: None,
        };
        device.start().await;
        device
    }

    /// Its data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts it, or starts it again after a kill, and opens its cache.
    pub async fn start(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let mut process = Command::new(&self.program)
            .arg(self.folder.path())
            .arg(self.seed.next().to_string())
            .env("TZ", self.zone.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the helper is built beside the test");
        let waiting = Waiting::default();
        let output = process.stdout.take().expect("a pipe");
        tokio::spawn(hand_out(output, Arc::clone(&waiting)));
        let input = tokio::sync::Mutex::new(process.stdin.take().expect("a pipe"));
        self.running = Some(Running {
            process,
            input,
            waiting,
            next: AtomicU64::new(0),
        });
        let pin = PIN.to_owned();
        let opened = match self.ask(Start {}).await {
            StartView::ChoosePin {} => self.ask(ChoosePin { pin }).await,
            StartView::EnterPin {} => self.ask(Unlock { pin }).await,
            other => other,
        };
        let open = matches!(opened, StartView::SignedOut { .. } | StartView::SignedIn { .. });
        assert!(open, "the cache does not open: {opened:?}");
    }

    /// Ends it without a warning, in the middle of whatever it does.
    pub async fn kill(&mut self) {
        let mut running = self.running.take().expect("it runs");
        running
            .process
            .kill()
            .await
            .expect("a process of our own can be killed");
    }

    /// Asks, and holds that it is done.
    pub async fn ask<R: Request>(&self, request: R) -> R::Answer {
        self.try_ask(request)
            .await
            .unwrap_or_else(|fault| panic!("a device answered {fault:?}"))
    }

    /// Asks.
    pub async fn try_ask<R: Request>(&self, request: R) -> Result<R::Answer, Fault> {
        let answer = self
            .order(Order::Ask(Box::new(request.into())))
            .await
            .expect("the device runs");
        answer.map(|value| serde_json::from_value(value).expect("an answer is of its request's type"))
    }

    /// Sends a request whose answer comes, or does not because the device is killed first.
    pub async fn begin<R: Request>(
        &self,
        request: R,
    ) -> impl Future<Output = Option<Result<R::Answer, Fault>>> + use<R> {
        let answer = self.send(Order::Ask(Box::new(request.into()))).await;
        async move {
            let answer = answer.await.ok()?;
            Some(answer.map(|value| serde_json::from_value(value).expect("an answer is of its request's type")))
        }
    }

    /// Has network and clock be like this.
    pub async fn weather(&self, weather: Weather) {
        self.order(Order::Weather(weather))
            .await
            .expect("the device runs")
            .expect("weather only comes");
    }

    /// What lies in its cache.
    pub async fn held(&self) -> Held {
        let value = self
            .order(Order::Held)
            .await
            .expect("the device runs")
            .expect("the cache is open");
        serde_json::from_value(value).expect("it is what it is")
    }

    /// Makes an account on this device.
    pub async fn sign_up(&self, backend: &Backend, name: &str, email: &str, as_patient: bool) -> StartView {
        let server = Some(backend.url());
        let (name, email, password) = (name.to_owned(), email.to_owned(), Secret(PASSWORD.to_owned()));
        self.ask(SignUp {
            server,
            name,
            email,
            password,
            as_patient,
            keep: true,
        })
        .await
    }

    /// Signs in on this device.
    pub async fn sign_in(&self, backend: &Backend, email: &str) -> StartView {
        let server = Some(backend.url());
        self.ask(SignIn {
            server,
            email: email.to_owned(),
            password: Secret(PASSWORD.to_owned()),
            code: None,
            keep: true,
        })
        .await
    }

    /// Asks the same again and again until the answer is as wanted; how long that took.
    pub async fn until<R: Request + Clone>(
        &self,
        time: Duration,
        request: R,
        wanted: impl Fn(&R::Answer) -> bool,
    ) -> Duration {
        let start = Instant::now();
        loop {
            let answer = self.try_ask(request.clone()).await;
            if answer.as_ref().is_ok_and(&wanted) {
                return start.elapsed();
            }
            assert!(
                start.elapsed() < time,
                "the device does not come to the wanted answer within {time:?}; the last was {:?}",
                answer.map(|answer| serde_json::to_string(&answer))
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn order(&self, order: Order) -> Option<Result<Value, Fault>> {
        self.send(order).await.await.ok()
    }

    async fn send(&self, order: Order) -> oneshot::Receiver<Result<Value, Fault>> {
        let running = self.running.as_ref().expect("it runs");
        let number = running.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        running.waiting.lock().expect("no holder panics").insert(number, sender);
        let mut line = serde_json::to_vec(&Line { number, order }).expect("an order is JSON");
        line.push(b'\n');
        // A device that has just been killed reads nothing; then no answer comes, which is what is told.
        let _ = running.input.lock().await.write_all(&line).await;
        receiver
    }
}

/// Hands each answer to who waits for it; at the end of the process nobody gets one any more.
async fn hand_out(output: ChildStdout, waiting: Waiting) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(reply) = serde_json::from_str::<Reply>(&line) else {
            continue;
        };
        if let Some(sender) = waiting.lock().expect("no holder panics").remove(&reply.number) {
            let _ = sender.send(reply.answer);
        }
    }
    waiting.lock().expect("no holder panics").clear();
}
