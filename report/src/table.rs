//! A table, measured: how wide its columns are, how high its rows.

use doseline_shared::api::report::Table;

use crate::{
    font::{Fonts, Weight},
    page::{INNER, Page, Role, SIDE, Set, Style, colour},
};

const TEXT: Style = Style::new(9.5, 12.5, Weight::Plain, colour::INK);
const STRONG: Style = Style::new(9.5, 12.5, Weight::Strong, colour::INK);
const UNDER: Style = Style::new(8.0, 10.5, Weight::Plain, colour::SOFT);
const HEAD: Style = Style::new(8.0, 10.5, Weight::Strong, colour::SOFT);
/// Between two columns.
const GAP: f32 = 12.0;
/// Above and beneath the words of a row.
const AIR: f32 = 3.5;
/// Most lines of one cell; what is longer ends in an ellipsis, so that a row is never higher than a page.
const MOST_LINES: usize = 24;

/// A table with its words set.
pub struct Measured {
    block: usize,
    /// Where each column begins.
    starts: Vec<f32>,
    /// The heads; none where no column has a title.
    head: Option<Vec<Set>>,
    rows: Vec<Row>,
    /// What is said where rows are left out.
    rest: Vec<Set>,
}

struct Row {
    cells: Vec<Vec<Set>>,
    height: f32,
}

impl Measured {
    /// Sets the words of a table.
    pub fn new(fonts: &Fonts, block: usize, table: &Table) -> Self {
        let all: f32 = table.columns.iter().map(|column| f32::from(column.share)).sum();
        let wide = |share: u16| INNER * f32::from(share) / all.max(1.0);
        let mut at = SIDE;
        let mut starts = Vec::new();
        let mut widths = Vec::new();
        for (place, column) in table.columns.iter().enumerate() {
            starts.push(at);
            at += wide(column.share);
            let last = place + 1 == table.columns.len();
            widths.push((wide(column.share) - if last { 0.0 } else { GAP }).max(1.0));
        }
        let titled = table.columns.iter().any(|column| !column.title.is_empty());
        let heads = || {
            let columns = table.columns.iter().zip(&widths);
            columns
                .map(|(column, width)| HEAD.set(fonts, &column.title, *width))
                .collect()
        };
        let rows = table.rows.iter().map(|cells| {
            let cells: Vec<Vec<Set>> = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| {
                    let style = if cell.strong { STRONG } else { TEXT };
                    let under = cell.under.iter().map(|under| UNDER.set(fonts, under, *width));
                    let words = (!cell.text.is_empty()).then(|| style.set(fonts, &cell.text, *width));
                    words
                        .into_iter()
                        .chain(under)
                        .map(|set| set.at_most(fonts, MOST_LINES))
                        .collect()
                })
                .collect();
            let height = cells
                .iter()
                .map(|cell| cell.iter().map(Set::height).sum())
                .fold(0.0, f32::max);
            Row {
                cells,
                height: height + 2.0 * AIR,
            }
        });
        Self {
            block,
            starts,
            head: titled.then(heads),
            rows: rows.collect(),
            rest: table.rest.iter().map(|words| UNDER.set(fonts, words, INNER)).collect(),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many rows are shown where at most `most` are to be.
    pub fn shown(&self, most: usize) -> usize {
        if self.rest.len() < self.rows.len() {
            self.rows.len()
        } else {
            self.rows.len().min(most)
        }
    }

    /// How high the heads are.
    pub fn head_height(&self) -> f32 {
        let heads = self.head.iter().flatten().map(Set::height);
        let height = heads.fold(0.0, f32::max);
        if height > 0.0 { height + AIR } else { 0.0 }
    }

    /// How high a row is.
    pub fn height(&self, row: usize) -> f32 {
        self.rows.get(row).map_or(0.0, |row| row.height)
    }

    /// What is said where only so many rows are shown.
    pub fn rest(&self, shown: usize) -> Option<&Set> {
        self.rest.get(self.rows.len().checked_sub(shown + 1)?)
    }

    /// Draws the heads. On a page that goes on with the table they say nothing new.
    pub fn put_head(&self, page: &mut Page, y: f32, again: bool) {
        let Some(heads) = &self.head else {
            return;
        };
        for (column, (set, x)) in heads.iter().zip(&self.starts).enumerate() {
            let role = if again {
                Role::Furniture
            } else {
                Role::Head(self.block, column)
            };
            page.put(role, *x, y, set);
        }
        page.rule(y + self.head_height() - 0.8, 0.8, colour::SOFT);
    }

    /// Draws a row, with a rule beneath it.
    pub fn put_row(&self, page: &mut Page, number: usize, y: f32) {
        let Some(row) = self.rows.get(number) else {
            return;
        };
        for (column, (cell, x)) in row.cells.iter().zip(&self.starts).enumerate() {
            let mut at = y + AIR;
            for set in cell {
                page.put(Role::Cell(self.block, number, column), *x, at, set);
                at += set.height();
            }
        }
        page.rule(y + row.height - 0.5, 0.5, colour::RULE);
    }
}
