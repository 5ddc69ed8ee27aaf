//! Every file of the corpus, read once more: what a search has found once, every test run finds again.

use std::{fs, panic, path::PathBuf};

use doseline_fuzz::{TARGETS, target};

/// The files of a target, in the order of their names.
fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("each target has a folder in the corpus")
        .map(|entry| entry.expect("a file can be listed").path())
        .collect();
    files.sort();
    files
}

fn read(name: &str) {
    let target = target(name).expect("the test names a target");
    let files = corpus(name);
    assert!(!files.is_empty(), "the corpus of {name} is empty");
    for file in files {
        let bytes = fs::read(&file).expect("a file can be read");
        if panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
            panic!("`cargo xtask fuzz {name} {}` shows what is wrong", file.display());
        }
    }
}

#[test]
fn schedules() {
    read("schedule");
}

#[test]
fn previews() {
    read("preview");
}

#[test]
fn pushes() {
    read("push");
}

#[test]
fn interactions() {
    read("interactions");
}

#[test]
fn fhir() {
    read("fhir");
}

#[test]
fn requests() {
    read("request");
}

#[test]
fn no_target_is_left_out_and_the_corpus_stays_small() {
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["fhir", "interactions", "preview", "push", "request", "schedule"]
    );
    let files: Vec<_> = names.iter().flat_map(|name| corpus(name)).collect();
    let size: u64 = files
        .iter()
        .map(|file| fs::metadata(file).map_or(0, |data| data.len()))
        .sum();
    assert!(
        files.len() < 300 && size < 500_000,
        "{} files, {size} bytes",
        files.len()
    );
}
