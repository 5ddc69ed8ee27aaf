//! Schedules: the wire format, its validation, and the occurrences that follow from it.
//!
//! Owns when a dose is due. What became of it is `dose`'s matter.
//!
//! - [`parse`] and [`validate`]: what a schedule may say, refused by the path of the field.
//! - [`expand`] and [`occurrences`]: the due times of one schedule. [`plan_occurrences`] and [`plan_answered`]: those of a
//!   medication with its revisions.
//! - [`after`]: what follows another medication's doses.
//! - [`misses_at`]: when a dose counts as missed. [`as_needed`]: whether one that has no due time may be taken.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use self::{
    expand::{Context, Due, DueKey, Dues, Expansion, dues, expand, occurrences},
    parse::{parse, validate},
    plan::{Answer, plan_answered, plan_occurrences},
    window::misses_at,
};
pub use crate::field::FieldError;
use crate::{id::MedicationId, quantity::Quantity};

pub mod after;
pub mod as_needed;
mod days;
mod elapsed;
mod expand;
mod parse;
mod plan;
pub(crate) mod scalar;
mod wall;
mod window;
mod zone;

/// When a medication is due, how much of it, and how early or late a dose may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The zone that local dates and times are read in.
    pub zone: Zone,
    /// First local date, inclusive.
    pub start: NaiveDate,
    /// Last local date, inclusive; none where the schedule has no end.
    pub end: Option<NaiveDate>,
    /// Stop after so many occurrences, counted from `start`.
    pub max_count: Option<u32>,
    /// The pattern of due times.
    pub rule: Rule,
    /// The amount of each dose.
    pub dose: Dose,
    /// How early and how late a dose may be.
    pub window: Window,
}

/// The zone of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Zone {
    /// Always this zone, wherever the patient travels.
    Home {
        /// The IANA zone.
        #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
        tz: Tz,
    },
    /// The zone that the patient's device is in.
    Floating {},
}

crate::tagged!(Zone by "kind", strict {
    "home" => Home { tz },
    "floating" => Floating {},
});

/// The pattern of due times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
    /// At times of the local clock, on certain days.
    Wall {
        /// The times of a day, in the order they are shown.
        times: Vec<SlotTime>,
        /// The days.
        days: Days,
    },
    /// At a fixed distance in real time.
    Elapsed {
        /// Minutes between doses.
        every_min: u32,
        /// Where the chain begins.
        anchor: DateTime<Utc>,
        /// Whether the distance is from the due time or from the last dose taken.
        from: ElapsedFrom,
        /// Local times between which doses may fall.
        daily: Option<DailyWindow>,
    },
    /// A delay after another medication's dose.
    After {
        /// The medication that this one follows.
        schedule: MedicationId,
        /// Minutes after it.
        delay_min: u32,
    },
    /// When the patient needs it, within limits.
    AsNeeded {
        /// Least minutes between two doses.
        min_gap_min: u32,
        /// Most doses in the rolling window.
        max_count: Option<u32>,
        /// Greatest amount in the rolling window.
        max_amount: Option<Quantity>,
        /// The rolling window, in minutes.
        per_min: u32,
        /// The ingredients whose amounts are summed over all medications.
        ingredients: Vec<String>,
    },
}

crate::tagged!(Rule by "kind", strict {
    "wall" => Wall { times, days },
    "elapsed" => Elapsed { every_min, anchor, from, daily },
    "after" => After { schedule, delay_min },
    "as_needed" => AsNeeded { min_gap_min, max_count, max_amount, per_min, ingredients },
});

/// A time of day with an identity that survives edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlotTime {
    /// The slot's stable id, unique within the rule.
    pub slot: String,
    /// The local time, `HH:MM`.
    #[serde(with = "clock_time")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::ClockTime"))]
    pub at: NaiveTime,
}

/// What an elapsed rule counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ElapsedFrom {
    /// From the due time, whatever was taken.
    Scheduled,
    /// From the last dose taken or skipped.
    LastTaken,
}

/// Local times between which elapsed doses may fall, both ends inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DailyWindow {
    /// Earliest local time.
    #[serde(with = "clock_time")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::ClockTime"))]
    pub from: NaiveTime,
    /// Latest local time.
    #[serde(with = "clock_time")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::ClockTime"))]
    pub to: NaiveTime,
}

/// Which local dates a wall rule falls on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Days {
    /// Every day.
    Every {},
    /// These days of the week.
    Weekdays {
        /// The days, `mon` to `sun`.
        #[serde(with = "weekday_names")]
        #[cfg_attr(feature = "schema", schemars(with = "Vec<crate::schema::WeekdayName>"))]
        on: Vec<Weekday>,
    },
    /// These days of the month, 1 to 31.
    MonthDays {
        /// The days.
        on: Vec<u8>,
        /// What happens in a month that is too short.
        short_month: ShortMonth,
    },
    /// Every nth day, counted from the anchor.
    EveryN {
        /// Days from one to the next.
        n: u32,
        /// A date that it falls on.
        anchor: NaiveDate,
    },
    /// So many days on, so many off, from the anchor.
    Cycle {
        /// Days on.
        on: u32,
        /// Days off.
        off: u32,
        /// The first day of a cycle.
        anchor: NaiveDate,
    },
}

crate::tagged!(Days by "kind", strict {
    "every" => Every {},
    "weekdays" => Weekdays { on with weekday_names },
    "month_days" => MonthDays { on, short_month },
    "every_n" => EveryN { n, anchor },
    "cycle" => Cycle { on, off, anchor },
});

