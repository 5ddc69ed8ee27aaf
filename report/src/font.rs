//! The fonts, and text as their glyphs.
//!
//! Everything is set in the app's own font. It lacks letters of many names, Yoruba and Hausa ones among them; a word that
//! it cannot write stands in the other font as a whole, since one strange letter within a word reads worse.

use std::{cell::RefCell, collections::HashMap};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Feature, Script, ShapePlan, UnicodeBuffer, ttf_parser::Tag};

const FILES: [&[u8]; 4] = [
    include_bytes!("../fonts/AtkinsonHyperlegibleNext-Regular.ttf"),
    include_bytes!("../fonts/AtkinsonHyperlegibleNext-Bold.ttf"),
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-Bold.ttf"),
];

/// How heavy the letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weight {
    Plain,
    Strong,
}

/// Which of the fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which(usize);

/// The fonts.
pub struct Fonts {
    faces: Vec<Face>,
    /// How wide words are, since most of them come again and again.
    widths: RefCell<HashMap<(Weight, String), f32>>,
}

struct Face {
    font: Font,
    shaper: rustybuzz::Face<'static>,
    /// How each script is shaped: finding that out takes far longer than doing it for a word.
    plans: RefCell<Vec<((Script, bool), ShapePlan)>>,
}

/// A piece of text in one font.
#[derive(Clone, Debug)]
pub struct Span {
    /// The font.
    pub which: Which,
    /// The text.
    pub text: String,
    /// Its glyphs.
    pub glyphs: Vec<KrillaGlyph>,
    /// How wide it is, for a size of 1.
    pub width: f32,
}

impl Fonts {
    /// All fonts; none where one of them cannot be read.
    pub fn new() -> Option<Self> {
        let face = |bytes: &'static [u8]| {
            Some(Face {
                font: Font::new(bytes.into(), 0)?,
                shaper: rustybuzz::Face::from_slice(bytes, 0)?,
                plans: RefCell::default(),
            })
        };
        Some(Self {
            faces: FILES.into_iter().map(face).collect::<Option<_>>()?,
            widths: RefCell::default(),
        })
    }

    /// The font for a word: the app's own where it has every letter, or as many as the other.
    pub fn of(&self, word: &str, weight: Weight) -> Which {
        let place = match weight {
            Weight::Plain => 0,
            Weight::Strong => 1,
        };
        let (own, other) = (Which(place), Which(place + 2));
        if self.lacking(own, word) <= self.lacking(other, word) {
            own
        } else {
            other
        }
    }

    fn lacking(&self, which: Which, word: &str) -> usize {
        self.faces.get(which.0).map_or(usize::MAX, |face| {
            word.chars()
                .filter(|letter| face.shaper.glyph_index(*letter).is_none())
                .count()
        })
    }

    /// The font itself.
    pub fn font(&self, which: Which) -> Option<&Font> {
        self.faces.get(which.0).map(|face| &face.font)
    }

    /// How wide a word is, for a size of 1.
    pub fn width(&self, word: &str, weight: Weight) -> f32 {
        let key = (weight, word.to_owned());
        if let Some(known) = self.widths.borrow().get(&key) {
            return *known;
        }
        let width = self.shaped(self.of(word, weight), key.1.clone()).width;
        self.widths.borrow_mut().insert(key, width);
        width
    }

    /// Text as glyphs of one font, from left to right as all scripts are that the fonts have.
    pub fn shaped(&self, which: Which, text: String) -> Span {
        let glyphs = self
            .faces
            .get(which.0)
            .map(|face| face.glyphs(&text))
            .unwrap_or_default();
        Span {
            which,
            width: glyphs.iter().map(|glyph| glyph.x_advance).sum(),
            glyphs,
            text,
        }
    }
}

impl Face {
    fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        // Letters are taken apart only where a mark has to find its place on one: a letter that is two glyphs makes some
        // readers see a space behind it, and nobody finds the name then.
        let marked = text.contains(is_mark);
        let key = (buffer.script(), marked);
        let mut plans = self.plans.borrow_mut();
        if !plans.iter().any(|(known, _)| *known == key) {
            let whole = [Feature::new(Tag::from_bytes(b"ccmp"), 0, ..)];
            let features = if marked { &[][..] } else { &whole[..] };
            let plan = ShapePlan::new(&self.shaper, Direction::LeftToRight, Some(key.0), None, features);
            plans.push((key, plan));
        }
        let Some((_, plan)) = plans.iter().find(|(known, _)| *known == key) else {
            return Vec::new();
        };
        let shaped = rustybuzz::shape_with_plan(&self.shaper, plan, buffer);
        let starts: Vec<usize> = shaped
            .glyph_infos()
            .iter()
            .map(|info| usize::try_from(info.cluster).unwrap_or(text.len()))
            .collect();
        // Each glyph stands for the text from its own cluster to the next one; from left to right they ascend.
        let end = |start: usize| starts.get(starts.partition_point(|other| *other <= start)).copied();
        let em = self.font.units_per_em();
        #[expect(clippy::cast_precision_loss, reason = "an advance in font units is a small number")]
        let part = |units: i32| units as f32 / em;
        shaped
            .glyph_infos()
            .iter()
            .zip(shaped.glyph_positions())
            .zip(&starts)
            .map(|((info, position), start)| {
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    part(position.x_advance),
                    part(position.x_offset),
                    part(position.y_offset),
                    part(position.y_advance),
                    *start..end(*start).unwrap_or(text.len()),
                    None,
                )
            })
            .collect()
    }
}

/// Whether a letter is a mark on the one before it.
pub fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}
