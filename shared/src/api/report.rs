//! A report in words, ready to be set on pages: what a device says is to stand on the paper.
//!
//! Owns its form, and no sentence of it. Nothing in it is looked up: who makes a PDF of it reads no record.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `POST`: [`Document`] → `application/pdf`.
pub const REPORT: &str = "/v1/report";

/// What the file of a report is called that was made on this date. It says nothing of whom it is about.
pub fn file_name(made: NaiveDate) -> String {
    format!("doseline-report-{}.pdf", made.format("%Y-%m-%d"))
}

/// A report in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The language it is written in, such as `en`.
    pub locale: String,
    /// What it is, above the name.
    pub title: String,
    /// Whom it is about.
    pub name: String,
    /// Lines beneath the name.
    pub under: Vec<String>,
    /// When it was made, beside the title.
    pub made: String,
    /// What stands at the head of every page after the first.
    pub running: String,
    /// What stands at the foot of every page, beside its number.
    pub foot: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
    /// How many pages it may have; none for as many as it takes. Where it has more, tables are cut.
    pub most_pages: Option<u16>,
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// Begins a section.
    Heading {
        /// The words.
        text: String,
    },
    /// The figure that matters most, large, with what it means beside it.
    Figure {
        /// The figure.
        figure: String,
        /// What it means.
        text: String,
    },
    /// A paragraph.
    Text {
        /// The words.
        text: String,
    },
    /// A paragraph in small type.
    Note {
        /// The words.
        text: String,
    },
    /// A table.
    Table(Table),
}

/// A table. Its columns have no heads where none of them has a title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The columns, from the start of a line to its end.
    pub columns: Vec<Column>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// What is said where the last rows are left out for want of room: the nth entry where n are. A table for which it
    /// is shorter than its rows is never cut.
    pub rest: Vec<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReportColumn"))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What stands above it.
    pub title: String,
    /// How wide it is beside the others.
    pub share: u16,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The words.
    pub text: String,
    /// Whether they are in strong type.
    pub strong: bool,
    /// What is said beneath them in small type.
    pub under: Option<String>,
}
