//! Starting with the computer, hidden, as the owner chose it.
//!
//! The choice is a setting of the core; this only makes the system agree with it.

use tauri::{AppHandle, Runtime, plugin::TauriPlugin};
use tauri_plugin_autostart::ManagerExt;

use crate::window::HIDDEN;

/// The plugin that knows each system's way.
pub fn plugin<R: Runtime>() -> TauriPlugin<R> {
    tauri_plugin_autostart::Builder::new()
        .app_name("Doseline")
        .arg(HIDDEN)
        .build()
}

/// Makes the system start the app at login, or not.
pub fn apply(app: &AppHandle, wanted: bool) {
    let system = app.autolaunch();
    // An entry of an earlier version, or of another place on the disk, is written anew.
    let done = match (wanted, system.is_enabled()) {
        (true, _) => system.enable(),
        (false, Ok(false)) => Ok(()),
        (false, _) => system.disable(),
    };
    if let Err(error) = done {
        tracing::warn!(autostart.wanted = wanted, %error, "the system does not take the choice of starting at login");
    }
}
