//! Reading a list: for the clinic's staff, and for those whose record, or in whose care a record, is open to the clinic.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor, Subject, can},
    api::interactions::InteractionList,
    id::ClinicId,
};

use crate::{
    access,
    app::{App, Caller, Target},
    fault::Fault,
    store::{self, Tx, access::Reader},
};

/// What there is to answer.
pub enum Reading {
    /// The list.
    List(Box<InteractionList>),
    /// It is the one that the caller has.
    Unchanged,
}

/// The clinic's list, unless it is the one of `known`.
pub async fn read(
    app: &App,
    caller: Caller,
    target: Target,
    clinic: ClinicId,
    known: Vec<String>,
) -> Result<Reading, Fault> {
    let now = app.now();
    let list = async move |tx: &mut Tx, reader: &Reader| {
        let actor = access::actor(tx, caller.person).await?;
        if !may_read(tx, &actor, reader, clinic, now).await? {
            return Err(Fault::NotFound);
        }
        let revision = store::interaction::revision(tx, clinic).await?.ok_or(Fault::NotFound)?;
        if known.contains(&revision) {
            return Ok(Reading::Unchanged);
        }
        let list = store::interaction::get(tx, clinic).await?.ok_or(Fault::NotFound)?;
        let staff = actor.memberships.iter().any(|(of, _)| *of == clinic);
        Ok(Reading::List(Box::new(InteractionList {
            loaded_by: list.loaded_by.filter(|_| staff),
            ..list
        })))
    };
    app.read_as(caller, target, now, list).await
}

/// Whether the actor may read it as staff, or through one of the patients that it may stand for.
async fn may_read(
    tx: &mut Tx,
    actor: &Actor,
    reader: &Reader,
    clinic: ClinicId,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let allowed = |subject: &Subject| can(actor, Action::SeeInteractions(clinic), subject, now).allowed;
    if allowed(&Subject::none()) {
        return Ok(true);
    }
    for patient in store::interaction::through(tx, reader, clinic).await? {
        if access::subject(tx, patient).await?.as_ref().is_some_and(allowed) {
            return Ok(true);
        }
    }
    Ok(false)
}
