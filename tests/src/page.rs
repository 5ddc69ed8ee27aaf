//! A drawn page, in the browser or in the desktop window: found, pressed and read by its `data-test` ids.

use std::{
    fmt,
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

/// How long anything may take to appear where no story says otherwise.
const PATIENCE: Duration = Duration::from_secs(20);

/// A page under WebDriver.
pub struct Page {
    client: Client,
    driver: String,
}

impl Page {
    /// Opens a session at `driver`, waiting for the driver to come up.
    pub async fn open(driver: String, capabilities: Map<String, Value>) -> Self {
        let end = Instant::now() + Duration::from_secs(60);
        let client = loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            let connecting = builder.capabilities(capabilities.clone());
            // A driver waits for ever for a program that ends at its start.
            match tokio::time::timeout(Duration::from_secs(60), connecting.connect(&driver)).await {
                Ok(Ok(client)) => break client,
                Ok(Err(error)) if Instant::now() > end => panic!("no WebDriver session at {driver}: {error}"),
                Err(_) => panic!("what {driver} was to start does not come up"),
                Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        };
        Self { client, driver }
    }

    /// The WebDriver client, for what only one story needs.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to an address and waits until its first screen is drawn.
    pub async fn go(&self, url: &str) {
        self.client
            .goto(url)
            .await
            .unwrap_or_else(|error| panic!("{url} does not open: {error}"));
        self.ready().await;
    }

    /// Waits until the first screen is drawn.
    pub async fn ready(&self) {
        self.find(r#"html[data-ready="true"]"#).await;
    }

    /// Waits for the screen of this name.
    pub async fn screen(&self, name: &str) {
        self.find(&format!(r#"[data-screen="{name}"]"#)).await;
    }

    /// Waits for an element by its test id.
    pub async fn see(&self, id: &str) -> Element {
        self.find(&selector(id)).await
    }

    /// Waits for an element by a CSS selector.
    pub async fn find(&self, css: &str) -> Element {
        self.find_within(css, PATIENCE).await
    }

    /// The same within a time of one's own.
    pub async fn find_within(&self, css: &str, time: Duration) -> Element {
        let end = Instant::now() + time;
        loop {
            match self.client.find(Locator::Css(css)).await {
                Ok(element) => return element,
                Err(error) if Instant::now() > end => {
                    panic!(
                        "{css} is not there after {time:?} ({error}); the page shows:\n{}",
                        self.text().await
                    )
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// How many elements fit a CSS selector now.
    pub async fn count(&self, css: &str) -> usize {
        self.client
            .find_all(Locator::Css(css))
            .await
            .map_or(0, |found| found.len())
    }

    /// Waits until nothing fits a CSS selector.
    pub async fn gone(&self, css: &str, time: Duration) {
        let end = Instant::now() + time;
        while self.count(css).await > 0 {
            assert!(
                Instant::now() < end,
                "{css} is still there; the page shows:\n{}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses what has this test id, waiting until it can be pressed.
    pub async fn press(&self, id: &str) {
        self.press_css(&selector(id)).await;
    }

    /// Presses what fits a CSS selector.
    pub async fn press_css(&self, css: &str) {
        self.retry(css, "pressed", Element::click).await;
    }

    /// Scrolls what fits a CSS selector into the middle, as a person does; whether there is any.
    pub async fn scroll_to(&self, css: &str) -> bool {
        let script = "const found = document.querySelector(arguments[0]); \
                      if (found) found.scrollIntoView({ block: 'center', behavior: 'instant' }); return found !== null;";
        self.run(script, vec![json!(css)]).await == json!(true)
    }

    /// Chooses a radio button or a tick box, which may be drawn by something that lies over it.
    pub async fn choose(&self, id: &str) {
        self.see(id).await;
        let script =
            "const box = document.querySelector(arguments[0]); if (!box.checked) box.click(); return box.checked;";
        assert_eq!(
            self.run(script, vec![json!(selector(id))]).await,
            json!(true),
            "{id} cannot be chosen"
        );
    }

    /// Replaces the text of a field.
    pub async fn fill(&self, id: &str, text: &str) {
        self.retry(&selector(id), "filled in", async |element| {
            element.clear().await?;
            element.send_keys(text).await
        })
        .await;
    }

    /// Sets a time or date field, whose keys depend on the locale of the browser.
    pub async fn set(&self, id: &str, value: &str) {
        self.see(id).await;
        let script = "const field = document.querySelector(arguments[0]); \
                      const type = field.tagName === 'SELECT' ? HTMLSelectElement : HTMLInputElement; \
                      Object.getOwnPropertyDescriptor(type.prototype, 'value').set.call(field, arguments[1]); \
                      field.dispatchEvent(new Event('input', { bubbles: true })); \
                      field.dispatchEvent(new Event('change', { bubbles: true })); return field.value;";
        let now = self.run(script, vec![json!(selector(id)), json!(value)]).await;
        assert_eq!(now, json!(value), "{id} does not take {value}");
    }

    /// The text of an element.
    pub async fn read(&self, id: &str) -> String {
        self.see(id).await.text().await.unwrap_or_default()
    }

    /// Everything that can be read on the page.
    pub async fn text(&self) -> String {
        let text = self
            .client
            .execute("return document.body ? document.body.innerText : ''", vec![])
            .await;
        text.ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Runs a script.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client
            .execute(script, arguments)
            .await
            .unwrap_or_else(|error| panic!("the script failed: {error}"))
    }

    /// Runs a script that calls its last argument with the result.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client
            .execute_async(script, arguments)
            .await
            .unwrap_or_else(|error| panic!("the script failed: {error}"))
    }

    /// Sends a command that only this driver knows.
    pub async fn own_command(&self, path: &str, body: Value) -> Value {
        let session = self
            .client
            .session_id()
            .await
            .ok()
            .flatten()
            .expect("the session is open");
        let url = format!("{}/session/{session}/{path}", self.driver);
        let answer = crate::account::client()
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("the driver answers");
        let mut answer: Value = answer.json().await.expect("a driver answers in JSON");
        assert!(answer["value"].get("error").is_none(), "{path}: {answer}");
        answer["value"].take()
    }

    /// Ends the session and with it what is drawn.
    pub async fn close(self) {
        let _ = self.client.close().await;
    }

    async fn retry<E: fmt::Debug>(&self, css: &str, what: &str, act: impl AsyncFn(&Element) -> Result<(), E>) {
        let end = Instant::now() + PATIENCE;
        loop {
            // What is being redrawn goes stale between finding and pressing; that is no fault of the page.
            let element = self.find(css).await;
            // What stands fixed at an edge would lie over it there, and the driver of WebKit refuses to empty what is out of
            // sight.
            self.scroll_to(css).await;
            match act(&element).await {
                Ok(()) => return,
                Err(error) => assert!(
                    Instant::now() < end,
                    "{css} cannot be {what}: {error:?}; the page shows:\n{}",
                    self.text().await
                ),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The CSS selector of a test id.
pub fn selector(id: &str) -> String {
    format!(r#"[data-test="{id}"]"#)
}
