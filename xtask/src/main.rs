//! `cargo xtask`: everything that is done to this repository, by hand or by a machine, goes through here.

mod bench;
mod bundle;
mod check;
mod compiler;
mod fuzz;
mod packages;
mod run;
mod step;
mod test;
mod tools;
mod web;
mod workspace;
mod zones;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::web::{Flavour, Screens};
use crate::workspace::Workspace;

const HELP: &str = "\
cargo xtask <command>

  setup [--yes]                      install what building and running need
  run [--yes]                        set up, build, and run the backend with a demo clinic, and the desktop app
  test [--yes] [filter]              set up, build, and run every test
  check [--yes]                      formatting, lints, layers, locales
  check --platforms [name] [--yes]   link for Windows; type-check for macOS, Android, iOS
  bench [--yes] [name]               measure, each beside its comparison
  fuzz [--minutes N] [--keep] [target | --all] [--yes]
                                     search for bytes that break a reader: schedule (the default), preview, push,
                                     interactions, fhir, request; --keep adds what reached new code to the corpus
  fuzz <target> <file> [--yes]       read one file as the search does
  bundle [--install] [--yes]         make a .deb; --install also installs and starts it here
  ui [--release] [--yes]             build only the web app, into dist/ (and, without --release, dist-window/)
  zones                              write the table of the clocks anew, from chrono-tz

--yes installs what is missing without asking.
";

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            step::line(format!("\nxtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Does what is asked. A failure that has said all there is to say is `false`.
fn dispatch(arguments: Vec<String>) -> Result<bool> {
    let mut rest = arguments.into_iter();
    let Some(command) = rest.next() else {
        step::line(HELP);
        return Ok(true);
    };
    let mut options = Options { left: rest.collect() };
    let workspace = Workspace::find()?;
    let yes = options.flag("--yes");
    match command.as_str() {
        "setup" => options.nothing_left().and_then(|()| run::setup(&workspace, yes)),
        "run" => options.nothing_left().and_then(|()| run::run(&workspace, yes)),
        "test" => {
            let filter = options.name();
            options.nothing_left()?;
            return test::run(&workspace, filter.as_deref(), yes);
        }
        "check" if options.flag("--platforms") => {
            let name = options.name();
            options.nothing_left()?;
            check::platforms(&workspace, name.as_deref(), yes)
        }
        "check" => options.nothing_left().and_then(|()| check::run(&workspace, yes)),
        "bench" => {
            let name = options.name();
            options.nothing_left()?;
            bench::run(&workspace, name.as_deref(), yes)
        }
        "fuzz" => {
            let every = options.flag("--all");
            let keep = options.flag("--keep");
            let minutes = options.value("--minutes")?.unwrap_or(fuzz::MINUTES);
            let (target, file) = (options.name(), options.name());
            options.nothing_left()?;
            match (target, file) {
                (Some(target), Some(file)) => fuzz::again(&workspace, &target, file.as_ref(), yes),
                (None, None) if every => fuzz::search(&workspace, &fuzz::TARGETS, minutes, keep, yes),
                (target, _) => {
                    let target = target.as_deref().unwrap_or(fuzz::TARGETS[0]);
                    fuzz::search(&workspace, &[target], minutes, keep, yes)
                }
            }
        }
        "bundle" => {
            let install = options.flag("--install");
            options.nothing_left()?;
            bundle::run(&workspace, install, yes)
        }
        "ui" => {
            let (flavour, host) = if options.flag("--release") {
                (Flavour::Release, Screens::Browser)
            } else {
                (Flavour::Lite, Screens::Either)
            };
            options.nothing_left()?;
            web::build(&workspace, flavour, &[host], yes)
        }
        "zones" => options.nothing_left().and_then(|()| zones::write(&workspace)),
        "help" | "--help" | "-h" => {
            step::line(HELP);
            Ok(())
        }
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }?;
    Ok(true)
}

/// The arguments after the command.
struct Options {
    left: Vec<String>,
}

impl Options {
    /// Takes a flag out of the arguments.
    fn flag(&mut self, name: &str) -> bool {
        let before = self.left.len();
        self.left.retain(|argument| argument != name);
        self.left.len() < before
    }

    /// Takes a flag and the number after it.
    fn value(&mut self, name: &str) -> Result<Option<u64>> {
        let Some(at) = self.left.iter().position(|argument| argument == name) else {
            return Ok(None);
        };
        self.left.remove(at);
        if at == self.left.len() {
            bail!("{name} needs a number after it");
        }
        let number = self.left.remove(at);
        match number.parse() {
            Ok(value @ 1..) => Ok(Some(value)),
            Ok(0) | Err(_) => bail!("{name} needs a number from 1 on, not `{number}`"),
        }
    }

    /// Takes the next argument that is no flag.
    fn name(&mut self) -> Option<String> {
        let at = self.left.iter().position(|argument| !argument.starts_with('-'))?;
        Some(self.left.remove(at))
    }

    /// Refuses what nobody took.
    fn nothing_left(self) -> Result<()> {
        match self.left.first() {
            Some(unknown) => bail!("unknown argument `{unknown}`\n\n{HELP}"),
            None => Ok(()),
        }
    }
}
