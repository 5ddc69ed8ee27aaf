//! What is being typed about the times: the way that was chosen, and the fields of every way.

use chrono::{NaiveDate, NaiveTime, Weekday};
use doseline_client::ask::{DraftAmount, DraftWhen};
use doseline_shared::{order, schedule::Schedule};
use leptos::prelude::*;

use super::{clock, day, whole};
use crate::time;

/// The fields of the times.
#[derive(Clone, Copy)]
pub struct WhenFields {
    /// The way's name.
    pub preset: RwSignal<String>,
    /// Times of day.
    pub times: RwSignal<Vec<RwSignal<String>>>,
    /// Days of the week, Monday first.
    pub weekdays: [RwSignal<bool>; 7],
    /// Days of the month, separated by commas.
    pub month_days: RwSignal<String>,
    /// Every so many days.
    pub every_days: RwSignal<String>,
    /// Days on.
    pub on: RwSignal<String>,
    /// Days off.
    pub off: RwSignal<String>,
    /// A date that counting days begins at; empty for the first date.
    pub anchor: RwSignal<String>,
    /// Every so many hours.
    pub every_hours: RwSignal<String>,
    /// From this time.
    pub first: RwSignal<String>,
    /// Whether the hours count from the last dose taken.
    pub from_last: RwSignal<bool>,
    /// Whether doses fall at certain hours only.
    pub between: RwSignal<bool>,
    /// From this time of day.
    pub between_from: RwSignal<String>,
    /// To this time of day.
    pub between_to: RwSignal<String>,
    /// The other medicine.
    pub after: RwSignal<String>,
    /// Minutes after it.
    pub after_minutes: RwSignal<String>,
    /// Least hours between two.
    pub gap_hours: RwSignal<String>,
    /// Most in 24 hours.
    pub max_per_day: RwSignal<String>,
    /// Greatest amount in 24 hours.
    pub max_amount: RwSignal<String>,
    /// The schedule as it is.
    pub exactly: StoredValue<Option<Box<Schedule>>>,
}

