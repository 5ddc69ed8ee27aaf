//! Hints: a WebSocket that says when there is something to pull, and nothing of what it is.
//!
//! The first message says hello with an access token, within ten seconds. The connection ends with its session. What is
//! told is filtered by what the caller sees; a receiver that cannot keep up is told once that its scope may have changed,
//! and pulls. Everything here that could wait for a slow peer has a time limit.

use std::{collections::HashSet, time::Duration};

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket},
};
use doseline_shared::{
    api::sync::{Hello, Hint},
    id::PatientId,
};
use tokio::{
    sync::{broadcast::error::RecvError, watch},
    time::Instant,
};

use super::pull::visible;
use crate::{
    account::session,
    app::{App, Caller, Origin},
    fault::Fault,
    store::Committed,
};

const HELLO: Duration = Duration::from_secs(10);
/// How often a quiet peer is asked whether it is there, and its session and scope are looked at again: grants begin and
/// end by time, and a session may be ended by another backend.
const LOOK: Duration = Duration::from_secs(15);
const SILENT: Duration = Duration::from_secs(45);
const SEND: Duration = Duration::from_secs(10);

/// Close codes: the session has ended; too many connections. In the range for applications (RFC 6455, 7.4.2).
const SIGNED_OUT: u16 = 4401;
const TOO_MANY: u16 = 4429;
const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;

/// Why a connection ends.
enum End {
    Close(u16, &'static str),
    Gone,
}

/// Serves one connection.
pub async fn hints(app: App, origin: Origin, mut socket: WebSocket) {
    metrics::gauge!("doseline_hint_connections").increment(1);
    let end = serve(&app, origin, &mut socket).await;
    if let End::Close(code, reason) = end {
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        };
        let _ = tokio::time::timeout(SEND, socket.send(Message::Close(Some(frame)))).await;
    }
    metrics::gauge!("doseline_hint_connections").decrement(1);
}

async fn serve(app: &App, origin: Origin, socket: &mut WebSocket) -> End {
    match connected(app, origin, socket).await {
        Ok(never) => match never {},
        Err(end) => end,
    }
}

async fn connected(app: &App, origin: Origin, socket: &mut WebSocket) -> Result<std::convert::Infallible, End> {
    let token = hello(socket).await?;
    let caller = session::caller(app, &token, origin, None).await.map_err(ended)?;
    let _counted = app
        .open_hints(caller.person)
        .ok_or(End::Close(TOO_MANY, "too_many_attempts"))?;
    // Listening begins before the scope is read, so that nothing falls between.
    let mut committed = app.store.committed();
    let mut persons = app.persons.subscribe();
    let mut stopping = app.stopping.clone();
    let mut sees = visible(app, caller).await.map_err(ended)?;
    send(socket, &Hint::Ready {}).await?;
    let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            change = committed.recv() => match change {
                Ok(Committed::Changed { patient, scope_changed }) => {
                    if scope_changed {
                        sees = again(app, socket, caller, sees, false).await?;
                    }
                    if sees.contains(&patient) {
                        send(socket, &Hint::Changed { patient }).await?;
                    }
                }
                Ok(Committed::Staff { person }) => if person == caller.person {
                    sees = again(app, socket, caller, sees, true).await?;
                },
                Ok(Committed::Missed) | Err(RecvError::Lagged(_)) => {
                    sees = again(app, socket, caller, sees, true).await?;
                }
                Err(RecvError::Closed) => return Err(End::Close(GOING_AWAY, "stopping")),
            },
            person = persons.recv() => match person {
                Ok(person) => if person == caller.person {
                    alive(app, caller).await?;
                    sees = again(app, socket, caller, sees, false).await?;
                },
                Err(RecvError::Lagged(_)) => alive(app, caller).await?,
                Err(RecvError::Closed) => return Err(End::Close(GOING_AWAY, "stopping")),
            },
            _ = look.tick() => {
                if heard.elapsed() > SILENT {
                    return Err(End::Gone);
                }
                alive(app, caller).await?;
                sees = again(app, socket, caller, sees, false).await?;
                within(socket.send(Message::Ping(Bytes::new()))).await?;
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => heard = Instant::now(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
                // A client has nothing to say after its hello.
                Some(Ok(Message::Text(_) | Message::Binary(_))) => return Err(End::Close(POLICY, "bad_request")),
            },
            () = stopped(&mut stopping) => return Err(End::Close(GOING_AWAY, "stopping")),
        }
    }
}

/// Waits until the backend stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that nobody is left who could say so: the backend is gone.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// The access token of the first message.
async fn hello(socket: &mut WebSocket) -> Result<String, End> {
    let first = tokio::time::timeout(HELLO, socket.recv())
        .await
        .map_err(|_| End::Close(POLICY, "bad_request"))?;
    match first {
        Some(Ok(Message::Text(text))) => serde_json::from_str::<Hello>(text.as_str())
            .map(|hello| hello.access)
            .map_err(|_| End::Close(POLICY, "bad_request")),
        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => Err(End::Close(POLICY, "bad_request")),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
    }
}

/// Reads the scope again, and tells of a change; `tell` tells in any case.
async fn again(
    app: &App,
    socket: &mut WebSocket,
    caller: Caller,
    before: HashSet<PatientId>,
    tell: bool,
) -> Result<HashSet<PatientId>, End> {
    let sees = visible(app, caller).await.map_err(ended)?;
    if tell || sees != before {
        send(socket, &Hint::Scope {}).await?;
    }
    Ok(sees)
}

/// Ends the connection where its session has ended. The access token may be over: the session is what counts.
async fn alive(app: &App, caller: Caller) -> Result<(), End> {
    match session::is_live(app, caller.bearer()).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(End::Close(SIGNED_OUT, "signed_out")),
        Err(fault) => Err(ended(fault)),
    }
}

fn ended(fault: Fault) -> End {
    match fault {
        Fault::SignedOut => End::Close(SIGNED_OUT, "signed_out"),
        Fault::Forbidden { .. } => End::Close(POLICY, "forbidden"),
        // The client comes again, after a while of its own.
        _ => End::Close(GOING_AWAY, "unavailable"),
    }
}

async fn send(socket: &mut WebSocket, hint: &Hint) -> Result<(), End> {
    let text = serde_json::to_string(hint).map_err(|_| End::Gone)?;
    within(socket.send(Message::Text(text.into()))).await
}

async fn within(sending: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match tokio::time::timeout(SEND, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}
