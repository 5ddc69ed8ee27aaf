//! What an operator's tools ask.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{app::App, fault::Fault, operations};

pub async fn alive() -> &'static str {
    "ok\n"
}

pub async fn ready(State(app): State<App>) -> Result<&'static str, Fault> {
    operations::ready(&app).await.map(|()| "ok\n")
}

pub async fn metrics(State(app): State<App>) -> Result<Response, Fault> {
    operations::measure(&app).await?;
    let text = operations::metrics::rendered().ok_or(Fault::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
