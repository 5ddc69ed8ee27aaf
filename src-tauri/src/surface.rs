//! What the core's thread shows and tells through Tauri.

use tauri::{AppHandle, Emitter};

use crate::window;

/// What the user interface listens to: something that it may show has changed.
const CHANGED: &str = "doseline://changed";

/// The app, as the core's thread sees it.
#[derive(Clone)]
pub struct Surface {
    app: AppHandle,
}

impl Surface {
    /// The surface of `app`.
    pub fn new(app: AppHandle) -> Self {
        Self { app }
    }

    /// Tells the window to ask anew for what it shows.
    pub fn changed(&self) {
        if let Err(error) = self.app.emit(CHANGED, ()) {
            tracing::warn!(%error, "the window was not told of a change");
        }
    }

    /// Brings the window to the front.
    pub fn show(&self) {
        window::show(&self.app);
    }

    /// Brings the window to the front with *Today* in it.
    #[cfg(desktop)]
    pub fn show_today(&self) {
        window::show_on(&self.app, "/today");
    }

    /// Makes the tray say `next` in the words of the locale.
    #[cfg(desktop)]
    pub fn word_tray(&self, words: &doseline_client::words::Words, next: &str) {
        crate::tray::word(&self.app, words, next);
    }

    /// Makes the system agree with the settings.
    #[cfg(desktop)]
    pub fn apply(&self, preferences: &doseline_client::view::Preferences) {
        crate::autostart::apply(&self.app, preferences.autostart);
    }
}
