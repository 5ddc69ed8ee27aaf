//! The description of the interface.

use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};
use serde_json::Value;

use crate::http::{openapi, read::Json};

pub async fn document() -> Json<&'static Value> {
    Json(openapi::document())
}

pub async fn page() -> Html<&'static str> {
    Html(openapi::page())
}

/// A style sheet.
pub struct Css(&'static str);

impl IntoResponse for Css {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], self.0).into_response()
    }
}

pub async fn looks() -> Css {
    Css(openapi::STYLE)
}
