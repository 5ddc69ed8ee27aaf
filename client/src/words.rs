//! The sentences of a locale, from the Fluent files in `assets/locales`.
//!
//! They are part of the program, so nothing has to be found at run time. A locale that lacks a sentence, or that is not
//! there at all, speaks English.

use doseline_shared::quantity::Quantity;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// The locale that has every sentence.
pub const FIRST: &str = "en";

/// Each locale with its files. A new language is a folder with the same files, and a line here.
const LOCALES: &[(&str, &[&str])] = &[(
    FIRST,
    &[
        include_str!("../../assets/locales/en/ui.ftl"),
        include_str!("../../assets/locales/en/errors.ftl"),
        include_str!("../../assets/locales/en/notifications.ftl"),
    ],
)];

/// The locales that there are.
pub fn locales() -> impl Iterator<Item = &'static str> {
    LOCALES.iter().map(|(name, _)| *name)
}

/// The sentences of one locale.
pub struct Words {
    /// The locale itself, then English where that is another.
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Words {
    /// The sentences of `locale`, such as `en` or `pt-BR`; of its language, where the region has none of its own; and
    /// English for the rest.
    pub fn new(locale: &str) -> Self {
        let mut names = vec![closest(locale)];
        if names != [FIRST] {
            names.push(FIRST);
        }
        let bundles = LOCALES.iter().filter(|(name, _)| names.contains(name));
        let mut bundles: Vec<_> = bundles.map(|(name, files)| (*name, bundle(name, files))).collect();
        bundles.sort_by_key(|(name, _)| names.iter().position(|other| other == name));
        Self {
            bundles: bundles.into_iter().map(|(_, bundle)| bundle).collect(),
        }
    }

    /// The sentence of `key` with its blanks filled in. A blank that holds a whole number can choose a plural.
    pub fn say(&self, key: &str, blanks: &[(&str, &str)]) -> String {
        let found = self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(key)?.value()?;
            Some((bundle, pattern))
        });
        let Some((bundle, pattern)) = found else {
            tracing::error!(words.key = key, "there is no such sentence");
            return key.to_owned();
        };
        let mut arguments = FluentArgs::with_capacity(blanks.len());
        for (name, text) in blanks {
            arguments.set(*name, value(text));
        }
        let mut faults = Vec::new();
        let sentence = bundle.format_pattern(pattern, Some(&arguments), &mut faults);
        if !faults.is_empty() {
            tracing::error!(
                words.key = key,
                words.faults = faults.len(),
                "a sentence has a blank that was not filled"
            );
        }
        sentence.into_owned()
    }
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

fn bundle(name: &str, files: &[&str]) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = name.parse().expect("the names in LOCALES are languages");
    let mut bundle = FluentBundle::new(vec![language]);
    // The marks around blanks would show in titles of windows and notifications, and the layout sets the direction.
    bundle.set_use_isolating(false);
    for text in files {
        // What parses of a file is used; that all of it does is what the tests hold.
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, faults)| {
            tracing::error!(
                words.locale = name,
                words.faults = faults.len(),
                "a locale file has faults"
            );
            resource
        });
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A whole number as one, so that it chooses plurals; anything else, such as `0.5` or `08:00`, as it is written.
fn value(text: &str) -> FluentValue<'_> {
    match text.parse::<i32>() {
        Ok(number) if number.to_string() == text => FluentValue::from(number),
        _ => FluentValue::from(text),
    }
}

#[cfg(test)]
mod tests {
    use doseline_shared::api::ErrorCode;

    use super::*;

    #[test]
    fn every_locale_file_parses_and_no_sentence_is_said_twice() {
        for (name, files) in LOCALES {
            let mut bundle = FluentBundle::new(vec![name.parse::<LanguageIdentifier>().unwrap()]);
            for text in *files {
                let resource = FluentResource::try_new((*text).to_owned());
                let resource = resource.unwrap_or_else(|(_, faults)| panic!("{name}: {faults:?}"));
                bundle
                    .add_resource(resource)
                    .unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
            }
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
