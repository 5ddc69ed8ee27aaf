//! What is being typed about a medicine, and the draft that it makes. Reads no meaning into it: the core does.

mod dose;
mod when;

use chrono::{NaiveDate, NaiveTime};
use doseline_client::ask::{Draft, DraftAmount, DraftDose, DraftWhen, Fault};
use doseline_shared::record::{Colour, Form, Look};
use leptos::prelude::*;

pub use self::{
    dose::{DoseFields, StepFields},
    when::WhenFields,
};
use crate::draw::pill;

/// The fields of the form.
#[derive(Clone, Copy)]
pub struct Fields {
    /// Name.
    pub name: RwSignal<String>,
    /// How much.
    pub dose: DoseFields,
    /// When.
    pub when: WhenFields,
    /// What to heed.
    pub instruction: RwSignal<String>,
    /// Active ingredients, separated by commas.
    pub ingredients: RwSignal<String>,
    /// Whether a missed dose is dangerous.
    pub critical: RwSignal<bool>,
    /// First date.
    pub start: RwSignal<String>,
    /// Last date.
    pub end: RwSignal<String>,
    /// Stop after so many doses.
    pub max_count: RwSignal<String>,
    /// Whether the times go with the local clock on a journey.
    pub travels: RwSignal<bool>,
    /// The form's name.
    pub form: RwSignal<String>,
    /// The colour's name.
    pub colour: RwSignal<String>,
}

/// A draft with nothing in it but a sensible beginning.
pub fn fresh() -> Draft {
    Draft {
        name: String::new(),
        instruction: None,
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
        when: DraftWhen::Daily { times: when::usual(1) },
        start: None,
        end: None,
        max_count: None,
        travels: false,
    }
}

fn date(date: Option<NaiveDate>) -> RwSignal<String> {
    RwSignal::new(date.map(|date| date.to_string()).unwrap_or_default())
}

impl Fields {
    /// The fields filled from a draft; `known` where the medicine is there already.
    pub fn new(draft: &Draft, known: bool) -> Self {
        Self {
            name: RwSignal::new(draft.name.clone()),
            dose: DoseFields::new(&draft.dose),
            when: WhenFields::new(&draft.when, known),
            instruction: RwSignal::new(draft.instruction.clone().unwrap_or_default()),
            ingredients: RwSignal::new(draft.ingredients.join(", ")),
            critical: RwSignal::new(draft.critical),
            start: date(draft.start),
            end: date(draft.end),
            max_count: RwSignal::new(draft.max_count.map(|count| count.to_string()).unwrap_or_default()),
            travels: RwSignal::new(draft.travels),
            form: RwSignal::new(pill::form_name(draft.look.form).to_owned()),
            colour: RwSignal::new(pill::colour_name(draft.look.colour).to_owned()),
        }
    }

    /// The colour that is chosen.
    pub fn colour(self) -> Colour {
        let name = self.colour.get();
        pill::COLOURS
            .into_iter()
            .find(|colour| pill::colour_name(*colour) == name)
            .unwrap_or(Colour::White)
    }

    fn form(self) -> Form {
        let name = self.form.get();
        pill::FORMS
            .into_iter()
            .find(|form| pill::form_name(*form) == name)
            .unwrap_or(Form::Other)
    }

    /// The draft.
    ///
    /// # Errors
    /// The name of a field that cannot be read as what it has to be.
    pub fn draft(self) -> Result<Draft, &'static str> {
        let instruction = self.instruction.get().trim().to_owned();
        let count = self.max_count.get();
        Ok(Draft {
            name: self.name.get().trim().to_owned(),
            instruction: (!instruction.is_empty()).then_some(instruction),
            look: Look {
                form: self.form(),
                colour: self.colour(),
            },
            critical: self.critical.get(),
            ingredients: self
                .ingredients
                .get()
                .split(',')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect(),
            dose: self.dose.draft()?,
            when: self.when.draft(&self.dose.unit.get())?,
            start: day(&self.start.get(), "start")?,
            end: day(&self.end.get(), "end")?,
            max_count: match count.trim() {
                "" => None,
                count => Some(whole(count).ok_or("max_count")?),
            },
            travels: self.travels.get(),
        })
    }
}

fn clock(text: &str) -> Option<NaiveTime> {
    let text = text.get(..5).unwrap_or(text);
    text.parse().ok()
}

