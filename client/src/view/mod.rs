//! What the screens show, decided: plain data that a surface only has to draw.
//!
//! Times carry the local offset of the patient's zone. Words are the surface's matter, through the locale files.

use chrono::{DateTime, FixedOffset};

pub use self::{
    history::{DayHistory, Mark, TakingView},
    medicine::{DraftView, EntryView, MedicineRow, MedicineView, MedicinesView, WhenText},
    people::{CaredFor, InvitationView, PeopleView},
    person::{CaregiverView, Need, PatientView, PersonRow, WorklistView},
    settings::{Preferences, SettingsView, Theme},
    start::{Attention, NetworkView, OfflineView, StartView},
    today::{AsNeededView, DayPart, DayPartView, DoseView, LoggedView, Timing, TodayView},
};

mod history;
mod medicine;
mod people;
mod person;
mod settings;
mod start;
mod today;

/// A local moment.
pub type Local = DateTime<FixedOffset>;
