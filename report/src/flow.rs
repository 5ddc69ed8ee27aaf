//! Puts the blocks of a report on pages, and cuts its tables where it has too many.

use doseline_shared::api::report::{Block, Document};

use crate::{
    MOST_PAGES, PdfError,
    font::{Fonts, Weight},
    page::{BOTTOM, Fill, HEIGHT, INNER, Page, Role, SIDE, Set, Style, TOP, WIDTH, colour},
    table::Measured,
};

const TITLE: Style = Style::new(9.5, 13.0, Weight::Strong, colour::TEAL);
const MADE: Style = Style::new(8.5, 13.0, Weight::Plain, colour::SOFT);
const NAME: Style = Style::new(22.0, 28.0, Weight::Strong, colour::INK);
const UNDER: Style = Style::new(9.5, 13.5, Weight::Plain, colour::SOFT);
const HEADING: Style = Style::new(12.0, 15.0, Weight::Strong, colour::TEAL);
const FIGURE: Style = Style::new(26.0, 30.0, Weight::Strong, colour::TEAL);
const TEXT: Style = Style::new(10.0, 14.0, Weight::Plain, colour::INK);
const NOTE: Style = Style::new(8.0, 11.0, Weight::Plain, colour::SOFT);
const FOOT: Style = Style::new(7.5, 10.0, Weight::Plain, colour::SOFT);

/// Above a heading.
const BEFORE_HEADING: f32 = 16.0;
/// Beneath it.
const AFTER_HEADING: f32 = 5.0;
/// Between two blocks.
const BETWEEN: f32 = 6.0;
/// What has to fit beneath a heading on its page.
const AFTER_ALL: f32 = 48.0;
/// Inside the box of the figure.
const PAD: f32 = 10.0;

/// A block with its words set.
enum Part {
    Heading(Set),
    Figure(Set, Set),
    Text(Set),
    Table(Measured),
}

/// A report with its words set.
pub struct Flow<'a> {
    document: &'a Document,
    fonts: &'a Fonts,
    parts: Vec<Part>,
}

impl<'a> Flow<'a> {
    /// Sets the words of a report.
    pub fn new(document: &'a Document, fonts: &'a Fonts) -> Self {
        let part = |(number, block): (usize, &Block)| match block {
            Block::Heading { text } => Part::Heading(HEADING.set(fonts, text, INNER)),
            Block::Figure { figure, text } => {
                let figure = FIGURE.set(fonts, figure, INNER / 3.0);
                let beside = INNER - 2.0 * PAD - figure_width(&figure) - 2.0 * PAD;
                Part::Figure(figure, TEXT.set(fonts, text, beside))
            }
            Block::Text { text } => Part::Text(TEXT.set(fonts, text, INNER)),
            Block::Note { text } => Part::Text(NOTE.set(fonts, text, INNER)),
            Block::Table(table) => Part::Table(Measured::new(fonts, number, table)),
        };
        Self {
            document,
            fonts,
            parts: document.blocks.iter().enumerate().map(part).collect(),
        }
    }

    /// The pages, no more than `most`: as many rows of each table as then fit.
    pub fn fit(&self, most: Option<usize>) -> Result<Vec<Page>, PdfError> {
        let rows = |part: &Part| match part {
            Part::Table(table) => table.rows(),
            Part::Heading(_) | Part::Figure(..) | Part::Text(_) => 0,
        };
        let all = self.parts.iter().map(rows).max().unwrap_or(0);
        let mut pages = self.pages(all)?;
        if let Some(most) = most
            && pages.len() > most
        {
            // The most rows with which it fits; with none at all it is as short as it gets.
            let (mut fits, mut too_many) = (0, all);
            while fits + 1 < too_many {
                let middle = usize::midpoint(fits, too_many);
                if self.pages(middle)?.len() > most {
                    too_many = middle;
                } else {
                    fits = middle;
                }
            }
            pages = self.pages(fits)?;
        }
        let count = pages.len();
        for (place, page) in pages.iter_mut().enumerate() {
            self.foot(page, place + 1, count);
        }
        Ok(pages)
    }

    /// The pages with at most so many rows of each table.
    fn pages(&self, rows: usize) -> Result<Vec<Page>, PdfError> {
        let mut paper = Paper::new(self);
        for (number, part) in self.parts.iter().enumerate() {
            match part {
                Part::Heading(set) => {
                    paper.space(BEFORE_HEADING);
                    paper.room(set.height() + AFTER_HEADING + AFTER_ALL)?;
                    paper.put(Role::Heading(number), set);
                    paper.space(AFTER_HEADING);
                }
                Part::Text(set) => {
                    paper.space(BETWEEN);
                    for line in &set.lines {
                        paper.room(set.style.leading)?;
                        let line = Set {
                            style: set.style,
                            lines: vec![line.clone()],
                        };
                        paper.put(Role::Text(number), &line);
                    }
                }
                Part::Figure(figure, text) => paper.figure(number, figure, text)?,
                Part::Table(table) => paper.table(number, table, table.shown(rows))?,
            }
        }
        Ok(paper.pages)
    }

