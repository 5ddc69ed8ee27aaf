//! A new first password for a member of staff who has not chosen one of their own: it has ended, or was lost on the way.
//!
//! Refuses it where they have chosen one, or had an account before they came here: an administrator is not to get into it.
//! Then only an operator can, who makes sure that it is them.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::Action,
    api::account::FirstPassword,
    id::{ClinicId, PersonId},
};

use crate::{
    access,
    account::first_password,
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

const THEIR_OWN: Fault = Fault::Conflict {
    path: None,
    problem: "they have a password of their own, or had an account before: only the operator of this backend can reset it",
};

/// Makes one in place of that before. For the clinic's administrators.
pub async fn renew_first_password(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    person: PersonId,
) -> Result<FirstPassword, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| allow(tx, caller, clinic, person, now).await)
        .await?;
    let made = first_password::make(&app.passwords, &app.limits, now).await?;
    let first = made.first.clone();
    app.store
        .write(async move |tx: &mut Tx| {
            let why = allow(tx, caller, clinic, person, now).await?;
            if !first_password::hand_over_by(tx, clinic, person, &made, now).await? {
                return Err(THEIR_OWN);
            }
            let act = caller.acting(clinic.uuid(), "first_password_made", person.to_string(), why, now);
            Ok(store::audit::acted(tx, act).await?)
        })
        .await?;
    app.tell(person);
    Ok(first)
}

/// Lets an administrator through where the person works here and has not chosen a password. Gives the rule.
async fn allow(
    tx: &mut Tx,
    caller: Caller,
    clinic: ClinicId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<&'static str, Fault> {
    let actor = access::actor(tx, caller.person).await?;
    let why = access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now)?;
    let staff = store::clinic::staff(tx, clinic).await?;
    let member = staff.iter().find(|member| member.person == person);
    match member.ok_or(Fault::NotFound)?.first_password {
        Some(_) => Ok(why),
        None => Err(THEIR_OWN),
    }
}
