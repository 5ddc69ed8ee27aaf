//! What the screens show, decided: plain data that a surface only has to draw.
//!
//! Times carry the local offset of the patient's zone. Words are the surface's matter, through the locale files.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Utc, Weekday};
use doseline_shared::{
    api::account::Me,
    dose::DoseState,
    id::{DoseEventId, GrantId, MedicationId, OperationId, PatientId},
    quantity::Quantity,
    record::{Allergy, Condition, Grant, Look, Scope},
    schedule::{OccurrenceKey, Schedule},
};
use serde::{Deserialize, Serialize};

use crate::ask::{Draft, Fault};

/// A local moment.
pub type Local = DateTime<FixedOffset>;

/// Where a surface begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartView {
    /// The device has no keychain and no PIN yet: choose one.
    ChoosePin {},
    /// The device has no keychain: enter the PIN.
    EnterPin {},
    /// The cache does not open, or is damaged. It was left as it is.
    Trouble {
        /// What is the matter.
        fault: Fault,
        /// Unsent entries that could still be read and were carried to a new cache.
        saved: u32,
    },
    /// Nobody is signed in.
    SignedOut {
        /// Whether the server's address has to be asked for.
        ask_server: bool,
        /// The address used last.
        server: Option<String>,
    },
    /// Someone is signed in.
    SignedIn {
        /// Who.
        me: Me,
        /// How the app looks on this device.
        preferences: Preferences,
        /// What needs a person.
        attention: Vec<Attention>,
    },
}

/// Settings of this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The theme.
    pub theme: Theme,
    /// Large letters, few screens.
    pub simple: bool,
    /// The locale, such as `en`.
    pub locale: String,
    /// Start when the computer starts.
    pub autostart: bool,
    /// Show reminders on this device.
    pub remind: bool,
}

/// The theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast.
    Contrast,
}

/// Something that needs a person, told on *Today* and in Settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attention {
    /// A medicine was changed here and elsewhere at once.
    Conflict {
        /// To settle it.
        operation: OperationId,
        /// Whose.
        patient: PatientId,
        /// The medicine's name here.
        mine: String,
        /// The sentence of the schedule here.
        mine_when: WhenText,
        /// The medicine's name on the backend.
        theirs: String,
        /// The sentence of the schedule there.
        theirs_when: WhenText,
    },
    /// The backend refused an entry.
    Refused {
        /// To settle it.
        operation: OperationId,
        /// Why.
        fault: Fault,
    },
    /// Records that this version cannot read are kept aside.
    Quarantined {
        /// How many.
        count: u32,
    },
    /// The device's clock was set back by so many minutes.
    ClockSetBack {
        /// Minutes.
        minutes: u32,
    },
    /// The backend is of another version; entries stay on the device.
    OtherVersion {},
}

/// How it stands with the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkView {
    /// Whether the backend answered last.
    pub online: bool,
    /// Entries that have not reached the backend.
    pub unsent: u32,
    /// When the backend last answered.
    pub last_sync: Option<Local>,
    /// What is in the way, where it is more than the network.
    pub fault: Option<Fault>,
}

/// *Today*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodayView {
    /// Whose.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// Whether it is the signed-in person's own.
    pub own: bool,
    /// Whether the signed-in person may record doses.
    pub may_log: bool,
    /// The local moment that this was drawn for.
    pub now: Local,
    /// How it stands with the network.
    pub network: NetworkView,
    /// What needs a person.
    pub attention: Vec<Attention>,
    /// The one dose to act on: the earliest that is due or late, else the next to come today.
    pub next: Option<DoseView>,
    /// The whole day, in parts; parts with no dose are left out.
    pub parts: Vec<DayPartView>,
    /// As-needed medicines.
    pub as_needed: Vec<AsNeededView>,
    /// Medicines with no times set yet.
    pub without_times: Vec<MedicineRow>,
    /// Whether there are any medicines at all.
    pub empty: bool,
}

/// A part of the day with its doses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayPartView {
    /// Which.
    pub part: DayPart,
    /// Its doses, in order of due.
    pub doses: Vec<DoseView>,
}

