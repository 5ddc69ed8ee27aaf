//! What the screens show, decided: plain data that a surface only has to draw.
//!
//! Times carry the local offset of the patient's zone. Words are the surface's matter, through the locale files.

use chrono::{DateTime, FixedOffset};
pub use doseline_shared::dose::slate::{Mark, Timing};

pub use self::{
    audit::{AuditRow, AuditView},
    feel::{FeelView, FeltView, SideEffectView},
    history::{DayHistory, TakingView},
    interaction::{InteractionView, InteractionsView, LoadedList},
    medicine::{
        DoseText, DraftView, DraftWarning, EntryView, MedicineRow, MedicineView, MedicinesView, NextDose, StepText,
        StockText, WhenText,
    },
    people::{CaredFor, InvitationView, PeopleView, Telling, TellingOf},
    person::{AlertView, CaregiverView, Need, PatientView, PersonRow, WorklistView},
    report::{ReportMedicine, ReportSideEffect, ReportView},
    settings::{EnrolmentView, Preferences, SettingsView, Theme},
    start::{Attention, NetworkView, OfflineView, StartView},
    today::{AsNeededView, DayPart, DayPartView, DoseView, LoggedView, TodayView},
};

mod audit;
mod feel;
mod history;
mod interaction;
mod medicine;
mod people;
mod person;
mod report;
mod settings;
mod start;
mod today;

/// A local moment.
pub type Local = DateTime<FixedOffset>;
