//! From start to a usable Today with five years of history: in the desktop window and in the browser.

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use crate::backend::{self, Account, Backend};
use crate::display::Display;
use crate::driver::{Driver, free_port};
use crate::five_years::{self, USABLE, chromium, sign_in};
use crate::table::Row;

/// How often each start is measured; the median counts.
const ROUNDS: usize = 5;

/// Measures both.
pub async fn measure() -> Result<Vec<Row>> {
    let backend = Backend::start(None).await?;
    let account = five_years::lived(&backend).await?;
    let (cold, warm) = browser(&backend, &account).await?;
    let native = window(&backend, &account).await?;
    let milliseconds = |time: Duration| format!("{:.0} ms", time.as_secs_f64() * 1000.0);
    let row = |what: &str, time| Row::new(format!("{what}, five years of history"), milliseconds(time));
    Ok(vec![
        row("desktop: start of the process to a usable Today", native),
        row("browser: load of the page to a usable Today", warm),
        row("browser: sign-in on a new device to a usable Today", cold),
    ])
}

async fn browser(backend: &Backend, account: &Account) -> Result<(Duration, Duration)> {
    let driver = Driver::chromium().await?;
    let profile = tempfile::tempdir()?;
    let window = driver.open(chromium(profile.path())).await?;
    window.go(&format!("http://{}/", backend.address)).await?;
    let cold = sign_in(&window, account).await?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        window.go(&format!("http://{}/today", backend.address)).await?;
        window.await_element(USABLE).await?;
        times.push(begun.elapsed());
    }
    window.close().await?;
    Ok((cold, median(times)?))
}

async fn window(backend: &Backend, account: &Account) -> Result<Duration> {
    let display = Display::start()?;
    let app = json!({"tauri:options": {"application": backend::program("doseline")?}});
    {
        let driver = window_driver(&display, backend).await?;
        let first = driver.open(app.clone()).await?;
        sign_in(&first, account).await?;
        // The whole history has to be on the device before its start is measured.
        first
            .await_element("[data-test=\"network\"][data-state=\"saved\"]")
            .await?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        first.close().await?;
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        // The app before has to be gone: only one works on a data directory.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let driver = window_driver(&display, backend).await?;
        let begun = Instant::now();
        let window = driver.open(app.clone()).await?;
        window.await_element(USABLE).await?;
        times.push(begun.elapsed());
        window.close().await?;
    }
    median(times)
}

async fn window_driver(display: &Display, backend: &Backend) -> Result<Driver> {
    let tools = env::var_os("DOSELINE_TEST_TOOLS").context("run this as `cargo xtask bench`")?;
    let mut command = display.command(Path::new(&tools).join("bin/tauri-driver"));
    command.env("DOSELINE_SERVER", format!("http://{}", backend.address));
    let native_port = free_port()?;
    Driver::start(command, |command, port| {
        command.args(["--port", &port.to_string(), "--native-port", &native_port.to_string()]);
    })
    .await
}

fn median(mut times: Vec<Duration>) -> Result<Duration> {
    times.sort();
    times.get(times.len() / 2).copied().context("nothing was measured")
}
