//! A second try at starting, where the app's name on the session bus is still that of a process on its way out.
//!
//! A process that was killed keeps its name until the bus has noticed. In that moment the next one finds the name taken and
//! nobody behind it who answers. It would be wrong to give up then: somebody has just opened the app.

use std::{env, io, os::unix::process::CommandExt, process::Command, thread, time::Duration};

use crate::StartError;

/// Counts the tries in the environment of the process that replaces this one.
const TRIES: &str = "DOSELINE_TRIES";
const MOST: u32 = 10;
const PAUSE: Duration = Duration::from_millis(300);

/// Whether `error` is of that kind.
pub fn helps(error: &StartError) -> bool {
    matches!(error, StartError::Tauri(tauri::Error::PluginInitialization(name, _)) if name == "single-instance")
}

/// Replaces this process by a new one of the same arguments, after a pause. Returns only where that did not happen.
pub fn begin() -> io::Error {
    let tries = env::var(TRIES).ok().and_then(|tries| tries.parse().ok()).unwrap_or(0);
    if tries >= MOST {
        return io::Error::other("another Doseline is running, and does not answer");
    }
    thread::sleep(PAUSE);
    match env::current_exe() {
        Ok(program) => Command::new(program)
            .args(env::args_os().skip(1))
            .env(TRIES, (tries + 1).to_string())
            .exec(),
        Err(error) => error,
    }
}
