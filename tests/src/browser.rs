//! Chromium without a screen, each with a fresh profile, in a zone where it is morning.
//!
//! An error on the console fails the story that looks for it with [`Browser::held_its_tongue`].

use std::{
    fs::{self, File},
    ops::Deref,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{page::Page, process};

/// A browser of its own, with one page.
pub struct Browser {
    page: Page,
    _driver: Child,
    profile: TempDir,
}

impl Browser {
    /// Starts one.
    pub async fn start() -> Self {
        let profile = tempfile::Builder::new()
            .prefix("doseline-browser-")
            .tempdir()
            .expect("a temporary folder");
        let log = profile.path().join("driver.log");
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", profile.path())
            .env("TZ", morning_zone().name())
            .stdin(Stdio::null())
            .stdout(File::create(&log).expect("the folder is ours"))
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is not installed; run `cargo xtask test`, which installs it");
        let url = format!("http://127.0.0.1:{}", port(&log).await);
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--force-prefers-reduced-motion",
            "--lang=en",
            &format!("--user-data-dir={}", profile.path().join("profile").display()),
        ];
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "prefs": {"download.default_directory": downloads(&profile)}},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("written as an object")
        };
        let page = Page::open(url, capabilities).await;
        let browser = Self {
            page,
            _driver: driver,
            profile,
        };
        browser.in_zone(morning_zone()).await;
        browser.size(1440, 900).await;
        browser
    }

    /// Where what it downloads lies.
    pub fn downloads(&self) -> PathBuf {
        downloads(&self.profile)
    }

    /// Sets the size of what is drawn, in CSS pixels.
    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Puts it into a zone: as on a journey, for pages that open from then on.
    pub async fn in_zone(&self, zone: Tz) {
        self.devtools("Emulation.setTimezoneOverride", json!({"timezoneId": zone.name()}))
            .await;
    }

    /// Has the system prefer `light` or `dark`.
    pub async fn scheme(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// Has the system ask for little motion, or for none of that.
    pub async fn still(&self, still: bool) {
        let value = if still { "reduce" } else { "no-preference" };
        let features = json!([{"name": "prefers-reduced-motion", "value": value}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
    }

    /// Cuts the network, or mends it.
    pub async fn offline(&self, offline: bool) {
        self.network(offline, 0).await;
    }

    /// Has every answer take so many milliseconds longer; 0 mends it.
    pub async fn slow(&self, milliseconds: u32) {
        self.network(false, milliseconds).await;
    }

    async fn network(&self, offline: bool, latency: u32) {
        let conditions =
            json!({"offline": offline, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Sends a header with every request from now on, over what the page says of it.
    pub async fn header(&self, name: &str, value: &str) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setExtraHTTPHeaders", json!({"headers": {name: value}}))
            .await;
    }

    /// Runs a script in every page that is opened from now on, before anything of the page's own.
    pub async fn before_each_page(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": script}))
            .await;
    }

    /// Presses keys one after the other, on whatever has the keyboard.
    pub async fn keys(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [
                    json!({"type": "keyDown", "value": key.to_string()}),
                    json!({"type": "keyUp", "value": key.to_string()}),
                ]
            })
            .collect();
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.page.own_command("actions", body).await;
    }

    /// A picture of the page, as PNG; the whole of it where `whole` is set.
    pub async fn picture(&self, whole: bool) -> Vec<u8> {
        let shot = self
            .devtools("Page.captureScreenshot", json!({"captureBeyondViewport": whole}))
            .await;
        STANDARD
            .decode(shot["data"].as_str().expect("a picture is text"))
            .expect("a picture is base64")
    }

    /// Fails where the console holds an error that the story did not bring about itself.
    pub async fn held_its_tongue(&self, but_for: &[&str]) {
        let lines = self.page.own_command("se/log", json!({"type": "browser"})).await;
        let errors: Vec<&str> = lines
            .as_array()
            .into_iter()
            .flatten()
            .filter(|line| line["level"] == "SEVERE")
            .filter_map(|line| line["message"].as_str())
            .filter(|message| !but_for.iter().any(|known| message.contains(known)))
            .collect();
        assert!(errors.is_empty(), "the console holds errors: {errors:#?}");
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.page
            .own_command("goog/cdp/execute", json!({"cmd": command, "params": parameters}))
            .await
    }
}

impl Deref for Browser {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        process::end_all_of(self.profile.path());
    }
}

/// A zone where it is between 8 and 9 in the morning now, so that the morning dose is due whenever a story runs.
pub fn morning_zone() -> Tz {
    let ahead = (8 - i64::from(Utc::now().hour())).rem_euclid(24);
    // The names count westwards: Etc/GMT-5 is five hours ahead.
    let name = if ahead <= 14 {
        format!("Etc/GMT-{ahead}")
    } else {
        format!("Etc/GMT+{}", 24 - ahead)
    };
    name.parse().expect("every whole hour has a zone")
}

fn downloads(profile: &TempDir) -> PathBuf {
    profile.path().join("downloads")
}

async fn port(log: &std::path::Path) -> u16 {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let text = fs::read_to_string(log).unwrap_or_default();
        let port = text
            .split("successfully on port ")
            .nth(1)
            .and_then(|rest| rest.split('.').next()?.trim().parse().ok());
        match port {
            Some(port) => return port,
            None => assert!(Instant::now() < end, "chromedriver does not start: {text}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Timelike, Utc};

    use super::morning_zone;

    #[test]
    fn it_is_morning_there() {
        assert_eq!(Utc::now().with_timezone(&morning_zone()).hour(), 8);
    }
}
