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
    fn every_error_code_has_a_sentence() {
        let there = keys_of("en/errors.ftl");
        for code in doseline_shared::api::ErrorCode::ALL {
            let key = format!("error-{}", code.name().replace('_', "-"));
            assert!(there.contains(&key), "{key}");
        }
    }
}
