//! The same events for a system that listens itself: a stream that goes on where it was broken off.
//!
//! Owns nothing durable: the cursor is the listener's, and the feed is the queue. Who does not listen any more is told the rest
//! when it comes back.

use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::webhook::{Event, EventKind},
    id::ClinicId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

use super::{PAGE, SYSTEM, event};
use crate::{
    account::session,
    app::{App, Caller, OpenHints},
    fault::Fault,
    store::{self, Committed, Tx, change::Cursor, webhook::Since},
};

/// How often a stream with nothing to say shows that it stands, and is looked at: its token may be over, and what it may see
/// begins and ends by time.
const LOOK: Duration = Duration::from_secs(15);

/// What is asked.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskEvents {
    /// Events after this one: its id, as `Last-Event-ID` says it too.
    pub after: Option<String>,
}

/// What the listener gets next.
#[derive(Debug)]
pub struct Told {
    /// How far it has come then.
    pub cursor: String,
    /// The event; none where there is nothing to say but that.
    pub event: Option<Event>,
}

/// Why a stream that waits goes on.
enum Woken {
    Changed,
    Look,
    Stopping,
}

/// A stream that stands.
pub struct Listening {
    app: App,
    caller: Caller,
    clinic: ClinicId,
    until: DateTime<Utc>,
    cursor: Option<Cursor>,
    ready: VecDeque<Told>,
    more: bool,
    committed: broadcast::Receiver<Committed>,
    stopping: watch::Receiver<bool>,
    look: Interval,
    _counted: OpenHints,
}

/// Begins to listen, after the event of this id, or from now on.
///
/// # Errors
/// A [`Fault::Field`] at `after` where that is no id of an event; a [`Fault::Conflict`] where it is one of another life of
/// the store; a [`Fault::TooManyAttempts`] where the system listens too often at once.
pub async fn listen(app: &App, caller: Caller, token: &str, after: Option<&str>) -> Result<Listening, Fault> {
    let (_, until) = app.tokens.verify_until(token, app.now())?;
    let cursor = after.map(str::parse).transpose();
    let cursor = cursor.map_err(|_| Fault::field("after", "must be the id of an event of this stream"))?;
    let clinic = async move |tx: &mut Tx| Ok::<_, Fault>(store::partner::clinic_of(tx, caller.person).await?);
    let (clinic, _) = app.store.read(clinic).await?.ok_or(Fault::SignedOut)?;
    let retry_after = u32::try_from(LOOK.as_secs()).unwrap_or(u32::MAX);
    let mut look = interval_at(Instant::now() + LOOK, LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut listening = Listening {
        caller,
        clinic,
        until: DateTime::from_timestamp(until, 0).ok_or(Fault::Internal)?,
        cursor,
        ready: VecDeque::new(),
        more: false,
        // Listening begins before the feed is read, so that nothing falls between.
        committed: app.store.committed(),
        stopping: app.stopping.clone(),
        look,
        _counted: app
            .open_hints(caller.person)
            .ok_or(Fault::TooManyAttempts { retry_after })?,
        app: app.clone(),
    };
    listening.read().await?;
    // At once, so that whoever listens knows that it stands, and where it began.
    listening.show();
    Ok(listening)
}

impl Listening {
    /// What comes next; none where the stream is over, for its token is, or the backend stops.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                return Some(told);
            }
            if !self.more {
                match self.woken().await {
                    Woken::Changed => {}
                    Woken::Look if self.stands().await => self.show(),
                    Woken::Look | Woken::Stopping => return None,
                }
            }
            if let Err(fault) = self.read().await {
                // It comes back with the id of the last event that it has.
                tracing::warn!(%fault, "a stream of events breaks off");
                return None;
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        let woken = tokio::select! {
            change = self.committed.recv() => match change {
                Ok(_) | Err(RecvError::Lagged(_)) => Woken::Changed,
                Err(RecvError::Closed) => Woken::Stopping,
            },
            _ = self.look.tick() => Woken::Look,
            _ = self.stopping.wait_for(|stopping| *stopping) => Woken::Stopping,
        };
        // One reading is for all that has come.
        while self.committed.try_recv().is_ok() {}
        woken
    }

    /// Reads on in the feed.
    async fn read(&mut self) -> Result<(), Fault> {
        let (now, of, cursor) = (self.app.now(), (self.caller.person, self.clinic), self.cursor.clone());
        let since = async move |tx: &mut Tx| {
            Ok::<_, Fault>(store::webhook::since(tx, &SYSTEM, of, cursor.as_ref(), now, PAGE).await?)
        };
        let Since { changes, cursor, more } = self.app.store.read(since).await?.ok_or(Fault::Conflict {
            path: Some("after"),
            problem: "this id is void, for the store came back from a backup: read everything again, and listen from now",
        })?;
        let scopes = self.caller.scopes.unwrap_or_default();
        self.ready.extend(changes.iter().filter_map(|(fresh, behind)| {
            let (kind, data) = event::of(fresh, self.clinic)?;
            let timestamp = fresh.at;
            let event = Some(Event { kind, timestamp, data });
            let cursor = behind.to_string();
            kind.goes_to(EventKind::CHOSEN, scopes)
                .then_some(Told { cursor, event })
        }));
        (self.cursor, self.more) = (Some(cursor), more);
        Ok(())
    }

    /// Shows how far the feed was read.
    fn show(&mut self) {
        if let Some(cursor) = &self.cursor {
            let cursor = cursor.to_string();
            self.ready.push_back(Told { cursor, event: None });
        }
    }

    /// Whether the token still serves.
    async fn stands(&self) -> bool {
        let live = async || session::is_live(&self.app, self.caller.bearer()).await.unwrap_or(false);
        self.app.now() < self.until && live().await
    }
}
