//! The herald: tells this backend's listeners what anyone has committed, once a pull will find it.
//!
//! A hint is read from the feed itself, behind a cursor of the herald's own, up to the same horizon as every pull. So it
//! never comes before its change can be pulled (an unrelated long transaction holds both back alike), and a connection
//! that was lost costs no hint: the cursor stays where it was. NOTIFY only wakes the herald up. It is sent by the herald,
//! after the commit: within the writer's transaction it would hold a lock of the whole server until the commit is on
//! the disk, and commits would wait for each other one by one. A backend that dies between commit and NOTIFY costs the
//! others no more than [`POLL`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use doseline_shared::id::PersonId;
use futures::{StreamExt, stream};
use tokio::{
    sync::{Notify, broadcast, mpsc},
    task::JoinHandle,
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, Notification};
use tracing::warn;

use super::{Committed, StoreError, begin_session, way::Way};

/// How long a change can stay unheard when every NOTIFY was lost.
const POLL: Duration = Duration::from_secs(1);
/// How soon to look again for a change that is committed but behind the horizon.
const SOON: Duration = Duration::from_millis(15);
/// How long to let news gather, so that many commits cost one look.
const GATHER: Duration = Duration::from_millis(4);
/// How long to wait before connecting again, at most.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells the other backends `$1`.
pub(super) const TELL: &str = "SELECT 1 FROM (SELECT pg_notify('doseline', $1)) told";
const STAFF: &str = "staff ";

const LISTEN: &str = "LISTEN doseline";
const WAKE: &str = "NOTIFY doseline";
const HORIZON: &str = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tx_base, epoch FROM store";
const NEWS: &str = "\
    SELECT patient, BOOL_OR(kind IN ('grant', 'patient')) FROM change WHERE tx >= $1 AND tx < $2 GROUP BY patient";
const HELD_BACK: &str = "SELECT EXISTS (SELECT 1 FROM change WHERE tx >= $1)";

/// The words by which the others learn that a person's memberships changed.
pub(super) fn staff(person: PersonId) -> String {
    format!("{STAFF}{person}")
}

struct Herald {
    way: Way,
    poke: Arc<Notify>,
    committed: broadcast::Sender<Committed>,
    /// The first transaction that is not told yet.
    from: i64,
    epoch: String,
}

/// A connection that listens.
struct Ear {
    client: Client,
    heard: mpsc::UnboundedReceiver<Notification>,
    driver: JoinHandle<()>,
    /// Its own name, to pass over what it said itself.
    own: i32,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Starts it; what is committed after this returns will be told.
pub(super) async fn start(
    way: Way,
    poke: Arc<Notify>,
    committed: broadcast::Sender<Committed>,
) -> Result<JoinHandle<()>, StoreError> {
    let ear = listen(&way).await?;
    let (from, epoch) = horizon(&ear.client).await?;
    let herald = Herald {
        way,
        poke,
        committed,
        from,
        epoch,
    };
    Ok(tokio::spawn(herald.run(ear)))
}

async fn listen(way: &Way) -> Result<Ear, tokio_postgres::Error> {
    let (client, mut connection) = way.connect().await?;
    let (tell, heard) = mpsc::unbounded_channel();
    let driver = tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message
                && tell.send(notification).is_err()
            {
                break;
            }
        }
    });
    begin_session(&client).await?;
    client.batch_execute(LISTEN).await?;
    let own = client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
    Ok(Ear {
        client,
        heard,
        driver,
        own,
    })
}

async fn horizon(client: &Client) -> Result<(i64, String), tokio_postgres::Error> {
    let row = client.query_one(HORIZON, &[]).await?;
    Ok((row.get(0), row.get(1)))
}

impl Herald {
    async fn run(mut self, ear: Ear) {
        let mut next = Some(ear);
        let mut pause = Duration::from_millis(100);
        loop {
            if let Some(mut ear) = next.take() {
                pause = Duration::from_millis(100);
                // It only ever ends by a failure of the connection.
                if let Err(error) = self.listen_on(&mut ear).await {
                    warn!(store.failure = %StoreError::from(error), "the listening connection to PostgreSQL was lost");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE);
            if let Ok(ear) = listen(&self.way).await {
                // Changes are caught up from the feed; words about staff are gone.
                let _ = self.committed.send(Committed::Missed);
                next = Some(ear);
            }
        }
    }

    async fn listen_on(&mut self, ear: &mut Ear) -> Result<(), tokio_postgres::Error> {
        let mut wake_others = false;
        loop {
            if wake_others {
                ear.client.batch_execute(WAKE).await?;
            }
            let held_back = self.tell_news(&ear.client).await?;
            wake_others = self.wait(ear, if held_back { SOON } else { POLL }).await;
            tokio::time::sleep(GATHER).await;
        }
    }

    /// Tells everything up to the horizon; whether there is more behind it.
    async fn tell_news(&mut self, client: &Client) -> Result<bool, tokio_postgres::Error> {
        let (horizon, epoch) = horizon(client).await?;
        if epoch != self.epoch {
            self.epoch = epoch;
            self.from = horizon;
            let _ = self.committed.send(Committed::Missed);
        }
        for row in client.query(NEWS, &[&self.from, &horizon]).await? {
            let Ok(patient) = row.get::<_, &str>(0).parse() else {
                continue;
            };
            let _ = self.committed.send(Committed::Changed {
                patient,
                scope_changed: row.get(1),
            });
        }
        self.from = self.from.max(horizon);
        Ok(client.query_one(HELD_BACK, &[&self.from]).await?.get(0))
    }

    /// Waits until there may be news; whether this backend made them, so that the others must be woken.
    async fn wait(&self, ear: &mut Ear, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(heard) = timeout(left, async {
                tokio::select! {
                    () = self.poke.notified() => None,
                    notification = ear.heard.recv() => Some(notification),
                }
            })
            .await
            else {
                return false;
            };
            match heard {
                None => return true,
                // The connection is gone: the next query on it says so.
                Some(None) => return false,
                Some(Some(notification)) if notification.process_id() == ear.own => {}
                Some(Some(notification)) => match notification.payload().strip_prefix(STAFF) {
                    Some(person) => {
                        if let Ok(person) = person.parse() {
                            let _ = self.committed.send(Committed::Staff { person });
                        }
                    }
                    None => return false,
                },
            }
        }
    }
}
