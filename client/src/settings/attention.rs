//! What needs a person: told on *Today* and in Settings, never silently settled.

use doseline_shared::{
    api::ErrorCode,
    id::{MedicationId, PatientId},
    record::{AlertRule, Medication, MedicationStatus, Record, SideEffectAct, Symptom},
};

use crate::{
    ask::Fault,
    cache::{Pending, Trouble},
    dose::slate::{revision_now, unfollowed},
    regimen::when::when_text,
    state::{State, edited},
    view::{Attention, WhenText},
};

/// Everything that needs the signed-in person.
pub(crate) fn list(state: &State, clock_set_back: Option<u32>) -> Vec<Attention> {
    let mut list: Vec<_> = state.mine().filter_map(|pending| trouble(state, pending)).collect();
    if !state.quarantine.is_empty() {
        list.push(Attention::Quarantined {
            count: u32::try_from(state.quarantine.len()).unwrap_or(u32::MAX),
        });
    }
    if let Some(patient) = state.me().and_then(|me| me.patient)
        && let Some(chart) = state.replica.chart(patient)
    {
        let active = chart
            .medications()
            .filter(|medication| matches!(medication.status, MedicationStatus::Active {}));
        list.extend(active.filter_map(|medication| {
            Some(Attention::Unfollowed {
                patient,
                name: medication.name.clone(),
                why: unfollowed(chart, medication)?,
            })
        }));
    }
    if let Some(minutes) = clock_set_back {
        list.push(Attention::ClockSetBack { minutes });
    }
    if state
        .sync_fault
        .as_ref()
        .is_some_and(|fault| fault.code == ErrorCode::OtherVersion)
    {
        list.push(Attention::OtherVersion {});
    }
    list
}

fn trouble(state: &State, pending: &Pending) -> Option<Attention> {
    match pending.trouble.as_ref()? {
        Trouble::Conflict { current } => {
            let (mine, mine_when) = summary(state, &edited(&pending.body));
            let (theirs, theirs_when) = summary(state, current);
            Some(Attention::Conflict {
                operation: pending.id,
                patient: pending.body.patient(),
                mine,
                mine_when,
                theirs,
                theirs_when,
            })
        }
        Trouble::Refused { code } => Some(Attention::Refused {
            operation: pending.id,
            name: summary(state, &edited(&pending.body)).0,
            fault: Fault::of(*code),
        }),
    }
}

/// A record in a few words.
fn summary(state: &State, record: &Record) -> (String, WhenText) {
    match record {
        Record::Medication(medication) => (medication.name.clone(), latest_when(state, medication)),
        Record::Patient(patient) => (patient.name.clone(), WhenText::NotYet {}),
        Record::Allergy(allergy) => (allergy.substance.clone(), WhenText::NotYet {}),
        Record::Condition(condition) => (condition.name.clone(), WhenText::NotYet {}),
        Record::Grant(grant) => (grant.name.clone(), WhenText::NotYet {}),
        Record::AlertRule(rule) => (grantee(state, rule), WhenText::NotYet {}),
        Record::Alert(alert) => (medicine(state, alert.patient, alert.medication), WhenText::NotYet {}),
        Record::DoseEvent(event) => (medicine(state, event.patient, event.medication), WhenText::NotYet {}),
        Record::Dispense(dispense) => (
            medicine(state, dispense.patient, dispense.medication),
            WhenText::NotYet {},
        ),
        Record::StockEntry(entry) => (medicine(state, entry.patient, entry.medication), WhenText::NotYet {}),
        Record::SideEffectEntry(entry) => {
            let name = match &entry.what {
                SideEffectAct::Reported { report } => match (&report.symptom, report.medication) {
                    (Symptom::Other(words), _) => words.clone(),
                    (_, Some(medication)) => medicine(state, entry.patient, medication),
                    (_, None) => String::new(),
                },
                SideEffectAct::Ended { .. } | SideEffectAct::Retracted { .. } => String::new(),
            };
            (name, WhenText::NotYet {})
        }
    }
}

/// Who is told by this rule.
fn grantee(state: &State, rule: &AlertRule) -> String {
    let chart = state.replica.chart(rule.patient);
    let mut grants = chart.into_iter().flat_map(|chart| chart.grants());
    let grant = grants.find(|grant| grant.to == rule.to);
    grant.map(|grant| grant.name.clone()).unwrap_or_default()
}

fn medicine(state: &State, patient: PatientId, medication: MedicationId) -> String {
    let chart = state.replica.chart(patient);
    chart
        .and_then(|chart| chart.medicine_name(medication))
        .unwrap_or_default()
}

/// The schedule that the last revision brings.
fn latest_when(state: &State, medication: &Medication) -> WhenText {
    revision_now(medication, chrono::NaiveDate::MAX).map_or(WhenText::NotYet {}, |revision| {
        when_text(&revision.schedule, state.replica.chart(medication.patient))
    })
}
