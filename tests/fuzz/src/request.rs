//! A whole HTTP request, from anyone: the path, the query, the headers and the body of every endpoint.
//!
//! Written as HTTP itself is: a line with method and path, lines of headers, an empty line, the body. `as: patient` or
//! `as: system` stands for the token of someone who is signed in.

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, Response, StatusCode, header},
};
use chrono::Utc;
use doseline_backend::{Running, clinic, config::Config, http, serve_with_clock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const EMAIL: &str = "ada@request.example";
const PASSWORD: &str = "a password of the search";

/// A backend on an embedded store, and who is signed in to it.
struct Here {
    runtime: Runtime,
    router: Router,
    patient: Mutex<String>,
    system: Mutex<String>,
    key: String,
    _running: Running,
    _folder: TempDir,
}

static HERE: LazyLock<Here> = LazyLock::new(Here::new);

/// Answers, with no fault of the backend and no answer that says neither what came nor what is wrong.
pub fn run(bytes: &[u8]) {
    let Some(request) = HERE.read(bytes) else {
        return;
    };
    let what = format!("{} {}", request.method(), request.uri());
    let (status, media, body) = HERE.runtime.block_on(HERE.send(request));
    assert!(!status.is_server_error(), "{what} → {status} {body}");
    if status.is_client_error() {
        match media.as_str() {
            "application/problem+json" => {
                assert!(body["code"].is_string() && body["title"].is_string(), "{what} → {body}")
            }
            "application/json" => assert!(body["error"].is_string(), "{what} → {body}"),
            other => panic!("{what} → {status} as {other}"),
        }
    }
    if status == StatusCode::UNAUTHORIZED || what.starts_with("DELETE") || what.starts_with("POST /revoke") {
        HERE.sign_in();
    }
}

impl Here {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            web_dir: folder.path().join("dist"),
            ..Config::default()
        };
        config.store.path = folder.path().join("doseline.db");
        config.store.key_file = folder.path().join("doseline.key");
        config.limits = config.limits.wide();
        let (router, running, key) = runtime.block_on(async {
            let running = serve_with_clock(config.clone(), Arc::new(Utc::now))
                .await
                .expect("a backend");
            let router = http::service(&running.app, &config.web_dir, false);
            let session = ask(&router, "/v1/accounts", None, &account()).await;
            let app = &running.app;
            let founded = clinic::NewClinic {
                name: "Harmony".to_owned(),
                admin_name: "Ada Obi".to_owned(),
                admin_email: EMAIL.to_owned(),
                existing_account: true,
            };
            let clock = Arc::new(Utc::now);
            let founded = clinic::found(&app.store, &app.passwords, &app.limits, &(clock as _), founded).await;
            let systems = format!("/v1/clinics/{}/systems", founded.expect("a clinic").clinic);
            let scopes = ["provider:read", "schedule:read", "adherence:read"];
            let new = json!({"name": "System", "key": {"scopes": scopes, "days": 30}});
            let key = ask(&router, &systems, session["access"].as_str(), &new).await;
            (router, running, text(&key["secret"]))
        });
        let here = Self {
            runtime,
            router,
            patient: Mutex::default(),
            system: Mutex::default(),
            key,
            _running: running,
            _folder: folder,
        };
        here.sign_in();
        here
    }

    /// Signs patient and system in anew.
    fn sign_in(&self) {
        self.runtime.block_on(async {
            let session = ask(&self.router, "/v1/sessions", None, &credentials()).await;
            *kept(&self.patient) = text(&session["access"]);
            let token = ask(&self.router, "/api/auth/token", None, &json!({"api_key": self.key})).await;
            *kept(&self.system) = text(&token["access_token"]);
        });
    }

    /// The request that the bytes write down, where they do.
    fn read(&self, bytes: &[u8]) -> Option<Request<Body>> {
        let end = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
        let (head, body) = bytes.split_at(end);
        let mut lines = std::str::from_utf8(head).ok()?.lines();
        let (method, path) = lines.next()?.split_once(' ')?;
        let mut request = Request::builder().method(method).uri(path);
        for line in lines {
            let (name, value) = line.split_once(": ")?;
            request = match (name, value) {
                ("as", "patient") => request.header(header::AUTHORIZATION, format!("Bearer {}", kept(&self.patient))),
                ("as", "system") => request.header(header::AUTHORIZATION, format!("Bearer {}", kept(&self.system))),
                // An answer that comes compressed would have to be unpacked to be looked at.
                _ if name.eq_ignore_ascii_case("accept-encoding") => request,
                _ => request.header(name, value),
            };
        }
        let body = body.get(2..).unwrap_or_default().to_vec();
        let mut request = request.body(Body::from(body)).ok()?;
        let afar = ConnectInfo(SocketAddr::from(([203, 0, 113, 7], 50_000)));
        request.extensions_mut().insert(afar);
        Some(request)
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String, Value) {
        answer(self.router.clone().oneshot(request).await.expect("it answers")).await
    }
}

async fn answer(response: Response<Body>) -> (StatusCode, String, Value) {
    let (head, body) = response.into_parts();
    let media = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|media| media.to_str().ok());
    let media = media.unwrap_or_default().to_owned();
    // A stream has no end to wait for.
    let body = if media == "text/event-stream" {
        Body::empty()
    } else {
        body
    };
    let bytes = to_bytes(body, usize::MAX).await.expect("an answer comes whole");
    (head.status, media, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// What is answered to something that has to be done.
async fn ask(router: &Router, path: &str, token: Option<&str>, body: &Value) -> Value {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", token.unwrap_or("none")))
        .body(Body::from(body.to_string()))
        .expect("a request");
    let (status, _, body) = answer(router.clone().oneshot(request).await.expect("it answers")).await;
    assert!(status.is_success(), "{path} → {status} {body}");
    body
}

fn account() -> Value {
    let mut account = credentials();
    account["name"] = json!("Ada Obi");
    account["zone"] = json!("Africa/Lagos");
    account["as_patient"] = json!(true);
    account
}

fn credentials() -> Value {
    let device = json!({"id": "0198c5d2-7a16-7b84-95f7-708b1c3d4e07", "name": "Search"});
    json!({"email": EMAIL, "password": PASSWORD, "device": device})
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What is kept behind a lock, whatever happened to who held it.
fn kept(text: &Mutex<String>) -> std::sync::MutexGuard<'_, String> {
    text.lock().unwrap_or_else(PoisonError::into_inner)
}
