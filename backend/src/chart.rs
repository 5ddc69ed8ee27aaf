//! A patient's records as one reader sees them at one moment, for what is computed from all of them together.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    access::Action,
    dose::{Doses, slate::Regimen},
    id::{MedicationId, PatientId},
    record::{Dispense, Medication, Patient, Record},
    travel::Zones,
    zone,
};

use crate::{
    access,
    app::{App, Caller, Target},
    fault::Fault,
    store::{
        self, Tx,
        access::{Reader, Scope},
    },
};

/// A patient's records.
pub struct Chart {
    /// The patient.
    pub patient: Patient,
    /// What was handed out.
    pub dispenses: Vec<Dispense>,
    medications: Vec<Medication>,
    doses: HashMap<MedicationId, Doses>,
}

impl Chart {
    /// The record of `patient`, where the caller may see it.
    ///
    /// # Errors
    /// [`Fault::NotFound`], [`Fault::Forbidden`], or that of the store.
    pub async fn read(
        app: &App,
        caller: Caller,
        target: Target,
        patient: PatientId,
        now: DateTime<Utc>,
    ) -> Result<Self, Fault> {
        let chart = async move |tx: &mut Tx, reader: &Reader| {
            let actor = access::actor(tx, caller.person).await?;
            access::allow(tx, &actor, Action::SeeRecord, patient, now).await?;
            Self::load(tx, reader, patient).await?.ok_or(Fault::NotFound)
        };
        app.read_as(caller, target, now, chart).await
    }

    /// The records of `patient` within `scope`; none where it does not reach them.
    ///
    /// # Errors
    /// That of the store.
    pub async fn load(tx: &mut Tx, scope: &impl Scope, patient: PatientId) -> Result<Option<Self>, Fault> {
        let records = store::record::of_patient(tx, scope, patient).await?;
        let (mut who, mut dispenses, mut medications) = (None, Vec::new(), Vec::new());
        let mut doses: HashMap<MedicationId, Doses> = HashMap::new();
        for record in records {
            match record {
                Record::Patient(record) => who = Some(record),
                Record::Medication(record) => medications.push(record),
                Record::Dispense(record) => dispenses.push(record),
                Record::DoseEvent(event) => doses.entry(event.medication).or_default().insert(Arc::new(event)),
                Record::Allergy(_)
                | Record::Condition(_)
                | Record::Grant(_)
                | Record::StockEntry(_)
                | Record::SideEffectEntry(_)
                | Record::AlertRule(_)
                | Record::Alert(_) => {}
            }
        }
        // Ids are made in order of time, so this is the order they were added in.
        medications.sort_by_key(|medication| medication.id);
        Ok(who.map(|patient| Self {
            patient,
            dispenses,
            medications,
            doses,
        }))
    }

    /// The home zone.
    pub const fn zone(&self) -> Tz {
        self.patient.zone
    }

    /// The patient's present date.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        zone::date(self.zone(), now)
    }
}

impl Regimen for Chart {
    fn zones(&self) -> Zones<'_> {
        self.patient.zones()
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        self.medications.iter().find(|medication| medication.id == id)
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        self.medications.iter()
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.doses.get(&medication)
    }
}
