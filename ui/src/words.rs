//! The sentences of the chosen locale. Every word on every screen comes from here, and from nowhere else.
//!
//! The locale changes only by a full redraw, so looking a sentence up is a plain call and no signal.

use std::cell::RefCell;

use doseline_client::{ask::Fault, words::Words};
use doseline_shared::api::ErrorCode;

thread_local! {
    static WORDS: RefCell<Words> = RefCell::new(Words::new("en"));
    static LOCALE: RefCell<String> = RefCell::new("en".to_owned());
}

/// Speaks in this locale from now on.
pub fn choose(locale: &str) {
    WORDS.with(|words| *words.borrow_mut() = Words::new(locale));
    LOCALE.with(|kept| locale.clone_into(&mut kept.borrow_mut()));
}

/// The locale in use.
pub fn locale() -> String {
    LOCALE.with(|locale| locale.borrow().clone())
}

/// The direction that the locale is written in, for `dir`.
pub fn direction(locale: &str) -> &'static str {
    match locale.split('-').next().unwrap_or_default() {
        "ar" | "fa" | "he" | "ur" | "ps" | "dv" | "yi" => "rtl",
        _ => "ltr",
    }
}

/// A sentence with nothing to fill in.
pub fn t(key: &str) -> String {
    say(key, &[])
}

/// A sentence with its blanks filled in. A whole number chooses the plural.
pub fn say(key: &str, blanks: &[(&str, &str)]) -> String {
    WORDS.with(|words| words.borrow().say(key, blanks))
}

/// What happened, what is safe, and what to do next.
pub fn fault(fault: &Fault) -> String {
    match (fault.code, fault.retry_after) {
        (ErrorCode::TooManyAttempts, Some(seconds)) => {
            say("fault-wait", &[("minutes", &seconds.div_ceil(60).max(1).to_string())])
        }
        (code, _) => error(code),
    }
}

/// Whether a fault is about the field of this name, at whatever depth the core or the backend found it.
pub fn names(fault: &Fault, name: &str) -> bool {
    let path = fault.field.as_deref().unwrap_or_default();
    path.split('.').any(|part| part == name) || fault.code == ErrorCode::EmailTaken && name == "email"
}

/// What is wrong with the field that a fault names.
pub fn field_fault(fault: &Fault) -> String {
    if fault.code != ErrorCode::InvalidField {
        return self::fault(fault);
    }
    let about = |name: &str| names(fault, name);
    if about("name") {
        t("fault-name")
    } else if about("email") {
        t("fault-email")
    } else if about("password") || about("new") {
        t("fault-password")
    } else if about("server") {
        t("fault-server")
    } else if about("url") {
        t("fault-url")
    } else if about("events") {
        t("fault-events")
    } else if about("pin") {
        t("fault-pin")
    } else if about("help_number") {
        t("fault-number")
    } else if about("symptom") {
        t("fault-symptom")
    } else if about("severity") {
        t("fault-severity")
    } else if about("report") && about("from") {
        t("fault-from")
    } else if about("report") && about("note") {
        t("fault-note")
    } else if about("steps") {
        t("fault-steps")
    } else if about("amount") || about("dose") {
        t("fault-amount")
    } else if about("lead_days") {
        t("fault-lead")
    } else if about("unit") {
        t("fault-unit")
    } else if about("stock") {
        t("fault-stock")
    } else if about("range") {
        t("fault-range")
    } else if about("end") {
        t("fault-end")
    } else if about("between") || about("daily") {
        t("fault-between")
    } else if about("minutes") || about("delay_min") {
        t("fault-minutes")
    } else if about("max_count") || about("max_per_day") {
        t("fault-count")
    } else if about("other") || about("schedule") && about("rule") {
        t("fault-other")
    } else if about("days") || about("weekdays") {
        t("fault-days")
    } else if ["times", "hours", "gap_hours", "first", "when", "schedule"]
        .into_iter()
        .any(about)
    {
        t("fault-times")
    } else {
        error(fault.code)
    }
}

/// A name with soft hyphens in its long words, so that a narrow line or large letters break it as a person would.
///
/// Where a syllable begins in the names of substances, with three letters on each side at least. A word of fewer than ten
/// letters stays whole.
pub fn breakable(text: &str) -> String {
    text.split(' ').map(broken).collect::<Vec<_>>().join(" ")
}

fn broken(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 10 {
        return word.to_owned();
    }
    let mut all = String::with_capacity(word.len() + 8);
    let mut since = 0;
    for (place, letter) in letters.iter().enumerate() {
        if since >= 3 && letters.len() - place >= 3 && begins_syllable(&letters, place) {
            all.push('\u{ad}');
            since = 0;
        }
        all.push(*letter);
        since = if letter.is_alphabetic() { since + 1 } else { 0 };
    }
    all
}

