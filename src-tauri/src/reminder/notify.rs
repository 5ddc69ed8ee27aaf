//! One native notification: shows it, waits for what the person does with it, takes it off the screen again.
//!
//! Each has a thread of its own, since every system makes its caller wait for the answer. It knows nothing of doses.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use notify_rust::{CloseReason, Notification, NotificationResponse, Timeout};
use tokio::sync::oneshot;

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The title; it may be seen on a locked screen.
    pub title: String,
    /// The body, as plain text.
    pub body: String,
    /// What a click on the body does, in a word, for services that show it.
    pub open: String,
    /// The buttons with their labels. A card without any is news.
    pub buttons: Vec<(Button, String)>,
}

/// A button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// The dose was taken.
    Taken,
    /// Later.
    Snooze,
    /// Not this one.
    Skip,
}

impl Button {
    const ALL: [Self; 3] = [Self::Taken, Self::Snooze, Self::Skip];

    fn key(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Snooze => "snooze",
            Self::Skip => "skip",
        }
    }
}

/// What came of a notification, in the order it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The system took it.
    Shown,
    /// The system did not take it. Nothing comes after.
    Refused,
    /// A button was pressed. Nothing comes after.
    Pressed(Button),
    /// The body was clicked. Nothing comes after.
    Opened,
    /// It was closed without a choice. Nothing comes after.
    Closed,
}

/// Takes the notification off the screen when it is dropped, where the system lets a sender do that (Linux and the BSDs).
#[derive(Debug)]
pub struct OnScreen {
    _withdraw: oneshot::Sender<()>,
}

impl OnScreen {
    /// Leaves the notification to the person for as long as the app runs.
    pub fn leave(self) {
        std::mem::forget(self);
    }
}

/// Notifications whose threads have not ended.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// How many notifications wait for an answer, or to be withdrawn.
pub fn waiting() -> usize {
    WAITING.load(Ordering::Acquire)
}

/// Shows `card` and tells `say` what comes of it, from another thread.
pub fn raise(card: Card, say: impl Fn(Said) + Send + Clone + 'static) -> OnScreen {
    let (withdraw, withdrawn) = oneshot::channel();
    let told = say.clone();
    WAITING.fetch_add(1, Ordering::AcqRel);
    let waits = thread::Builder::new().name("notification".to_owned()).spawn(move || {
        let mut last = Last {
            say: &told,
            panicked: true,
        };
        platform::show(&card, withdrawn, &told);
        last.panicked = false;
    });
    if let Err(error) = waits {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        tracing::error!(%error, "no thread for a notification");
        say(Said::Refused);
    }
    OnScreen { _withdraw: withdraw }
}

/// The end of a notification's thread. Tells of one that panicked, so that its dose is not held to be on the screen for
/// ever.
struct Last<'a, F: Fn(Said)> {
    say: &'a F,
    panicked: bool,
}

impl<F: Fn(Said)> Drop for Last<'_, F> {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        if self.panicked {
            (self.say)(Said::Refused);
        }
    }
}

fn said(response: &NotificationResponse) -> Said {
    match response {
        NotificationResponse::Default => Said::Opened,
        NotificationResponse::Action(key) => Button::ALL
            .into_iter()
            .find(|button| button.key() == key)
            .map_or(Said::Closed, Said::Pressed),
        NotificationResponse::Reply(_)
        | NotificationResponse::Closed(
            CloseReason::Expired | CloseReason::Dismissed | CloseReason::CloseAction | CloseReason::Other(_),
        ) => Said::Closed,
    }
}

fn notification(card: &Card) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Doseline")
        .summary(&card.title)
        .body(&card.body)
        .timeout(Timeout::Never);
    for (button, label) in &card.buttons {
        notification.action(button.key(), label);
    }
    notification
}

/// Linux and the BSDs: the notification service of the session.
#[cfg(all(unix, not(target_os = "macos")))]
mod platform {
    use std::{cell::Cell, pin::pin};

    use futures::future::{Either, select};
    use notify_rust::{Hint, get_capabilities};
    use tokio::sync::oneshot;

