//! What a reminder says, in the words of the device's locale.
//!
//! The title is the same for every medicine, and the name stands in the body, since someone who takes five medicines has
//! to know which. The person can have their system hide the bodies of notifications on a locked or shared screen, and the
//! title alone then gives nothing away.

use doseline_client::{remind::Reminder, words::Words};

use super::notify::{Button, Card};

/// What *Snooze* puts a dose off by.
pub const SNOOZE_MINUTES: u32 = 10;

/// The notification for `reminder`.
pub fn card(reminder: &Reminder, words: &Words) -> Card {
    let mut buttons = Vec::new();
    let body = match &reminder.amount {
        Some(amount) => {
            buttons.push((Button::Taken, words.say("reminder-taken", &[])));
            words.say("reminder-body", &[("name", &reminder.name), ("amount", &amount.to_string())])
        }
        // The patient enters how much it was, so a bare *Taken* would record half of what happened.
        None => words.say("reminder-body-no-amount", &[("name", &reminder.name)]),
    };
    buttons.push((Button::Snooze, words.say("reminder-snooze", &[("minutes", &SNOOZE_MINUTES.to_string())])));
    buttons.push((Button::Skip, words.say("reminder-skip", &[])));
    Card { title: words.say("reminder-title", &[]), body, open: words.say("reminder-open", &[]), buttons }
}
