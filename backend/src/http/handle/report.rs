//! A report as a PDF.

use axum::{http::header, response::IntoResponse};
use doseline_shared::api::report::Document;

use crate::{fault::Fault, http::read::Json, report};

pub async fn pdf(Json(document): Json<Document>) -> Result<impl IntoResponse, Fault> {
    let file = report::pdf(document).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"doseline-report.pdf\"",
        ),
    ];
    Ok((headers, file))
}