    use super::{Card, Said, notification, said};

    pub fn show(card: &Card, mut withdrawn: oneshot::Receiver<()>, say: &impl Fn(Said)) {
        let abilities = match get_capabilities() {
            Ok(abilities) => abilities,
            Err(error) => {
                tracing::warn!(%error, "there is no notification service");
                return say(Said::Refused);
            }
        };
        let mut notification = notification(card);
        if abilities.iter().any(|ability| ability == "body-markup") {
            notification.body(&escape(&card.body));
        }
        notification
            .icon("doseline")
            .action("default", &card.open)
            .hint(Hint::DesktopEntry("Doseline".to_owned()))
            .hint(Hint::SoundName("message-new-instant".to_owned()));
        futures::executor::block_on(async {
            let shown = match notification.show_async().await {
                Ok(shown) => shown,
                Err(error) => {
                    tracing::warn!(%error, "the notification service refused");
                    return say(Said::Refused);
                }
            };
            say(Said::Shown);
            let answer = Cell::new(Said::Closed);
            let answered = pin!(shown.wait_for_action_async(|response| answer.set(said(response))));
            if let Either::Left(_) = select(answered, &mut withdrawn).await {
                say(answer.get());
                match answer.get() {
                    Said::Closed => return,
                    // Some services leave a notification standing after its button was pressed. It goes when the choice
                    // is recorded, and not before; where it asked for none, there is nothing to wait for.
                    Said::Pressed(_) | Said::Opened | Said::Shown | Said::Refused => {
                        if !card.buttons.is_empty() {
                            // An error means that the handle was dropped, which is how one withdraws.
                            let _ = withdrawn.await;
                        }
                    }
                }
            }
            shown.close_async().await;
        });
    }

    /// A name such as `A & B` must not be read as markup.
    pub(super) fn escape(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }
}

/// Windows and macOS: the answer comes to the handle, and nothing withdraws what is shown.
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod platform {
    use tokio::sync::oneshot;

    use super::{Card, Said, notification, said};

    pub fn show(card: &Card, _withdrawn: oneshot::Receiver<()>, say: &impl Fn(Said)) {
        let notification = notification(card);
        // The installer registers this identity; a program run from its build folder has none, and borrows the shell's.
        #[cfg(all(windows, not(debug_assertions)))]
        let notification = notification.clone().app_id("health.doseline.app").finalize();
        let shown = match notification.show() {
            Ok(shown) => shown,
            Err(error) => {
                tracing::warn!(%error, "the system refused a notification");
                return say(Said::Refused);
            }
        };
        say(Said::Shown);
        if let Err(error) = shown.wait_for_response(|response: &notify_rust::NotificationResponse| say(said(response)))
        {
            tracing::warn!(%error, "a notification ended without an answer");
            say(Said::Refused);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_button_is_told_apart_and_a_click_on_the_body_is_none_of_them() {
        for button in Button::ALL {
            assert_eq!(
                said(&NotificationResponse::Action(button.key().to_owned())),
                Said::Pressed(button)
            );
        }
        assert_eq!(said(&NotificationResponse::Default), Said::Opened);
        assert_eq!(
            said(&NotificationResponse::Closed(CloseReason::Dismissed)),
            Said::Closed
        );
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn a_name_with_signs_of_markup_is_shown_as_it_is() {
        assert_eq!(
            platform::escape("Co-codamol <8 & 500>"),
            "Co-codamol &lt;8 &amp; 500&gt;"
        );
    }

    #[test]
    fn a_thread_that_panics_still_says_how_it_ended() {
        let (told, hears) = std::sync::mpsc::channel();
        let ended = thread::spawn(move || {
            let say = |said| told.send(said).unwrap();
            WAITING.fetch_add(1, Ordering::AcqRel);
            let _last = Last {
                say: &say,
                panicked: true,
            };
            panic!("on purpose");
        });
        assert!(ended.join().is_err());
        assert_eq!(hears.recv().unwrap(), Said::Refused);
    }
}