/// Whether the letter is a consonant, or the first of two that are spoken as one, with a vowel behind.
fn begins_syllable(letters: &[char], place: usize) -> bool {
    let at = |place: usize| letters.get(place).map_or(' ', char::to_ascii_lowercase);
    let vowel = |letter: char| "aeiouyäöüáéíóúàèìòùâêîôû".contains(letter);
    let as_one = |first: char, second: char| match second {
        'h' => "cgprst".contains(first),
        'l' | 'r' => "bcdfghpt".contains(first),
        _ => false,
    };
    let (before, letter, next) = (at(place.wrapping_sub(1)), at(place), at(place + 1));
    let opens = vowel(next) || as_one(letter, next) && vowel(at(place + 2));
    letter.is_alphabetic() && !vowel(letter) && opens && before.is_alphabetic() && !as_one(before, letter)
}

fn error(code: ErrorCode) -> String {
    t(&format!("error-{}", code.name().replace('_', "-")))
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => say("list-and", &[("most", &most.join(", ")), ("last", last)]),
    }
}

/// The locales to choose from, each in its own words.
pub fn locales() -> Vec<(String, String)> {
    doseline_client::words::locales()
        .map(|name| (name.to_owned(), Words::new(name).say("language-name", &[])))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    /// The keys of this locale file: what stands before ` = ` at the beginning of a line.
    fn keys_of(file: &str) -> BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../assets/locales")
            .join(file);
        fs::read_to_string(path)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once(" ="))
            .filter(|(key, _)| key.starts_with(|letter: char| letter.is_ascii_lowercase()))
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    fn sources(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else {
                // A file's own tests say nothing on a screen.
                let text = fs::read_to_string(&path).unwrap();
                all.push_str(text.split("#[cfg(test)]").next().unwrap());
            }
        }
    }

    /// The keys that the screens use: the first argument of `t`, `say` and `read`.
    fn keys_used() -> BTreeSet<String> {
        let mut all = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        let mut used = BTreeSet::new();
        for call in ["t(", "say(", "read("] {
            for (before, after) in all.match_indices(call).map(|(at, _)| all.split_at(at)) {
                let inside_a_name = before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
                let argument = after.trim_start_matches(call).trim_start();
                if let (false, Some(text)) = (inside_a_name, argument.strip_prefix('"')) {
                    used.insert(text.split('"').next().unwrap().to_owned());
                }
            }
        }
        used
    }

    #[test]
    fn every_sentence_that_a_screen_says_is_in_the_locale_file_and_none_is_left_over() {
        let (there, used) = (keys_of("en/ui.ftl"), keys_used());
        assert!(used.len() > 200, "only {} keys found: the search is broken", used.len());
        let missing: Vec<_> = used.difference(&there).collect();
        let unused: Vec<_> = there.difference(&used).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
        assert!(unused.is_empty(), "unused: {unused:?}");
    }

    #[test]
    fn long_names_break_between_their_syllables_and_nowhere_else() {
        for (name, broken) in [
            ("Nitrofurantoin 100 mg", "Nitro-furan-toin 100 mg"),
            ("Hydrochlorothiazide", "Hydrochlo-rothia-zide"),
            ("Metformin 500 mg", "Metformin 500 mg"),
            ("2.5 ml", "2.5 ml"),
        ] {
            assert_eq!(super::breakable(name).replace('\u{ad}', "-"), broken);
        }
    }

    #[test]
    fn a_fault_is_found_at_its_field_and_at_no_other() {
        let fault = |code, field: Option<&str>| doseline_client::ask::Fault {
            field: field.map(str::to_owned),
            ..doseline_client::ask::Fault::of(code)
        };
        use doseline_shared::api::ErrorCode::{EmailTaken, InvalidField, Offline};
        assert!(super::names(&fault(InvalidField, Some("draft.name")), "name"));
        assert!(!super::names(&fault(InvalidField, Some("help_name")), "name"));
        assert!(super::names(&fault(EmailTaken, None), "email"));
        assert!(!super::names(&fault(Offline, None), "email"));
    }

    #[test]
    fn every_error_code_has_a_sentence() {
        let there = keys_of("en/errors.ftl");
        for code in doseline_shared::api::ErrorCode::ALL {
            let key = format!("error-{}", code.name().replace('_', "-"));
            assert!(there.contains(&key), "{key}");
        }
    }
}
