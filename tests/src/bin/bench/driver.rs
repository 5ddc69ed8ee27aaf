//! The few words of WebDriver that a measurement says, to Chromium and to the desktop window alike.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// Nothing that is measured takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// A driver's process. Ends with this value.
pub struct Driver {
    process: Child,
    client: reqwest::Client,
    url: String,
}

impl Driver {
    /// Starts a driver; `port` says how it is told its port.
    pub async fn start(mut command: Command, port: impl FnOnce(&mut Command, u16)) -> Result<Self> {
        let number = free_port()?;
        port(&mut command, number);
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("a WebDriver could not be started")?;
        let driver = Self {
            process,
            client: reqwest::Client::builder().timeout(LIMIT).build()?,
            url: format!("http://127.0.0.1:{number}"),
        };
        let end = Instant::now() + LIMIT;
        while driver
            .client
            .get(format!("{}/status", driver.url))
            .send()
            .await
            .is_err()
        {
            if Instant::now() > end {
                bail!("the WebDriver does not answer");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(driver)
    }

    /// Opens a window.
    pub async fn open(&self, capabilities: Value) -> Result<Window<'_>> {
        let answer = self
            .say("/session", json!({"capabilities": {"alwaysMatch": capabilities}}))
            .await?;
        let session = answer["sessionId"]
            .as_str()
            .context("the WebDriver names no session")?
            .to_owned();
        Ok(Window { driver: self, session })
    }

    /// Starts the driver of Chromium.
    pub async fn chromium() -> Result<Self> {
        Self::start(Command::new("chromedriver"), |command, port| {
            command.arg(format!("--port={port}"));
        })
        .await
    }

    async fn say(&self, path: &str, body: Value) -> Result<Value> {
        let answer: Value = self
            .client
            .post(format!("{}{path}", self.url))
            .json(&body)
            .send()
            .await?
            .json()
            .await?;
        let value = answer["value"].clone();
        match value["error"].as_str() {
            Some(error) => bail!("WebDriver: {error}: {}", value["message"].as_str().unwrap_or_default()),
            None => Ok(value),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // One that has ended already is no fault.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody uses at this moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A window that a driver holds.
pub struct Window<'a> {
    driver: &'a Driver,
    session: String,
}

impl Window<'_> {
    /// Goes to an address; returns when the page is loaded.
    pub async fn go(&self, url: &str) -> Result<()> {
        self.driver
            .say(&format!("/session/{}/url", self.session), json!({"url": url}))
            .await?;
        Ok(())
    }

    /// Runs a script and returns what it returns.
    pub async fn script(&self, script: &str) -> Result<Value> {
        let body = json!({"script": script, "args": []});
        self.driver
            .say(&format!("/session/{}/execute/sync", self.session), body)
            .await
    }

    /// Waits until the page holds an element.
    pub async fn await_element(&self, selector: &str) -> Result<()> {
        let end = Instant::now() + LIMIT;
        let script = format!("return document.querySelector({}) !== null", json!(selector));
        loop {
            // A page that is just being changed cannot be asked.
            if self.script(&script).await.is_ok_and(|found| found == json!(true)) {
                return Ok(());
            }
            if Instant::now() > end {
                bail!("no {selector} appeared");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Writes into a field as if typed.
    pub async fn write(&self, name: &str, text: &str) -> Result<()> {
        let selector = json!(format!("[data-test=\"{name}\"]"));
        let text = json!(text);
        self.script(&format!(
            "const e = document.querySelector({selector}); e.value = {text};
             for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {{bubbles: true}}))"
        ))
        .await?;
        Ok(())
    }

    /// Presses a button.
    pub async fn press(&self, name: &str) -> Result<()> {
        let selector = json!(format!("[data-test=\"{name}\"]"));
        self.script(&format!("document.querySelector({selector}).click()"))
            .await?;
        Ok(())
    }

    /// Closes the window and, with the desktop app, its process.
    pub async fn close(self) -> Result<()> {
        let url = format!("{}/session/{}", self.driver.url, self.session);
        self.driver.client.delete(url).send().await?.error_for_status()?;
        Ok(())
    }
}
