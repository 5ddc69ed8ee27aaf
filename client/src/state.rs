//! What the core holds in memory, and how a committed batch changes it.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::{account::Me, sync::OperationBody},
    id::{ClinicId, PatientId, PersonId},
    record::Record,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ask::Fault,
    cache::{Batch, Pending, Quarantined, Stored},
    interaction::ClinicList,
    json,
    replica::Replica,
    view::{NetworkView, Preferences, Theme},
};

/// Names of the small values in the cache.
pub(crate) mod value {
    use doseline_shared::id::PatientId;

    /// This device's identity.
    pub(crate) const DEVICE: &str = "device";
    /// The backend's address, as it was entered.
    pub(crate) const SERVER: &str = "server";
    /// Who is signed in, as JSON of `Signed`.
    pub(crate) const SIGNED: &str = "signed_in";
    /// Settings of this device.
    pub(crate) const PREFERENCES: &str = "preferences";
    /// The greatest instant that the clock has shown, in milliseconds.
    pub(crate) const CLOCK: &str = "clock";
    /// Where to go on from in the whole feed.
    pub(crate) const FEED: &str = "feed/cursor";
    /// Which patients the person may see, as JSON of `PatientScope`.
    pub(crate) const SCOPE: &str = "feed/scope";

    /// Where to go on from in a patient's feed, while it is being fetched for the first time.
    pub(crate) fn cursor(patient: PatientId) -> String {
        format!("patient/{patient}/cursor")
    }

    /// Which interactions the person has taken off *Today*, one a line.
    pub(crate) fn known(patient: PatientId) -> String {
        format!("patient/{patient}/known")
    }

    /// Set once a patient's feed has been fetched to its end.
    pub(crate) fn held(patient: PatientId) -> String {
        format!("patient/{patient}/held")
    }

    /// Set while a patient is fetched afresh from a backend that was restored.
    pub(crate) fn afresh(patient: PatientId) -> String {
        format!("patient/{patient}/afresh")
    }

    /// Whether a value is of use only beside the records that it speaks of.
    pub(crate) fn stands_for_records(name: &str) -> bool {
        let of_feed = name.starts_with("feed/");
        of_feed || name.starts_with("patient/") && !name.ends_with("/closed")
    }

    /// Until when the device has closed the patient's doses that passed with no entry, in milliseconds.
    pub(crate) fn closed(patient: PatientId) -> String {
        format!("patient/{patient}/closed")
    }
}

/// Who is signed in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Signed {
    /// The person.
    pub(crate) me: Me,
    /// Whether the sign-in outlives a restart.
    pub(crate) keep: bool,
}

/// See the module.
pub(crate) struct State {
    /// The records.
    pub(crate) replica: Replica,
    /// Everyone's operations on this device, in the order they were made.
    pub(crate) outbox: Vec<Pending>,
    /// What cannot be read.
    pub(crate) quarantine: BTreeMap<Uuid, Quarantined>,
    /// Small values.
    pub(crate) values: BTreeMap<String, String>,
    /// Clinics' lists of interactions.
    pub(crate) lists: BTreeMap<ClinicId, ClinicList>,
    /// Who is signed in.
    pub(crate) signed: Option<Signed>,
    /// Settings.
    pub(crate) preferences: Preferences,
    /// Entries of the signed-in person, about doses and side effects, that the backend has not acknowledged.
    pub(crate) unsent: HashSet<Uuid>,
    /// Whether the backend answered last.
    pub(crate) online: bool,
    /// When it answered last.
    pub(crate) last_sync: Option<DateTime<Utc>>,
    /// What is in the way of sync, where it is more than the network.
    pub(crate) sync_fault: Option<Fault>,
}

impl State {
    /// What a cache held.
    pub(crate) fn new(stored: Stored) -> Self {
        let mut state = Self {
            replica: Replica::default(),
            outbox: stored.outbox,
            quarantine: stored
                .quarantine
                .into_iter()
                .map(|entry| (entry.record, entry))
                .collect(),
            values: stored.values.into_iter().collect(),
            lists: stored
                .lists
                .into_iter()
                .map(|list| (list.clinic, ClinicList::new(list)))
                .collect(),
            signed: None,
            preferences: default_preferences(),
            unsent: HashSet::new(),
            online: false,
            last_sync: None,
            sync_fault: None,
        };
        for record in stored.records {
            state.replica.put(record);
        }
        state.read_values();
        state.lay_outbox();
        state
    }

