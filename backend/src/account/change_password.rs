//! Changing one's password, and an operator's act for someone who has lost it.

use chrono::{DateTime, Utc};
use doseline_shared::{api::account::ChangePassword, id::PersonId};

use super::{
    attempt::{self, Limit},
    email,
    password::{self, Passwords},
    second_factor,
};
use crate::{
    app::{App, Caller},
    fault::Fault,
    random,
    store::{self, Store, Tx, audit::Act},
};

/// Changes the caller's password, and ends their sessions on every other device.
pub async fn change_password(app: &App, caller: Caller, request: ChangePassword) -> Result<(), Fault> {
    let person = second_factor::with_password(app, caller, request.password).await?;
    password::check("new", &request.new, &person.name, &person.email)?;
    let hash = app.passwords.hash(request.new).await?;
    let (now, within, code) = (app.now(), app.clone(), request.code);
    app.store
        .write(async move |tx: &mut Tx| {
            second_factor::check(tx, &within, caller.person, code.as_deref(), now).await?;
            store::person::set_password(tx, caller.person, &hash).await?;
            store::session::end_others(tx, caller.person, caller.session, now).await?;
            store::audit::acted(tx, caller.acting_on_own("password_changed", now)).await?;
            Ok::<_, Fault>(())
        })
        .await?;
    attempt::forgive(app, vec![Limit::own_account(app, caller.person)]).await?;
    app.tell(caller.person);
    Ok(())
}

/// Gives an account a new password, which is returned to be handed over, and ends its sessions: an operator's act. A
/// second factor stays.
///
/// # Errors
/// [`Fault::NotFound`] where no account has this e-mail.
pub async fn reset(store: &Store, passwords: &Passwords, email: &str, now: DateTime<Utc>) -> Result<String, Fault> {
    let email = email::normal("email", email)?;
    let fresh = random::hex(&random::bytes::<10>());
    let hash = passwords.hash(fresh.clone()).await?;
    store
        .write(async move |tx: &mut Tx| {
            let person: PersonId = store::person::by_email(tx, &email).await?.ok_or(Fault::NotFound)?.id;
            store::person::set_password(tx, person, &hash).await?;
            store::session::end_person(tx, person, now).await?;
            let act = Act::of_operator(person.uuid(), "password_reset", String::new(), now);
            store::audit::acted(tx, act).await?;
            Ok::<_, Fault>(())
        })
        .await?;
    Ok(fresh)
}
