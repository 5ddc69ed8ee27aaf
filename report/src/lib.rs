//! Makes a PDF out of a report in words: A4, fonts embedded, text that can be selected and read aloud.
//!
//! Owns how a report looks on paper, and no word of it. Pure: the same report makes the same file.

mod draw;
mod flow;
mod font;
mod line;
mod page;
mod table;

use doseline_shared::api::report::Document;

use crate::{flow::Flow, font::Fonts};

/// Most pages of a report: a year's worth has about ten.
const MOST_PAGES: usize = 60;

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// It would have more than [`MOST_PAGES`].
    #[error("the report is longer than {MOST_PAGES} pages")]
    TooLong,
    /// It cannot be written.
    #[error("the file cannot be made: {0}")]
    Failed(String),
}

/// The report as a PDF file.
///
/// Letters of other scripts than Latin, Greek and Cyrillic have no form in the fonts that are here: an empty box stands
/// for each, and selecting the text still gives the letters.
///
/// # Errors
/// [`PdfError`].
pub fn pdf(document: &Document) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::new().ok_or_else(|| PdfError::Failed("a font cannot be read".to_owned()))?;
    let flow = Flow::new(document, &fonts);
    let pages = flow.fit(document.most_pages.map(usize::from))?;
    draw::file(document, &fonts, &pages)
}
