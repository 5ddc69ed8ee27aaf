//! What the desktop shows and does beside the window: the tray's line with the next dose, starting at login.

use doseline_client::{ask::OpenToday, view::TodayView, words::Words};

use super::session::ShellCore;
use crate::surface::Surface;

/// What was told last, so that nothing is told twice.
#[derive(Default)]
pub(super) struct Glance {
    autostart: Option<bool>,
    tray: Option<(String, String)>,
}

impl Glance {
    /// Words the tray and makes the system agree with the settings, where either is another than before.
    pub(super) async fn renew(&mut self, core: &ShellCore, surface: &Surface, words: &Words) {
        // While the store is closed the settings are not known, and the defaults are nobody's choice.
        if !core.is_open() {
            return;
        }
        let preferences = core.preferences();
        if self.autostart != Some(preferences.autostart) {
            surface.apply(&preferences);
            self.autostart = Some(preferences.autostart);
        }
        let next = match core.ask(OpenToday { patient: None }).await {
            Ok(today) => next_dose(&today, words),
            Err(_) => words.say("tray-nothing", &[]),
        };
        let line = (preferences.locale, next);
        if self.tray.as_ref() != Some(&line) {
            surface.word_tray(words, &line.1);
            self.tray = Some(line);
        }
    }
}

/// The line of the tray for the dose to act on next.
fn next_dose(today: &TodayView, words: &Words) -> String {
    match &today.next {
        Some(next) => words.say(
            "tray-next",
            &[("time", &next.due.format("%H:%M").to_string()), ("name", &next.name)],
        ),
        None => words.say("tray-nothing", &[]),
    }
}
