//! What an operator's tools ask.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::{app::App, fault::Fault, operations};

/// A line of text.
pub struct Text(&'static str);

impl IntoResponse for Text {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

pub async fn alive() -> Text {
    Text("ok\n")
}

pub async fn ready(State(app): State<App>) -> Result<Text, Fault> {
    operations::ready(&app).await.map(|()| Text("ok\n"))
}

/// Measurements in the text format of Prometheus.
pub struct Measured(String);

impl IntoResponse for Measured {
    fn into_response(self) -> Response {
        (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            self.0,
        )
            .into_response()
    }
}

pub async fn metrics(State(app): State<App>) -> Result<Measured, Fault> {
    operations::measure(&app).await?;
    operations::metrics::rendered().map(Measured).ok_or(Fault::NotFound)
}
