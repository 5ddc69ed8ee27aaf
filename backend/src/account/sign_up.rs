//! Signing up: a person, their device, a first session, and a patient's record where they have medicines of their own.

use doseline_shared::{
    api::account::{Session, SignUp},
    id::{PatientId, PersonId},
    record::{Patient, Record},
};

use super::{attempt, attempt::Limit, email, me, password, session};
use crate::{
    app::{App, Origin},
    fault::Fault,
    random,
    store::{self, StoreError, Tx, person::Person, record::Writer},
};

/// Makes an account.
pub async fn sign_up(app: &App, origin: Origin, request: SignUp) -> Result<Session, Fault> {
    let name = email::person_name("name", &request.name)?;
    let email = email::normal("email", &request.email)?;
    // Counted first: looking for the password among those that are tried first is work too.
    attempt::take(app, vec![Limit::sign_up_address(app, origin.0)]).await?;
    password::check("password", &request.password, &name, &email)?;
    let password_hash = app.passwords.hash(request.password).await?;
    let now = app.now();
    let person = Person {
        id: random::id(now, PersonId::new),
        name: name.clone(),
        email,
        password_hash,
        created: now,
        first: None,
    };
    let patient = request.as_patient.then(|| Patient {
        id: random::id(now, PatientId::new),
        version: 0,
        person: Some(person.id),
        name,
        birth_date: None,
        zone: request.zone,
        travels: Vec::new(),
    });
    let (device, limits) = (request.device, app.limits.clone());
    let (begun, me) = app
        .store
        .write(async move |tx: &mut Tx| {
            match store::person::insert(tx, &person).await {
                Err(StoreError::Conflict) => return Err(Fault::EmailTaken),
                inserted => inserted?,
            }
            let begun = session::begin(tx, &limits, person.id, &device, now).await?;
            if let Some(patient) = &patient {
                let writer = Writer {
                    actor: Some(person.id),
                    device: Some(device.id),
                    at: now,
                    origin: Some(origin.0),
                    why: "the patient's own record",
                };
                store::record::put(tx, &writer, 0, Record::Patient(patient.clone())).await?;
            }
            let me = me::of(tx, person.id).await?;
            store::audit::acted(tx, begun.act("signed_up", origin, now)).await?;
            Ok((begun, me))
        })
        .await?;
    begun.answer(app, me)
}
