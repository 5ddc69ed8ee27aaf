//! The list of medicines, a medicine's page, and what a draft would do.

use chrono::{NaiveDate, NaiveTime, Weekday};
use doseline_shared::{
    id::{DoseEventId, MedicationId, PatientId},
    quantity::Quantity,
    record::{Allergy, Look},
    schedule::Schedule,
};
use serde::{Deserialize, Serialize};

use super::{DayHistory, InteractionView, Local, Mark, NetworkView, SideEffectView, TakingView};
use crate::ask::{Draft, Fault};

/// A row of the list of medicines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MedicineRow {
    /// The medication.
    pub medication: MedicationId,
    /// Its name.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// The schedule, for a sentence.
    pub when: WhenText,
    /// How much, for a sentence; none where no times are set yet.
    pub dose: Option<DoseText>,
    /// What to heed.
    pub instruction: Option<String>,
    /// Whether a clinic wrote it.
    pub from_clinic: bool,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// The local date it was stopped from.
    pub stopped: Option<NaiveDate>,
    /// What is at home.
    pub stock: StockText,
}

/// What is at home of a medicine, in the terms of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockText {
    /// Nobody has counted it yet.
    NotKept {},
    /// So much, for so long.
    Lasts {
        /// What is there.
        on_hand: Quantity,
        /// The local date of the first dose that it is not enough for, and the days until then; none where no end is in
        /// sight.
        ends: Option<(NaiveDate, u32)>,
        /// From when on to ask for more.
        refill_from: Option<NaiveDate>,
        /// Whether it is time to ask for more.
        refill_due: bool,
        /// Days from asking for more until it is there.
        lead_days: u32,
    },
    /// A dose or an entry is in another unit than the stock.
    OtherUnit {
        /// That unit.
        unit: String,
        /// The stock's.
        kept: String,
    },
    /// A dose was taken whose amount is not known.
    UnknownAmount {},
}

/// A schedule in the terms of a sentence; the surface puts it into words by its locale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenText {
    /// No times set yet.
    NotYet {},
    /// Every day at these times.
    Daily {
        /// Times.
        times: Vec<NaiveTime>,
    },
    /// On these days of the week.
    Weekly {
        /// Times.
        times: Vec<NaiveTime>,
        /// Days.
        days: Vec<Weekday>,
    },
    /// On these days of the month.
    Monthly {
        /// Times.
        times: Vec<NaiveTime>,
        /// Days.
        days: Vec<u8>,
    },
    /// Every nth day.
    EveryDays {
        /// Times.
        times: Vec<NaiveTime>,
        /// Days.
        n: u32,
    },
    /// So many days on, so many off.
    Cycle {
        /// Times.
        times: Vec<NaiveTime>,
        /// Days on.
        on: u32,
        /// Days off.
        off: u32,
    },
    /// Every so many minutes.
    Every {
        /// Minutes.
        minutes: u32,
        /// Whether it counts from the last dose taken.
        from_last: bool,
        /// Only between these local times.
        between: Option<(NaiveTime, NaiveTime)>,
    },
    /// After another medicine.
    After {
        /// Its name, where it is known.
        name: Option<String>,
        /// Minutes.
        minutes: u32,
    },
    /// As needed.
    AsNeeded {
        /// Least minutes between two.
        gap_minutes: u32,
        /// Most in the window.
        max: Option<u32>,
        /// Greatest amount in the window.
        max_amount: Option<Quantity>,
        /// The window, in minutes.
        per_minutes: u32,
    },
}

/// How much each time, in the terms of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoseText {
    /// Always the same.
    Same {
        /// The amount.
        amount: Quantity,
    },
    /// The patient enters it.
    Ask {},
    /// Step by step.
    Steps {
        /// The steps, in order.
        steps: Vec<StepText>,
    },
    /// Another amount on each day, repeating.
    Days {
        /// One for each day.
        days: Vec<Quantity>,
    },
}

/// One step of an amount that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepText {
    /// For so many days; none for as long as the medicine is taken.
    pub days: Option<u32>,
    /// The amount.
    pub amount: Quantity,
}

/// A due time to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextDose {
    /// When.
    pub at: Local,
    /// How much, where it is not always the same.
    pub amount: Option<Quantity>,
}

/// The list of medicines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MedicinesView {
    /// Whose.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// Whether it is the signed-in person's own.
    pub own: bool,
    /// Whether the signed-in person may change them.
    pub may_edit: bool,
    /// Those being taken.
    pub active: Vec<MedicineRow>,
    /// Those that were.
    pub stopped: Vec<MedicineRow>,
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// A medicine's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MedicineView {
    /// Whose.
    pub patient: PatientId,
    /// The row.
    pub row: MedicineRow,
    /// The schedule that holds now.
    pub schedule: Option<Schedule>,
    /// A draft to edit from.
    pub draft: Draft,
    /// What to know of it beside the other medicines, the gravest first.
    pub interactions: Vec<InteractionView>,
    /// The next due times.
    pub next: Vec<NextDose>,
    /// 28 local dates up to the one asked for, oldest first.
    pub history: Vec<DayHistory>,
    /// What was recorded lately, newest first.
    pub entries: Vec<EntryView>,
    /// The *taking* measure over those 28 dates.
    pub taking: TakingView,
    /// The *taking* measure of the last eight weeks, oldest first.
    pub weeks: Vec<TakingView>,
    /// Side effects that it is suspected of, and those without a suspect that began while it was taken; what began last
    /// first.
    pub side_effects: Vec<SideEffectView>,
    /// Whether the signed-in person may record what happens with it.
    pub may_log: bool,
    /// Whether the signed-in person may change it.
    pub may_edit: bool,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// One entry of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryView {
    /// The entry.
    pub event: DoseEventId,
    /// How it came out.
    pub mark: Mark,
    /// When it was due.
    pub due: Option<Local>,
    /// When it happened.
    pub at: Local,
    /// How much, where entered.
    pub amount: Option<Quantity>,
    /// Whether it was taken back.
    pub retracted: bool,
    /// Whether it has reached the backend.
    pub sent: bool,
}

/// What a draft would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftView {
    /// How much, in the terms of a sentence; none where there is no schedule.
    pub dose: Option<DoseText>,
    /// The schedule in the terms of a sentence.
    pub when: WhenText,
    /// The next due times, at most 12, within 35 days.
    pub next: Vec<NextDose>,
    /// What is wrong with it, by field.
    pub faults: Vec<Fault>,
    /// What to know before it is added.
    pub warnings: Vec<DraftWarning>,
}

/// Something that a person should know before a medicine is added. It forbids nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftWarning {
    /// Another medicine has the same ingredient.
    Duplicate {
        /// The ingredient.
        ingredient: String,
        /// The other medicine's name.
        with: String,
    },
    /// The patient is allergic to it.
    Allergy {
        /// The substance.
        substance: String,
    },
    /// A clinic warns of it beside another medicine.
    Interaction {
        /// Of what.
        met: InteractionView,
    },
}
