//! Durable dose entries acknowledged per second over HTTP, on both engines, beside the raw engine writing the same rows
//! at the same durability. The clients run on the same cores as the backend; the raw engine has them to itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
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

/// How often each load is measured; the round with the median ratio counts, for the disk's speed wanders.
const ROUNDS: usize = 3;

/// Entries per second of ours, and of the raw engine with as many in each commit as come at once.
struct Round {
    ours: f64,
    raw: f64,
}

impl Round {
    fn ratio(&self) -> f64 {
        self.ours / self.raw
    }
}

/// Measures each load on each engine.
pub async fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for load in &LOADS {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let mut backend = Backend::start(None).await?;
            let ours = entries_per_second(&backend, load).await?;
            backend.stop()?;
            let at = |group| raw::sqlite(&backend.database(), &backend.key_file(), group);
            let (together, alone) = (at(load.devices * load.entries_each)?, at(load.entries_each)?);
            rounds.push((Round { ours, raw: together }, alone));
        }
        let (round, alone) = median(rounds, |(round, _)| round.ratio())?;
        let how = |each: usize| format!("{each} in each commit");
        rows.push(
            row("SQLite", load, &round, &how(load.devices * load.entries_each)).aim("0.6 of raw", round.ratio() >= AIM),
        );
        let one_by_one = Round { raw: alone, ..round };
        rows.push(row("SQLite", load, &one_by_one, &how(load.entries_each)));
    }
    for load in &LOADS {
        let connections = load.devices.min(16);
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let url = postgres::fresh_database().await;
            let mut backend = Backend::start(Some(&url)).await?;
            let ours = entries_per_second(&backend, load).await?;
            backend.stop()?;
            let raw = raw::postgres(&url, connections, load.entries_each).await?;
            rounds.push(Round { ours, raw });
        }
        let round = median(rounds, Round::ratio)?;
        let beside = format!("{} in each commit, {connections} connections", load.entries_each);
        rows.push(row("PostgreSQL", load, &round, &beside).aim("0.6 of raw", round.ratio() >= AIM));
    }
    Ok(rows)
}

fn median<T>(mut rounds: Vec<T>, ratio: impl Fn(&T) -> f64) -> Result<T> {
    rounds.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    let middle = rounds.len() / 2;
    rounds.into_iter().nth(middle).context("nothing was measured")
}

fn row(engine: &str, load: &Load, round: &Round, how: &str) -> Row {
    Row::new(
        format!("dose entries acknowledged per second, {engine}, {}", load.name),
        format!("{:.0}", round.ours),
    )
    .beside(format!("raw {:.0} ({how})", round.raw), round.ratio())
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
