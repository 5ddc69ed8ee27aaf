//! Reads the part of the Fluent language that the locale files use: sentences of one line with blanks, and blanks that
//! choose among several wordings, by an exact number or by a plural.
//!
//! Terms, attributes, functions and sentences over several lines are refused. The whole language, with the plurals and the
//! numbers of all languages in it, is a good tenth of what a browser downloads. The tests hold that every locale file is
//! read, and that each sentence comes out as `fluent-bundle` says it.

/// The plural of a whole number in a language, by CLDR's name for it.
pub(super) type Plural = fn(i32) -> &'static str;

/// The plurals of English.
pub(super) fn english(number: i32) -> &'static str {
    if number == 1 { "one" } else { "other" }
}

/// A sentence in pieces, in order.
pub(super) type Sentence = Vec<Piece>;

/// A piece of a sentence.
#[derive(Debug)]
pub(super) enum Piece {
    /// Words as they stand.
    Words(&'static str),
    /// A blank to fill in.
    Blank(&'static str),
    /// One of several wordings.
    Choice {
        /// The blank that chooses.
        blank: &'static str,
        /// Each wording with the number or the plural that it is for.
        wordings: Vec<(&'static str, Sentence)>,
        /// Which one there is for all the rest.
        rest: usize,
    },
}

/// The sentences of a file by key, in the file's order, and the lines that are none.
pub(super) fn read(text: &'static str) -> (Vec<(&'static str, Sentence)>, Vec<&'static str>) {
    let (mut sentences, mut faults) = (Vec::new(), Vec::new());
    let mut left = Reader(text);
    while !left.0.is_empty() {
        let line = left.0.lines().next().unwrap_or_default();
        if line.trim().is_empty() || line.starts_with('#') {
            left.skip_line();
            continue;
        }
        match left.message() {
            Some(message) => sentences.push(message),
            None => {
                faults.push(line);
                left.skip_line();
            }
        }
    }
    (sentences, faults)
}

/// What is still to be read.
struct Reader(&'static str);

impl Reader {
    fn message(&mut self) -> Option<(&'static str, Sentence)> {
        let key = self.name()?;
        self.spaces();
        self.take("=")?;
        self.spaces();
        let sentence = self.sentence()?;
        (!sentence.is_empty()).then_some((key, sentence))
    }

    /// Up to the end of the line.
    fn sentence(&mut self) -> Option<Sentence> {
        let mut pieces = Vec::new();
        loop {
            let end = self.0.find(['{', '}', '\n']).unwrap_or(self.0.len());
            let (words, left) = self.0.split_at(end);
            self.0 = left;
            let last = !left.starts_with('{');
            let words = if last { words.trim_end() } else { words };
            if !words.is_empty() {
                pieces.push(Piece::Words(words));
            }
            if last {
                // A bracket with nothing open is a fault, and so is a line that goes on.
                return (left.is_empty() || left.starts_with('\n')).then_some(pieces);
            }
            pieces.push(self.placeable()?);
        }
    }

    fn placeable(&mut self) -> Option<Piece> {
        self.take("{")?;
        self.blanks();
        self.take("$")?;
        let blank = self.name()?;
        self.blanks();
        if self.take("}").is_some() {
            return Some(Piece::Blank(blank));
        }
        self.take("->")?;
        let (mut wordings, mut rest) = (Vec::new(), None);
        loop {
            self.blanks();
            if self.take("}").is_some() {
                return Some(Piece::Choice {
                    blank,
                    wordings,
                    rest: rest?,
                });
            }
            if self.take("*").is_some() {
                rest = Some(wordings.len());
            }
            self.take("[")?;
            let (name, left) = self.0.split_once(']')?;
            self.0 = left;
            self.spaces();
            wordings.push((name.trim(), self.sentence()?));
        }
    }

    fn name(&mut self) -> Option<&'static str> {
        let inside = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let end = self.0.find(|letter| !inside(letter)).unwrap_or(self.0.len());
        let (name, left) = self.0.split_at(end);
        self.0 = left;
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            .then_some(name)
    }

    fn take(&mut self, mark: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(mark)?;
        Some(())
    }

    /// Spaces within a line.
    fn spaces(&mut self) {
        self.0 = self.0.trim_start_matches(' ');
    }

    /// Spaces and ends of lines.
    fn blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\n']);
    }

    fn skip_line(&mut self) {
        self.0 = self.0.split_once('\n').map_or("", |(_, left)| left);
    }
}

/// Writes a sentence out; false where a blank was not filled.
pub(super) fn write(sentence: &[Piece], blanks: &[(&str, &str)], plural: Plural, out: &mut String) -> bool {
    let filled = |wanted: &str| blanks.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text);
    let mut whole = true;
    for piece in sentence {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Blank(name) => match filled(name) {
                Some(text) => out.push_str(text),
                None => {
                    whole = false;
                    out.push_str(name);
                }
            },
            Piece::Choice { blank, wordings, rest } => {
                let value = filled(blank);
                whole &= value.is_some();
                if let Some(wording) = chosen(value, wordings, *rest, plural) {
                    whole &= write(wording, blanks, plural, out);
                }
            }
        }
    }
    whole
}

/// The first wording that is for the very value or for its plural.
fn chosen<'a>(
    value: Option<&str>,
    wordings: &'a [(&'static str, Sentence)],
    rest: usize,
    plural: Plural,
) -> Option<&'a Sentence> {
    let is_for = |name: &str| {
        value.is_some_and(|value| value == name || whole_number(value).is_some_and(|number| plural(number) == name))
    };
    wordings
        .iter()
        .find(|(name, _)| is_for(name))
        .or_else(|| wordings.get(rest))
        .map(|(_, wording)| wording)
}

/// A whole number as one writes it: neither `007` nor `+3`.
fn whole_number(text: &str) -> Option<i32> {
    text.parse::<i32>().ok().filter(|number| number.to_string() == text)
}
