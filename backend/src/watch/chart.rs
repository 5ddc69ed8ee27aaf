//! One patient's records, as far as a look needs them: what stands, and what was logged lately.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::{
        DoseEvent, Doses,
        slate::{Regimen, counts_from_last},
    },
    id::{AlertId, MedicationId, PatientId},
    record::{Alert, AlertRule, Grant, Medication, Patient, Record, RecordKind},
    travel::Zones,
    watch::reach,
};

use super::SYSTEM;
use crate::store::{self, StoreError, Tx};

/// See the module.
#[derive(Default)]
pub(super) struct Chart {
    /// Where the patient's chain ended.
    pub link: u64,
    pub patient: Option<Patient>,
    medications: BTreeMap<MedicationId, Medication>,
    doses: HashMap<MedicationId, Doses>,
    pub grants: Vec<Grant>,
    pub rules: Vec<AlertRule>,
    pub alerts: Vec<Alert>,
}

impl Chart {
    /// Reads it for a look at `now`. Years of entries are read only where due times count from the last dose: such a chain
    /// is numbered from its first.
    pub(super) async fn load(tx: &mut Tx, patient: PatientId, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut chart = Self {
            link: store::watch::link(tx, &SYSTEM, patient).await?,
            ..Self::default()
        };
        for record in store::watch::standing(tx, &SYSTEM, patient).await? {
            chart.put(record, &mut HashSet::new());
        }
        if chart.patient.as_ref().is_none_or(|patient| patient.person.is_none()) {
            return Ok(chart);
        }
        let since = reach(chart.medications.values(), now);
        let mut newest = HashSet::new();
        for record in store::watch::recent(tx, &SYSTEM, patient, since).await? {
            chart.put(record, &mut newest);
        }
        if chart.medications.values().any(counts_from_last) {
            for record in store::record::of_kind(tx, &SYSTEM, patient, RecordKind::DoseEvent).await? {
                chart.put(record, &mut newest);
            }
        }
        Ok(chart)
    }

    /// Takes a record in; of an alert only its newest state, which comes first.
    fn put(&mut self, record: Record, newest: &mut HashSet<AlertId>) {
        match record {
            Record::Patient(record) => self.patient = Some(record),
            Record::Medication(record) => drop(self.medications.insert(record.id, record)),
            Record::Grant(record) => self.grants.push(record),
            Record::AlertRule(record) => self.rules.push(record),
            Record::DoseEvent(record) => self.insert(record),
            Record::Alert(record) => {
                if newest.insert(record.id) {
                    self.alerts.push(record);
                }
            }
            Record::Allergy(_)
            | Record::Condition(_)
            | Record::Dispense(_)
            | Record::StockEntry(_)
            | Record::SideEffectEntry(_) => {}
        }
    }

    fn insert(&mut self, event: DoseEvent) {
        self.doses.entry(event.medication).or_default().insert(Arc::new(event));
    }
}

impl Regimen for Chart {
    fn zones(&self) -> Zones<'_> {
        self.patient.as_ref().map_or(Tz::UTC.into(), Patient::zones)
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        self.medications.get(&id)
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        self.medications.values()
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.doses.get(&medication)
    }
}
