//! Where a surface begins, and what every screen may have to say of the network and of what needs a person.

use chrono::NaiveDate;
use chrono_tz::Tz;
use doseline_shared::{
    api::account::Me,
    id::{DoseEventId, MedicationId, OperationId, PatientId},
    quantity::Quantity,
    schedule::after::Unfollowed,
};
use serde::{Deserialize, Serialize};

use super::{InteractionView, Local, Preferences, WhenText};
use crate::ask::Fault;

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
        /// The name of what it is about; empty where this device holds nothing of that any more.
        name: String,
        /// Why.
        fault: Fault,
    },
    /// Records that this version cannot read are kept aside.
    Quarantined {
        /// How many.
        count: u32,
    },
    /// A medicine that should follow another has no due times.
    Unfollowed {
        /// Whose.
        patient: PatientId,
        /// The medicine's name.
        name: String,
        /// Why.
        why: Unfollowed,
    },
    /// This device is on another clock than one's times.
    Travel {
        /// Where it is.
        there: Tz,
        /// Whose clock the times are on.
        zone: Tz,
        /// Whether the question was answered: keep. One may still change one's mind.
        answered: bool,
    },
    /// A dose is held back, because after a journey it would come too close to the one before, or too far from it.
    Held {
        /// Whose.
        patient: PatientId,
        /// The entry that says so. Retracted, it lets the dose go.
        event: DoseEventId,
        /// The medicine's name.
        name: String,
        /// When the dose is due.
        due: Local,
    },
    /// A medicine will run out: it is time to ask for more.
    Refill {
        /// The medicine, to open its page.
        medication: MedicationId,
        /// Its name.
        name: String,
        /// What is at home.
        on_hand: Quantity,
        /// The local date of the first dose that it is not enough for, and the days until then.
        ends: (NaiveDate, u32),
    },
    /// A clinic warns of two of one's medicines beside each other.
    Interaction {
        /// Whose.
        patient: PatientId,
        /// The medicine whose page says more.
        medication: MedicationId,
        /// Of what.
        met: InteractionView,
    },
    /// The device's clock was set back by so many minutes.
    ClockSetBack {
        /// Minutes.
        minutes: u32,
    },
    /// The backend is of another version; entries stay on the device.
    OtherVersion {},
}

/// What there is on a device while its backend cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineView {
    /// Whether the records are on the device, or come from the backend at each start.
    pub keeps_records: bool,
    /// Entries that are kept here and have not reached the backend.
    pub unsent: u32,
}

/// How it stands with the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkView {
    /// Whether the backend answered last.
    pub online: bool,
    /// Entries that have not reached the backend.
    pub unsent: u32,
    /// How many of them wait for a person's answer, not for the network.
    pub held: u32,
    /// When the backend last answered.
    pub last_sync: Option<Local>,
    /// What is in the way, where it is more than the network.
    pub fault: Option<Fault>,
}
