//! The records of the signed-in person, in memory, indexed for what the views ask.
//!
//! Two layers: what the backend has confirmed, and over it what waits in the outbox. A view sees both as one.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::{DoseEvent, Doses, slate::Regimen},
    id::{
        AlertId, AlertRuleId, AllergyId, ConditionId, DispenseId, DoseEventId, GrantId, MedicationId, PatientId,
        SideEffectEntryId, StockEntryId,
    },
    record::{
        Alert, AlertRule, Allergy, Condition, Dispense, Grant, Medication, Patient, Record, RecordKind,
        SideEffectEntry, StockEntry,
    },
    travel::Zones,
};
use uuid::Uuid;

/// Every patient on the device.
#[derive(Default)]
pub(crate) struct Replica {
    charts: BTreeMap<PatientId, Chart>,
}

/// One patient.
#[derive(Default)]
pub(crate) struct Chart {
    patient: Option<Patient>,
    patient_edit: Option<Patient>,
    medications: BTreeMap<MedicationId, Medication>,
    medication_edits: BTreeMap<MedicationId, Medication>,
    allergies: BTreeMap<AllergyId, Allergy>,
    allergy_edits: BTreeMap<AllergyId, Allergy>,
    conditions: BTreeMap<ConditionId, Condition>,
    grants: BTreeMap<GrantId, Grant>,
    alert_rules: BTreeMap<AlertRuleId, AlertRule>,
    alert_rule_edits: BTreeMap<AlertRuleId, AlertRule>,
    alerts: BTreeMap<AlertId, Alert>,
    alert_edits: BTreeMap<AlertId, Alert>,
    dispenses: BTreeMap<DispenseId, Dispense>,
    stock: BTreeMap<StockEntryId, StockEntry>,
    stock_edits: BTreeMap<StockEntryId, StockEntry>,
    side_effects: BTreeMap<SideEffectEntryId, SideEffectEntry>,
    side_effect_edits: BTreeMap<SideEffectEntryId, SideEffectEntry>,
    doses: HashMap<MedicationId, Doses>,
    events: HashMap<DoseEventId, Held>,
    /// Those of `events` that stand only in the outbox.
    unstored: HashSet<DoseEventId>,
    last_recorded: Option<DateTime<Utc>>,
}

/// A dose event, and whether it stands in the store or only in the outbox.
struct Held {
    event: Arc<DoseEvent>,
    stored: bool,
}

impl Replica {
    /// The patient's records, where any are held.
    pub(crate) fn chart(&self, patient: PatientId) -> Option<&Chart> {
        self.charts.get(&patient)
    }

    /// Every patient.
    pub(crate) fn charts(&self) -> impl Iterator<Item = (PatientId, &Chart)> {
        self.charts.iter().map(|(id, chart)| (*id, chart))
    }

    /// Takes in a record that the backend has.
    pub(crate) fn put(&mut self, record: Record) {
        let chart = self.charts.entry(record.patient()).or_default();
        match record {
            Record::Patient(record) => chart.patient = Some(record),
            Record::Allergy(record) => drop(chart.allergies.insert(record.id, record)),
            Record::Condition(record) => drop(chart.conditions.insert(record.id, record)),
            Record::Medication(record) => drop(chart.medications.insert(record.id, record)),
            Record::DoseEvent(event) => chart.put_event(event, true),
            Record::Grant(record) => drop(chart.grants.insert(record.id, record)),
            Record::AlertRule(record) => drop(chart.alert_rules.insert(record.id, record)),
            Record::Alert(record) => drop(chart.alerts.insert(record.id, record)),
            Record::Dispense(record) => drop(chart.dispenses.insert(record.id, record)),
            Record::StockEntry(entry) => drop(chart.stock.insert(entry.id, entry)),
            Record::SideEffectEntry(entry) => drop(chart.side_effects.insert(entry.id, entry)),
        }
    }

    /// Removes one record.
    pub(crate) fn remove(&mut self, kind: RecordKind, id: Uuid) {
        for chart in self.charts.values_mut() {
            match kind {
                RecordKind::Patient => {
                    if chart.patient.as_ref().is_some_and(|patient| patient.id.uuid() == id) {
                        chart.patient = None;
                    }
                }
                RecordKind::Allergy => drop(chart.allergies.remove(&AllergyId::from_uuid(id))),
                RecordKind::Condition => drop(chart.conditions.remove(&ConditionId::from_uuid(id))),
                RecordKind::Medication => drop(chart.medications.remove(&MedicationId::from_uuid(id))),
                RecordKind::DoseEvent => chart.remove_event(DoseEventId::from_uuid(id)),
                RecordKind::Grant => drop(chart.grants.remove(&GrantId::from_uuid(id))),
                RecordKind::AlertRule => drop(chart.alert_rules.remove(&AlertRuleId::from_uuid(id))),
                RecordKind::Alert => drop(chart.alerts.remove(&AlertId::from_uuid(id))),
                RecordKind::Dispense => drop(chart.dispenses.remove(&DispenseId::from_uuid(id))),
                RecordKind::StockEntry => drop(chart.stock.remove(&StockEntryId::from_uuid(id))),
                RecordKind::SideEffectEntry => drop(chart.side_effects.remove(&SideEffectEntryId::from_uuid(id))),
            }
        }
    }