fn whole(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

fn day(text: &str, field: &'static str) -> Result<Option<NaiveDate>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| field)
}

/// The fault of a field that cannot be read.
pub fn fault(field: &str) -> Fault {
    Fault::field(field)
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;
    use doseline_client::ask::DraftStep;

    use super::*;

    fn ml(value: &str) -> DraftAmount {
        DraftAmount {
            value: value.to_owned(),
            unit: "ml".to_owned(),
        }
    }

    fn draft(when: DraftWhen) -> Draft {
        Draft {
            name: "Metformin 500 mg".to_owned(),
            instruction: Some("with food".to_owned()),
            look: Look {
                form: Form::Capsule,
                colour: Colour::Pink,
            },
            critical: true,
            ingredients: vec!["metformin".to_owned()],
            dose: DraftDose::Same { amount: ml("2.5") },
            when,
            start: NaiveDate::from_ymd_opt(2026, 3, 1),
            end: NaiveDate::from_ymd_opt(2026, 4, 1),
            max_count: Some(20),
            travels: true,
        }
    }

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn opening_the_form_and_saving_changes_nothing() {
        let ways = [
            DraftWhen::Daily { times: vec![at(7, 45)] },
            DraftWhen::Daily {
                times: vec![at(8, 0), at(20, 0)],
            },
            DraftWhen::Daily {
                times: vec![at(6, 0), at(12, 0), at(18, 0), at(23, 30)],
            },
            DraftWhen::Weekly {
                times: vec![at(9, 0)],
                days: vec![Weekday::Tue, Weekday::Sun],
            },
            DraftWhen::EveryHours {
                hours: 6,
                first: at(6, 30),
                from_last: false,
                between: None,
            },
            DraftWhen::EveryHours {
                hours: 4,
                first: at(7, 0),
                from_last: true,
                between: Some((at(7, 0), at(21, 30))),
            },
            DraftWhen::Monthly {
                times: vec![at(9, 0)],
                days: vec![1, 15, 31],
            },
            DraftWhen::EveryDays {
                times: vec![at(9, 0)],
                n: 3,
                anchor: NaiveDate::from_ymd_opt(2026, 2, 28),
            },
            DraftWhen::Cycle {
                times: vec![at(22, 0)],
                on: 21,
                off: 7,
                anchor: None,
            },
            DraftWhen::After {
                medication: "0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap(),
                minutes: 30,
            },
            DraftWhen::AsNeeded {
                gap_hours: 4,
                max_per_day: None,
                max_amount: Some(ml("40")),
            },
            DraftWhen::AsNeeded {
                gap_hours: 6,
                max_per_day: Some(3),
                max_amount: None,
            },
        ];
        Owner::new().with(|| {
            for way in ways {
                let draft = draft(way);
                assert_eq!(Fields::new(&draft, true).draft(), Ok(draft));
            }
            let steps = [(Some(7), "10"), (Some(7), "5"), (None, "2.5")];
            let steps = steps.map(|(days, value)| DraftStep {
                days,
                amount: ml(value),
            });
            let doses = [
                DraftDose::Ask,
                DraftDose::Steps { steps: steps.to_vec() },
                DraftDose::Days {
                    days: vec![ml("5"), ml("0"), ml("7.5")],
                },
            ];
            for dose in doses {
                let draft = Draft {
                    dose,
                    ..draft(DraftWhen::Daily { times: vec![at(8, 0)] })
                };
                assert_eq!(Fields::new(&draft, true).draft(), Ok(draft));
            }
        });
    }

    #[test]
    fn an_amount_that_nobody_has_stated_is_not_made_up() {
        Owner::new().with(|| {
            let mut known = draft(DraftWhen::NotYet);
            known.dose = DraftDose::Same { amount: ml("") };
            assert_eq!(
                Fields::new(&known, true).draft().unwrap().dose,
                DraftDose::Same { amount: ml("") }
            );
        });
    }

    #[test]
    fn a_time_that_is_none_is_named() {
        Owner::new().with(|| {
            let fields = Fields::new(&draft(DraftWhen::Daily { times: vec![at(8, 0)] }), true);
            fields
                .when
                .times
                .get_untracked()
                .first()
                .unwrap()
                .set("25:00".to_owned());
            assert_eq!(fields.draft(), Err("times"));
        });
    }
}
