//! Sessions: beginning one, and who a live access token speaks for.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    api::{
        account::{Me, NewDevice, Session},
        partner::ApiScope,
    },
    id::{PersonId, SessionId},
};

use super::token::{self, Bearer};
use crate::{
    app::{App, Caller, Origin},
    config::Limits,
    fault::Fault,
    random, store,
    store::{Tx, audit::Act, session::Live},
};

/// A session that has begun in a transaction: what to answer once it is committed.
#[derive(Clone)]
pub struct Begun {
    bearer: Bearer,
    refresh: String,
}

/// Until when a refresh token serves that is given out now, of a session that began at `began`; each use gives a new one.
/// It ends with the session, which may be over: then it serves for nothing.
pub async fn until(
    tx: &mut Tx,
    limits: &Limits,
    person: PersonId,
    began: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Fault> {
    let is_staff = !store::clinic::memberships(tx, person).await?.is_empty();
    let (idle, longest) = if is_staff {
        (
            TimeDelta::hours(limits.staff_idle_hours.into()),
            TimeDelta::hours(limits.staff_session_hours.into()),
        )
    } else {
        (
            TimeDelta::days(limits.idle_days.into()),
            TimeDelta::days(limits.session_days.into()),
        )
    };
    Ok((now + idle).min(began + longest))
}

/// Begins a session of `person` on `device`, in place of one that it had.
pub async fn begin(
    tx: &mut Tx,
    limits: &Limits,
    person: PersonId,
    device: &NewDevice,
    now: DateTime<Utc>,
) -> Result<Begun, Fault> {
    let name = device.name.trim();
    let length = name.chars().count();
    if length == 0 || length > 100 {
        return Err(Fault::field("device.name", "a device's name has 1 to 100 characters"));
    }
    let bearer = Bearer {
        person,
        session: random::id(now, SessionId::new),
        device: device.id,
        scopes: None,
    };
    let refresh = token::fresh_refresh();
    let named = NewDevice {
        id: device.id,
        name: name.to_owned(),
    };
    // Who signs in anew has no use for what was there before.
    store::session::end_device(tx, person, device.id, now).await?;
    store::device::upsert(tx, person, &named, now).await?;
    let session = store::session::Session {
        id: bearer.session,
        person,
        device: device.id,
        created: now,
        ended: None,
    };
    let until = until(tx, limits, person, now, now).await?;
    store::session::insert(tx, &session, &token::refresh_hash(&refresh), until).await?;
    Ok(Begun { bearer, refresh })
}

impl Begun {
    /// That its owner did `what` to begin it.
    pub fn act(&self, what: &'static str, origin: Origin, now: DateTime<Utc>) -> Act {
        self.bearer.asking(origin).acting_on_own(what, now)
    }

    /// The session as its owner gets it.
    pub fn answer(self, app: &App, me: Me) -> Result<Session, Fault> {
        let (access, access_until) = app.tokens.access(self.bearer, app.now())?;
        Ok(Session {
            access,
            access_until,
            refresh: self.refresh,
            me,
        })
    }
}

/// The person that `token` speaks for, or the system, where it may do what `opened_by` opens. Its session must live: that is
/// looked up each time, so that ending it takes effect at once. Nothing is open to who owes something first.
pub async fn caller(app: &App, token: &str, origin: Origin, opened_by: Option<ApiScope>) -> Result<Caller, Fault> {
    let (caller, owes) = known(app, token, origin).await?;
    caller.bearer().may(opened_by)?;
    match owes {
        Some(owed) => Err(owed.into()),
        None => Ok(caller),
    }
}

/// What a person has to do before anything else is open to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// To choose a password of their own: they have signed in with a first one.
    OwnPassword,
    /// To set up a second factor: a clinic asks for one, and there is none.
    SecondFactor,
}

impl Owed {
    /// What the person of a session has to do first, the password before the second factor.
    pub const fn by(live: &Live) -> Option<Self> {
        match (live.has_first_password, live.lacks_second_factor) {
            (true, _) => Some(Self::OwnPassword),
            (false, true) => Some(Self::SecondFactor),
            (false, false) => None,
        }
    }
}

impl From<Owed> for Fault {
    fn from(owed: Owed) -> Self {
        match owed {
            Owed::OwnPassword => Self::OwnPasswordRequired,
            Owed::SecondFactor => Self::SecondFactorRequired,
        }
    }
}

/// Whoever `token` speaks for, where its session lives, and what they have to do first.
pub async fn known(app: &App, token: &str, origin: Origin) -> Result<(Caller, Option<Owed>), Fault> {
    let now = app.now();
    let bearer = app.tokens.verify(token, now)?;
    app.requests.take(bearer.person, now)?;
    let live = app.store.read(async move |tx: &mut Tx| lives(tx, bearer).await);
    let live = live.await?.ok_or(Fault::SignedOut)?;
    Ok((bearer.asking(origin), Owed::by(&live)))
}

/// Whether a session still lives, whatever became of its access token.
pub async fn is_live(app: &App, bearer: Bearer) -> Result<bool, Fault> {
    let live = app.store.read(async move |tx: &mut Tx| lives(tx, bearer).await);
    Ok(live.await?.is_some())
}

async fn lives(tx: &mut Tx, bearer: Bearer) -> Result<Option<Live>, Fault> {
    let live = store::session::live(tx, bearer.session).await?;
    Ok(live.filter(|live| bearer.is_of(&live.session)))
}

impl Bearer {
    /// Whoever the token was made for, asking from there.
    pub const fn asking(self, Origin(origin): Origin) -> Caller {
        Caller {
            person: self.person,
            session: self.session,
            device: self.device,
            scopes: self.scopes,
            origin,
        }
    }

    /// Lets people through, and of the systems those whose token holds the scope.
    pub fn may(&self, opened_by: Option<ApiScope>) -> Result<(), Fault> {
        match (self.scopes, opened_by) {
            (None, _) => Ok(()),
            (Some(scopes), Some(scope)) if scopes.contains(scope) => Ok(()),
            (Some(_), Some(_)) => Err(Fault::Forbidden {
                why: "not within the scopes of the token",
            }),
            (Some(_), None) => Err(Fault::Forbidden {
                why: "not for a system",
            }),
        }
    }

    /// Whether the token was made for this session.
    pub fn is_of(&self, session: &store::session::Session) -> bool {
        (self.session, self.person, self.device) == (session.id, session.person, session.device)
    }
}
