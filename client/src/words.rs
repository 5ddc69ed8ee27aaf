//! The sentences of a locale, from the Fluent files in `assets/locales`; `words/fluent.rs` reads them.
//!
//! They are part of the program, so nothing has to be found at run time. A locale that lacks a sentence, or that is not
//! there at all, speaks English.

mod fluent;

use doseline_shared::{order, quantity::Quantity};

use self::fluent::{Plural, Sentence, english};

/// The locale that has every sentence.
pub const FIRST: &str = "en";

/// A language: its files, and how it counts.
struct Locale {
    name: &'static str,
    plural: Plural,
    files: &'static [&'static str],
}

/// A new language is a folder with the same files, its plurals in `fluent`, and an entry here.
const LOCALES: &[Locale] = &[Locale {
    name: FIRST,
    plural: english,
    files: &[
        include_str!("../../assets/locales/en/ui.ftl"),
        include_str!("../../assets/locales/en/errors.ftl"),
        include_str!("../../assets/locales/en/notifications.ftl"),
    ],
}];

/// The locales that there are.
pub fn locales() -> impl Iterator<Item = &'static str> {
    LOCALES.iter().map(|locale| locale.name)
}

/// The sentences of one locale.
pub struct Words {
    /// The locale itself, then English where that is another.
    books: Vec<Book>,
}

/// The sentences of one language, sorted by key.
struct Book {
    plural: Plural,
    sentences: Vec<(&'static str, Sentence)>,
}

impl Book {
    fn of(locale: &Locale) -> Self {
        let mut sentences = Vec::new();
        for text in locale.files {
            // What can be read of a file is used; that all of it can is what the tests hold.
            let (found, faults) = fluent::read(text);
            if !faults.is_empty() {
                tracing::error!(
                    words.locale = locale.name,
                    words.faults = faults.len(),
                    "a locale file has faults"
                );
            }
            sentences.extend(found);
        }
        order::by(&mut sentences, |(one, _), (other, _)| one.cmp(other));
        Self {
            plural: locale.plural,
            sentences,
        }
    }

    fn sentence(&self, key: &str) -> Option<&Sentence> {
        let place = self.sentences.binary_search_by(|(known, _)| (*known).cmp(key)).ok()?;
        self.sentences.get(place).map(|(_, sentence)| sentence)
    }
}

impl Words {
    /// The sentences of `locale`, such as `en` or `pt-BR`; of its language, where the region has none of its own; and
    /// English for the rest.
    pub fn new(locale: &str) -> Self {
        let closest = closest(locale);
        let mut books: Vec<Book> = named(closest).map(Book::of).into_iter().collect();
        if closest != FIRST {
            books.extend(named(FIRST).map(Book::of));
        }
        Self { books }
    }

    /// The sentence of `key` with its blanks filled in. A blank that holds a whole number can choose a plural.
    pub fn say(&self, key: &str, blanks: &[(&str, &str)]) -> String {
        let found = self.books.iter().find_map(|book| Some((book, book.sentence(key)?)));
        let Some((book, sentence)) = found else {
            tracing::error!(words.key = key, "there is no such sentence");
            return key.to_owned();
        };
        let mut said = String::new();
        if !fluent::write(sentence, blanks, book.plural, &mut said) {
            tracing::error!(words.key = key, "a sentence has a blank that was not filled");
        }
        said
    }
}

fn named(name: &str) -> Option<&'static Locale> {
    LOCALES.iter().find(|locale| locale.name == name)
}

impl Words {
    /// An amount as one says it: `1 tablet`, `½ tablet`, `2.5 ml`.
    pub fn amount(&self, quantity: &Quantity) -> String {
        let plain = quantity.value.normalize().to_string();
        let value = match plain.as_str() {
            "0.25" => "¼",
            "0.5" => "½",
            "1.5" => "1½",
            other => other,
        };
        // Half a tablet is one word as one tablet is; one and a half are several.
        let count = if plain == "1" || plain.starts_with("0.") {
            "1"
        } else {
            plain.as_str()
        };
        let blanks = [("value", value), ("count", count)];
        match quantity.unit.as_str() {
            "tablet" | "tablets" => self.say("unit-tablet", &blanks),
            "capsule" | "capsules" => self.say("unit-capsule", &blanks),
            "drop" | "drops" => self.say("unit-drop", &blanks),
            "puff" | "puffs" => self.say("unit-puff", &blanks),
            "unit" | "units" => self.say("unit-unit", &blanks),
            "spoonful" => self.say("unit-spoonful", &blanks),
            "sachet" => self.say("unit-sachet", &blanks),
            "patch" => self.say("unit-patch", &blanks),
            "application" => self.say("unit-application", &blanks),
            unit => format!("{value}\u{a0}{unit}"),
        }
    }
}

