//! The first time that the window is closed: says once that Doseline keeps reminding, and how to end it.
//!
//! Some desktops show no tray, and an app that seems to be gone but still speaks is uncanny.

use std::{fs::File, io::ErrorKind, path::PathBuf};

use doseline_client::words::Words;
use tauri::AppHandle;

use crate::{
    place::Place,
    reminder::notify::{self, Card, Said},
    window,
};

/// Remembers, by a file, whether it was said on this device.
pub struct FirstClose {
    said: PathBuf,
}

impl FirstClose {
    /// The memory of `place`.
    pub fn of(place: &Place) -> Self {
        Self {
            said: place.dir().join("closing-explained"),
        }
    }

    /// The window was closed: explains what that means, where it was never done before.
    pub fn explain(&self, app: &AppHandle) {
        if self.is_first() {
            let words = Words::new("en");
            let card = Card {
                title: words.say("still-running-title", &[]),
                body: words.say("still-running-body", &[]),
                open: words.say("reminder-open", &[]),
                buttons: Vec::new(),
            };
            let app = app.clone();
            notify::raise(card, move |said| {
                if said == Said::Opened {
                    window::show(&app);
                }
            })
            .leave();
        }
    }

    fn is_first(&self) -> bool {
        match File::create_new(&self.said) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => {
                tracing::warn!(%error, "it cannot be remembered that closing was explained");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_explained_once_and_not_again_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let memory = || FirstClose {
            said: dir.path().join("said"),
        };
        assert!(memory().is_first());
        assert!(!memory().is_first());
    }
}
