//! What is being typed about the amount: always the same, entered each time, step by step, or day by day.

use doseline_client::ask::{DraftAmount, DraftDose, DraftStep};
use leptos::prelude::*;

use super::whole;

/// The fields of the amount.
#[derive(Clone, Copy)]
pub struct DoseFields {
    /// `same`, `ask`, `steps` or `days`.
    pub kind: RwSignal<String>,
    /// The number, where it is always the same.
    pub value: RwSignal<String>,
    /// The unit of all of them.
    pub unit: RwSignal<String>,
    /// The steps.
    pub steps: RwSignal<Vec<StepFields>>,
    /// The number of each day.
    pub days: RwSignal<Vec<RwSignal<String>>>,
}

/// The fields of one step.
#[derive(Clone, Copy)]
pub struct StepFields {
    /// How many days it lasts; empty in the last one for as long as the medicine is taken.
    pub days: RwSignal<String>,
    /// The number.
    pub value: RwSignal<String>,
}

impl StepFields {
    fn new(days: Option<u32>, value: &str) -> Self {
        Self {
            days: RwSignal::new(days.map(|days| days.to_string()).unwrap_or_default()),
            value: RwSignal::new(value.to_owned()),
        }
    }
}

impl DoseFields {
    /// The fields filled from a draft.
    pub fn new(dose: &DraftDose) -> Self {
        let first = match dose {
            DraftDose::Same { amount } => Some(amount),
            DraftDose::Ask => None,
            DraftDose::Steps { steps } => steps.first().map(|step| &step.amount),
            DraftDose::Days { days } => days.first(),
        };
        let kind = match dose {
            DraftDose::Same { .. } => "same",
            DraftDose::Ask => "ask",
            DraftDose::Steps { .. } => "steps",
            DraftDose::Days { .. } => "days",
        };
        let value = first.map(|amount| amount.value.clone()).unwrap_or_default();
        let steps = match dose {
            DraftDose::Steps { steps } => steps
                .iter()
                .map(|step| StepFields::new(step.days, &step.amount.value))
                .collect(),
            DraftDose::Same { .. } | DraftDose::Ask | DraftDose::Days { .. } => {
                vec![StepFields::new(Some(7), &value), StepFields::new(None, "")]
            }
        };
        let days = match dose {
            DraftDose::Days { days } => days.iter().map(|day| RwSignal::new(day.value.clone())).collect(),
            DraftDose::Same { .. } | DraftDose::Ask | DraftDose::Steps { .. } => {
                vec![RwSignal::new(value.clone()), RwSignal::new(String::new())]
            }
        };
        Self {
            kind: RwSignal::new(kind.to_owned()),
            value: RwSignal::new(value),
            unit: RwSignal::new(first.map_or_else(|| "tablet".to_owned(), |amount| amount.unit.clone())),
            steps: RwSignal::new(steps),
            days: RwSignal::new(days),
        }
    }

    /// One more step, after the last.
    pub fn add_step(self) {
        self.steps.update(|steps| steps.push(StepFields::new(None, "")));
    }

    /// One step less.
    pub fn remove_step(self, place: usize) {
        self.steps.update(|steps| drop_one(steps, place));
    }

    /// One more day, after the last.
    pub fn add_day(self) {
        self.days.update(|days| days.push(RwSignal::new(String::new())));
    }

    /// One day less.
    pub fn remove_day(self, place: usize) {
        self.days.update(|days| drop_one(days, place));
    }

    fn amount(self, value: RwSignal<String>) -> DraftAmount {
        DraftAmount {
            value: value.get().trim().to_owned(),
            unit: self.unit.get(),
        }
    }

    /// The draft.
    ///
    /// # Errors
    /// The name of a field that cannot be read as what it has to be.
    pub fn draft(self) -> Result<DraftDose, &'static str> {
        Ok(match self.kind.get().as_str() {
            "ask" => DraftDose::Ask,
            "steps" => {
                let mut steps = Vec::new();
                for step in self.steps.get() {
                    let days = step.days.get();
                    let days = match days.trim() {
                        "" => None,
                        days => Some(whole(days).ok_or("steps")?),
                    };
                    steps.push(DraftStep {
                        days,
                        amount: self.amount(step.value),
                    });
                }
                DraftDose::Steps { steps }
            }
            "days" => DraftDose::Days {
                days: self.days.get().into_iter().map(|day| self.amount(day)).collect(),
            },
            _ => DraftDose::Same {
                amount: self.amount(self.value),
            },
        })
    }
}

fn drop_one<T>(all: &mut Vec<T>, place: usize) {
    if all.len() > 1 && place < all.len() {
        all.remove(place);
    }
}