/// The usual times for so many doses a day.
pub fn usual(count: usize) -> Vec<NaiveTime> {
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

fn date(date: Option<NaiveDate>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

impl WhenFields {
    /// Fields with what is usual in each.
    fn usual(preset: &str, times: &[NaiveTime]) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        Self {
            preset: text(preset),
            times: RwSignal::new(signals(times)),
            weekdays: time::WEEK.map(|day| RwSignal::new(day == Weekday::Mon)),
            month_days: text("1"),
            every_days: text("2"),
            on: text("21"),
            off: text("7"),
            anchor: text(""),
            every_hours: text("8"),
            first: text("08:00"),
            from_last: RwSignal::new(false),
            between: RwSignal::new(false),
            between_from: text("07:00"),
            between_to: text("22:00"),
            after: text(""),
            after_minutes: text("30"),
            gap_hours: text("4"),
            max_per_day: text("4"),
            max_amount: text(""),
            exactly: StoredValue::new(None),
        }
    }

    /// The fields filled from a draft; `known` where the medicine is there already.
    pub fn new(when: &DraftWhen, known: bool) -> Self {
        let fill = |signal: RwSignal<String>, text: String| signal.set(text);
        match when {
            DraftWhen::NotYet if known => Self::usual("once", &usual(1)),
            DraftWhen::NotYet => Self::usual("not-yet", &usual(1)),
            DraftWhen::Daily { times } => {
                let preset = match times.len() {
                    0 | 1 => "once",
                    2 => "twice",
                    _ => "three",
                };
                Self::usual(preset, times)
            }
            DraftWhen::Weekly { times, days } => {
                let fields = Self::usual("weekly", times);
                for (day, chosen) in time::WEEK.into_iter().zip(fields.weekdays) {
                    chosen.set(days.contains(&day));
                }
                fields
            }
            DraftWhen::Monthly { times, days } => {
                let fields = Self::usual("monthly", times);
                let days: Vec<String> = days.iter().map(u8::to_string).collect();
                fill(fields.month_days, days.join(", "));
                fields
            }
            DraftWhen::EveryDays { times, n, anchor } => {
                let fields = Self::usual("every-days", times);
                fill(fields.every_days, n.to_string());
                fill(fields.anchor, date(*anchor));
                fields
            }
            DraftWhen::Cycle { times, on, off, anchor } => {
                let fields = Self::usual("cycle", times);
                fill(fields.on, on.to_string());
                fill(fields.off, off.to_string());
                fill(fields.anchor, date(*anchor));
                fields
            }
            DraftWhen::EveryHours {
                hours,
                first,
                from_last,
                between,
            } => {
                let fields = Self::usual("hours", &usual(1));
                fill(fields.every_hours, hours.to_string());
                fill(fields.first, time::plain_time(*first));
                fields.from_last.set(*from_last);
                if let Some((from, to)) = between {
                    fields.between.set(true);
                    fill(fields.between_from, time::plain_time(*from));
                    fill(fields.between_to, time::plain_time(*to));
                }
                fields
            }
            DraftWhen::After { medication, minutes } => {
                let fields = Self::usual("after", &usual(1));
                fill(fields.after, medication.to_string());
                fill(fields.after_minutes, minutes.to_string());
                fields
            }
            DraftWhen::AsNeeded {
                gap_hours,
                max_per_day,
                max_amount,
            } => {
                let fields = Self::usual("needed", &usual(1));
                fill(fields.gap_hours, gap_hours.to_string());
                fill(
                    fields.max_per_day,
                    max_per_day.map(|max| max.to_string()).unwrap_or_default(),
                );
                let most = max_amount.as_ref().map(|most| most.value.clone());
                fill(fields.max_amount, most.unwrap_or_default());
                fields
            }
            DraftWhen::Exactly { schedule } => {
                let fields = Self::usual("keep", &usual(1));
                fields.exactly.set_value(Some(schedule.clone()));
                fields
            }
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

    fn all_times(self) -> Result<Vec<NaiveTime>, &'static str> {
        let mut times = Vec::new();
        for time in self.times.get() {
            times.push(clock(&time.get()).ok_or("times")?);
        }
        order::once(&mut times);
        Ok(times)
    }

    /// The draft; amounts are in `unit`.
    ///
    /// # Errors
    /// The name of a field that cannot be read as what it has to be.
    pub fn draft(self, unit: &str) -> Result<DraftWhen, &'static str> {
        Ok(match self.preset.get().as_str() {
            "not-yet" => DraftWhen::NotYet,
            "keep" => DraftWhen::Exactly {
                schedule: self.exactly.get_value().ok_or("when")?,
            },
            "hours" => DraftWhen::EveryHours {
                hours: whole(&self.every_hours.get()).ok_or("hours")?,
                first: clock(&self.first.get()).ok_or("first")?,
                from_last: self.from_last.get(),
                between: if self.between.get() {
                    let end = |text: RwSignal<String>| clock(&text.get()).ok_or("between");
                    Some((end(self.between_from)?, end(self.between_to)?))
                } else {
                    None
                },
            },
            "weekly" => DraftWhen::Weekly {
                times: self.all_times()?,
                days: time::WEEK
                    .into_iter()
                    .zip(self.weekdays)
                    .filter(|(_, day)| day.get())
                    .map(|(day, _)| day)
                    .collect(),
            },
            "monthly" => DraftWhen::Monthly {
                times: self.all_times()?,
                days: self
                    .month_days
                    .get()
                    .split([',', ' '])
                    .filter(|day| !day.is_empty())
                    .map(|day| day.parse().map_err(|_| "days"))
                    .collect::<Result<_, _>>()?,
            },
            "every-days" => DraftWhen::EveryDays {
                times: self.all_times()?,
                n: whole(&self.every_days.get()).ok_or("days")?,
                anchor: day(&self.anchor.get(), "start")?,
            },
            "cycle" => DraftWhen::Cycle {
                times: self.all_times()?,
                on: whole(&self.on.get()).ok_or("days")?,
                off: whole(&self.off.get()).ok_or("days")?,
                anchor: day(&self.anchor.get(), "start")?,
            },
            "after" => DraftWhen::After {
                medication: self.after.get().parse().map_err(|_| "other")?,
                minutes: whole(&self.after_minutes.get()).ok_or("minutes")?,
            },
            "needed" => {
                let (most, amount) = (self.max_per_day.get(), self.max_amount.get());
                DraftWhen::AsNeeded {
                    gap_hours: whole(&self.gap_hours.get()).ok_or("hours")?,
                    max_per_day: match most.trim() {
                        "" => None,
                        most => Some(whole(most).ok_or("hours")?),
                    },
                    max_amount: Some(amount.trim())
                        .filter(|amount| !amount.is_empty())
                        .map(|value| DraftAmount {
                            value: value.to_owned(),
                            unit: unit.to_owned(),
                        }),
                }
            }
            _ => DraftWhen::Daily {
                times: self.all_times()?,
            },
        })
    }
}
