//! The watch over missed doses, which needs no phone: a dose whose time passes with no entry is recorded as missed, and
//! whoever cares for the patient is told.
//!
//! Owns when a patient is looked at, and that what is found is written once. Reads the feed behind the writers, so that a
//! write costs nothing for being watched. Several backends share the work: each takes the patients whose time has come for
//! half a minute; where one dies, another goes on after that. What is found goes out as records, through the feed like any
//! other. Refuses to know what a miss is and who is told: that is `doseline_shared::watch`.

mod chart;
mod follow;
mod look;
mod write;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};

use crate::{
    app::{App, Clock},
    random,
    store::{
        self, Store, StoreError, Tx,
        access::System,
        watch::{HOLD, Turn},
    },
};

/// How often the watch looks whether something has come.
const EVERY: Duration = Duration::from_secs(1);
/// Patients that are taken at once.
const BATCH: usize = 512;
/// Patients that are read on one snapshot, and how many snapshots at once: requests want readers too.
const READ: usize = 32;
const READERS: usize = 2;
/// Patients that are written at once, each in a transaction of its own.
const WRITERS: usize = 8;
/// Changes of the feed that are read at once.
const NEWS: usize = 1_000;

/// Why the watch reads patients.
const SYSTEM: System = System::new("the watch over missed doses");

/// One backend's share of the watch.
pub struct Watcher {
    store: Store,
    clock: Clock,
    node: String,
}

/// What one pass has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Patients that were looked at.
    pub looked: usize,
    /// For each dose recorded as missed, how long after its time was over.
    pub missed: Vec<TimeDelta>,
    /// For each alert raised, how long after its moment.
    pub raised: Vec<TimeDelta>,
    /// Alerts whose dose was logged after all.
    pub changed: usize,
    /// Whether there is more to do already.
    pub more: bool,
}

impl Watcher {
    /// A watch over `store` by `clock`, under a name of its own.
    pub fn new(store: Store, clock: Clock) -> Self {
        let node = random::hex(&random::bytes::<16>());
        Self { store, clock, node }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Reads what is new in the feed, then looks at the patients whose time has come, one batch of them.
    ///
    /// # Errors
    /// [`StoreError`]: what was taken is looked at again, by this backend or another, at the latest after half a minute.
    pub async fn pass(&self) -> Result<Pass, StoreError> {
        let mut pass = Pass {
            more: self.follow().await?,
            ..Pass::default()
        };
        let turns = self.take().await?;
        pass.looked = turns.len();
        pass.more |= turns.len() >= BATCH;
        let chunks: Vec<_> = turns.chunks(READ).map(<[_]>::to_vec).collect();
        let looks = stream::iter(chunks).map(|turns| self.look(turns)).buffered(READERS);
        let looks: Vec<_> = looks.collect().await;
        let mut quiet = Vec::new();
        let mut found = Vec::new();
        for looked in looks.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            match looked.findings.is_empty() {
                true => quiet.push((looked.turn, looked.moment)),
                false => found.push(looked),
            }
        }
        let mut writes = stream::iter(found).map(|looked| self.write(looked)).buffered(WRITERS);
        while let Some(written) = writes.next().await {
            pass.add(written?, self.now());
        }
        drop(writes);
        self.settle(quiet).await?;
        Ok(pass)
    }

    /// The patients whose time has come. Where nobody waits, nothing is written.
    async fn take(&self) -> Result<Vec<Turn>, StoreError> {
        let (now, node) = (self.now(), self.node.clone());
        let waiting = self
            .store
            .read(async move |tx: &mut Tx| store::watch::waiting(tx, now).await);
        let waiting = waiting.await?;
        metrics::gauge!("doseline_watch_due").set(f64::from(u32::try_from(waiting).unwrap_or(u32::MAX)));
        if waiting == 0 {
            return Ok(Vec::new());
        }
        self.store
            .write(async move |tx: &mut Tx| store::watch::take(tx, &node, now, now + HOLD, BATCH).await)
            .await
    }

    /// Lets go of what this backend holds, so that another need not wait: it stops.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn let_go(&self) -> Result<(), StoreError> {
        let node = self.node.clone();
        self.store
            .write(async move |tx: &mut Tx| store::watch::let_go(tx, &node).await)
            .await
    }
}

impl Pass {
    fn add(&mut self, written: write::Written, now: DateTime<Utc>) {
        let lag = |moment: &DateTime<Utc>| now - *moment;
        self.missed.extend(written.missed.iter().map(lag));
        self.raised.extend(written.raised.iter().map(lag));
        self.changed += written.changed;
    }

    fn count(&self) {
        for (kind, lags) in [("missed", &self.missed), ("alert", &self.raised)] {
            metrics::counter!("doseline_watch_raised_total", "kind" => kind).increment(lags.len() as u64);
            for lag in lags {
                let seconds = lag.to_std().unwrap_or_default().as_secs_f64();
                metrics::histogram!("doseline_watch_lag_seconds", "kind" => kind).record(seconds);
            }
        }
        metrics::counter!("doseline_watch_looks_total").increment(self.looked as u64);
    }
}

/// Watches until the backend stops; what has begun then ends first.
pub async fn run(app: App) {
    let watcher = Watcher::new(app.store.clone(), app.clock());
    let mut stopping = app.stopping.clone();
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut fails = false;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopping.wait_for(|stopping| *stopping) => break,
        }
        loop {
            let more = match watcher.pass().await {
                Ok(pass) => {
                    pass.count();
                    fails = false;
                    pass.more
                }
                Err(error) => {
                    if !fails {
                        tracing::warn!(store.error = %error, "the watch over missed doses cannot go on now");
                    }
                    fails = true;
                    false
                }
            };
            if !more || *stopping.borrow() {
                break;
            }
        }
    }
    if let Err(error) = watcher.let_go().await {
        tracing::warn!(store.error = %error, "the watch could not let go of its patients");
    }
}
