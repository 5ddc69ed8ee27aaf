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
            words.say(
                "reminder-body",
                &[("name", &reminder.name), ("amount", &words.amount(amount))],
            )
        }
        // The patient enters how much it was, so a bare *Taken* would record half of what happened.
        None => words.say("reminder-body-no-amount", &[("name", &reminder.name)]),
    };
    buttons.push((
        Button::Snooze,
        words.say("reminder-snooze", &[("minutes", &SNOOZE_MINUTES.to_string())]),
    ));
    buttons.push((Button::Skip, words.say("reminder-skip", &[])));
    Card {
        title: words.say("reminder-title", &[]),
        body,
        open: words.say("reminder-open", &[]),
        buttons,
    }
}

#[cfg(test)]
mod tests {
    use doseline_shared::quantity::Quantity;

    use super::*;

    fn reminder(amount: Option<Quantity>) -> Reminder {
        serde_json::from_value(serde_json::json!({
            "patient": "01890000-0000-7000-8000-000000000001",
            "medication": "01890000-0000-7000-8000-000000000002",
            "occurrence": "2026-11-21/am",
            "name": "Metformin",
            "amount": amount,
            "instruction": null,
            "due": "2026-11-21T07:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn it_says_what_to_take_and_offers_to_record_it() {
        let card = card(&reminder(Some(Quantity::new(2, "tablet"))), &Words::new("en"));
        assert_eq!(card.body, "Metformin, 2 tablets");
        let buttons: Vec<_> = card
            .buttons
            .iter()
            .map(|(button, label)| (*button, label.as_str()))
            .collect();
        assert_eq!(
            buttons,
            [
                (Button::Taken, "Taken"),
                (Button::Snooze, "Snooze 10 min"),
                (Button::Skip, "Skip")
            ]
        );
    }

    #[test]
    fn the_title_gives_no_medicine_away() {
        let card = card(&reminder(None), &Words::new("en"));
        assert!(!card.title.contains("Metformin"));
    }

    #[test]
    fn a_dose_whose_amount_is_entered_each_time_has_no_button_that_would_leave_it_out() {
        let card = card(&reminder(None), &Words::new("en"));
        assert!(card.buttons.iter().all(|(button, _)| *button != Button::Taken));
    }
}
