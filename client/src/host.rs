//! What the core needs from the outside: a clock, randomness, HTTP, secrets, and someone to tell.
//!
//! The core runs on one thread on both hosts, so nothing here has to be `Send`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::api::sync::Hint;

/// The outside world. One implementation per host, and one in the tests.
#[expect(
    async_fn_in_trait,
    reason = "the core runs on one thread on both hosts; no future has to be Send"
)]
pub trait Host {
    /// The wall clock.
    fn now(&self) -> DateTime<Utc>;
    /// The zone that the device is in.
    fn zone(&self) -> Tz;
    /// Fills `bytes` from the system's source of randomness.
    fn random(&self, bytes: &mut [u8]);
    /// Sends one request and waits for the answer, for 20 s at most.
    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable>;
    /// Opens the stream of hints, having said hello with the access token.
    async fn hints(&self, url: &str, access: &str) -> Result<impl HintStream, Unreachable>;
    /// Waits.
    async fn sleep(&self, time: Duration);
    /// Reads a secret, such as the refresh token.
    async fn secret(&self, name: &str) -> Result<Option<String>, SecretError>;
    /// Keeps a secret, or forgets it. `keep` is the owner's choice to stay signed in on this device.
    async fn set_secret(&self, name: &str, value: Option<&str>, keep: bool) -> Result<(), SecretError>;
    /// Tells the surfaces that something they may show has changed.
    fn changed(&self);
    /// What the owner would call this device, such as "Chrome on Linux".
    fn device_name(&self) -> String;
    /// The address of the backend where the host knows it (a browser does: its own origin).
    fn origin(&self) -> Option<String>;
    /// Whether the app can start with the computer here.
    fn can_autostart(&self) -> bool {
        false
    }
    /// Whether reminders are shown here with the window closed.
    fn can_remind(&self) -> bool {
        false
    }
}

/// The stream of hints.
#[expect(
    async_fn_in_trait,
    reason = "the core runs on one thread on both hosts; no future has to be Send"
)]
pub trait HintStream {
    /// The next hint; none when the connection has ended.
    async fn next(&mut self) -> Option<Hint>;
}

/// A request.
#[derive(Clone)]
pub struct HttpRequest {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// A body; a header says of what kind.
    pub body: Option<String>,
}

/// An answer.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The value of [`doseline_shared::api::VERSION_HEADER`], where the answer has it.
    pub api_version: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The other side could not be reached, or no answer came.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the backend cannot be reached: {0}")]
pub struct Unreachable(pub String);

/// The system's place for secrets failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the system's keychain failed: {0}")]
pub struct SecretError(pub String);
