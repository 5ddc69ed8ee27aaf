//! The outside world of a desktop or mobile device: the system's clock and randomness, HTTP, hints, secrets.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant, SystemTime},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::api::{
    VERSION_HEADER,
    sync::{Hello, Hint},
};
use futures::{SinkExt, StreamExt};
use rusqlite::OptionalExtension;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Bytes, Message},
};

use super::{
    Device,
    cache::{PUT_SECRET, REMOVE_SECRET, SECRET, SqlCipherCache},
    key::fill,
};
use crate::host::{HintStream, Host, HttpRequest, HttpResponse, SecretError, Unreachable};

/// The open cache, which keeps the host's secrets under its own key; none while it is closed.
pub(super) type Shelf = Rc<RefCell<Option<SqlCipherCache>>>;

/// The longest that a request may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A stream that is silent for so long is asked whether it is there, and given up after as long again.
const SILENCE: Duration = Duration::from_secs(20);
/// For how long the device's zone is not asked for again.
const ZONE_KEPT: Duration = Duration::from_secs(30);

/// See the module.
pub struct NativeHost {
    device: Device,
    shelf: Shelf,
    /// Secrets that are not to outlive the program.
    passing: RefCell<HashMap<String, String>>,
    http: reqwest::Client,
    zone: Cell<Option<(Instant, Tz)>>,
    changed: Box<dyn Fn()>,
}

impl NativeHost {
    /// The host of this device. `changed` tells the surfaces.
    pub(super) fn new(device: Device, shelf: Shelf, changed: impl Fn() + 'static) -> Self {
        // Fails only where a provider is installed already, which then serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            device,
            shelf,
            passing: RefCell::default(),
            http: reqwest::Client::builder()
                .timeout(TIMEOUT)
                .connect_timeout(TIMEOUT / 2)
                .build()
                .expect("the options are constant, and a TLS provider was installed"),
            zone: Cell::new(None),
            changed: Box::new(changed),
        }
    }
}

impl Host for NativeHost {
    fn now(&self) -> DateTime<Utc> {
        system_now()
    }

    fn zone(&self) -> Tz {
        if let Some((asked, zone)) = self.zone.get()
            && asked.elapsed() < ZONE_KEPT
        {
            return zone;
        }
        let set = std::env::var("TZ")
            .ok()
            .and_then(|name| name.trim_start_matches(':').parse().ok());
        let system = || iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok());
        let zone = set.or_else(system).unwrap_or(Tz::UTC);
        self.zone.set(Some((Instant::now(), zone)));
        zone
    }

    fn random(&self, bytes: &mut [u8]) {
        fill(bytes);
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(unreachable)?;
        let mut builder = self.http.request(method, &request.url);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let answer = builder.send().await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let version = answer
            .headers()
            .get(VERSION_HEADER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(HttpResponse {
            status,
            api_version: version,
            body: answer.bytes().await.map_err(unreachable)?.to_vec(),
        })
    }

    async fn hints(&self, url: &str, access: &str) -> Result<impl HintStream, Unreachable> {
        let opening = async {
            let (mut socket, _) = connect_async(url).await.map_err(unreachable)?;
            let hello = Hello {
                access: access.to_owned(),
            };
            let hello = serde_json::to_string(&hello).map_err(unreachable)?;
            socket.send(Message::text(hello)).await.map_err(unreachable)?;
            Ok(Socket(socket))
        };
        tokio::time::timeout(TIMEOUT, opening).await.map_err(unreachable)?
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    async fn secret(&self, name: &str) -> Result<Option<String>, SecretError> {
        if let Some(secret) = self.passing.borrow().get(name) {
            return Ok(Some(secret.clone()));
        }
        let shelf = self.shelf.borrow();
        let cache = shelf
            .as_ref()
            .ok_or_else(|| SecretError("the cache is not open".to_owned()))?;
        let read = cache
            .connection()
            .query_row(SECRET, [name], |row| row.get(0))
            .optional();
        read.map_err(|error| SecretError(error.to_string()))
    }

    async fn set_secret(&self, name: &str, value: Option<&str>, keep: bool) -> Result<(), SecretError> {
        self.passing.borrow_mut().remove(name);
        let kept = value.filter(|_| keep);
        if let Some(value) = value.filter(|_| !keep) {
            self.passing.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let shelf = self.shelf.borrow();
        let cache = shelf
            .as_ref()
            .ok_or_else(|| SecretError("the cache is not open".to_owned()))?;
        let written = match kept {
            Some(value) => cache.connection().execute(PUT_SECRET, [name, value]),
            None => cache.connection().execute(REMOVE_SECRET, [name]),
        };
        written.map(drop).map_err(|error| SecretError(error.to_string()))
    }

    fn changed(&self) {
        (self.changed)();
    }

    fn device_name(&self) -> String {
        self.device.name.clone()
    }

    fn origin(&self) -> Option<String> {
        self.device.server.clone()
    }

    fn can_autostart(&self) -> bool {
        cfg!(not(any(target_os = "android", target_os = "ios")))
    }

    fn can_remind(&self) -> bool {
        cfg!(not(any(target_os = "android", target_os = "ios")))
    }
}

/// A WebSocket of hints.
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl HintStream for Socket {
    async fn next(&mut self) -> Option<Hint> {
        let mut asked = false;
        loop {
            match tokio::time::timeout(SILENCE, self.0.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => {
                    asked = false;
                    // A hint of a newer backend says at least that something is there.
                    if let Ok(hint) = serde_json::from_str(&text) {
                        return Some(hint);
                    }
                }
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return None,
                Ok(Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => {
                    asked = false
                }
                Err(_) if asked => return None,
                Err(_) => {
                    asked = true;
                    if self.0.send(Message::Ping(Bytes::new())).await.is_err() {
                        return None;
                    }
                }
            }
        }
    }
}

/// The system's clock.
pub(super) fn system_now() -> DateTime<Utc> {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

fn unreachable(error: impl std::fmt::Display) -> Unreachable {
    Unreachable(error.to_string())
}
