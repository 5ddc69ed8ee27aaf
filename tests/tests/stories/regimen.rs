//! Medicines for the stories.

use chrono::NaiveTime;
use doseline_client::{
    ask::{Draft, DraftAmount, DraftDose, DraftWhen},
    view::{DoseView, TodayView},
};
use doseline_shared::record::{Colour, Form, Look};

/// A medicine of one tablet.
pub fn medicine(name: &str, when: DraftWhen) -> Draft {
    Draft {
        name: name.to_owned(),
        instruction: Some("with food".to_owned()),
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: false,
        ingredients: Vec::new(),
        dose: DraftDose::Same {
            amount: DraftAmount {
                value: "1".to_owned(),
                unit: "tablet".to_owned(),
            },
        },
        when,
        start: None,
        end: None,
        max_count: None,
        travels: false,
    }
}

/// At these times of every day, such as `8:00`.
pub fn daily(times: &[&str]) -> DraftWhen {
    let times = times
        .iter()
        .map(|time| NaiveTime::parse_from_str(time, "%H:%M").expect("a time"))
        .collect();
    DraftWhen::Daily { times }
}

/// The scheduled doses of *Today*.
pub fn doses(today: &TodayView) -> impl Iterator<Item = &DoseView> {
    today.parts.iter().flat_map(|part| &part.doses)
}
