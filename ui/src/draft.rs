//! What is being typed about a medicine, and the draft that it makes. Reads no meaning into it: the core does.

use chrono::{NaiveDate, NaiveTime, Weekday};
use doseline_client::ask::{Draft, DraftAmount, DraftWhen, Fault};
use doseline_shared::{
    api::ErrorCode,
    order,
    record::{Colour, Form, Look},
    schedule::Schedule,
};
use leptos::prelude::*;

use crate::{draw::pill, time};

/// The fields of the form.
#[derive(Clone, Copy)]
pub struct Fields {
    /// Name.
    pub name: RwSignal<String>,
    /// Number of the amount.
    pub amount: RwSignal<String>,
    /// Its unit.
    pub unit: RwSignal<String>,
    /// Whether the amount is entered each time.
    pub ask_each: RwSignal<bool>,
    /// What to heed.
    pub instruction: RwSignal<String>,
    /// Whether a missed dose is dangerous.
    pub critical: RwSignal<bool>,
    /// The preset's name.
    pub preset: RwSignal<String>,
    /// Times of day.
    pub times: RwSignal<Vec<RwSignal<String>>>,
    /// Days of the week, Monday first.
    pub days: [RwSignal<bool>; 7],
    /// Every so many hours.
    pub every_hours: RwSignal<String>,
    /// From this time.
    pub first: RwSignal<String>,
    /// Least hours between two.
    pub gap_hours: RwSignal<String>,
    /// Most in 24 hours.
    pub max_per_day: RwSignal<String>,
    /// First date.
    pub start: RwSignal<String>,
    /// Last date.
    pub end: RwSignal<String>,
    /// The form's name.
    pub form: RwSignal<String>,
    /// The colour's name.
    pub colour: RwSignal<String>,
    /// The schedule as it is.
    pub exactly: StoredValue<Option<Box<Schedule>>>,
    ingredients: StoredValue<Vec<String>>,
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
        amount: Some(DraftAmount {
            value: "1".to_owned(),
            unit: "tablet".to_owned(),
        }),
        when: DraftWhen::Daily { times: usual(1) },
        start: None,
        end: None,
    }
}

/// The usual times for so many doses a day.
fn usual(count: usize) -> Vec<NaiveTime> {
    let hours: &[u32] = match count {
        1 => &[8],
        2 => &[8, 20],
        _ => &[8, 14, 20],
    };
    hours
        .iter()
        .filter_map(|hour| NaiveTime::from_hms_opt(*hour, 0, 0))
        .collect()
}

fn signals(times: &[NaiveTime]) -> Vec<RwSignal<String>> {
    times
        .iter()
        .map(|time| RwSignal::new(time::plain_time(*time)))
        .collect()
}

fn date(date: Option<NaiveDate>) -> RwSignal<String> {
    RwSignal::new(date.map(|date| date.to_string()).unwrap_or_default())
}

impl Fields {
    /// The fields filled from a draft.
    pub fn new(draft: &Draft, known: bool) -> Self {
        let (preset, times) = match &draft.when {
            DraftWhen::NotYet if known => ("once", usual(1)),
            DraftWhen::NotYet => ("not-yet", usual(1)),
            DraftWhen::Daily { times } if times.len() == 2 => ("twice", times.clone()),
            DraftWhen::Daily { times } if times.len() > 2 => ("three", times.clone()),
            DraftWhen::Daily { times } => ("once", times.clone()),
            DraftWhen::Weekly { times, .. } => ("weekly", times.clone()),
            DraftWhen::EveryHours { .. } => ("hours", usual(1)),
            DraftWhen::AsNeeded { .. } => ("needed", usual(1)),
            DraftWhen::Exactly { .. } => ("keep", usual(1)),
        };
        let days = match &draft.when {
            DraftWhen::Weekly { days, .. } => days.clone(),
            _ => vec![Weekday::Mon],
        };
        let (every, first) = match &draft.when {
            DraftWhen::EveryHours { hours, first } => (hours.to_string(), time::plain_time(*first)),
            _ => ("8".to_owned(), "08:00".to_owned()),
        };
        let (gap, max) = match &draft.when {
            DraftWhen::AsNeeded { gap_hours, max_per_day } => (gap_hours.to_string(), *max_per_day),
            _ => ("4".to_owned(), Some(4)),
        };
        let (value, unit) = draft.amount.as_ref().map_or_else(
            || (String::new(), "tablet".to_owned()),
            |amount| (amount.value.clone(), amount.unit.clone()),
        );
        Self {
            name: RwSignal::new(draft.name.clone()),
            amount: RwSignal::new(value),
            unit: RwSignal::new(unit),
            ask_each: RwSignal::new(draft.amount.is_none() && !matches!(draft.when, DraftWhen::NotYet)),
            instruction: RwSignal::new(draft.instruction.clone().unwrap_or_default()),
            critical: RwSignal::new(draft.critical),
            preset: RwSignal::new(preset.to_owned()),
            times: RwSignal::new(signals(&times)),
            days: time::WEEK.map(|day| RwSignal::new(days.contains(&day))),
            every_hours: RwSignal::new(every),
            first: RwSignal::new(first),
            gap_hours: RwSignal::new(gap),
            max_per_day: RwSignal::new(max.map(|max| max.to_string()).unwrap_or_default()),
            start: date(draft.start),
            end: date(draft.end),
            form: RwSignal::new(pill::form_name(draft.look.form).to_owned()),
            colour: RwSignal::new(pill::colour_name(draft.look.colour).to_owned()),
            exactly: StoredValue::new(match &draft.when {
                DraftWhen::Exactly { schedule } => Some(schedule.clone()),
                _ => None,
            }),
            ingredients: StoredValue::new(draft.ingredients.clone()),
        }
    }

