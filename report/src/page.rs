//! A page as it will be drawn: texts and rules at their places, in points from the upper left corner.

use crate::{
    font::{Fonts, Weight},
    line::{Line, lines},
};

/// A4.
pub const WIDTH: f32 = 595.28;
/// A4.
pub const HEIGHT: f32 = 841.89;
/// The margin at the sides.
pub const SIDE: f32 = 45.0;
/// How wide a line may be.
pub const INNER: f32 = WIDTH - 2.0 * SIDE;
/// Where a page begins.
pub const TOP: f32 = 45.0;
/// Where its contents end; beneath stands the foot.
pub const BOTTOM: f32 = HEIGHT - 58.0;

/// The colours, as the app has them on paper.
pub mod colour {
    /// Of words.
    pub const INK: [u8; 3] = [0x1b, 0x1f, 0x1e];
    /// Of words that matter less.
    pub const SOFT: [u8; 3] = [0x4b, 0x54, 0x51];
    /// Of what leads.
    pub const TEAL: [u8; 3] = [0x0a, 0x63, 0x5f];
    /// Behind the figure.
    pub const WASH: [u8; 3] = [0xec, 0xf4, 0xf3];
    /// Of rules.
    pub const RULE: [u8; 3] = [0xd5, 0xd9, 0xd6];
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Size.
    pub size: f32,
    /// From one line to the next.
    pub leading: f32,
    /// How heavy.
    pub weight: Weight,
    /// Its colour.
    pub colour: [u8; 3],
}

impl Style {
    /// A style.
    pub const fn new(size: f32, leading: f32, weight: Weight, colour: [u8; 3]) -> Self {
        Self {
            size,
            leading,
            weight,
            colour,
        }
    }

    /// A text in this style, no wider than `width`.
    pub fn set(self, fonts: &Fonts, text: &str, width: f32) -> Set {
        Set {
            style: self,
            lines: lines(fonts, text, self.weight, width / self.size),
        }
    }
}

/// A text as lines of a style.
#[derive(Clone, Debug)]
pub struct Set {
    /// The style.
    pub style: Style,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Set {
    /// The same with no more than `most` lines; an ellipsis stands for what there is besides.
    pub fn at_most(mut self, fonts: &Fonts, most: usize) -> Self {
        if self.lines.len() > most {
            self.lines.truncate(most - 1);
            self.lines.extend(self.style.set(fonts, "…", INNER).lines);
        }
        self
    }

    /// How high it is.
    pub fn height(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a count of lines is a small number")]
        let count = self.lines.len() as f32;
        count * self.style.leading
    }
}

/// What a text is, for who has it read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Said once already, or of no meaning: heads and feet of pages.
    Furniture,
    /// What the report is, and about whom.
    Title,
    /// Begins a section; the number of its block.
    Heading(usize),
    /// A paragraph; the number of its block.
    Text(usize),
    /// A head of a column: block, column.
    Head(usize, usize),
    /// A cell: block, row, column.
    Cell(usize, usize, usize),
}

/// A line of text at its place.
#[derive(Clone, Debug)]
pub struct Text {
    /// What it is.
    pub role: Role,
    /// Where it begins.
    pub x: f32,
    /// Where it stands.
    pub baseline: f32,
    /// How it is set.
    pub style: Style,
    /// The line.
    pub line: Line,
}

/// A filled box; a rule is a low one.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// Colour.
    pub colour: [u8; 3],
}

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What lies beneath.
    pub fills: Vec<Fill>,
    /// The texts, in the order they are read.
    pub texts: Vec<Text>,
}

impl Page {
    /// Puts a text with its upper edge at `y`.
    pub fn put(&mut self, role: Role, x: f32, y: f32, set: &Set) {
        let style = set.style;
        // The letters stand in the middle of their lines, as far as their capitals go.
        let mut baseline = y + style.leading / 2.0 + style.size * 0.34;
        for line in &set.lines {
            self.texts.push(Text {
                role,
                x,
                baseline,
                style,
                line: line.clone(),
            });
            baseline += style.leading;
        }
    }

    /// The same, with each line ending at `x`.
    pub fn put_before(&mut self, role: Role, x: f32, y: f32, set: &Set) {
        let first = self.texts.len();
        self.put(role, x, y, set);
        for text in self.texts.iter_mut().skip(first) {
            text.x -= text.line.width() * text.style.size;
        }
    }

    /// Draws a rule over the whole width.
    pub fn rule(&mut self, y: f32, thick: f32, colour: [u8; 3]) {
        self.fills.push(Fill {
            x: SIDE,
            y,
            width: INNER,
            height: thick,
            colour,
        });
    }
}
