//! Missed doses that someone is told of: seeing them, and choosing who is told how soon.
//!
//! Raising them is the backend's watch, which needs no device.

mod acknowledge;
mod choose;

use chrono::{DateTime, Utc};
use doseline_shared::{
    order,
    record::{AlertFor, AlertRule, Grantee, Medication, MedicationStatus, Tell},
};

pub(crate) use self::acknowledge::standing;
use crate::{
    replica::Chart,
    view::{Telling, TellingOf},
};

/// How soon each of those who may see the record is told.
pub(crate) fn telling(chart: &Chart, now: DateTime<Utc>) -> Vec<Telling> {
    let Some(patient) = chart.patient() else {
        return Vec::new();
    };
    let chosen = |to: Grantee, of: AlertFor| {
        let rule = chart.alert_rule(AlertRule::id_of(patient.id, to, of));
        rule.map(|rule| rule.tell)
    };
    let is_taken =
        |medication: &&Medication| medication.is_scheduled() && medication.status == MedicationStatus::Active {};
    let mut taken: Vec<&Medication> = chart.medications().filter(is_taken).collect();
    order::by(&mut taken, |one, other| one.name.cmp(&other.name));
    let of_one = |to: Grantee, medication: &Medication| TellingOf {
        medication: medication.id,
        name: medication.name.clone(),
        tell: chosen(
            to,
            AlertFor::Medication {
                medication: medication.id,
            },
        )
        .unwrap_or(Tell::AsOthers {}),
    };
    chart
        .grants()
        .filter(|grant| grant.holds(now))
        .map(|grant| Telling {
            to: grant.to,
            critical: chosen(grant.to, AlertFor::Critical {}).unwrap_or(Tell::usual(true)),
            others: chosen(grant.to, AlertFor::Others {}).unwrap_or(Tell::usual(false)),
            medicines: taken.iter().map(|medication| of_one(grant.to, medication)).collect(),
        })
        .collect()
}
