//! Webhooks of connected systems, by the Standard Webhooks specification: a system is told that something has changed, and
//! reads what with its token.
//!
//! Owns which events come of a change, who manages webhooks, and that messages arrive in order and are never lost: they are
//! made out of the feed behind the writers, in the transaction that moves the webhook's cursor on, and are forgotten only
//! once the receiver has them. Several backends share the work: one at a time sends for a webhook. Refuses to send anything
//! of a record: ids only.

mod address;
mod deliver;
mod event;
mod follow;
mod manage;
mod messages;
mod post;
mod retry;
mod secret;
mod stream;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use doseline_shared::id::WebhookId;
use ipnet::IpNet;
use tokio::{sync::watch, task::JoinSet};

use self::post::Post;
pub use self::{
    address::Reach,
    manage::{end, list, make, ping, renew_secret},
    messages::{AskMessages, messages, replay},
    secret::{Fresh, Secrets},
    stream::{AskEvents, Listening, listen},
};
use crate::{
    app::{App, Clock},
    fault::Fault,
    random,
    store::{self, Store, Tx, access::System},
};

/// How often the courier looks whether something has come.
const EVERY: Duration = Duration::from_secs(1);
/// Changes of the feed that are read at once for each webhook.
const PAGE: u32 = 500;
/// Webhooks whose cursors are moved in one transaction.
const TOGETHER: usize = 8;
/// Webhooks that are sent to at the same time.
const AT_ONCE: usize = 16;
/// Messages of one webhook that are sent before it is another's turn.
const IN_TURN: usize = 100;

/// Why the courier reads changes.
const SYSTEM: System = System::new("to tell connected systems of changes, by ids");

/// One backend's share of the sending. A cheap clone of a handle.
#[derive(Clone)]
pub struct Courier(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Clock,
    secrets: Arc<Secrets>,
    post: Post,
    node: String,
    takes: AtomicU64,
    stopping: watch::Receiver<bool>,
}

impl Courier {
    /// A courier for `store` by `clock`, under a name of its own, which reaches these inner networks too. It ends what it
    /// has begun once `stopping` says so.
    pub fn new(
        store: Store,
        clock: Clock,
        secrets: Arc<Secrets>,
        networks: &[IpNet],
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Parts {
            store,
            clock,
            secrets,
            post: Post::new(&Reach::new(networks.to_vec())),
            node: random::hex(&random::bytes::<16>()),
            takes: AtomicU64::new(0),
            stopping,
        }))
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Reads on in the feed, then sends what is due, and waits until that has ended.
    ///
    /// # Errors
    /// That of the store. What was begun goes on later, here or at another backend.
    pub async fn pass(&self) -> Result<(), Fault> {
        while self.follow().await? {}
        let mut sending = JoinSet::new();
        self.send(&mut sending).await?;
        while let Some(sent) = sending.join_next().await {
            sent.map_err(|_| Fault::Internal)??;
        }
        Ok(())
    }

    /// Reads on in the feed and begins to send what is due; whether there is more in the feed already.
    async fn turn(&self, sending: &mut JoinSet<Result<(), Fault>>) -> Result<bool, Fault> {
        let more = self.follow().await?;
        self.send(sending).await?;
        Ok(more)
    }

    /// Takes webhooks for which something is due, as many as there is room for, and begins to send.
    async fn send(&self, sending: &mut JoinSet<Result<(), Fault>>) -> Result<(), Fault> {
        let room = AT_ONCE.saturating_sub(sending.len());
        let now = self.now();
        let is_due = async move |tx: &mut Tx| Ok::<_, Fault>(store::webhook::is_due(tx, now).await?);
        if room == 0 || !self.0.store.read(is_due).await? {
            return Ok(());
        }
        // Each taking has a name of its own: a courier that was too slow is not taken for itself.
        let take = self.0.takes.fetch_add(1, Ordering::Relaxed);
        let holder = format!("{}-{take}", self.0.node);
        let by = holder.clone();
        let taken: Vec<WebhookId> = self
            .0
            .store
            .write(async move |tx: &mut Tx| Ok::<_, Fault>(store::webhook::take(tx, &by, now, room).await?))
            .await?;
        for webhook in taken {
            let (courier, holder) = (self.clone(), holder.clone());
            sending.spawn(async move { courier.deliver(webhook, &holder).await });
        }
        Ok(())
    }
}

/// Sends until the backend stops; what has begun then ends first.
pub async fn run(app: App) {
    let courier = Courier::new(
        app.store.clone(),
        app.clock(),
        Arc::clone(&app.webhook_secrets),
        app.reach.networks(),
        app.stopping.clone(),
    );
    let mut stopping = app.stopping.clone();
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sending = JoinSet::new();
    let mut fails = false;
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopping.wait_for(|stopping| *stopping) => break,
        }
        let mut result = courier.turn(&mut sending).await;
        while let (Ok(true), false) = (&result, courier.is_stopping()) {
            result = courier.turn(&mut sending).await;
        }
        let mut result = result.map(drop);
        while let Some(sent) = sending.try_join_next() {
            result = result.and(sent.unwrap_or(Err(Fault::Internal)));
        }
        if let (Err(fault), false) = (&result, fails) {
            tracing::warn!(fault.code = fault.code().name(), "webhooks cannot be sent to now");
        }
        fails = result.is_err();
    }
    while sending.join_next().await.is_some() {}
}
