//! A report as a PDF.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use doseline_shared::api::report::Document;

use crate::{fault::Fault, http::read::Json, report};

/// A file for a person to keep.
pub struct Pdf(Vec<u8>);

impl IntoResponse for Pdf {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "application/pdf"),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"doseline-report.pdf\"",
            ),
        ];
        (headers, self.0).into_response()
    }
}

pub async fn pdf(Json(document): Json<Document>) -> Result<Pdf, Fault> {
    report::pdf(document).await.map(Pdf)
}