/// The parts of the day: from 5, 12, 17 and 21 o'clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayPart {
    /// Before 5:00 and after midnight: the small hours of this date.
    Early,
    /// From 5:00.
    Morning,
    /// From 12:00.
    Afternoon,
    /// From 17:00.
    Evening,
    /// From 21:00.
    Night,
}

/// One scheduled dose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoseView {
    /// The medication.
    pub medication: MedicationId,
    /// The due time's identity.
    pub occurrence: OccurrenceKey,
    /// The medication's name.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// How much; none where the patient enters it.
    pub amount: Option<Quantity>,
    /// What to heed.
    pub instruction: Option<String>,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// When it is due.
    pub due: Local,
    /// The state from the record.
    pub state: DoseState,
    /// How it stands against the clock, where nothing is recorded yet.
    pub timing: Timing,
    /// The entry that an undo would take back.
    pub entry: Option<DoseEventId>,
    /// Whether that entry has reached the backend.
    pub sent: bool,
}

/// How a dose stands against the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// To come, in so many minutes.
    Ahead {
        /// Minutes.
        minutes: u32,
    },
    /// Within its window.
    Due {},
    /// Past its window by so many minutes, not yet missed.
    Late {
        /// Minutes past due.
        minutes: u32,
    },
    /// Past `miss_after`, whether or not a *missed* entry is there already.
    Past {},
}

/// An as-needed medicine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AsNeededView {
    /// The medication.
    pub medication: MedicationId,
    /// Its name.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// How much each time.
    pub amount: Option<Quantity>,
    /// What to heed.
    pub instruction: Option<String>,
    /// When the last was taken.
    pub last: Option<Local>,
    /// When the next is allowed; none where one is allowed now.
    pub next_allowed: Option<Local>,
    /// Doses taken in the rolling window.
    pub taken: u32,
    /// Most doses in the rolling window.
    pub max: Option<u32>,
}

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
    /// The amount, where it is always the same.
    pub amount: Option<Quantity>,
    /// What to heed.
    pub instruction: Option<String>,
    /// Whether a clinic wrote it.
    pub from_clinic: bool,
    /// Whether a missed dose is dangerous.
    pub critical: bool,
    /// The local date it was stopped from.
    pub stopped: Option<NaiveDate>,
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
        /// The window, in minutes.
        per_minutes: u32,
    },
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
    /// The next due times.
    pub next: Vec<Local>,
    /// The last 28 local dates, oldest first.
    pub history: Vec<DayHistory>,
    /// What was recorded lately, newest first.
    pub entries: Vec<EntryView>,
    /// The *taking* measure over those 28 dates.
    pub taking: TakingView,
    /// Whether the signed-in person may change it.
    pub may_edit: bool,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// One local date of a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayHistory {
    /// The date.
    pub date: NaiveDate,
    /// Its doses, by how each came out.
    pub doses: Vec<Mark>,
}

/// How a dose came out, for a dot with a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Taken in time.
    Taken,
    /// Taken late.
    TakenLate,
    /// Left out on purpose.
    Skipped,
    /// Missed.
    Missed,
    /// The device could not remind.
    NotNotified,
    /// Held.
    Held,
    /// Still to come, or open.
    Open,
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

/// The *taking* measure with its bounds, as counts. See `doseline_shared::adherence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakingView {
    /// First local date, inclusive.
    pub from: NaiveDate,
    /// Last local date, inclusive.
    pub to: NaiveDate,
    /// Closed scheduled doses.
    pub prescribed: u32,
    /// Of these, taken.
    pub taken: u32,
    /// Left out on purpose.
    pub skipped: u32,
    /// Confirmed missed.
    pub missed: u32,
    /// Taken beyond what was prescribed.
    pub extra: u32,
}

