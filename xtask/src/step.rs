//! One step of work: says what it does, runs a program, and turns its failure into a sentence.

use std::io::{IsTerminal, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Announces a step.
pub fn say(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let bold = std::io::stdout().is_terminal();
    let (on, off) = if bold { ("\x1b[1;36m", "\x1b[0m") } else { ("", "") };
    // A closed terminal is no reason to stop the work.
    let _ = writeln!(out, "{on}→ {}{off}", text.as_ref());
    let _ = out.flush();
}

/// Prints a line of result.
pub fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.as_ref());
    let _ = out.flush();
}

/// Runs a program that prints for itself; an exit status other than 0 is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let status = command
        .status()
        .with_context(|| format!("`{name}` could not be started; is it installed?"))?;
    if !status.success() {
        bail!("`{name}` failed ({status}); its own words are above");
    }
    Ok(())
}

/// Runs a program and returns what it printed; its complaints go to the terminal.
pub fn output(command: &mut Command) -> Result<String> {
    let name = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{name}` could not be started; is it installed?"))?;
    if !output.status.success() {
        bail!("`{name}` failed ({})", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program runs and succeeds; nothing is printed.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a quiet program for `limit` at most. On failure or at the limit says why.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<(), String> {
    let name = describe(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{name}` could not be started: {error}"))?;
    let complaint = child.stderr.take().map(|mut pipe| {
        thread::spawn(move || {
            let mut text = String::new();
            // What cannot be read as text is not shown.
            let _ = pipe.read_to_string(&mut text);
            text
        })
    });
    match wait_within(&mut child, limit) {
        Ok(Some(true)) => Ok(()),
        Ok(Some(false)) => {
            let text = complaint.and_then(|reader| reader.join().ok()).unwrap_or_default();
            Err(format!(
                "`{name}` failed: {}",
                text.lines().last().unwrap_or("no reason given")
            ))
        }
        Ok(None) => Err(format!("`{name}` took longer than {} s", limit.as_secs())),
        Err(error) => Err(format!("`{name}` could not be watched: {error}")),
    }
}

/// Waits for a child; after `limit` it is ended and the answer is none.
pub fn wait_within(child: &mut Child, limit: Duration) -> std::io::Result<Option<bool>> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// A command as a person would type it.
pub fn describe(command: &Command) -> String {
    let mut text = command
        .get_program()
        .to_string_lossy()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
