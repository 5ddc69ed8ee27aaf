//! Memory of the backend and of the desktop app while nothing happens.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::backend::{self, Account, Backend};
use crate::display::Display;
use crate::table::Row;

/// What was needed for the start has been given back by then.
const IDLE: Duration = Duration::from_secs(15);

/// Measures both, each process with its share of what it shares (PSS).
pub async fn measure() -> Result<Vec<Row>> {
    let backend = Backend::start(None).await?;
    let schedule = backend::twice_daily("2020-01-01")?;
    Account::sign_up(&backend, &schedule).await?;
    let display = Display::start()?;
    let mut app = display
        .command(backend::program("doseline")?)
        .env("DOSELINE_SERVER", format!("http://{}", backend.address))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("the desktop app could not be started")?;
    tokio::time::sleep(IDLE).await;
    let ended = app.try_wait()?;
    let memory = memory(app.id());
    // Ended before anything is said about it, so that it never outlives the measurement.
    app.kill()?;
    app.wait()?;
    ensure!(ended.is_none(), "the desktop app ended by itself");
    let (own, all) = memory?;
    let megabytes = |kilobytes: u64| format!("{:.0} MB", kilobytes as f64 / 1024.0);
    Ok(vec![
        Row::new(
            "memory of the idle backend, embedded store",
            megabytes(share(backend.pid())?),
        ),
        Row::new("memory of the idle desktop app", megabytes(own)),
        Row::new("the same with its web view's processes", megabytes(all)),
    ])
}

/// Of the process alone, and with its descendants, in kB.
fn memory(pid: u32) -> Result<(u64, u64)> {
    let own = share(pid)?;
    let mut all = own;
    let parents = parents()?;
    for (child, _) in parents.iter().filter(|(child, _)| descends(**child, pid, &parents)) {
        // One that has just ended holds nothing.
        all += share(*child).unwrap_or(0);
    }
    Ok((own, all))
}

fn share(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("the process is gone")?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .context("the system tells no PSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

fn parents() -> Result<BTreeMap<u32, u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else {
            continue;
        };
        let parent = status
            .lines()
            .find_map(|line| line.strip_prefix("PPid:"))
            .and_then(|text| text.trim().parse().ok());
        if let Some(parent) = parent {
            parents.insert(pid, parent);
        }
    }
    Ok(parents)
}

fn descends(pid: u32, from: u32, parents: &BTreeMap<u32, u32>) -> bool {
    let mut at = pid;
    while let Some(parent) = parents.get(&at) {
        if *parent == from {
            return true;
        }
        at = *parent;
    }
    false
}
