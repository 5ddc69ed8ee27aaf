//! A clinic's staff, and whom it asks for a second factor.

use axum::{extract::State, response::NoContent};
use doseline_shared::{
    api::{
        account::{AddedStaff, FirstPassword, NewStaff, Staff},
        second_factor::Requirement,
    },
    id::{ClinicId, PersonId},
};

use super::{Answer, Created, Done, Made};
use crate::{
    app::{App, Caller},
    clinic,
    http::read::{Ids, Json},
};

pub async fn add_staff(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ClinicId>,
    Json(request): Json<NewStaff>,
) -> Made<AddedStaff> {
    clinic::add_staff(&app, caller, id, request).await.map(Created)
}

pub async fn list_staff(State(app): State<App>, caller: Caller, Ids(id): Ids<ClinicId>) -> Answer<Vec<Staff>> {
    clinic::list_staff(&app, caller, id).await.map(Json)
}

pub async fn remove_staff(
    State(app): State<App>,
    caller: Caller,
    Ids((id, person)): Ids<(ClinicId, PersonId)>,
) -> Done {
    clinic::remove_staff(&app, caller, id, person).await.map(|()| NoContent)
}

pub async fn renew_first_password(
    State(app): State<App>,
    caller: Caller,
    Ids((id, person)): Ids<(ClinicId, PersonId)>,
) -> Made<FirstPassword> {
    clinic::renew_first_password(&app, caller, id, person)
        .await
        .map(Created)
}

pub async fn requirement(State(app): State<App>, caller: Caller, Ids(id): Ids<ClinicId>) -> Answer<Requirement> {
    clinic::requirement(&app, caller, id).await.map(Json)
}

pub async fn require(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ClinicId>,
    Json(request): Json<Requirement>,
) -> Answer<Requirement> {
    clinic::require(&app, caller, id, request).await.map(Json)
}
