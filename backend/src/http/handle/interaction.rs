//! A clinic's list of interactions.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use doseline_shared::{api::interactions::ListSummary, id::ClinicId};

use super::{Answer, Done, ok};
use crate::{
    app::{App, Caller, Target},
    fault::Fault,
    http::{
        read::{Csv, Ids, tags},
        shape::KEEP,
    },
    interaction::{self, Reading},
};

pub async fn load(
    State(app): State<App>,
    caller: Caller,
    Ids(clinic): Ids<ClinicId>,
    Csv(file): Csv,
) -> Answer<ListSummary> {
    interaction::load(&app, caller, clinic, file).await.map(ok)
}

pub async fn read(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Ids(clinic): Ids<ClinicId>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let reading = interaction::read(&app, caller, target, clinic, tags(&headers)).await?;
    Ok(match reading {
        Reading::Unchanged => (StatusCode::NOT_MODIFIED, [(header::CACHE_CONTROL, KEEP)]).into_response(),
        Reading::List(list) => {
            // Weak: the answer may be sent compressed or not.
            let tag = format!("W/\"{}\"", list.revision);
            let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, KEEP.to_owned())];
            (headers, axum::Json(list)).into_response()
        }
    })
}

pub async fn withdraw(State(app): State<App>, caller: Caller, Ids(clinic): Ids<ClinicId>) -> Done {
    interaction::withdraw(&app, caller, clinic)
        .await
        .map(|()| StatusCode::NO_CONTENT)
}
