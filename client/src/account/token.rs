//! The access token, and its replacement by the refresh token.
//!
//! One refresh at a time: a refresh token serves once, and one that is used twice ends the session.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use doseline_shared::api::{
    ErrorCode,
    account::{Me, REFRESH, Refresh, Session},
};

use super::backend::{read, written};
use crate::{
    ask::Fault,
    cache::Batch,
    core::Core,
    host::Host,
    state::{Signed, value},
    vault::Vault,
};

/// The name under which the host keeps the refresh token.
pub(crate) const REFRESH_SECRET: &str = "refresh";
/// How long an access token lives.
const LIFE: TimeDelta = Duration::minutes(15);
/// It is replaced this long before its end.
const SLACK: TimeDelta = Duration::minutes(1);
/// A device's clock this close to the backend's is right.
const AGREES: TimeDelta = Duration::minutes(2);

/// An access token in use.
pub(crate) struct Access {
    token: String,
    /// By this device's clock, which may differ from the backend's.
    received: DateTime<Utc>,
    /// The refresh token, where the host could not keep it: it serves until the program ends.
    unkept: Option<String>,
}

impl<H: Host, V: Vault> Core<H, V> {
    /// An access token that is not `stale`.
    ///
    /// # Errors
    /// `SignedOut` where the session has ended; the person is then signed out here too.
    pub(crate) async fn access(&self, stale: Option<&str>) -> Result<String, Fault> {
        let keep = self
            .state
            .borrow()
            .signed
            .as_ref()
            .map(|signed| signed.keep)
            .ok_or(Fault::of(ErrorCode::SignedOut))?;
        let mut held = self.token.lock().await;
        if let Some(access) = held.as_ref() {
            let age = self.host.now() - access.received;
            if stale != Some(&access.token) && age >= TimeDelta::zero() && age < LIFE - SLACK {
                return Ok(access.token.clone());
            }
        }
        let unkept = held.as_ref().and_then(|access| access.unkept.clone());
        let secret = match unkept {
            Some(refresh) => Ok(Some(refresh)),
            None => self.host.secret(REFRESH_SECRET).await,
        };
        let refresh = match secret {
            Ok(Some(secret)) => refresh_of(&secret),
            Ok(None) => {
                drop(held);
                self.session_ended().await?;
                return Err(Fault::of(ErrorCode::SignedOut));
            }
            Err(error) => {
                tracing::warn!(secret.error = %error, "the refresh token cannot be read");
                return Err(Fault::of(ErrorCode::Unavailable));
            }
        };
        let sitting = self.sitting.get();
        let answer = self.send_with("POST", REFRESH, Some(written(&refresh)?), None).await;
        if sitting != self.sitting.get() {
            return Err(Fault::of(ErrorCode::SignedOut));
        }
        match answer {
            Ok(body) => {
                let session: Session = read(&body)?;
                let token = session.access.clone();
                *held = Some(self.take_session(&session, keep).await);
                self.note_me(session, keep).await?;
                Ok(token)
            }
            Err(fault) if fault.code == ErrorCode::SignedOut => {
                *held = None;
                drop(held);
                self.session_ended().await?;
                Err(fault)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Keeps the session's refresh token, and learns from the session what the backend's clock says.
    ///
    /// Beside the token lies a text chosen by chance, sent with its every use: where an answer is lost, the backend knows
    /// the second request for the first, and gives the same answer.
    pub(crate) async fn take_session(&self, session: &Session, keep: bool) -> Access {
        let secret = format!("{} {}", session.refresh, self.new_retry());
        let kept = self.host.set_secret(REFRESH_SECRET, Some(&secret), keep).await;
        if let Err(error) = &kept {
            tracing::warn!(secret.error = %error, "the refresh token cannot be kept");
        }
        let now = self.host.now();
        if (session.access_until - LIFE - now).abs() < AGREES {
            self.clock.confirmed(now);
        }
        Access {
            token: session.access.clone(),
            received: now,
            unkept: kept.is_err().then_some(secret),
        }
    }

    fn new_retry(&self) -> String {
        let mut random = [0; 16];
        self.host.random(&mut random);
        random.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Remembers something else that is new about them.
    pub(crate) async fn note_of_me(&self, note: impl FnOnce(&mut Me)) -> Result<(), Fault> {
        let Some(known) = self.state.borrow().signed.clone() else {
            return Ok(());
        };
        let mut signed = known.clone();
        note(&mut signed.me);
        if signed.me == known.me {
            return Ok(());
        }
        self.keep_signed(&signed).await
    }

    /// Remembers what is new about the signed-in person: a clinic joined, a name changed.
    async fn note_me(&self, session: Session, keep: bool) -> Result<(), Fault> {
        if self.state.borrow().me() == Some(&session.me) {
            return Ok(());
        }
        self.keep_signed(&Signed { me: session.me, keep }).await
    }

    /// Keeps who is signed in.
    pub(crate) async fn keep_signed(&self, signed: &Signed) -> Result<(), Fault> {
        self.commit(Batch {
            values: vec![(value::SIGNED.to_owned(), Some(written(signed)?))],
            ..Batch::default()
        })
        .await
    }
}

/// The refresh as it is kept: the token, and the text that is sent with it.
fn refresh_of(secret: &str) -> Refresh {
    let (refresh, retry) = secret
        .split_once(' ')
        .map_or((secret, None), |(refresh, retry)| (refresh, Some(retry)));
    Refresh {
        refresh: refresh.to_owned(),
        retry: retry.map(str::to_owned),
    }
}

impl Access {
    /// The token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}