    /// Removes a patient.
    pub(crate) fn remove_patient(&mut self, patient: PatientId) {
        self.charts.remove(&patient);
    }

    /// The record as the backend has it, under what waits in the outbox.
    pub(crate) fn stored(&self, patient: PatientId, kind: RecordKind, id: Uuid) -> Option<Record> {
        let chart = self.chart(patient)?;
        match kind {
            RecordKind::Patient => chart.patient.clone().map(Record::Patient),
            RecordKind::Allergy => chart
                .allergies
                .get(&AllergyId::from_uuid(id))
                .cloned()
                .map(Record::Allergy),
            RecordKind::Condition => chart
                .conditions
                .get(&ConditionId::from_uuid(id))
                .cloned()
                .map(Record::Condition),
            RecordKind::Medication => chart
                .medications
                .get(&MedicationId::from_uuid(id))
                .cloned()
                .map(Record::Medication),
            RecordKind::DoseEvent => chart
                .events
                .get(&DoseEventId::from_uuid(id))
                .filter(|held| held.stored)
                .map(|held| Record::DoseEvent(held.event.as_ref().clone())),
            RecordKind::Grant => chart.grants.get(&GrantId::from_uuid(id)).cloned().map(Record::Grant),
            RecordKind::AlertRule => chart
                .alert_rules
                .get(&AlertRuleId::from_uuid(id))
                .cloned()
                .map(Record::AlertRule),
            RecordKind::Alert => chart.alerts.get(&AlertId::from_uuid(id)).cloned().map(Record::Alert),
            RecordKind::Dispense => chart
                .dispenses
                .get(&DispenseId::from_uuid(id))
                .cloned()
                .map(Record::Dispense),
            RecordKind::StockEntry => chart
                .stock
                .get(&StockEntryId::from_uuid(id))
                .cloned()
                .map(Record::StockEntry),
            RecordKind::SideEffectEntry => chart
                .side_effects
                .get(&SideEffectEntryId::from_uuid(id))
                .cloned()
                .map(Record::SideEffectEntry),
        }
    }

    /// Lays the outbox over the records; each call replaces the one before.
    pub(crate) fn overlay(&mut self, edits: impl Iterator<Item = Record>) {
        for chart in self.charts.values_mut() {
            chart.patient_edit = None;
            chart.medication_edits.clear();
            chart.allergy_edits.clear();
            chart.alert_rule_edits.clear();
            chart.alert_edits.clear();
            chart.stock_edits.clear();
            chart.side_effect_edits.clear();
            for id in std::mem::take(&mut chart.unstored) {
                chart.remove_event(id);
            }
        }
        for record in edits {
            let chart = self.charts.entry(record.patient()).or_default();
            match record {
                Record::Patient(record) => chart.patient_edit = Some(record),
                Record::Allergy(record) => drop(chart.allergy_edits.insert(record.id, record)),
                Record::Medication(record) => drop(chart.medication_edits.insert(record.id, record)),
                Record::DoseEvent(event) => chart.put_event(event, false),
                Record::AlertRule(record) => drop(chart.alert_rule_edits.insert(record.id, record)),
                Record::Alert(record) => drop(chart.alert_edits.insert(record.id, record)),
                Record::StockEntry(entry) => drop(chart.stock_edits.insert(entry.id, entry)),
                Record::SideEffectEntry(entry) => drop(chart.side_effect_edits.insert(entry.id, entry)),
                // No view shows a dispense, so what waits of one is seen once it stands in the store.
                Record::Condition(_) | Record::Grant(_) | Record::Dispense(_) => {}
            }
        }
    }
}

impl Chart {
    /// The patient.
    pub(crate) fn patient(&self) -> Option<&Patient> {
        self.patient_edit.as_ref().or(self.patient.as_ref())
    }

    /// The medication.
    pub(crate) fn medication(&self, id: MedicationId) -> Option<&Medication> {
        self.medication_edits.get(&id).or_else(|| self.medications.get(&id))
    }

    /// The name of one medication.
    pub(crate) fn medicine_name(&self, id: MedicationId) -> Option<String> {
        self.medication(id).map(|medication| medication.name.clone())
    }

