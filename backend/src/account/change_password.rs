//! Changing one's password, and an operator's act for someone who has lost it.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::account::{ChangePassword, FirstPassword},
    id::PersonId,
};

use super::{
    attempt::{self, Limit},
    email, first_password,
    password::{self, Passwords},
    second_factor,
};
use crate::{
    app::{App, Caller},
    config::Limits,
    fault::Fault,
    store::{self, Store, Tx, audit::Act},
};

/// Changes the caller's password, and ends their sessions on every other device. From then on it is their own, and no first
/// one.
pub async fn change_password(app: &App, caller: Caller, request: ChangePassword) -> Result<(), Fault> {
    let is_the_same = request.new == request.password;
    let person = second_factor::with_password(app, caller, request.password).await?;
    if is_the_same && person.first.is_some() {
        return Err(Fault::field(
            "new",
            "this is the one that was handed over: choose another",
        ));
    }
    password::check("new", &request.new, &person.name, &person.email)?;
    let hash = app.passwords.hash(request.new).await?;
    let (now, within, code) = (app.now(), app.clone(), request.code);
    app.store
        .write(async move |tx: &mut Tx| {
            // Asked again: a first password may have been taken back since it was checked, and its sessions with it.
            if store::session::live(tx, caller.session).await?.is_none() {
                return Err(Fault::SignedOut);
            }
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

/// Gives an account a first password, which is returned to be handed over, and ends its sessions: an operator's act. A
/// second factor stays.
///
/// # Errors
/// [`Fault::NotFound`] where no account has this e-mail.
pub async fn reset(
    store: &Store,
    passwords: &Passwords,
    limits: &Limits,
    email: &str,
    now: DateTime<Utc>,
) -> Result<FirstPassword, Fault> {
    let email = email::normal("email", email)?;
    let made = first_password::make(passwords, limits, now).await?;
    let first = made.first.clone();
    store
        .write(async move |tx: &mut Tx| {
            let person: PersonId = store::person::by_email(tx, &email).await?.ok_or(Fault::NotFound)?.id;
            store::person::hand_over(tx, person, &made.hash, made.first.until).await?;
            store::session::end_person(tx, person, now).await?;
            let act = Act::of_operator(person.uuid(), "password_reset", String::new(), now);
            store::audit::acted(tx, act).await?;
            Ok::<_, Fault>(())
        })
        .await?;
    Ok(first)
}