    fn foot(&self, page: &mut Page, number: usize, count: usize) {
        let y = HEIGHT - 42.0;
        page.rule(y - 6.0, 0.5, colour::RULE);
        let number = FOOT.set(self.fonts, &format!("{number}/{count}"), 80.0);
        let words = FOOT.set(self.fonts, &self.document.foot, INNER - 80.0);
        page.put(Role::Furniture, SIDE, y, &words.at_most(self.fonts, 2));
        page.put_before(Role::Furniture, WIDTH - SIDE, y, &number);
    }
}

fn figure_width(figure: &Set) -> f32 {
    let widths = figure.lines.iter().map(|line| line.width() * figure.style.size);
    widths.fold(0.0, f32::max)
}

/// Pages as they fill up.
struct Paper<'a> {
    flow: &'a Flow<'a>,
    pages: Vec<Page>,
    page: usize,
    y: f32,
    /// Where the page's contents began.
    begun: f32,
}

impl<'a> Paper<'a> {
    fn new(flow: &'a Flow<'a>) -> Self {
        let mut paper = Self {
            flow,
            pages: vec![Page::default()],
            page: 0,
            y: TOP,
            begun: TOP,
        };
        paper.begin();
        paper
    }

    fn current(&mut self) -> &mut Page {
        let place = self.page;
        if place >= self.pages.len() {
            self.pages.resize_with(place + 1, Page::default);
        }
        self.pages.get_mut(place).expect("it was put there if it was not")
    }

    /// The head of the first page: what the report is, about whom, and of which days.
    fn begin(&mut self) {
        let (document, fonts) = (self.flow.document, self.flow.fonts);
        let title = TITLE.set(fonts, &document.title, INNER * 0.6).at_most(fonts, 2);
        let made = MADE.set(fonts, &document.made, INNER * 0.38).at_most(fonts, 2);
        let first = self.y;
        let page = self.current();
        page.put(Role::Title, SIDE, first, &title);
        page.put_before(Role::Title, WIDTH - SIDE, first, &made);
        self.y += title.height().max(made.height()) + 2.0;
        self.put(Role::Title, &NAME.set(fonts, &document.name, INNER).at_most(fonts, 3));
        self.space(1.0);
        for under in &document.under {
            self.put(Role::Title, &UNDER.set(fonts, under, INNER).at_most(fonts, 3));
        }
        let y = self.y + 7.0;
        self.current().rule(y, 1.2, colour::TEAL);
        self.y = y + 8.0;
        self.begun = self.y;
    }

    /// A new page.
    fn turn(&mut self) -> Result<(), PdfError> {
        if self.pages.len() >= MOST_PAGES {
            return Err(PdfError::TooLong);
        }
        self.page += 1;
        let fonts = self.flow.fonts;
        let running = FOOT.set(fonts, &self.flow.document.running, INNER).at_most(fonts, 2);
        let page = self.current();
        page.put(Role::Furniture, SIDE, TOP - 10.0, &running);
        let below = TOP - 10.0 + running.height() + 4.0;
        page.rule(below, 0.5, colour::RULE);
        self.y = below + 10.0;
        self.begun = self.y;
        Ok(())
    }

    /// Turns the page where so much does not fit any more.
    fn room(&mut self, height: f32) -> Result<(), PdfError> {
        if self.y + height > BOTTOM && self.y > self.begun {
            self.turn()?;
        }
        Ok(())
    }

    /// Leaves space, but not at the head of a page.
    fn space(&mut self, height: f32) {
        if self.y > self.begun {
            self.y += height;
        }
    }

    fn put(&mut self, role: Role, set: &Set) {
        let y = self.y;
        self.current().put(role, SIDE, y, set);
        self.y += set.height();
    }

    fn figure(&mut self, number: usize, figure: &Set, text: &Set) -> Result<(), PdfError> {
        let inner = figure.height().max(text.height());
        self.space(BETWEEN);
        self.room(inner + 2.0 * PAD)?;
        let top = self.y;
        let page = self.current();
        page.fills.push(Fill {
            x: SIDE,
            y: top,
            width: INNER,
            height: inner + 2.0 * PAD,
            colour: colour::WASH,
        });
        let middle = |set: &Set| top + PAD + (inner - set.height()) / 2.0;
        page.put(Role::Text(number), SIDE + PAD, middle(figure), figure);
        let beside = SIDE + PAD + figure_width(figure) + 2.0 * PAD;
        page.put(Role::Text(number), beside, middle(text), text);
        self.y += inner + 2.0 * PAD;
        Ok(())
    }

    fn table(&mut self, number: usize, table: &Measured, shown: usize) -> Result<(), PdfError> {
        self.space(BETWEEN);
        for row in 0..shown {
            let again = row > 0;
            let mut head = !again;
            let before = self.page;
            let needed = table.height(row) + if again { 0.0 } else { table.head_height() };
            self.room(needed)?;
            head |= self.page != before;
            if head {
                let y = self.y;
                table.put_head(self.current(), y, again);
                self.y += table.head_height();
            }
            let y = self.y;
            table.put_row(self.current(), row, y);
            self.y += table.height(row);
        }
        if let Some(rest) = table.rest(shown) {
            self.space(BETWEEN / 2.0);
            self.room(rest.height())?;
            self.put(Role::Text(number), rest);
        }
        Ok(())
    }
}