/// The locale there is that suits `wanted` best.
fn closest(wanted: &str) -> &'static str {
    let language = wanted.split(['-', '_']).next().unwrap_or_default();
    locales()
        .find(|name| name.eq_ignore_ascii_case(wanted))
        .or_else(|| locales().find(|name| name.eq_ignore_ascii_case(language)))
        .unwrap_or(FIRST)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use doseline_shared::api::ErrorCode;
    use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
    use unic_langid::LanguageIdentifier;

    use super::{fluent::Piece, *};

    /// The same sentences by the reference of the language.
    fn reference(locale: &Locale) -> FluentBundle<FluentResource> {
        let mut bundle = FluentBundle::new(vec![locale.name.parse::<LanguageIdentifier>().unwrap()]);
        bundle.set_use_isolating(false);
        for text in locale.files {
            let resource = FluentResource::try_new((*text).to_owned());
            let resource = resource.unwrap_or_else(|(_, faults)| panic!("{}: {faults:?}", locale.name));
            bundle
                .add_resource(resource)
                .unwrap_or_else(|faults| panic!("{}: a sentence is said twice: {faults:?}", locale.name));
        }
        bundle
    }

    #[test]
    fn every_sentence_is_read_and_said_as_the_reference_says_it() {
        for locale in LOCALES {
            let (words, reference) = (Words::new(locale.name), reference(locale));
            for text in locale.files {
                let (sentences, faults) = fluent::read(text);
                assert!(faults.is_empty(), "{}: {faults:?}", locale.name);
                let keys = text
                    .lines()
                    .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
                assert_eq!(sentences.len(), keys.count(), "{}", locale.name);
                for (key, sentence) in sentences {
                    let names = blanks_of(&sentence);
                    for value in ["0", "1", "2", "3", "5", "11", "21", "100", "0.5", "½", "08:00", "one"] {
                        let blanks: Vec<_> = names.iter().map(|name| (*name, value)).collect();
                        let mut arguments = FluentArgs::new();
                        for name in &names {
                            match value.parse::<i32>() {
                                Ok(number) => arguments.set(*name, number),
                                Err(_) => arguments.set(*name, value),
                            }
                        }
                        let pattern = reference.get_message(key).unwrap().value().unwrap();
                        let mut faults = Vec::new();
                        let expected = reference.format_pattern(pattern, Some(&arguments), &mut faults);
                        assert!(faults.is_empty(), "{key}: {faults:?}");
                        assert_eq!(words.say(key, &blanks), expected, "{key} with {value}");
                    }
                }
            }
        }
    }

    fn blanks_of(sentence: &Sentence) -> BTreeSet<&'static str> {
        let mut names = BTreeSet::new();
        for piece in sentence {
            match piece {
                Piece::Words(_) => {}
                Piece::Blank(name) => {
                    names.insert(*name);
                }
                Piece::Choice { blank, wordings, .. } => {
                    names.insert(*blank);
                    names.extend(wordings.iter().flat_map(|(_, wording)| blanks_of(wording)));
                }
            }
        }
        names
    }

    #[test]
    fn what_is_more_than_the_part_of_the_language_that_is_read_is_a_fault() {
        for text in [
            "key = { NUMBER($n) }",
            "-term = Word",
            "key = { other-key }",
            "key = { $n ->\n    [one] One\n}",
            "key = open { $n",
            "key = shut }",
            "key = One\n    and more",
            "key =",
        ] {
            assert!(!fluent::read(text).1.is_empty(), "{text}");
        }
    }

    #[test]
    fn every_error_has_its_sentence() {
        for locale in locales() {
            let words = Words::new(locale);
            for code in ErrorCode::ALL {
                let key = format!("error-{}", code.name().replace('_', "-"));
                let sentence = words.say(&key, &[]);
                assert_ne!(sentence, key, "{locale} has no {key}");
                assert!(!sentence.contains('{'), "{locale} {key} has a blank");
            }
        }
    }

    #[test]
    fn a_notification_says_what_to_take() {
        let words = Words::new("en");
        assert_eq!(words.say("reminder-title", &[]), "Time for your medicine");
        assert_eq!(
            words.say("reminder-body", &[("name", "Metformin"), ("amount", "1 tablet")]),
            "Metformin, 1 tablet"
        );
        assert_eq!(words.say("reminder-snooze", &[("minutes", "10")]), "Snooze 10 min");
        assert_eq!(
            words.say("tray-next", &[("time", "08:00"), ("name", "Metformin")]),
            "08:00 Metformin"
        );
    }

    #[test]
    fn a_whole_number_chooses_the_plural_and_any_other_text_stays_as_it_is() {
        let words = Words::new("en");
        assert_eq!(words.say("span-hours", &[("n", "1")]), "1 hour");
        assert_eq!(words.say("span-hours", &[("n", "2")]), "2 hours");
        for text in ["0.50", "007", "+3", "2026-03-29", "99999999999999999999"] {
            assert_eq!(words.say("reminder-body-no-amount", &[("name", text)]), text);
        }
    }

    #[test]
    fn an_amount_is_said_as_one_says_it() {
        let words = Words::new("en");
        let say = |value: &str, unit: &str| {
            let quantity = serde_json::json!({ "value": value, "unit": unit });
            words.amount(&serde_json::from_value(quantity).unwrap())
        };
        assert_eq!(say("1", "tablet"), "1 tablet");
        assert_eq!(say("2.0", "tablet"), "2 tablets");
        assert_eq!(say("0.5", "tablet"), "½ tablet");
        assert_eq!(say("1.5", "capsule"), "1½ capsules");
        assert_eq!(say("2.5", "ml"), "2.5\u{a0}ml");
    }

    #[test]
    fn an_unknown_locale_speaks_english_and_a_region_speaks_its_language() {
        assert_eq!(Words::new("xx-YY").say("reminder-taken", &[]), "Taken");
        assert_eq!(closest("en-NG"), "en");
        assert_eq!(closest("EN_us"), "en");
    }

    #[test]
    fn a_sentence_that_is_nowhere_shows_its_key() {
        assert_eq!(Words::new("en").say("no-such-key", &[]), "no-such-key");
    }
}
