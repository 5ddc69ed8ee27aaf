//! Durable dose entries acknowledged per second over HTTP, on both engines, beside the raw engine writing the same rows
//! at the same durability. The clients run on the same cores as the backend; the raw engine has them to itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};

use doseline_tests::postgres;

use crate::backend::{self, Account, Backend};
use crate::raw;
use crate::table::Row;

/// How long entries are counted.
const SPAN: Duration = Duration::from_secs(6);
/// What comes first is not counted.
const WARM_UP: Duration = Duration::from_secs(1);
/// The share of the raw engine that is aimed at.
const AIM: f64 = 0.6;

/// How the entries come.
struct Load {
    name: &'static str,
    devices: usize,
    entries_each: usize,
}

/// A dose at a time from many devices, and devices that come back online with what they have kept.
const LOADS: [Load; 2] = [
    Load {
        name: "32 devices, one entry a push",
        devices: 32,
        entries_each: 1,
    },
    Load {
        name: "8 devices, 50 entries a push",
        devices: 8,
        entries_each: 50,
    },
];

/// Measures each load on each engine.
pub async fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for load in &LOADS {
        let mut backend = Backend::start(None).await?;
        let ours = entries_per_second(&backend, load).await?;
        backend.stop()?;
        let together = load.devices * load.entries_each;
        let raw = raw::sqlite(&backend.database(), &backend.key_file(), together)?;
        let alone = raw::sqlite(&backend.database(), &backend.key_file(), load.entries_each)?;
        rows.push(
            row("SQLite", load, ours, raw, &format!("{together} in each commit")).aim("0.6 of raw", ours / raw >= AIM),
        );
        rows.push(row(
            "SQLite",
            load,
            ours,
            alone,
            &format!("{} in each commit", load.entries_each),
        ));
    }
    for load in &LOADS {
        let url = postgres::fresh_database().await;
        let mut backend = Backend::start(Some(&url)).await?;
        let ours = entries_per_second(&backend, load).await?;
        backend.stop()?;
        let connections = load.devices.min(16);
        let raw = raw::postgres(&url, connections, load.entries_each).await?;
        let beside = format!("{} in each commit, {connections} connections", load.entries_each);
        rows.push(row("PostgreSQL", load, ours, raw, &beside).aim("0.6 of raw", ours / raw >= AIM));
    }
    Ok(rows)
}

fn row(engine: &str, load: &Load, ours: f64, raw: f64, how: &str) -> Row {
    Row::new(
        format!("dose entries acknowledged per second, {engine}, {}", load.name),
        format!("{ours:.0}"),
    )
    .beside(format!("raw {raw:.0} ({how})"), ours / raw)
}

async fn entries_per_second(backend: &Backend, load: &Load) -> Result<f64> {
    let schedule = backend::twice_daily("2020-01-01")?;
    let mut accounts = Vec::new();
    for _ in 0..load.devices {
        accounts.push(Account::sign_up(backend, &schedule).await?);
    }
    let counting = Arc::new(AtomicBool::new(false));
    let stopped = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU64::new(0));
    let devices: Vec<_> = accounts
        .into_iter()
        .map(|account| {
            let (counting, stopped, count) = (Arc::clone(&counting), Arc::clone(&stopped), Arc::clone(&count));
            let each = load.entries_each;
            tokio::spawn(async move {
                let mut due: DateTime<Utc> = "2020-01-01T07:00:00Z".parse()?;
                while !stopped.load(Ordering::Relaxed) {
                    let mut operations = Vec::with_capacity(each);
                    for _ in 0..each {
                        operations.push(account.taken(due, "am"));
                        due += TimeDelta::days(1);
                    }
                    account.push(operations).await?;
                    if counting.load(Ordering::Relaxed) {
                        count.fetch_add(each as u64, Ordering::Relaxed);
                    }
                }
                anyhow::Ok(())
            })
        })
        .collect();
    tokio::time::sleep(WARM_UP).await;
    counting.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    tokio::time::sleep(SPAN).await;
    let acknowledged = count.load(Ordering::Relaxed);
    let taken = begun.elapsed();
    stopped.store(true, Ordering::Relaxed);
    for device in devices {
        device.await??;
    }
    Ok(acknowledged as f64 / taken.as_secs_f64())
}