    /// All medications, in the order they were added.
    pub(crate) fn medications(&self) -> impl Iterator<Item = &Medication> {
        let ids: BTreeSet<_> = self
            .medications
            .keys()
            .chain(self.medication_edits.keys())
            .copied()
            .collect();
        ids.into_iter().filter_map(|id| self.medication(id))
    }

    /// The record of a medication's doses.
    pub(crate) fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.doses.get(&medication)
    }

    /// All allergies.
    pub(crate) fn allergies(&self) -> impl Iterator<Item = &Allergy> {
        let ids: BTreeSet<_> = self
            .allergies
            .keys()
            .chain(self.allergy_edits.keys())
            .copied()
            .collect();
        ids.into_iter()
            .filter_map(|id| self.allergy_edits.get(&id).or_else(|| self.allergies.get(&id)))
    }

    /// All conditions.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.values()
    }

    /// The allergies that are current.
    pub(crate) fn active_allergies(&self) -> Vec<Allergy> {
        self.allergies().filter(|allergy| allergy.active).cloned().collect()
    }

    /// The conditions that are current.
    pub(crate) fn active_conditions(&self) -> Vec<Condition> {
        self.conditions()
            .filter(|condition| condition.active)
            .cloned()
            .collect()
    }

    /// All grants.
    pub(crate) fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    /// How soon people are told of missed doses.
    pub(crate) fn alert_rule(&self, id: AlertRuleId) -> Option<&AlertRule> {
        self.alert_rule_edits.get(&id).or_else(|| self.alert_rules.get(&id))
    }

    /// The alerts that someone is, or was, told.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts
            .iter()
            .map(|(id, alert)| self.alert_edits.get(id).unwrap_or(alert))
    }

    /// One entry.
    pub(crate) fn event(&self, id: DoseEventId) -> Option<&DoseEvent> {
        self.events.get(&id).map(|held| held.event.as_ref())
    }

    /// Every entry that stands in the store.
    pub(crate) fn stored_events(&self) -> impl Iterator<Item = &DoseEvent> {
        self.events
            .values()
            .filter(|held| held.stored)
            .map(|held| held.event.as_ref())
    }

    /// Every entry in the ledgers of stocks.
    pub(crate) fn stock(&self) -> impl Iterator<Item = &StockEntry> {
        let waiting = self.stock_edits.values();
        self.stock
            .values()
            .chain(waiting.filter(|entry| !self.stock.contains_key(&entry.id)))
    }

    /// Every entry in the ledgers of stocks that stands in the store.
    pub(crate) fn stored_stock(&self) -> impl Iterator<Item = &StockEntry> {
        self.stock.values()
    }

    /// Every entry about side effects.
    pub(crate) fn side_effects(&self) -> impl Iterator<Item = &SideEffectEntry> {
        let waiting = self.side_effect_edits.values();
        self.side_effects
            .values()
            .chain(waiting.filter(|entry| !self.side_effects.contains_key(&entry.id)))
    }

    /// Every entry about side effects that stands in the store.
    pub(crate) fn stored_side_effects(&self) -> impl Iterator<Item = &SideEffectEntry> {
        self.side_effects.values()
    }

    /// Every medication that stands in the store.
    pub(crate) fn stored_medications(&self) -> impl Iterator<Item = &Medication> {
        self.medications.values()
    }

    /// When something was last recorded.
    pub(crate) fn last_recorded(&self) -> Option<DateTime<Utc>> {
        self.last_recorded
    }

    fn put_event(&mut self, event: DoseEvent, stored: bool) {
        if let Some(held) = self.events.get_mut(&event.id) {
            if !stored || (held.stored && *held.event == event) {
                return;
            }
            // What the store has replaces what was only in the outbox: two devices may have made the same entry.
            self.remove_event(event.id);
        }
        self.last_recorded = self.last_recorded.max(Some(event.recorded_at));
        let event = Arc::new(event);
        let doses = self.doses.entry(event.medication).or_default();
        doses.insert(Arc::clone(&event));
        if !stored {
            self.unstored.insert(event.id);
        }
        self.events.insert(event.id, Held { event, stored });
    }

    fn remove_event(&mut self, id: DoseEventId) {
        let Some(Held { event, .. }) = self.events.remove(&id) else {
            return;
        };
        self.unstored.remove(&id);
        if let Some(doses) = self.doses.get_mut(&event.medication) {
            doses.remove(&event);
        }
    }
}

impl Regimen for Chart {
    fn zones(&self) -> Zones<'_> {
        self.patient().map_or(Tz::UTC.into(), Patient::zones)
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        Self::medication(self, id)
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        Self::medications(self)
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        Self::doses(self, medication)
    }
}
