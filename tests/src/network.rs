//! A network that loses, repeats, delays and reorders, between a real client core and a real backend.
//!
//! It lies over the client's own HTTP host and does nothing where no faults are set. What it does comes from a seed.

use std::{cell::RefCell, rc::Rc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_client::host::{HintStream, Host, HttpRequest, HttpResponse, SecretError, Unreachable};
use doseline_shared::api::sync::{Hint, PUSH};
use serde::{Deserialize, Serialize};

use crate::seed::Seed;

/// How often the network does what it should not, in percent of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// The request is lost before it reaches the backend.
    pub lose_request: u64,
    /// The backend does what it is asked, and the answer is lost.
    pub lose_answer: u64,
    /// A push arrives once more, up to half a second later, after others that were sent behind it.
    pub repeat: u64,
    /// The request takes up to a quarter of a second longer.
    pub delay: u64,
    /// No hints come in.
    pub deaf: bool,
}

/// How a device is disturbed from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weather {
    /// The network.
    pub faults: Faults,
    /// How far the device's clock is ahead, in seconds.
    pub clock_ahead: i64,
}

/// A host behind such a network.
pub struct Shaky<H> {
    inner: Rc<H>,
    weather: Rc<RefCell<Weather>>,
    seed: RefCell<Seed>,
}

impl<H> Shaky<H> {
    /// Puts the network before `inner`.
    pub fn new(inner: H, weather: Rc<RefCell<Weather>>, seed: Seed) -> Self {
        Self {
            inner: Rc::new(inner),
            weather,
            seed: RefCell::new(seed),
        }
    }

    fn happens(&self, percent: u64) -> bool {
        self.seed.borrow_mut().percent(percent)
    }

    fn up_to(&self, milliseconds: u64) -> Duration {
        Duration::from_millis(self.seed.borrow_mut().below(milliseconds))
    }
}

impl<H: Host + 'static> Host for Shaky<H> {
    fn now(&self) -> DateTime<Utc> {
        self.inner.now() + TimeDelta::seconds(self.weather.borrow().clock_ahead)
    }

    fn zone(&self) -> Tz {
        self.inner.zone()
    }

    fn random(&self, bytes: &mut [u8]) {
        self.inner.random(bytes);
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        let faults = self.weather.borrow().faults;
        if self.happens(faults.delay) {
            tokio::time::sleep(self.up_to(250)).await;
        }
        if self.happens(faults.lose_request) {
            return Err(Unreachable("the story lost the request".to_owned()));
        }
        if request.url.ends_with(PUSH) && self.happens(faults.repeat) {
            let (inner, again, later) = (Rc::clone(&self.inner), request.clone(), self.up_to(500));
            tokio::task::spawn_local(async move {
                tokio::time::sleep(later).await;
                // Nobody waits for this answer.
                drop(inner.http(again).await);
            });
        }
        let answer = self.inner.http(request).await?;
        if self.happens(faults.lose_answer) {
            return Err(Unreachable("the story lost the answer".to_owned()));
        }
        Ok(answer)
    }

    async fn hints(&self, url: &str, access: &str) -> Result<impl HintStream, Unreachable> {
        if self.weather.borrow().faults.deaf {
            return Err(Unreachable("the story lets no hints in".to_owned()));
        }
        Ok(Listening(self.inner.hints(url, access).await?))
    }

    async fn sleep(&self, time: Duration) {
        self.inner.sleep(time).await;
    }

    async fn secret(&self, name: &str) -> Result<Option<String>, SecretError> {
        self.inner.secret(name).await
    }

    async fn set_secret(&self, name: &str, value: Option<&str>, keep: bool) -> Result<(), SecretError> {
        self.inner.set_secret(name, value, keep).await
    }

    fn changed(&self) {
        self.inner.changed();
    }

    fn device_name(&self) -> String {
        self.inner.device_name()
    }

    fn origin(&self) -> Option<String> {
        self.inner.origin()
    }

    fn can_autostart(&self) -> bool {
        self.inner.can_autostart()
    }

    fn can_remind(&self) -> bool {
        self.inner.can_remind()
    }
}

struct Listening<S>(S);

impl<S: HintStream> HintStream for Listening<S> {
    async fn next(&mut self) -> Option<Hint> {
        self.0.next().await
    }
}
