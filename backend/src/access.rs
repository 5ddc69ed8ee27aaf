//! The one way in which use cases ask `shared::access`, inside the transaction that acts on the answer.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor, Subject, can},
    id::{ClinicId, PatientId, PersonId},
    record::{Record, RecordKind},
};

use crate::{
    fault::Fault,
    store::{self, Tx, access::System},
};

/// `person` with the clinics that they work for now.
pub async fn actor(tx: &mut Tx, person: PersonId) -> Result<Actor, Fault> {
    let memberships = store::clinic::memberships(tx, person).await?;
    Ok(Actor {
        person,
        memberships: memberships.iter().map(|at| (at.clinic, at.role)).collect(),
    })
}

/// What decides about access to `patient`: whose record it is, and every grant on it.
pub async fn subject(tx: &mut Tx, patient: PatientId) -> Result<Option<Subject>, Fault> {
    let system = System::new("to decide about access");
    if let Some(subject) = store::taken::subject(tx, &system, patient) {
        return Ok(Some(subject));
    }
    let Some(Record::Patient(record)) = store::record::get(tx, &system, RecordKind::Patient, patient.uuid()).await?
    else {
        return Ok(None);
    };
    Ok(Some(Subject {
        person: record.person,
        grants: store::grant::of_patient(tx, &system, patient).await?,
    }))
}

/// What is allowed, and by which rule.
pub struct Allowed {
    /// Whose record it is, and every grant on it.
    pub subject: Subject,
    /// The rule.
    pub why: &'static str,
}

/// Lets `actor` do `action` to `patient`. Whoever may not know of the patient hears that there is none.
pub async fn allow(
    tx: &mut Tx,
    actor: &Actor,
    action: Action,
    patient: PatientId,
    now: DateTime<Utc>,
) -> Result<Allowed, Fault> {
    let subject = subject(tx, patient).await?.ok_or(Fault::NotFound)?;
    let why = decide(actor, action, &subject, now)?;
    Ok(Allowed { subject, why })
}

fn decide(actor: &Actor, action: Action, subject: &Subject, now: DateTime<Utc>) -> Result<&'static str, Fault> {
    let decision = can(actor, action, subject, now);
    if decision.allowed {
        return Ok(decision.why);
    }
    let (why, knows) = (decision.why, can(actor, Action::SeePatient, subject, now).allowed);
    Err(if knows {
        Fault::Forbidden { why }
    } else {
        Fault::Hidden { why }
    })
}

/// Lets `actor` do `action`, which concerns `clinic` and no patient. Whoever does not work there hears that there is none.
/// Gives the rule.
pub fn allow_in_clinic(
    actor: &Actor,
    action: Action,
    clinic: ClinicId,
    now: DateTime<Utc>,
) -> Result<&'static str, Fault> {
    let decision = can(actor, action, &Subject::none(), now);
    if decision.allowed {
        return Ok(decision.why);
    }
    let why = decision.why;
    let works_there = actor.memberships.iter().any(|(of, _)| *of == clinic);
    Err(if works_there {
        Fault::Forbidden { why }
    } else {
        Fault::Hidden { why }
    })
}
