//! Sync: sends what waits in the outbox, fetches what is new, listens for hints, and tries again.

use std::time::Duration;

use doseline_shared::api::{
    ErrorCode,
    sync::{HINTS, Hint},
};
use futures::{
    future::{Either, select},
    pin_mut,
};

use crate::{
    ask::Fault,
    core::Core,
    host::{HintStream, Host},
    state::value,
    vault::Vault,
    view::{NetworkView, OfflineView},
};

pub(crate) mod afresh;
mod page;
mod pull;
mod push;
mod quarantine;
mod settle;

/// Time from one pull to the next where no hints come in.
const POLL: Duration = Duration::from_secs(30);
/// The same where they do: a socket can be dead without saying so.
const POLL_LISTENING: Duration = Duration::from_secs(60);
/// The longest wait after failures.
const LONGEST: Duration = Duration::from_secs(60);

impl<H: Host, V: Vault> Core<H, V> {
    /// Tries to reach the backend now. That it cannot be reached is an answer, not a fault.
    pub(crate) async fn sync_now(&self) -> Result<NetworkView, Fault> {
        self.me()?;
        if let Err(fault) = self.sync_once().await
            && fault.code == ErrorCode::SignedOut
        {
            return Err(fault);
        }
        self.listen.ring();
        Ok(self.network())
    }

    /// What is safe here while the backend cannot be reached.
    pub(crate) fn open_offline(&self) -> Result<OfflineView, Fault> {
        self.me()?;
        Ok(OfflineView {
            keeps_records: self.keeps_records(),
            unsent: self.network().unsent,
        })
    }

    /// Sends and fetches whatever there is.
    pub(crate) async fn sync_once(&self) -> Result<(), Fault> {
        let _syncing = self.syncing.lock().await;
        let done = async {
            self.push().await?;
            self.pull().await?;
            // What was merged or made again on the way.
            self.push().await?;
            self.pull_lists().await
        }
        .await;
        self.note_sync(&done);
        done
    }

    /// Fetches what a sign-in begins with: who may be seen, and one's own record.
    pub(crate) async fn sync_own(&self) -> Result<(), Fault> {
        let me = self.me()?;
        self.ensure_feed().await?;
        match me.patient {
            Some(patient) => self.ensure_held(patient).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn sync_forever(&self) {
        let mut failures = 0;
        loop {
            let signed_in = self.is_open() && self.state.borrow().signed.is_some();
            let mut wait = if self.listening.get() { POLL_LISTENING } else { POLL };
            if signed_in {
                match self.sync_once().await {
                    Ok(()) => {
                        failures = 0;
                        // Also where nothing reminds, such as in a browser.
                        self.close_own(self.host.now()).await;
                    }
                    Err(fault) => {
                        failures += 1;
                        wait = self
                            .backoff(failures)
                            .max(Duration::from_secs(fault.retry_after.unwrap_or(0).into()));
                        tracing::debug!(
                            sync.fault = fault.code.name(),
                            sync.wait_s = wait.as_secs(),
                            "sync failed"
                        );
                    }
                }
            }
            either(self.work.wait(), self.host.sleep(wait)).await;
        }
    }

    pub(crate) async fn listen_forever(&self) {
        let mut failures = 0;
        loop {
            if self.is_open() && self.state.borrow().signed.is_some() {
                match self.listen_once().await {
                    Ok(true) => failures = 0,
                    Ok(false) | Err(_) => failures += 1,
                }
                if self.listening.replace(false) {
                    // It may have ended because the session has: the next request tells.
                    self.work.ring();
                }
                either(self.listen.wait(), self.host.sleep(self.backoff(failures))).await;
            } else {
                self.listen.wait().await;
            }
        }
    }

    /// Listens until the connection or the sign-in ends. Whether the connection ever stood.
    async fn listen_once(&self) -> Result<bool, Fault> {
        let sitting = self.sitting.get();
        let access = self.access(None).await?;
        let server = self.server()?;
        let url = match server.strip_prefix("http") {
            Some(rest) => format!("ws{rest}{HINTS}"),
            None => return Err(Fault::field("server")),
        };
        let mut stream = self.host.hints(&url, &access).await?;
        let mut stood = false;
        loop {
            let next = stream.next();
            let rung = self.listen.wait();
            pin_mut!(next, rung);
            match select(next, rung).await {
                Either::Left((Some(hint), _)) => match hint {
                    Hint::Ready {} => {
                        stood = true;
                        self.listening.set(true);
                        self.work.ring();
                    }
                    Hint::Changed { .. } | Hint::Scope {} => self.work.ring(),
                },
                Either::Left((None, _)) => return Ok(stood),
                Either::Right(_) if sitting != self.sitting.get() => return Ok(true),
                Either::Right(_) => {}
            }
        }
    }

    /// How long to wait after so many failures: doubled each time, and scattered, so that a thousand devices do not come
    /// back to a restarted backend in the same moment.
    fn backoff(&self, failures: u32) -> Duration {
        let longest = Duration::from_secs(1u64 << failures.min(6)).min(LONGEST);
        let mut random = [0];
        self.host.random(&mut random);
        longest / 2 + longest.mul_f64(f64::from(random[0]) / 512.0)
    }

    fn note_sync(&self, done: &Result<(), Fault>) {
        let now = self.host.now();
        let changed = {
            let mut state = self.state.borrow_mut();
            let before = state.sync_fault.clone();
            match done {
                Ok(()) => {
                    state.last_sync = Some(now);
                    state.sync_fault = None;
                }
                Err(fault) if matches!(fault.code, ErrorCode::Offline | ErrorCode::SignedOut) => {}
                Err(fault) => state.sync_fault = Some(fault.clone()),
            }
            before != state.sync_fault
        };
        if changed {
            self.host.changed();
        }
    }

    /// The signed-in person's records are on the device, or on their way.
    pub(crate) async fn ensure_feed(&self) -> Result<(), Fault> {
        if self.value(value::FEED).is_some() {
            return Ok(());
        }
        let _syncing = self.syncing.lock().await;
        match self.value(value::FEED) {
            Some(_) => Ok(()),
            None => self.start_feed().await,
        }
    }
}

async fn either(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    pin_mut!(a, b);
    select(a, b).await;
}
