//! Adding a member of staff: an account made for them, with a first password to hand over, or their place given back where
//! they worked here before.

use doseline_shared::{
    access::Action,
    api::account::{AddedStaff, NewStaff, Staff},
    id::{ClinicId, PersonId},
};

use crate::{
    access,
    account::{email, first_password},
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Tx, person::Person},
};

/// Makes an account with a place in the clinic. For its administrators.
pub async fn add_staff(app: &App, caller: Caller, clinic: ClinicId, request: NewStaff) -> Result<AddedStaff, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now)?;
            Ok::<_, Fault>(())
        })
        .await?;
    let name = email::person_name("name", &request.name)?;
    let email = email::normal("email", &request.email)?;
    let role = request.role;
    if !role.is_of_people() {
        return Err(Fault::field(
            "role",
            "a system is connected and not hired: POST it to the clinic's systems",
        ));
    }
    let made = first_password::make(&app.passwords, &app.limits, now).await?;
    let fresh = Person {
        id: random::id(now, PersonId::new),
        name,
        email,
        password_hash: made.hash.clone(),
        created: now,
        first: Some(made.by(clinic)),
    };
    app.store
        .write(async move |tx: &mut Tx| {
            // Asked again: between the first answer and this transaction the administrator may have been removed.
            let actor = access::actor(tx, caller.person).await?;
            let why = access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now)?;
            let (person, is_first) = match store::person::by_email(tx, &fresh.email).await? {
                None => {
                    store::person::insert(tx, &fresh).await?;
                    (fresh.clone(), true)
                }
                // Only someone who worked here before: an administrator is not to draw a stranger's account in.
                // One that the clinic made, and nobody has chosen a password for, gets a new first one.
                Some(known) if store::clinic::was_staff(tx, clinic, known.id).await? => {
                    let is_first = first_password::hand_over_by(tx, clinic, known.id, &made, now).await?;
                    (known, is_first)
                }
                Some(_) => return Err(Fault::EmailTaken),
            };
            store::clinic::add_staff(tx, clinic, person.id, role, now).await?;
            let act = caller.acting(clinic.uuid(), "staff_added", person.id.to_string(), why, now);
            store::audit::acted(tx, act).await?;
            let first_password = is_first.then(|| made.first.clone());
            Ok(AddedStaff {
                staff: Staff {
                    person: person.id,
                    name: person.name,
                    email: person.email,
                    role,
                    first_password: first_password.as_ref().map(|first| first.until),
                },
                first_password,
            })
        })
        .await
}
