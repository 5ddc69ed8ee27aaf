//! Using a code up: exactly one person, exactly once.
//!
//! A record is claimed by an account that has none, or whose own is still empty: nothing prescribed, logged, noted or
//! granted in it. That empty one then belongs to nobody. An account whose record holds anything is refused: two records
//! of one person are not joined unseen; the patient joins the clinic with their own record instead.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::invitation::{Code, OfferKind, Redeemed},
    id::{GrantId, PatientId},
    record::{Grant, Grantee, Patient, Record},
};

use super::{
    code,
    lookup::{patient_record, working},
};
use crate::{
    app::{App, Caller},
    fault::Fault,
    random,
    store::{
        self, Tx,
        access::System,
        invitation::Invitation,
        record::{Put, Writer},
    },
};

/// Uses the code up and does what it offers.
pub async fn redeem(app: &App, caller: Caller, request: Code) -> Result<Redeemed, Fault> {
    let (now, hash, limits) = (app.now(), code::hash(&request.code), code::limits(app, caller));
    let redeemed = app
        .store
        .write(async move |tx: &mut Tx| {
            let Some(invitation) = working(tx, &hash, &limits, now).await? else {
                return Ok::<_, Fault>(None);
            };
            if !store::invitation::use_up(tx, invitation.id, caller.person, now).await? {
                return Ok(None);
            }
            let writer = Writer {
                actor: Some(caller.person),
                device: Some(caller.device),
                at: now,
                origin: Some(caller.origin),
                why: "a code that was given to the person",
            };
            done(tx, &writer, caller, &invitation, now).await.map(Some)
        })
        .await?
        .ok_or(Fault::CodeInvalid)?;
    app.tell(caller.person);
    Ok(redeemed)
}

async fn done(
    tx: &mut Tx,
    writer: &Writer,
    caller: Caller,
    invitation: &Invitation,
    now: DateTime<Utc>,
) -> Result<Redeemed, Fault> {
    let own = store::person::patient(tx, caller.person).await?;
    let (patient, grant) = match (invitation.kind, invitation.patient, invitation.clinic) {
        (OfferKind::Caregiver, Some(patient), _) => {
            if own == Some(patient) {
                return Err(Fault::Conflict {
                    path: None,
                    problem: "this code is for someone else: it opens your own record",
                });
            }
            let name = store::person::by_id(tx, caller.person)
                .await?
                .ok_or(Fault::SignedOut)?
                .name;
            let to = Grantee::Caregiver { person: caller.person };
            (
                patient,
                Some(grant(tx, writer, invitation, (patient, to, name), now).await?),
            )
        }
        (OfferKind::JoinClinic, _, Some(clinic)) => {
            let patient = own.ok_or(Fault::Conflict {
                path: None,
                problem: "this code is for a patient: an account with a record of its own",
            })?;
            let name = store::clinic::by_id(tx, clinic).await?.ok_or(Fault::CodeInvalid)?.name;
            let to = Grantee::Clinic { clinic };
            (
                patient,
                Some(grant(tx, writer, invitation, (patient, to, name), now).await?),
            )
        }
        (OfferKind::ClaimRecord, Some(patient), _) => {
            claim(tx, writer, caller, patient, own).await?;
            (patient, None)
        }
        (OfferKind::Caregiver | OfferKind::JoinClinic | OfferKind::ClaimRecord, _, _) => return Err(Fault::Internal),
    };
    Ok(Redeemed {
        what: invitation.kind,
        patient,
        grant,
    })
}

/// Writes the grant. It takes the place of an older one to the same: what the patient allowed last is what holds.
async fn grant(
    tx: &mut Tx,
    writer: &Writer,
    invitation: &Invitation,
    (patient, to, name): (PatientId, Grantee, String),
    now: DateTime<Utc>,
) -> Result<Grant, Fault> {
    let system = System::new("older grants to the same, which the new one replaces");
    for old in store::grant::of_patient(tx, &system, patient).await? {
        if old.to == to && old.holds(now) {
            let (base, ended) = (
                old.version,
                Grant {
                    ended_at: Some(now),
                    ..old
                },
            );
            written(store::grant::put(tx, writer, base, ended).await?)?;
        }
    }
    let mut grant = Grant {
        id: random::id(now, GrantId::new),
        patient,
        version: 0,
        to,
        name,
        scope: invitation.scope,
        from: now,
        until: invitation.grant_until,
        ended_at: None,
    };
    if grant.until.is_some_and(|until| until <= now) {
        return Err(Fault::CodeInvalid);
    }
    grant.version = written(store::grant::put(tx, writer, 0, grant.clone()).await?)?;
    Ok(grant)
}

/// Links the record to the caller's account.
async fn claim(
    tx: &mut Tx,
    writer: &Writer,
    caller: Caller,
    patient: PatientId,
    own: Option<PatientId>,
) -> Result<(), Fault> {
    let record = patient_record(tx, patient).await?;
    if record.person.is_some() {
        return Err(Fault::CodeInvalid);
    }
    if let Some(own) = own {
        let system = System::new("whether the account's own record is empty");
        let held = store::record::of_patient(tx, &system, own).await?;
        if held.iter().any(|record| !matches!(record, Record::Patient(_))) {
            return Err(Fault::Conflict {
                path: None,
                problem: "this account has a record of its own with entries in it: join the clinic with it instead",
            });
        }
        let empty = patient_record(tx, own).await?;
        let base = empty.version;
        let nobodys = Patient { person: None, ..empty };
        written(store::record::put(tx, writer, base, Record::Patient(nobodys)).await?)?;
    }
    let base = record.version;
    let claimed = Patient {
        person: Some(caller.person),
        ..record
    };
    written(store::record::put(tx, writer, base, Record::Patient(claimed)).await?)?;
    Ok(())
}

/// The version written. A record that was read in the same transaction has only moved on if someone else wrote beside it.
pub(super) fn written(put: Put) -> Result<u64, Fault> {
    match put {
        Put::Written(version) => Ok(version),
        Put::Moved(_) => Err(Fault::Unavailable { retry_after: 1 }),
    }
}