/// What a draft would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftView {
    /// The schedule in the terms of a sentence.
    pub when: WhenText,
    /// The next due times, at most 12, within 14 days.
    pub next: Vec<Local>,
    /// What is wrong with it, by field.
    pub faults: Vec<Fault>,
}

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoggedView {
    /// The entry.
    pub event: DoseEventId,
    /// Until when *undo* is offered.
    pub undo_until: DateTime<Utc>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// Caregivers and clinics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeopleView {
    /// Whether the signed-in person has a record of their own.
    pub patient: Option<PatientId>,
    /// Who may see it, those in force first.
    pub grants: Vec<Grant>,
    /// Whom the person cares for.
    pub cares_for: Vec<CaredFor>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// Someone whom the signed-in person cares for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaredFor {
    /// The grant; ending it is theirs too.
    pub grant: GrantId,
    /// Who.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// What is allowed.
    pub scope: Scope,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// A fresh code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationView {
    /// The code, in groups of four.
    pub code: String,
    /// A link that opens the web app with the code filled in.
    pub link: String,
    /// The link as a QR code: one SVG path in a square of `qr_size` modules.
    pub qr_path: String,
    /// Modules on a side, quiet zone included.
    pub qr_size: u32,
    /// When it stops working.
    pub expires: DateTime<Utc>,
}

/// The people one cares for, what needs attention first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaregiverView {
    /// One row each.
    pub people: Vec<PersonRow>,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// One person at a glance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Who.
    pub patient: PatientId,
    /// Their name.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// What needs attention most; none where nothing does.
    pub need: Option<Need>,
    /// Today's doses.
    pub today: Vec<Mark>,
    /// The last seven local dates, oldest first.
    pub week: Vec<DayHistory>,
    /// The *taking* measure over the last 28 dates.
    pub taking: TakingView,
    /// When something of theirs was last recorded.
    pub last_seen: Option<Local>,
    /// Medicines with no times set yet.
    pub without_times: u32,
}

/// What needs attention, most urgent first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Doses of a critical medicine were missed today or yesterday.
    MissedCritical {
        /// How many.
        count: u32,
        /// The medicine.
        name: String,
    },
    /// Doses were missed today.
    Missed {
        /// How many.
        count: u32,
        /// The medicine of the first.
        name: String,
    },
    /// A device could not remind.
    NotReminded {
        /// The medicine.
        name: String,
    },
    /// A dose is late.
    Late {
        /// The medicine.
        name: String,
    },
    /// Under 80 in a hundred taken over 28 dates.
    LowTaking {
        /// Per cent.
        percent: u32,
    },
    /// Medicines have no times yet.
    NoTimes {
        /// How many.
        count: u32,
    },
}

impl Need {
    /// Its place in the order of urgency, from 0, and what decides among equals.
    pub const fn rank(&self) -> (u8, u32) {
        match self {
            Self::MissedCritical { count, .. } => (0, u32::MAX - *count),
            Self::Missed { count, .. } => (1, u32::MAX - *count),
            Self::NotReminded { .. } => (2, 0),
            Self::Late { .. } => (3, 0),
            Self::LowTaking { percent } => (4, *percent),
            Self::NoTimes { count } => (5, u32::MAX - *count),
        }
    }
}

/// A clinic's patients, by need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorklistView {
    /// The clinic's name.
    pub clinic: String,
    /// One row each, by need, then by name.
    pub rows: Vec<PersonRow>,
    /// All patients of the clinic, before the search.
    pub total: u32,
    /// Whether the role may see doses.
    pub may_see_doses: bool,
    /// Whether the role may manage staff.
    pub may_manage_staff: bool,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// A patient's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatientView {
    /// The row.
    pub row: PersonRow,
    /// Today.
    pub today: Vec<DoseView>,
    /// The regimen.
    pub medicines: Vec<MedicineRow>,
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// The *taking* measure of the last eight weeks, oldest first.
    pub weeks: Vec<TakingView>,
    /// Whether the record is claimed by an account.
    pub claimed: bool,
    /// Whether the signed-in person may change the regimen.
    pub may_edit: bool,
    /// Whether the signed-in person may record doses.
    pub may_log: bool,
    /// How it stands with the network.
    pub network: NetworkView,
}

/// Settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    /// Who is signed in.
    pub me: Me,
    /// The backend's address.
    pub server: String,
    /// The settings.
    pub preferences: Preferences,
    /// Whether this host can start with the computer.
    pub can_autostart: bool,
    /// Whether this host can remind with the window closed.
    pub can_remind: bool,
    /// The app's version.
    pub version: String,
    /// How it stands with the network.
    pub network: NetworkView,
    /// What needs a person.
    pub attention: Vec<Attention>,
}
