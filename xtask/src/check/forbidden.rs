//! Finds what must not be in the project: unfinished work, skipped tests, tests that cannot fail, paths of somebody's
//! machine, and modules that do not say what they own.

use std::fs;

use anyhow::{Result, bail};

use crate::step;
use crate::workspace::Workspace;

/// Texts that are refused, cut in two so that this file may name them.
const REFUSED: [(&str, &str, &str); 10] = [
    ("todo", "!(", "unfinished work"),
    ("unimplemented", "!(", "unfinished work"),
    ("TO", "DO", "unfinished work"),
    ("FIX", "ME", "unfinished work"),
    ("XX", "X:", "unfinished work"),
    ("#[ig", "nore", "a skipped test"),
    ("assert!(", "true)", "a test that cannot fail"),
    ("/ro", "ot/", "a path of somebody's machine"),
    ("/Us", "ers/", "a path of somebody's machine"),
    ("/wo", "rk/", "a path of somebody's machine"),
];

/// Reads every file that git knows or would add.
pub fn check(workspace: &Workspace) -> Result<()> {
    let list = step::output(
        workspace
            .program("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"]),
    )?;
    let mut found = Vec::new();
    for path in list.lines().filter(|path| is_read(path)) {
        // A file that git knows may have been removed, and one that is no text holds no such words.
        let Ok(text) = fs::read_to_string(workspace.root.join(path)) else {
            continue;
        };
        if path.ends_with(".rs") && !opens_with_its_purpose(&text) {
            found.push(format!("{path}: does not open with `//!` saying what it owns"));
        }
        found.extend(
            refused_in(&text)
                .into_iter()
                .map(|(line, why)| format!("{path}:{line}: {why}")),
        );
    }
    if found.is_empty() {
        Ok(())
    } else {
        bail!("\n      {}", found.join("\n      "))
    }
}

fn is_read(path: &str) -> bool {
    [
        ".rs", ".md", ".toml", ".js", ".css", ".html", ".ftl", ".sql", ".json", ".sh", ".ci/run",
    ]
    .iter()
    .any(|suffix| path.ends_with(suffix))
}

fn opens_with_its_purpose(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| line.starts_with("//!"))
}

fn refused_in(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (start, end, why) in REFUSED {
            if line
                .match_indices(start)
                .any(|(at, _)| line.get(at + start.len()..).is_some_and(|rest| rest.starts_with(end)))
            {
                found.push((number + 1, why));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_work_and_skipped_tests_are_found_with_their_lines() {
        let text = format!("//! A room.\nfn a() {{ {}{} }}\n{}{}]\n", "todo", "!()", "#[ig", "nore");
        assert_eq!(refused_in(&text), [(2, "unfinished work"), (3, "a skipped test")]);
        assert!(refused_in("//! A to-do list of medicines.\n").is_empty());
    }

    #[test]
    fn a_module_says_what_it_owns_in_its_first_line() {
        assert!(opens_with_its_purpose("//! Owns the paths.\nuse a;"));
        assert!(!opens_with_its_purpose("use a;\n//! Late.\n"));
    }
}
