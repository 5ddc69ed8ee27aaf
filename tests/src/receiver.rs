//! An outside party that is told by webhooks: a small server that keeps what it gets and answers as the test says.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use standardwebhooks::Webhook;
use tokio::{net::TcpListener, task::JoinHandle};

/// What came with one request.
#[derive(Clone, Debug)]
pub struct Got {
    /// The path.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With this status and no body.
    Status(u16),
    /// With this status and a body of so many bytes.
    Long(u16, usize),
    /// With a redirect to `/elsewhere`.
    Redirect,
    /// With this status, after so many milliseconds.
    Slow(u16, u64),
    /// Not at all.
    Never,
}

type Rule = Box<dyn Fn(&Got) -> Answer + Send>;

struct Inner {
    got: Mutex<Vec<Got>>,
    rule: Mutex<Rule>,
    /// How many requests to each path are being answered, and how many ever were at once.
    open: Mutex<HashMap<String, (usize, usize)>>,
}

/// See the module. It answers 204 until it is told otherwise.
pub struct Receiver {
    address: SocketAddr,
    inner: Arc<Inner>,
    serving: JoinHandle<()>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect("the header is there");
        value.to_str().expect("the header is text")
    }

    /// The message's id.
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The type of the event.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("an event has a type").to_owned()
    }

    /// The event.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("an event is JSON")
    }

    /// Whether an outside library takes it for genuine and fresh, with this secret.
    pub fn verifies(&self, secret: &str) -> bool {
        let library = Webhook::new(secret).expect("the secret is one");
        library.verify(self.body.as_bytes(), &self.headers).is_ok()
    }

    /// Whether an outside library signs alike with this secret, whatever the time is.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let library = Webhook::new(secret).expect("the secret is one");
        let seconds = self.header("webhook-timestamp").parse().expect("whole seconds");
        let signature = library
            .sign(self.id(), seconds, self.body.as_bytes())
            .expect("it signs");
        self.header("webhook-signature").split(' ').any(|one| one == signature)
    }
}

impl Receiver {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner {
            got: Mutex::default(),
            rule: Mutex::new(Box::new(|_| Answer::Status(204))),
            open: Mutex::default(),
        });
        let router = Router::new().fallback(take).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self {
            address,
            inner,
            serving,
        }
    }

    /// The address of a path of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers by this rule from now on.
    pub fn answers(&self, rule: impl Fn(&Got) -> Answer + Send + 'static) {
        *lock(&self.inner.rule) = Box::new(rule);
    }

    /// Answers everything so from now on.
    pub fn answers_all(&self, answer: Answer) {
        self.answers(move |_| answer);
    }

    /// What has come so far.
    pub fn got(&self) -> Vec<Got> {
        lock(&self.inner.got).clone()
    }

    /// How many requests to one path were ever answered at once.
    pub fn most_at_once(&self) -> usize {
        let open = lock(&self.inner.open);
        open.values().map(|(_, most)| *most).max().unwrap_or(0)
    }

    /// What has come, once there is as much as wanted.
    pub async fn wait(&self, count: usize) -> Vec<Got> {
        for _ in 0..600 {
            let got = self.got();
            if got.len() >= count {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} and not {count} have come in half a minute", self.got().len())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let got = Got {
        path: uri.path().to_owned(),
        headers,
        body,
    };
    let answer = lock(&inner.rule)(&got);
    lock(&inner.got).push(got);
    let status = |status: u16| StatusCode::from_u16(status).expect("a status");
    match answer {
        Answer::Status(answer) => status(answer).into_response(),
        Answer::Long(answer, bytes) => (status(answer), "x".repeat(bytes)).into_response(),
        Answer::Redirect => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response(),
        Answer::Slow(answer, millis) => {
            let open = Open::begin(&inner, uri.path());
            tokio::time::sleep(Duration::from_millis(millis)).await;
            drop(open);
            status(answer).into_response()
        }
        Answer::Never => std::future::pending().await,
    }
}

/// A request that is being answered.
struct Open {
    inner: Arc<Inner>,
    path: String,
}

impl Open {
    fn begin(inner: &Arc<Inner>, path: &str) -> Self {
        let mut open = lock(&inner.open);
        let (now, most) = open.entry(path.to_owned()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        drop(open);
        Self {
            inner: Arc::clone(inner),
            path: path.to_owned(),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some((now, _)) = lock(&self.inner.open).get_mut(&self.path) {
            *now -= 1;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
