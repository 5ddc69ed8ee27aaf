//! Adding a member of staff: an account made for them, or their place given back where they worked here before.

use doseline_shared::{
    access::Action,
    api::account::{NewStaff, Staff},
    id::{ClinicId, PersonId},
};

use crate::{
    access,
    account::{email, password},
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Tx, person::Person},
};

/// Makes an account with a place in the clinic. For its administrators.
pub async fn add_staff(app: &App, caller: Caller, clinic: ClinicId, request: NewStaff) -> Result<Staff, Fault> {
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
    password::check("password", &request.password, &name, &email)?;
    let password_hash = app.passwords.hash(request.password).await?;
    let role = request.role;
    if !role.is_of_people() {
        return Err(Fault::field(
            "role",
            "a system is connected and not hired: POST it to the clinic's systems",
        ));
    }
    let fresh = Person {
        id: random::id(now, PersonId::new),
        name,
        email,
        password_hash,
        created: now,
    };
    app.store
        .write(async move |tx: &mut Tx| {
            // Asked again: between the first answer and this transaction the administrator may have been removed.
            let actor = access::actor(tx, caller.person).await?;
            let why = access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now)?;
            let person = match store::person::by_email(tx, &fresh.email).await? {
                None => {
                    store::person::insert(tx, &fresh).await?;
                    fresh.clone()
                }
                // Only someone who worked here before: an administrator is not to draw a stranger's account in.
                Some(known) if store::clinic::was_staff(tx, clinic, known.id).await? => known,
                Some(_) => return Err(Fault::EmailTaken),
            };
            store::clinic::add_staff(tx, clinic, person.id, role, now).await?;
            let act = caller.acting(clinic.uuid(), "staff_added", person.id.to_string(), why, now);
            store::audit::acted(tx, act).await?;
            Ok(Staff {
                person: person.id,
                name: person.name,
                email: person.email,
                role,
            })
        })
        .await
}
