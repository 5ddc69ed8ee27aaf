//! The public preview: what a prescriber sees before saving. Carries no patient data, needs no sign-in, is limited per
//! address, and answers at most 10,000 occurrences in at most ten years.

use doseline_shared::api::preview::{Preview, Previewed};
use serde_json::Value;

use crate::{
    app::{App, Origin},
    fault::Fault,
    http::limit::network,
};

/// The occurrences of a schedule that nobody has saved.
pub async fn preview(app: &App, from: Origin, request: Value) -> Result<Previewed, Fault> {
    app.previews.take(network(from.0), app.now())?;
    // A long way through a schedule keeps a core busy; other requests go on beside it.
    tokio::task::spawn_blocking(move || expand(&request))
        .await
        .map_err(|_| Fault::Internal)?
}

fn expand(request: &Value) -> Result<Previewed, Fault> {
    let asked = Preview::parse(request).map_err(|error| Fault::field(error.path, error.problem))?;
    asked.answer().map_err(|error| Fault::TooMuch {
        path: Some("to".to_owned()),
        problem: error.to_string(),
    })
}
