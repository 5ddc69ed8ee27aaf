//! A medicine as it is being entered: what a form holds, in a form's terms.
//!
//! Owns the way from a draft to a schedule and back. A schedule that says more than the form can is kept as it is.

use chrono::{NaiveDate, NaiveTime, Weekday};
use doseline_shared::{id::MedicationId, record::Look, schedule::Schedule};
use serde::{Deserialize, Serialize};

pub(super) use self::{
    amount::quantity,
    read::{Setting, first, follows, ingredients, schedule},
    write::{dose, travels, when},
};

mod amount;
mod read;
mod write;

/// A medicine as it is being entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Name.
    pub name: String,
    /// What to heed.
    pub instruction: Option<String>,
    /// How it is drawn.
    pub look: Look,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// Active ingredients.
    pub ingredients: Vec<String>,
    /// How much each time.
    pub dose: DraftDose,
    /// When.
    pub when: DraftWhen,
    /// First local date; none for today.
    pub start: Option<NaiveDate>,
    /// Last local date.
    pub end: Option<NaiveDate>,
    /// Stop after so many doses.
    pub max_count: Option<u32>,
    /// Whether the times go with the local clock on a journey; otherwise they keep to the home zone.
    pub travels: bool,
}

/// How much each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftDose {
    /// Always the same.
    Same {
        /// The amount.
        amount: DraftAmount,
    },
    /// The patient enters it each time.
    Ask,
    /// More or less, step by step.
    Steps {
        /// The steps, in order.
        steps: Vec<DraftStep>,
    },
    /// Another amount on each day, repeating.
    Days {
        /// One for each day, from the first date on.
        days: Vec<DraftAmount>,
    },
}

/// One step of an amount that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftStep {
    /// For so many days; none, in the last step only, for as long as the medicine is taken.
    pub days: Option<u32>,
    /// The amount.
    pub amount: DraftAmount,
}

/// An amount as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftAmount {
    /// The number, with a point or a comma.
    pub value: String,
    /// The unit.
    pub unit: String,
}

/// When, in the terms of the form. Presets first, then the full power.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftWhen {
    /// Not decided yet.
    NotYet,
    /// At these times, every day.
    Daily {
        /// Local times.
        times: Vec<NaiveTime>,
    },
    /// At these times, on these days of the week.
    Weekly {
        /// Local times.
        times: Vec<NaiveTime>,
        /// Days.
        days: Vec<Weekday>,
    },
    /// At these times, on these days of the month; in a shorter month on its last day.
    Monthly {
        /// Local times.
        times: Vec<NaiveTime>,
        /// Days, 1 to 31.
        days: Vec<u8>,
    },
    /// At these times, every nth day.
    EveryDays {
        /// Local times.
        times: Vec<NaiveTime>,
        /// Days from one to the next.
        n: u32,
        /// A date that it falls on; none for the first.
        anchor: Option<NaiveDate>,
    },
    /// At these times, so many days on and so many off.
    Cycle {
        /// Local times.
        times: Vec<NaiveTime>,
        /// Days on.
        on: u32,
        /// Days off.
        off: u32,
        /// The first day of a cycle; none for the first date.
        anchor: Option<NaiveDate>,
    },
    /// Every so many hours, from a first time on the first date.
    EveryHours {
        /// Hours, 1 to 72.
        hours: u32,
        /// First local time.
        first: NaiveTime,
        /// Whether they count from the last dose taken.
        from_last: bool,
        /// Only between these local times.
        between: Option<(NaiveTime, NaiveTime)>,
    },
    /// So many minutes after another medicine.
    After {
        /// The other medicine.
        medication: MedicationId,
        /// Minutes.
        minutes: u32,
    },
    /// As needed.
    AsNeeded {
        /// Least hours between two doses.
        gap_hours: u32,
        /// Most doses in 24 hours.
        max_per_day: Option<u32>,
        /// Greatest amount in 24 hours.
        max_amount: Option<DraftAmount>,
    },
    /// Exactly this schedule, kept as it is while other fields change.
    Exactly {
        /// The schedule.
        schedule: Box<Schedule>,
    },
}
