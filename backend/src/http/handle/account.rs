//! Accounts and sessions.

use axum::{extract::State, response::NoContent};
use doseline_shared::api::account::{ChangePassword, Me, Refresh, Session, SignIn, SignUp};

use super::{Answer, Created, Done, Made};
use crate::{
    account,
    app::{App, Caller, Origin},
    http::read::Json,
};

pub async fn sign_up(State(app): State<App>, origin: Origin, Json(request): Json<SignUp>) -> Made<Session> {
    account::sign_up(&app, origin, request).await.map(Created)
}

pub async fn sign_in(State(app): State<App>, origin: Origin, Json(request): Json<SignIn>) -> Made<Session> {
    account::sign_in(&app, origin, request).await.map(Created)
}

pub async fn sign_out(State(app): State<App>, caller: Caller) -> Done {
    account::sign_out(&app, caller).await.map(|()| NoContent)
}

pub async fn change_password(State(app): State<App>, caller: Caller, Json(request): Json<ChangePassword>) -> Done {
    account::change_password(&app, caller, request)
        .await
        .map(|()| NoContent)
}

pub async fn refresh(State(app): State<App>, Json(request): Json<Refresh>) -> Answer<Session> {
    account::refresh(&app, request).await.map(Json)
}

pub async fn me(State(app): State<App>, caller: Caller) -> Answer<Me> {
    account::me(&app, caller).await.map(Json)
}
