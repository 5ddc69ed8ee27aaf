//! Looking at what a code would do, without using it. A wrong code counts as an attempt.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::invitation::{Code, Offer, OfferKind},
    audit::Way,
    id::PatientId,
    record::{Patient, Record, RecordKind},
};

use super::code;
use crate::{
    account::attempt::{self, Limit},
    app::{App, Caller, Target},
    fault::Fault,
    store::{
        self, Tx,
        access::{Opened, System},
        audit::Reading,
        invitation::Invitation,
    },
};

/// What the code offers.
pub async fn lookup(app: &App, caller: Caller, target: Target, request: Code) -> Result<Offer, Fault> {
    let (now, hash, limits) = (app.now(), code::hash(&request.code), code::limits(app, caller));
    let reading = caller.reading(target, now);
    // A wrong code must stay counted, so it is an answer of the transaction and not its failure.
    app.store
        .write(async move |tx: &mut Tx| {
            let Some(invitation) = working(tx, &hash, &limits, now).await? else {
                return Ok::<_, Fault>(None);
            };
            let from = from(tx, &reading, &invitation).await?;
            Ok(Some(Offer {
                what: invitation.kind,
                from,
                scope: invitation.scope,
                until: invitation.grant_until,
            }))
        })
        .await?
        .ok_or(Fault::CodeInvalid)
}

/// The invitation behind a code that works now; otherwise counts an attempt.
pub(super) async fn working(
    tx: &mut Tx,
    hash: &str,
    limits: &[Limit],
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, Fault> {
    attempt::refuse_if_reached(tx, limits, now).await?;
    let found = store::invitation::by_code_hash(tx, hash).await?;
    let working = found.filter(|invitation| invitation.works(now));
    if working.is_none() {
        attempt::note(tx, limits, now).await?;
    }
    Ok(working)
}

/// Who made the invitation, by name. Where that is a patient, it is written to the audit.
async fn from(tx: &mut Tx, reading: &Reading, invitation: &Invitation) -> Result<String, Fault> {
    match (invitation.kind, invitation.clinic, invitation.patient) {
        (OfferKind::Caregiver, _, Some(patient)) => {
            let (way, clinic) = (Way::Code, None);
            store::audit::opened(tx, reading, &Opened { patient, way, clinic }).await?;
            Ok(patient_record(tx, patient).await?.name)
        }
        (OfferKind::JoinClinic | OfferKind::ClaimRecord, Some(clinic), _) => {
            Ok(store::clinic::by_id(tx, clinic).await?.ok_or(Fault::CodeInvalid)?.name)
        }
        (OfferKind::Caregiver | OfferKind::JoinClinic | OfferKind::ClaimRecord, _, _) => Err(Fault::Internal),
    }
}

/// The patient that an invitation itself is for.
pub(super) async fn patient_record(tx: &mut Tx, patient: PatientId) -> Result<Patient, Fault> {
    let system = System::new("the patient that an invitation is for");
    match store::record::get(tx, &system, RecordKind::Patient, patient.uuid()).await? {
        Some(Record::Patient(record)) => Ok(record),
        Some(_) | None => Err(Fault::CodeInvalid),
    }
}