    /// Does in memory what the cache has just done on disk.
    pub(crate) fn apply(&mut self, batch: Batch) {
        for patient in batch.remove_patients {
            let prefix = format!("patient/{patient}/");
            self.values.retain(|name, _| !name.starts_with(&prefix));
            self.quarantine.retain(|_, entry| entry.patient != patient);
            self.replica.remove_patient(patient);
        }
        for (kind, id) in batch.remove {
            self.replica.remove(kind, id);
        }
        for entry in batch.quarantine {
            self.quarantine.insert(entry.record, entry);
        }
        for record in batch.put {
            self.quarantine.remove(&record.id());
            self.replica.put(record);
        }
        for pending in batch.pending {
            match self.outbox.iter_mut().find(|other| other.id == pending.id) {
                Some(place) => *place = pending,
                None => self.outbox.push(pending),
            }
        }
        if !batch.acknowledged.is_empty() {
            let done: HashSet<_> = batch.acknowledged.into_iter().collect();
            self.outbox.retain(|pending| !done.contains(&pending.id));
        }
        for (name, value) in batch.values {
            match value {
                Some(value) => drop(self.values.insert(name, value)),
                None => drop(self.values.remove(&name)),
            }
        }
        for (clinic, list) in batch.lists {
            match list {
                Some(list) => drop(self.lists.insert(clinic, ClinicList::new(list))),
                None => drop(self.lists.remove(&clinic)),
            }
        }
        self.read_values();
        self.lay_outbox();
    }

    /// Who is signed in.
    pub(crate) fn me(&self) -> Option<&Me> {
        self.signed.as_ref().map(|signed| &signed.me)
    }

    /// The signed-in person's operations.
    pub(crate) fn mine(&self) -> impl Iterator<Item = &Pending> {
        let person = self.me().map(|me| me.person);
        self.outbox.iter().filter(move |pending| Some(pending.person) == person)
    }

    /// Whether the patient's feed has been fetched to its end.
    pub(crate) fn held(&self, patient: PatientId) -> bool {
        self.values.contains_key(&value::held(patient))
    }

    /// How it stands with the network.
    pub(crate) fn network(&self, zone: chrono_tz::Tz) -> NetworkView {
        NetworkView {
            online: self.online,
            unsent: u32::try_from(self.mine().count()).unwrap_or(u32::MAX),
            held: u32::try_from(self.mine().filter(|pending| pending.trouble.is_some()).count()).unwrap_or(u32::MAX),
            last_sync: self.last_sync.map(|at| doseline_shared::zone::local(zone, at)),
            fault: self.sync_fault.clone(),
        }
    }

    fn read_values(&mut self) {
        self.signed = self.values.get(value::SIGNED).and_then(|text| json::read(text).ok());
        self.preferences = self
            .values
            .get(value::PREFERENCES)
            .and_then(|text| json::read(text).ok())
            .unwrap_or_else(default_preferences);
    }

    fn lay_outbox(&mut self) {
        let person: Option<PersonId> = self.me().map(|me| me.person);
        let mine = || self.outbox.iter().filter(|pending| Some(pending.person) == person);
        self.unsent = mine()
            .filter_map(|pending| match &pending.body {
                OperationBody::LogDose { event } => Some(event.id.uuid()),
                OperationBody::LogSideEffect { entry } => Some(entry.id.uuid()),
                OperationBody::PutMedication { .. }
                | OperationBody::PutPatient { .. }
                | OperationBody::PutAllergy { .. }
                | OperationBody::PutAlertRule { .. }
                | OperationBody::AckAlert { .. }
                | OperationBody::PutDispense { .. }
                | OperationBody::LogStock { .. } => None,
            })
            .collect();
        self.replica.overlay(mine().map(|pending| edited(&pending.body)));
    }
}

/// The record as an operation leaves it.
pub(crate) fn edited(body: &OperationBody) -> Record {
    match body.clone() {
        OperationBody::LogDose { event } => Record::DoseEvent(event),
        OperationBody::PutMedication { medication, .. } => Record::Medication(medication),
        OperationBody::PutPatient { patient, .. } => Record::Patient(patient),
        OperationBody::PutAllergy { allergy, .. } => Record::Allergy(allergy),
        OperationBody::PutAlertRule { rule, .. } => Record::AlertRule(rule),
        OperationBody::AckAlert { alert, .. } => Record::Alert(alert),
        OperationBody::PutDispense { dispense, .. } => Record::Dispense(dispense),
        OperationBody::LogStock { entry } => Record::StockEntry(entry),
        OperationBody::LogSideEffect { entry } => Record::SideEffectEntry(entry),
    }
}

fn default_preferences() -> Preferences {
    Preferences {
        theme: Theme::System,
        simple: false,
        locale: "en".to_owned(),
        autostart: false,
        remind: true,
        help_name: String::new(),
        help_number: String::new(),
    }
}
