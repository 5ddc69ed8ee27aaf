//! The icon in the tray: the next dose at a glance, the window, and the only ordinary way to quit.
//!
//! Desktops without a tray show nothing; there a second start opens the window, and `--quit` ends the app.

use std::panic::{AssertUnwindSafe, catch_unwind};

use doseline_client::words::Words;
use tauri::{
    AppHandle, Manager, Wry,
    menu::{Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};

use crate::window;

const OPEN: &str = "open";
const QUIT: &str = "quit";

/// The lines of the menu, to be reworded.
struct Tray {
    next: MenuItem<Wry>,
    open: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// Puts the icon into the tray, where the desktop has what it needs.
pub fn put_up(app: &AppHandle, words: &Words) {
    // Without its system library the indicator panics instead of failing.
    match catch_unwind(AssertUnwindSafe(|| build(app, words))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "no icon in the tray"),
        Err(_) => tracing::warn!("no icon in the tray: its system library is missing"),
    }
}

fn build(app: &AppHandle, words: &Words) -> tauri::Result<()> {
    let next = MenuItem::new(app, words.say("tray-nothing", &[]), false, None::<&str>)?;
    let open = MenuItem::with_id(app, OPEN, words.say("tray-open", &[]), true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, words.say("tray-quit", &[]), true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let mut icon = TrayIconBuilder::with_id("doseline")
        .menu(&Menu::with_items(app, &[&next, &line, &open, &quit])?)
        .tooltip("Doseline")
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            OPEN => window::show(app),
            QUIT => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(icon.app_handle());
            }
        });
    if let Some(image) = app.default_window_icon() {
        icon = icon.icon(image.clone());
    }
    icon.build(app)?;
    app.manage(Tray { next, open, quit });
    Ok(())
}

/// Rewords the menu: `next` says which dose comes next today.
pub fn word(app: &AppHandle, words: &Words, next: &str) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let lines = [
        (&tray.next, literal(next)),
        (&tray.open, words.say("tray-open", &[])),
        (&tray.quit, words.say("tray-quit", &[])),
    ];
    for (line, text) in lines {
        if let Err(error) = line.set_text(text) {
            tracing::warn!(%error, "the tray does not take its words");
        }
    }
}

/// A menu reads `&` as the mark of a key, and a medicine's name may hold one.
fn literal(text: &str) -> String {
    text.replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medicine_with_an_ampersand_keeps_it_in_the_menu() {
        assert_eq!(literal("08:00 Vitamin A & D"), "08:00 Vitamin A && D");
    }
}
