//! Systems that a clinic connects, and the short form of their tokens.

use axum::{extract::State, response::NoContent};
use doseline_shared::{
    api::partner::{AccessToken, IssuedKey, KeyForToken, NewKey, NewSystem, PartnerSystem, Validated},
    id::{ClinicId, KeyId, PersonId},
};

use super::{Answer, Created, Done, Made};
use crate::{
    app::{App, Caller, Origin},
    http::{
        around::AccessText,
        read::{Ids, Json},
    },
    partner::{self, Credentials},
};

pub async fn connect(
    State(app): State<App>,
    caller: Caller,
    Ids(clinic): Ids<ClinicId>,
    Json(request): Json<NewSystem>,
) -> Made<IssuedKey> {
    partner::connect(&app, caller, clinic, request).await.map(Created)
}

pub async fn list(State(app): State<App>, caller: Caller, Ids(clinic): Ids<ClinicId>) -> Answer<Vec<PartnerSystem>> {
    partner::list(&app, caller, clinic).await.map(Json)
}

pub async fn disconnect(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system)): Ids<(ClinicId, PersonId)>,
) -> Done {
    partner::disconnect(&app, caller, clinic, system)
        .await
        .map(|()| NoContent)
}

pub async fn make_key(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system)): Ids<(ClinicId, PersonId)>,
    Json(request): Json<NewKey>,
) -> Made<IssuedKey> {
    partner::make_key(&app, caller, clinic, system, request)
        .await
        .map(Created)
}

pub async fn end_key(
    State(app): State<App>,
    caller: Caller,
    Ids((clinic, system, key)): Ids<(ClinicId, PersonId, KeyId)>,
) -> Done {
    partner::end_key(&app, caller, clinic, system, key)
        .await
        .map(|()| NoContent)
}

pub async fn token(State(app): State<App>, origin: Origin, Json(request): Json<KeyForToken>) -> Answer<AccessToken> {
    let credentials = Credentials {
        client: None,
        key: request.api_key,
    };
    partner::issue(&app, origin, credentials, request.scope.as_deref())
        .await
        .map(Json)
}

pub async fn validate(State(app): State<App>, caller: Caller, AccessText(token): AccessText) -> Answer<Validated> {
    partner::validate(&app, caller, &token).await.map(Json)
}

pub async fn revoke(State(app): State<App>, caller: Caller) -> Done {
    partner::revoke_own(&app, caller).await.map(|()| NoContent)
}
