//! Makes a PDF out of a report in words: A4, fonts embedded, text that can be selected and read aloud.
//!
//! Owns how a report looks on paper, and no word of it. Pure: the same report makes the same file.

mod draw;
mod flow;
mod font;
mod line;
mod page;
mod table;

use doseline_shared::api::report::{Block, Document};

use crate::{flow::Flow, font::Fonts};

/// Most pages of a report: a year's worth has about ten.
const MOST_PAGES: usize = 60;
/// Most letters of a report, so that one which is too long is refused before it is set.
const MOST_LETTERS: usize = 400_000;

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// It has more than [`MOST_LETTERS`], or would have more than [`MOST_PAGES`].
    #[error("the report is longer than {MOST_PAGES} pages or {MOST_LETTERS} letters")]
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
    if letters(document) > MOST_LETTERS {
        return Err(PdfError::TooLong);
    }
    let fonts = Fonts::new().ok_or_else(|| PdfError::Failed("a font cannot be read".to_owned()))?;
    let flow = Flow::new(document, &fonts);
    let pages = flow.fit(document.most_pages.map(usize::from))?;
    draw::file(document, &fonts, &pages)
}

/// The letters of a report, in bytes, with one for each cell, since an empty one costs something too.
fn letters(document: &Document) -> usize {
    let around = [
        &document.title,
        &document.name,
        &document.made,
        &document.running,
        &document.foot,
    ];
    let around = around.into_iter().chain(&document.under).map(String::len);
    let of_blocks = document.blocks.iter().map(|block| match block {
        Block::Heading { text } | Block::Text { text } | Block::Note { text } => text.len() + 1,
        Block::Figure { figure, text } => figure.len() + text.len() + 1,
        Block::Table(table) => {
            let titles = table.columns.iter().map(|column| column.title.len() + 1);
            let cells = table.rows.iter().flatten();
            let cells = cells.map(|cell| cell.text.len() + cell.under.as_ref().map_or(0, String::len) + 1);
            let rest = table.rest.iter().map(|words| words.len() + 1);
            titles.chain(cells).chain(rest).sum::<usize>() + table.rows.len()
        }
    });
    around.chain(of_blocks).sum()
}
