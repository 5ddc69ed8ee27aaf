//! Invitations and grants.

use axum::{extract::State, response::NoContent};
use doseline_shared::{
    api::invitation::{Code, Invitation, NewInvitation, Offer, Redeemed},
    id::GrantId,
};

use super::{Answer, Created, Done, Made};
use crate::{
    app::{App, Caller, Target},
    http::read::{Ids, Json},
    invitation,
};

pub async fn invite(State(app): State<App>, caller: Caller, Json(request): Json<NewInvitation>) -> Made<Invitation> {
    invitation::invite(&app, caller, request).await.map(Created)
}

pub async fn lookup(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Json(request): Json<Code>,
) -> Answer<Offer> {
    invitation::lookup(&app, caller, target, request).await.map(Json)
}

pub async fn redeem(State(app): State<App>, caller: Caller, Json(request): Json<Code>) -> Answer<Redeemed> {
    invitation::redeem(&app, caller, request).await.map(Json)
}

pub async fn end_grant(State(app): State<App>, caller: Caller, Ids(id): Ids<GrantId>) -> Done {
    invitation::end_grant(&app, caller, id).await.map(|()| NoContent)
}
