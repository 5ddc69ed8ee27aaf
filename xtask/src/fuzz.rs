//! `cargo xtask fuzz`: searches for bytes that break a reader, led by the code that they reach.
//!
//! Owns how libFuzzer is built in and called. What must hold of each reader is `tests/fuzz`'s. Everything works with the
//! stable compiler: LLVM's coverage pass is asked for by name, and libFuzzer comes as a crate with its sources.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{packages, step};

/// The targets of `tests/fuzz`, the default first.
pub const TARGETS: [&str; 6] = ["schedule", "preview", "push", "interactions", "fhir", "request"];
/// How long each target is searched.
pub const MINUTES: u64 = 10;
/// Those that need the backend, which is long in building.
const OF_BACKEND: [&str; 3] = ["interactions", "fhir", "request"];

/// What the compiler adds to the code: a counter at every edge, and a word about every comparison.
const COVERAGE: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    -Ccodegen-units=1 --cfg fuzzing";

/// Longest input in bytes: an honest one is smaller, and a longer one only slows the search.
const LONGEST: u32 = 6_000;
/// An input that takes longer than this many seconds is a find too.
const SLOW: u32 = 10;
/// From one line of progress to the next.
const PROGRESS: Duration = Duration::from_secs(30);

/// Searches each target for so many minutes, from the corpus and from what earlier searches left. A find ends it.
pub fn search(workspace: &Workspace, targets: &[&str], minutes: u64, keep: bool, yes: bool) -> Result<()> {
    let program = build(workspace, targets, yes)?;
    for target in targets {
        step::say(format!("Searching {target} for {minutes} min"));
        let found = searched(workspace, target);
        let finds = workspace.target.join("fuzz/finds").join(target);
        fs::create_dir_all(&found)?;
        fs::create_dir_all(&finds)?;
        let mut fuzzer = fuzzer(workspace, &program, target);
        fuzzer
            .arg(format!("-max_total_time={}", minutes * 60))
            .arg(format!("-artifact_prefix={}/", finds.display()))
            .arg(format!("-dict={}", folder(workspace).join("words.txt").display()))
            .args([&found, &corpus(workspace, target)]);
        watch(&mut fuzzer, target, Duration::from_secs(minutes * 60))?;
        if keep {
            step::say(format!(
                "Keeping what reached new code in {}",
                corpus(workspace, target).display()
            ));
            merge(workspace, &program, target, &found)?;
        }
    }
    Ok(())
}

/// Reads one file as a search does.
pub fn again(workspace: &Workspace, target: &str, file: &Path, yes: bool) -> Result<()> {
    if !file.is_file() {
        bail!("there is no file {}", file.display());
    }
    let program = build(workspace, &[target], yes)?;
    step::run(fuzzer(workspace, &program, target).arg(file))
        .with_context(|| format!("{target} breaks a promise on these bytes"))?;
    step::line(format!("    {target} holds on {}", file.display()));
    Ok(())
}