/// What a month day does in a month that is too short for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShortMonth {
    /// It falls on the last day of the month.
    Clamp,
    /// It does not fall in that month.
    Skip,
}

/// How much each dose is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Dose {
    /// Always the same.
    Fixed {
        /// The amount.
        amount: Quantity,
    },
    /// In steps by days since the start.
    Taper {
        /// The steps, by ascending day.
        steps: Vec<TaperStep>,
    },
    /// By day since the start, repeating.
    Table {
        /// The amounts, one a day.
        days: Vec<Quantity>,
    },
    /// The patient enters it.
    Ask {},
}

crate::tagged!(Dose by "kind", strict {
    "fixed" => Fixed { amount },
    "taper" => Taper { steps },
    "table" => Table { days },
    "ask" => Ask {},
});

/// One step of a taper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TaperStep {
    /// The first local date, counted from `start`, that this step holds for.
    pub from_day: u32,
    /// The amount from then on.
    pub amount: Quantity,
}

/// How early and how late a dose may be, in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Minutes before the due time from which a dose counts as on time.
    pub early_min: u32,
    /// Minutes after the due time until which a dose counts as on time.
    pub late_min: u32,
    /// Minutes after the due time at which the dose counts as missed; none for the default, min(4 h, half the gap to
    /// the next).
    pub miss_after_min: Option<u32>,
}

/// The identity of an occurrence within its medication.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OccurrenceKey {
    /// Of a wall rule: the local date and the slot. Text form `2026-03-29/am`.
    Wall {
        /// The local date that the rule names, before any DST shift.
        date: NaiveDate,
        /// The slot.
        slot: String,
    },
    /// Of an elapsed rule: the revision and the number in its chain. Text form `r1/17`.
    Elapsed {
        /// The revision of the plan, from 1.
        revision: u32,
        /// The place in the chain, from 0 at the anchor.
        number: u64,
    },
    /// Of a rule that follows another medication: the leader and its occurrence. Text form `after/<leader>/<key>`.
    After {
        /// The leader.
        medication: MedicationId,
        /// Which of its occurrences.
        leader: Box<OccurrenceKey>,
    },
}

/// One due time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Occurrence {
    /// Its identity within the medication.
    pub id: OccurrenceKey,
    /// When it is due.
    pub due: DateTime<Utc>,
    /// The same instant on the schedule's local clock.
    pub local: DateTime<FixedOffset>,
    /// The slot, where the rule has slots.
    pub slot: Option<String>,
    /// How much; none where the patient enters it.
    pub amount: Option<Quantity>,
}

impl Occurrence {
    /// The local date that it is of: the one in its name, or where that names none, the one on its local clock.
    pub fn day(&self) -> NaiveDate {
        match &self.id {
            OccurrenceKey::Wall { date, .. } => *date,
            OccurrenceKey::Elapsed { .. } | OccurrenceKey::After { .. } => self.local.date_naive(),
        }
    }
}

/// `HH:MM`. Read and written by hand: chrono's patterns weigh more than all the screens' dates, and serve nothing else.
mod clock_time {
    use chrono::{NaiveTime, Timelike};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::scalar::clock(&text).ok_or_else(|| D::Error::custom("must be a time of day such as 08:00"))
    }
}

/// `mon` to `sun`.
mod weekday_names {
    use chrono::Weekday;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(days: &[Weekday], serializer: S) -> Result<S::Ok, S::Error> {
        let names: Vec<String> = days.iter().map(|day| day.to_string().to_ascii_lowercase()).collect();
        names.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names
            .iter()
            .map(|name| {
                name.parse()
                    .map_err(|_| D::Error::custom(format!("{name} is no weekday")))
            })
            .collect()
    }
}

impl std::fmt::Display for OccurrenceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Wall { date, slot } => write!(f, "{date}/{slot}"),
            Self::Elapsed { revision, number } => write!(f, "r{revision}/{number}"),
            Self::After { medication, leader } => write!(f, "after/{medication}/{leader}"),
        }
    }
}

/// A text that is no occurrence's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an occurrence is named by date/slot, by r<revision>/<number> or by after/<medication>/<occurrence>")]
pub struct NotAnOccurrence;

impl std::str::FromStr for OccurrenceKey {
    type Err = NotAnOccurrence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Not by recursion: a long text from elsewhere must not exhaust the stack.
        let mut leaders: Vec<MedicationId> = Vec::new();
        let mut text = text;
        while let Some((medication, rest)) = text.strip_prefix("after/").and_then(|rest| rest.split_once('/')) {
            if leaders.len() == after::LONGEST {
                return Err(NotAnOccurrence);
            }
            leaders.push(medication.parse().map_err(|_| NotAnOccurrence)?);
            text = rest;
        }
        let head = Self::head(text)?;
        Ok(leaders.into_iter().rev().fold(head, |leader, medication| Self::After {
            medication,
            leader: Box::new(leader),
        }))
    }
}

impl OccurrenceKey {
    /// What a text names that follows nothing.
    fn head(text: &str) -> Result<Self, NotAnOccurrence> {
        let (head, tail) = text.split_once('/').ok_or(NotAnOccurrence)?;
        if let Ok(date) = head.parse() {
            return Ok(Self::Wall {
                date,
                slot: tail.to_owned(),
            });
        }
        let revision = head
            .strip_prefix('r')
            .and_then(|number| number.parse().ok())
            .ok_or(NotAnOccurrence)?;
        let number = tail.parse().map_err(|_| NotAnOccurrence)?;
        Ok(Self::Elapsed { revision, number })
    }
}

impl Serialize for OccurrenceKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OccurrenceKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
