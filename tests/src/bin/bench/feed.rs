//! Pulls: the first of a whole record, and one new change behind a long history.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::api::sync::{CHANGES, MAX_CHANGES, PATIENT_CHANGES, Pulled};
use reqwest::Method;

use doseline_tests::postgres;

use crate::backend::{self, Account, Backend};
use crate::table::Row;

const FIRST_AIM: Duration = Duration::from_millis(500);
const NEW_AIM: Duration = Duration::from_millis(5);
/// Twice daily for 137 years: more than anybody's, but one patient's.
const LONG: usize = 100_000;
const RECORDS: usize = 10_000;

/// Measures on both engines.
pub async fn measure() -> Result<Vec<Row>> {
    let mut rows = on("SQLite", &Backend::start(None).await?).await?;
    let url = postgres::fresh_database().await;
    rows.extend(on("PostgreSQL", &Backend::start(Some(&url)).await?).await?);
    Ok(rows)
}

async fn on(engine: &str, backend: &Backend) -> Result<Vec<Row>> {
    let schedule = backend::twice_daily("2020-01-01")?;
    let account = Account::sign_up(backend, &schedule).await?;
    let mut log = Log {
        due: "2020-01-01T07:00:00Z".parse()?,
        account,
    };
    log.append(RECORDS).await?;
    let first = log.first_pull().await?;
    let short = log.one_new_change().await?;
    log.append(LONG - RECORDS).await?;
    let long = log.one_new_change().await?;
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    Ok(vec![
        Row::new(format!("first pull of 10,000 records, {engine}"), milliseconds(first))
            .aim("500 ms", first <= FIRST_AIM),
        Row::new(
            format!("pull of one new change behind 100,000, {engine}"),
            milliseconds(long),
        )
        .beside(
            format!("behind 10,000: {}", milliseconds(short)),
            long.as_secs_f64() / short.as_secs_f64(),
        )
        .aim("5 ms", long <= NEW_AIM),
    ])
}

/// A patient's growing record.
struct Log {
    account: Account,
    due: DateTime<Utc>,
}

impl Log {
    async fn append(&mut self, entries: usize) -> Result<()> {
        let mut left = entries;
        while left > 0 {
            let batch = left.min(500);
            let mut operations = Vec::with_capacity(batch);
            for _ in 0..batch {
                operations.push(self.account.taken(self.due, "am"));
                self.due += TimeDelta::days(1);
            }
            self.account.push(operations).await?;
            left -= batch;
        }
        Ok(())
    }

    async fn pull(&self, path: &str, after: Option<&str>) -> Result<Pulled> {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("{path}?limit={MAX_CHANGES}{after}");
        Ok(self
            .account
            .request(Method::GET, &path)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// The whole record from the beginning, as a new device pulls it: over the wire and decoded. The best of three.
    async fn first_pull(&self) -> Result<Duration> {
        let path = PATIENT_CHANGES.replace("{patient}", &self.account.patient.to_string());
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            let mut after: Option<String> = None;
            let mut count = 0;
            loop {
                let pulled = self.pull(&path, after.as_deref()).await?;
                count += pulled.changes.len();
                after = Some(pulled.cursor);
                if !pulled.more {
                    break;
                }
            }
            ensure!(count >= RECORDS, "{count} records came");
            best = best.min(begun.elapsed());
        }
        Ok(best)
    }

    /// From request to answer, with one change behind the cursor: the median of 51.
    async fn one_new_change(&mut self) -> Result<Duration> {
        let mut cursor = self.pull(CHANGES, None).await?.cursor;
        let mut times = Vec::new();
        for _ in 0..51 {
            self.append(1).await?;
            let begun = Instant::now();
            let pulled = self.pull(CHANGES, Some(&cursor)).await?;
            times.push(begun.elapsed());
            ensure!(pulled.changes.len() == 1, "{} changes came", pulled.changes.len());
            cursor = pulled.cursor;
        }
        times.sort();
        times.get(times.len() / 2).copied().context("no time was taken")
    }
}
