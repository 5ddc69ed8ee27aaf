//! Holds that the locale files agree: every language says what English says, every sentence that the code asks for is
//! there, and none is left that nobody asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// The language that all others follow.
const FIRST: &str = "en";

/// Reads `assets/locales/<language>/*.ftl` and the code that speaks.
pub fn check(workspace: &Workspace) -> Result<()> {
    let folder = workspace.root.join("assets/locales");
    let mut languages = BTreeMap::new();
    for entry in fs::read_dir(&folder).context("there are no locale files")? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            languages.insert(entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?);
        }
    }
    let Some(english) = languages.get(FIRST).filter(|language| !language.keys.is_empty()) else {
        bail!("assets/locales/{FIRST} says nothing");
    };
    let mut faults = Vec::new();
    for (name, language) in &languages {
        faults.extend(language.twice.iter().map(|key| format!("{name} says `{key}` twice")));
        faults.extend(
            english
                .keys
                .difference(&language.keys)
                .map(|key| format!("{name} does not say `{key}`")),
        );
        faults.extend(
            language
                .keys
                .difference(&english.keys)
                .map(|key| format!("{name} says `{key}`, {FIRST} does not")),
        );
    }
    let code = code(workspace)?;
    faults.extend(
        english
            .keys
            .iter()
            .filter(|key| !is_asked_for(key, &code, &english.texts))
            .map(|key| format!("nobody asks for `{key}`")),
    );
    if faults.is_empty() {
        Ok(())
    } else {
        bail!("\n      {}", faults.join("\n      "))
    }
}

/// What one language says.
#[derive(Default)]
struct Language {
    keys: BTreeSet<String>,
    twice: Vec<String>,
    texts: String,
}

fn read(folder: &Path) -> Result<Language> {
    let mut language = Language::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffix == "ftl") {
            let text = fs::read_to_string(&path)?;
            for key in keys(&text) {
                if !language.keys.insert(key.to_owned()) {
                    language.twice.push(key.to_owned());
                }
            }
            language.texts.push_str(&text);
        }
    }
    Ok(language)
}

/// The messages of a Fluent file: an identifier at the start of a line, then `=`.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let key = line.split_once('=')?.0.trim_end();
        let first = key.chars().next()?;
        let identifier = key
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
        (first.is_ascii_alphabetic() && identifier).then_some(key)
    })
}

/// A key is asked for by its whole name, or by a name put together from a start that ends in `-`.
fn is_asked_for(key: &str, code: &str, texts: &str) -> bool {
    code.contains(&format!("\"{key}\""))
        || texts.contains(&format!("{{ {key} }}"))
        || key.match_indices('-').any(|(at, _)| {
            key.get(..=at)
                .is_some_and(|start| code.contains(&format!("\"{start}{{")))
        })
}

fn code(workspace: &Workspace) -> Result<String> {
    let mut code = String::new();
    for room in ["client/src", "ui/src", "src-tauri/src"] {
        append(&workspace.root.join(room), &mut code)?;
    }
    Ok(code)
}

fn append(folder: &Path, code: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            append(&path, code)?;
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            code.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_message_and_neither_comment_nor_attribute_nor_variant() {
        let text = "# a = b\ntoday-title = Today\n    .label = x\ndoses =\n    { $n ->\n        [one] = one\n       *[other] = more\n    }\n";
        assert_eq!(keys(text).collect::<Vec<_>>(), ["today-title", "doses"]);
    }

    #[test]
    fn a_key_put_together_in_code_counts_as_asked_for() {
        assert!(is_asked_for("fault-offline", "say(&format!(\"fault-{}\", code))", ""));
        assert!(is_asked_for("today-title", "say(\"today-title\")", ""));
        assert!(!is_asked_for("today-old", "say(\"today-title\")", ""));
    }
}
