//! Makes a PDF of a report that a device has put into words.
//!
//! Reads no record: everything on the paper is what the device has said, which it had from the feed, within its scope.

use doseline_report::PdfError;
use doseline_shared::api::report::Document;

use crate::fault::Fault;

/// The report as a PDF file.
pub async fn pdf(document: Document) -> Result<Vec<u8>, Fault> {
    let made = tokio::task::spawn_blocking(move || doseline_report::pdf(&document));
    match made.await {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(PdfError::TooLong)) => Err(Fault::TooMuch {
            path: None,
            problem: PdfError::TooLong.to_string(),
        }),
        Ok(Err(error @ PdfError::Failed(_))) => {
            tracing::error!(report.error = %error, "a report could not be made");
            Err(Fault::Internal)
        }
        Err(error) => {
            tracing::error!(report.error = %error, "a report could not be made");
            Err(Fault::Internal)
        }
    }
}
