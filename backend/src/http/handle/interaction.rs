//! A clinic's list of interactions.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, NoContent, Response},
};
use doseline_shared::{api::interactions::ListSummary, id::ClinicId};

use super::{Answer, Done};
use crate::{
    app::{App, Caller, Target},
    fault::Fault,
    http::{
        read::{Csv, Ids, Json, tags},
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
    interaction::load(&app, caller, clinic, file).await.map(Json)
}

/// A clinic's list with its revision as the entity tag; nothing where the asker has it.
pub struct Kept(Reading);

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        match self.0 {
            Reading::Unchanged => (StatusCode::NOT_MODIFIED, [(header::CACHE_CONTROL, KEEP)]).into_response(),
            Reading::List(list) => {
                // Weak: the answer may be sent compressed or not.
                let tag = format!("W/\"{}\"", list.revision);
                let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, KEEP.to_owned())];
                (headers, Json(list)).into_response()
            }
        }
    }
}

pub async fn read(
    State(app): State<App>,
    caller: Caller,
    target: Target,
    Ids(clinic): Ids<ClinicId>,
    headers: HeaderMap,
) -> Result<Kept, Fault> {
    interaction::read(&app, caller, target, clinic, tags(&headers))
        .await
        .map(Kept)
}

pub async fn withdraw(State(app): State<App>, caller: Caller, Ids(clinic): Ids<ClinicId>) -> Done {
    interaction::withdraw(&app, caller, clinic).await.map(|()| NoContent)
}
