//! What the signed-in person may do with a patient, as far as the device knows. The backend has the last word.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor, Subject, can},
    id::{ClinicId, PatientId},
    record::Grantee,
};

use crate::state::State;

/// Whether the person may record doses.
pub(crate) fn may_log(state: &State, patient: PatientId, now: DateTime<Utc>) -> bool {
    may(state, patient, Action::LogDose, now)
}

/// Whether the person may change the regimen.
pub(crate) fn may_edit(state: &State, patient: PatientId, now: DateTime<Utc>) -> bool {
    may(state, patient, Action::EditRegimen, now)
}

/// Whether the person may do `action`.
pub(crate) fn may(state: &State, patient: PatientId, action: Action, now: DateTime<Utc>) -> bool {
    let Some(me) = state.me() else {
        return false;
    };
    let chart = state.replica.chart(patient);
    let own = me.patient == Some(patient);
    let actor = Actor {
        person: me.person,
        memberships: me
            .staff
            .iter()
            .map(|membership| (membership.clinic, membership.role))
            .collect(),
    };
    let subject = Subject {
        person: match chart.and_then(|chart| chart.patient()) {
            Some(patient) if !own => patient.person,
            _ => own.then_some(me.person),
        },
        grants: chart.map(|chart| chart.grants().cloned().collect()).unwrap_or_default(),
    };
    can(&actor, action, &subject, now).allowed
}

/// The clinic in whose name the person writes in this record; none for the patient and for caregivers.
pub(crate) fn clinic_for(state: &State, patient: PatientId, now: DateTime<Utc>) -> Option<ClinicId> {
    let me = state.me()?;
    if me.patient == Some(patient) {
        return None;
    }
    let mut caregiver = false;
    let mut of_clinic = None;
    for grant in state.replica.chart(patient)?.grants().filter(|grant| grant.holds(now)) {
        match grant.to {
            Grantee::Caregiver { person } => caregiver |= person == me.person,
            Grantee::Clinic { clinic } => {
                if me.staff.iter().any(|membership| membership.clinic == clinic) {
                    of_clinic = Some(clinic);
                }
            }
        }
    }
    of_clinic.filter(|_| !caregiver)
}
