//! Founding a clinic with its first administrator: an operator's act, on the machine of the backend.

use doseline_shared::{
    access::StaffRole,
    api::account::FirstPassword,
    id::{ClinicId, PersonId},
};

use crate::{
    account::{email, first_password, password::Passwords},
    app::Clock,
    config::Limits,
    fault::Fault,
    random,
    store::{self, Store, Tx, audit::Act, clinic::Clinic, person::Person},
};

/// A clinic to be.
pub struct NewClinic {
    /// Its name.
    pub name: String,
    /// Its administrator's full name.
    pub admin_name: String,
    /// Its administrator's e-mail.
    pub admin_email: String,
    /// Whether an account that this e-mail has already is known to be the administrator's own. Anyone can have made it:
    /// e-mails are not proven.
    pub existing_account: bool,
}

/// A clinic that is.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The clinic.
    pub clinic: ClinicId,
    /// Its administrator.
    pub admin: PersonId,
    /// What the administrator signs in with first; none where they had an account, whose password stays.
    pub first_password: Option<FirstPassword>,
}

const SOMEONES: Fault = Fault::Conflict {
    path: Some("admin_email"),
    problem: "an account with this e-mail is there already, made by whoever signed up with it: if you know that it is the \
        administrator's own, say so (--existing-account)",
};

/// Founds a clinic.
pub async fn found(
    store: &Store,
    passwords: &Passwords,
    limits: &Limits,
    clock: &Clock,
    request: NewClinic,
) -> Result<Founded, Fault> {
    let name = email::person_name("name", &request.name)?;
    let admin_name = email::person_name("admin_name", &request.admin_name)?;
    let admin_email = email::normal("admin_email", &request.admin_email)?;
    let now = clock();
    let made = first_password::make(passwords, limits, now).await?;
    let clinic = random::id(now, ClinicId::new);
    let admin = Person {
        id: random::id(now, PersonId::new),
        name: admin_name,
        email: admin_email,
        password_hash: made.hash.clone(),
        created: now,
        first: Some(made.by(clinic)),
    };
    store
        .write(async move |tx: &mut Tx| {
            let founded = Clinic {
                id: clinic,
                name: name.clone(),
                created: now,
            };
            store::clinic::insert(tx, &founded).await?;
            let (admin, first_password) = match store::person::by_email(tx, &admin.email).await? {
                Some(known) if request.existing_account => (known.id, None),
                Some(_) => return Err(SOMEONES),
                None => {
                    store::person::insert(tx, &admin).await?;
                    (admin.id, Some(made.first.clone()))
                }
            };
            store::clinic::add_staff(tx, clinic, admin, StaffRole::Administrator, now).await?;
            let act = Act::of_operator(clinic.uuid(), "clinic_founded", admin.to_string(), now);
            store::audit::acted(tx, act).await?;
            Ok(Founded {
                clinic,
                admin,
                first_password,
            })
        })
        .await
}
