//! Making an invitation: a patient for a caregiver, a clinic for a patient to join, a clinic to hand a record over.

use chrono::TimeDelta;
use doseline_shared::{
    access::{Action, Actor},
    api::invitation::{Invitation, NewInvitation, OfferKind},
    id::InvitationId,
    record::Scope,
};

use super::code;
use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Tx},
};

/// How long a code works, in hours.
pub const HOURS: i64 = 48;

/// Makes an invitation; its code is in this answer and nowhere else.
pub async fn invite(app: &App, caller: Caller, request: NewInvitation) -> Result<Invitation, Fault> {
    let now = app.now();
    let expires = now + TimeDelta::hours(HOURS);
    let code = code::fresh();
    let hash = code::hash(&code);
    let id = random::id(now, InvitationId::new);
    if let NewInvitation::Caregiver { until: Some(until), .. } = &request
        && *until <= now
    {
        return Err(Fault::field("until", "must lie in the future"));
    }
    app.store
        .write(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            let made = prepared(tx, &actor, &request, now).await?;
            let made = store::invitation::Invitation {
                id,
                created: now,
                expires,
                ..made
            };
            store::invitation::insert(tx, &made, &hash).await?;
            Ok::<_, Fault>(())
        })
        .await?;
    Ok(Invitation { id, code, expires })
}

/// What `request` invites to, where the caller may.
async fn prepared(
    tx: &mut Tx,
    actor: &Actor,
    request: &NewInvitation,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<store::invitation::Invitation, Fault> {
    let (kind, clinic, patient, scope, grant_until) = match request {
        NewInvitation::Caregiver { scope, until } => {
            let own = store::person::patient(tx, actor.person)
                .await?
                .ok_or(Fault::Forbidden {
                    why: "only someone with a record of their own can invite a caregiver",
                })?;
            access::allow(tx, actor, Action::Invite, own, now).await?;
            (OfferKind::Caregiver, None, Some(own), *scope, *until)
        }
        NewInvitation::JoinClinic { clinic } => {
            access::allow_in_clinic(actor, Action::InviteToClinic(*clinic), *clinic, now)?;
            // A clinic that is joined writes the regimen; what its staff may do, their roles bound further.
            (OfferKind::JoinClinic, Some(*clinic), None, Scope::Manage, None)
        }
        NewInvitation::ClaimRecord { clinic, patient } => {
            access::allow(tx, actor, Action::HandOver(*clinic), *patient, now).await?;
            (
                OfferKind::ClaimRecord,
                Some(*clinic),
                Some(*patient),
                Scope::Manage,
                None,
            )
        }
    };
    Ok(store::invitation::Invitation {
        id: InvitationId::from_uuid(uuid::Uuid::nil()),
        kind,
        clinic,
        patient,
        scope,
        grant_until,
        made_by: actor.person,
        created: now,
        expires: now,
        used_by: None,
    })
}
