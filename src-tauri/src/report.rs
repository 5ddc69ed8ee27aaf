//! Makes a report for the doctor as a PDF, on this device, so that it needs no network.

use chrono::NaiveDate;
use doseline_client::ask::Fault;
use doseline_report::PdfError;
use doseline_shared::api::{
    ErrorCode,
    report::{Document, file_name},
};
use tauri::AppHandle;

use crate::document;

/// Makes the file and keeps it. Gives the place where it is.
pub fn keep(app: &AppHandle, document: &Document, made: NaiveDate) -> Result<String, Fault> {
    let pdf = doseline_report::pdf(document).map_err(|error| {
        tracing::error!(report.error = %error, "a report could not be made");
        Fault::of(match error {
            PdfError::TooLong => ErrorCode::TooMuch,
            PdfError::Failed(_) => ErrorCode::Internal,
        })
    })?;
    document::keep(app, &file_name(made), &pdf)
}