    /// A preset brings its usual times with it.
    pub fn preset_chosen(self) {
        let count = match self.preset.get_untracked().as_str() {
            "twice" => 2,
            "three" => 3,
            _ => 1,
        };
        self.times.set(signals(&usual(count)));
    }

    /// One more time of day.
    pub fn add_time(self) {
        self.times.update(|times| times.push(RwSignal::new("12:00".to_owned())));
    }

    /// One time of day less.
    pub fn remove_time(self, place: usize) {
        self.times.update(|times| {
            if times.len() > 1 && place < times.len() {
                times.remove(place);
            }
        });
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

    fn all_times(self) -> Result<Vec<NaiveTime>, &'static str> {
        let mut times = Vec::new();
        for time in self.times.get() {
            times.push(clock(&time.get()).ok_or("times")?);
        }
        order::once(&mut times);
        Ok(times)
    }

    fn when(self) -> Result<DraftWhen, &'static str> {
        Ok(match self.preset.get().as_str() {
            "not-yet" => DraftWhen::NotYet,
            "keep" => DraftWhen::Exactly {
                schedule: self.exactly.get_value().ok_or("when")?,
            },
            "hours" => DraftWhen::EveryHours {
                hours: whole(&self.every_hours.get()).ok_or("hours")?,
                first: clock(&self.first.get()).ok_or("first")?,
            },
            "weekly" => DraftWhen::Weekly {
                times: self.all_times()?,
                days: time::WEEK
                    .into_iter()
                    .zip(self.days)
                    .filter(|(_, day)| day.get())
                    .map(|(day, _)| day)
                    .collect(),
            },
            "needed" => {
                let max = self.max_per_day.get();
                DraftWhen::AsNeeded {
                    gap_hours: whole(&self.gap_hours.get()).ok_or("hours")?,
                    max_per_day: if max.trim().is_empty() {
                        None
                    } else {
                        Some(whole(&max).ok_or("hours")?)
                    },
                }
            }
            _ => DraftWhen::Daily {
                times: self.all_times()?,
            },
        })
    }

    /// The draft.
    ///
    /// # Errors
    /// The name of a field that cannot be read as what it has to be.
    pub fn draft(self) -> Result<Draft, &'static str> {
        let instruction = self.instruction.get().trim().to_owned();
        let amount = (!self.ask_each.get()).then(|| DraftAmount {
            value: self.amount.get().trim().to_owned(),
            unit: self.unit.get(),
        });
        Ok(Draft {
            name: self.name.get().trim().to_owned(),
            instruction: (!instruction.is_empty()).then_some(instruction),
            look: Look {
                form: self.form(),
                colour: self.colour(),
            },
            critical: self.critical.get(),
            ingredients: self.ingredients.get_value(),
            amount,
            when: self.when()?,
            start: day(&self.start.get(), "start")?,
            end: day(&self.end.get(), "end")?,
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
    Fault {
        code: ErrorCode::InvalidField,
        field: Some(field.to_owned()),
        retry_after: None,
        next_allowed: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            amount: Some(DraftAmount {
                value: "2.5".to_owned(),
                unit: "ml".to_owned(),
            }),
            when,
            start: NaiveDate::from_ymd_opt(2026, 3, 1),
            end: NaiveDate::from_ymd_opt(2026, 4, 1),
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
            },
            DraftWhen::AsNeeded {
                gap_hours: 4,
                max_per_day: None,
            },
            DraftWhen::AsNeeded {
                gap_hours: 6,
                max_per_day: Some(3),
            },
        ];
        Owner::new().with(|| {
            for way in ways {
                let draft = draft(way);
                assert_eq!(Fields::new(&draft, true).draft(), Ok(draft));
            }
        });
    }

    #[test]
    fn an_amount_that_nobody_has_stated_is_not_made_up() {
        Owner::new().with(|| {
            let mut known = draft(DraftWhen::NotYet);
            known.amount = None;
            let amount = Fields::new(&known, true).draft().unwrap().amount.unwrap();
            assert_eq!(amount.value, "");
        });
    }

    #[test]
    fn a_time_that_is_none_is_named() {
        Owner::new().with(|| {
            let fields = Fields::new(&draft(DraftWhen::Daily { times: vec![at(8, 0)] }), true);
            fields.times.get_untracked().first().unwrap().set("25:00".to_owned());
            assert_eq!(fields.draft(), Err("times"));
        });
    }
}
