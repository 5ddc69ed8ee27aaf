//! Text as lines of a given width.

use crate::font::{Fonts, Span, Weight, is_mark};

/// A line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its pieces, in order; each but the last ends in the space before the next.
    pub spans: Vec<Span>,
}

impl Line {
    /// How wide it is, for a size of 1.
    pub fn width(&self) -> f32 {
        self.spans.iter().map(|span| span.width).sum()
    }
}

/// A text as lines no wider than `width`, which is for a size of 1. A line break in the text begins a new line; a word
/// that is wider than a line is broken where it has to be.
pub fn lines(fonts: &Fonts, text: &str, weight: Weight, width: f32) -> Vec<Line> {
    clean(text)
        .split('\n')
        .flat_map(|paragraph| broken(fonts, paragraph, weight, width))
        .collect()
}

/// The text with what has no form of its own left out: controls, marks of direction, hyphens that do not show.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|letter| {
            !matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        })
        .map(|letter| if letter.is_control() && letter != '\n' { ' ' } else { letter })
        .collect()
}

fn broken(fonts: &Fonts, paragraph: &str, weight: Weight, width: f32) -> Vec<Line> {
    let measure = |text: &str| fonts.width(text, weight);
    let space = measure(" ");
    let mut lines = Vec::new();
    let (mut line, mut used): (Vec<String>, f32) = (Vec::new(), 0.0);
    let words = paragraph.split(' ').filter(|word| !word.is_empty());
    for piece in words.flat_map(|word| pieces(word, width, &measure)) {
        let wide = measure(&piece);
        if !line.is_empty() && used + space + wide > width {
            lines.push(joined(fonts, &std::mem::take(&mut line), weight));
            used = 0.0;
        }
        used += if line.is_empty() { wide } else { space + wide };
        line.push(piece);
    }
    lines.push(joined(fonts, &line, weight));
    lines
}

/// A word, cut where it is wider than a line. A mark stays with its letter.
fn pieces(word: &str, width: f32, measure: &impl Fn(&str) -> f32) -> Vec<String> {
    if measure(word) <= width {
        return vec![word.to_owned()];
    }
    let mut pieces = vec![String::new()];
    let mut used = 0.0;
    for letter in word.chars() {
        // Letter by letter, so that a word of any length costs what its letters do; a mark stands on its letter.
        let wide = if is_mark(letter) {
            0.0
        } else {
            measure(letter.encode_utf8(&mut [0; 4]))
        };
        match pieces.last_mut() {
            Some(last) if is_mark(letter) || last.is_empty() || used + wide <= width => {
                last.push(letter);
                used += wide;
            }
            _ => {
                pieces.push(letter.to_string());
                used = wide;
            }
        }
    }
    pieces
}

/// Words as a line: those of one font that follow each other make one piece, and those with marks on their letters
/// another, since they are shaped in another way.
fn joined(fonts: &Fonts, words: &[String], weight: Weight) -> Line {
    let mut groups: Vec<(_, String)> = Vec::new();
    for word in words {
        let which = (fonts.of(word, weight), word.contains(is_mark));
        if let Some((_, text)) = groups.last_mut() {
            text.push(' ');
        }
        match groups.last_mut() {
            Some((same, text)) if *same == which => text.push_str(word),
            _ => groups.push((which, word.clone())),
        }
    }
    Line {
        spans: groups
            .into_iter()
            .map(|((which, _), text)| fonts.shaped(which, text))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        let fonts = Fonts::new().unwrap();
        lines(&fonts, text, Weight::Plain, width)
            .iter()
            .map(|line| line.spans.iter().map(|span| span.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn a_text_is_broken_between_words_and_at_its_own_breaks() {
        assert_eq!(texts("one two three", 4.0), ["one two", "three"]);
        assert_eq!(texts("one\ntwo", 40.0), ["one", "two"]);
        assert_eq!(texts("  one   two ", 40.0), ["one two"]);
        assert_eq!(texts("", 40.0), [""]);
    }

    #[test]
    fn a_word_wider_than_a_line_is_cut_and_no_mark_is_parted_from_its_letter() {
        let cut = texts("ọ̀ọ̀ọ̀ọ̀ọ̀ọ̀ọ̀ọ̀", 1.5);
        assert!(cut.len() > 2, "{cut:?}");
        assert!(cut.iter().all(|line| !line.starts_with('\u{300}')), "{cut:?}");
        assert_eq!(cut.concat(), "ọ̀ọ̀ọ̀ọ̀ọ̀ọ̀ọ̀ọ̀");
        // Not even one letter fits; each has a line.
        assert_eq!(texts("abc", 0.1), ["a", "b", "c"]);
    }

    #[test]
    fn what_has_no_form_is_left_out() {
        assert_eq!(texts("a\u{202e}b\tc\u{ad}d", 40.0), ["ab cd"]);
    }

    #[test]
    fn a_word_with_letters_that_the_own_font_lacks_stands_in_the_other_as_a_whole() {
        let fonts = Fonts::new().unwrap();
        let line = &lines(&fonts, "Mrs Adébáyọ̀ came", Weight::Strong, 40.0)[0];
        let spans: Vec<_> = line.spans.iter().map(|span| span.text.as_str()).collect();
        assert_eq!(spans, ["Mrs ", "Adébáyọ̀ ", "came"]);
        // Letters with marks beneath and above alike, composed or not.
        let line = &lines(&fonts, "Ọláṣùbọ̀mí Ṣadé Nwáṅkwọ Ɓala Ƙasim", Weight::Plain, 40.0)[0];
        assert_eq!(line.spans.len(), 2, "{line:?}");
        assert!(
            line.spans
                .iter()
                .flat_map(|span| &span.glyphs)
                .all(|glyph| glyph.glyph_id.to_u32() != 0)
        );
    }
}