/// Builds the program that is called for every target.
fn build(workspace: &Workspace, targets: &[&str], yes: bool) -> Result<PathBuf> {
    if let Some(unknown) = targets.iter().find(|target| !TARGETS.contains(target)) {
        bail!("there is no target `{unknown}`; they are {}", TARGETS.join(", "));
    }
    packages::ensure(packages::BUILD, yes)?;
    packages::ensure(packages::FUZZ, yes)?;
    let backend = targets.iter().any(|target| OF_BACKEND.contains(target));
    step::say(if backend {
        "Building the readers with coverage, the backend with them (some minutes)"
    } else {
        "Building the readers with coverage (a minute or two)"
    });
    // Naming the target keeps the flags from what runs while building.
    let host = host(workspace)?;
    let target = workspace
        .target
        .join("fuzz")
        .join(if backend { "backend" } else { "shared" });
    let features = if backend { "engine,backend" } else { "engine" };
    let mut cargo = workspace.cargo();
    cargo
        .args([
            "build",
            "--profile",
            "fuzz",
            "--package",
            "doseline-fuzz",
            "--bin",
            "fuzz",
        ])
        .args([
            "--no-default-features",
            "--features",
            features,
            "--target",
            &host,
            "--target-dir",
        ])
        .arg(&target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", COVERAGE);
    step::run(&mut cargo)?;
    Ok(target.join(host).join("fuzz/fuzz"))
}

/// The name of the machine that this is.
fn host(workspace: &Workspace) -> Result<String> {
    let version = step::output(workspace.program("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say which machine this is")?.to_owned())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("tests/fuzz")
}

/// The files that are kept in the repository.
fn corpus(workspace: &Workspace, target: &str) -> PathBuf {
    folder(workspace).join("corpus").join(target)
}

/// The files that searches have found on this machine.
fn searched(workspace: &Workspace, target: &str) -> PathBuf {
    workspace.target.join("fuzz/corpus").join(target)
}

fn fuzzer(workspace: &Workspace, program: &Path, target: &str) -> Command {
    let mut fuzzer = workspace.program(program);
    fuzzer
        .env("DOSELINE_FUZZ", target)
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-timeout={SLOW}"));
    fuzzer
}

/// Adds to the corpus what reaches code that nothing in it reaches, as few and as small files as do.
fn merge(workspace: &Workspace, program: &Path, target: &str, found: &Path) -> Result<()> {
    let kept = corpus(workspace, target);
    let before = fs::read_dir(&kept)?.count();
    let mut merge = fuzzer(workspace, program, target);
    // By the code that is reached only, and not by how often: that would keep thousands.
    merge.args(["-set_cover_merge=1", "-use_counters=0", "-verbosity=0"]);
    merge.args([kept.as_path(), found]).stderr(Stdio::null());
    step::run(&mut merge)?;
    step::line(format!("    {} files, {before} before", fs::read_dir(&kept)?.count()));
    Ok(())
}

/// Runs a search, says every while how far it is, and where it ends in a find, what was found and how to see it again.
fn watch(fuzzer: &mut Command, target: &str, limit: Duration) -> Result<()> {
    let mut child = fuzzer
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("the program that was built does not start")?;
    let begun = Instant::now();
    let (mut said, mut state) = (begun, State::default());
    // What it says last is what it found.
    let mut last: VecDeque<String> = VecDeque::new();
    for line in BufReader::new(child.stderr.take().context("the search says nothing")?).lines() {
        // A panic may print the very bytes; they need be no text.
        let line = line.unwrap_or_default();
        if !state.read(&line) && !line.trim_start().starts_with("NEW_FUNC") {
            last.push_back(line);
        }
        last.drain(..last.len().saturating_sub(40));
        if said.elapsed() >= PROGRESS {
            said = Instant::now();
            let (gone, whole) = (begun.elapsed().as_secs(), limit.as_secs());
            step::line(format!(
                "    {}:{:02} of {}:{:02}: {state}",
                gone / 60,
                gone % 60,
                whole / 60,
                whole % 60
            ));
        }
    }
    if child.wait()?.success() {
        step::line(format!("    nothing found: {state}"));
        return Ok(());
    }
    last.iter().for_each(|line| step::line(format!("    {line}")));
    let find = last.iter().find_map(|line| line.split("Test unit written to ").nth(1));
    match find {
        Some(file) => bail!(
            "{target}: a find, in {file}\n`cargo xtask fuzz {target} {file}` shows it again; once it is mended, put the file into tests/fuzz/corpus/{target}, and it stays a test"
        ),
        None => bail!("the search of {target} broke off; its last words are above"),
    }
}

/// How far a search is, by its own words.
#[derive(Debug, Default, PartialEq, Eq)]
struct State {
    runs: u64,
    edges: u64,
    files: u64,
}

impl State {
    /// Reads a line such as `#131072 pulse cov: 3121 ft: 9874 corp: 812/96Kb exec/s: 4369 rss: 92Mb`; whether it is one.
    fn read(&mut self, line: &str) -> bool {
        let Some(rest) = line.strip_prefix('#').filter(|rest| rest.contains("exec/s:")) else {
            return false;
        };
        let mut words = rest.split_whitespace();
        let Some(runs) = words.next().and_then(|word| word.parse().ok()) else {
            return false;
        };
        self.runs = runs;
        let words: Vec<_> = words.collect();
        for pair in words.windows(2) {
            let number = pair[1].split('/').next().and_then(|word| word.parse().ok());
            match (pair[0], number) {
                ("cov:", Some(number)) => self.edges = number,
                ("corp:", Some(number)) => self.files = number,
                _ => {}
            }
        }
        true
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { runs, edges, files } = self;
        write!(
            f,
            "{runs} inputs read, {edges} edges of the code reached, {files} inputs worth going on from"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn a_line_of_the_search_is_read() {
        let mut state = State::default();
        assert!(state.read("#131072\tpulse  cov: 3121 ft: 9874 corp: 812/96Kb lim: 4096 exec/s: 4369 rss: 92Mb"));
        assert!(!state.read("INFO: Seed: 1695956617"));
        assert!(!state.read("#0 in the backtrace"));
        let read = State {
            runs: 131_072,
            edges: 3_121,
            files: 812,
        };
        assert_eq!(state, read);
    }
}
