//! Signing in. A wrong password and an unknown e-mail are answered alike, after the same time. Where there is a second
//! factor, its code is asked for once the password is right; attempts are forgiven only when both were. A first password
//! opens nothing once its time is over.

use doseline_shared::api::account::{Session, SignIn};

use super::{attempt, attempt::Limit, email, first_password, me, second_factor, session};
use crate::{
    app::{App, Origin},
    fault::Fault,
    store::{self, Tx},
};

/// Opens a session on a device.
pub async fn sign_in(app: &App, origin: Origin, request: SignIn) -> Result<Session, Fault> {
    let email = email::normal("email", &request.email)?;
    let by_email = Limit::sign_in_email(app, &email);
    let by_address = Limit::sign_in_address(app, origin.0);
    attempt::take(app, vec![by_email.clone(), by_address])
        .await
        .inspect_err(|_| count("refused"))?;
    let known = app
        .store
        .read(async move |tx: &mut Tx| Ok::<_, Fault>(store::person::by_email(tx, &email).await?))
        .await?;
    let hash = known.as_ref().map(|person| person.password_hash.clone());
    let fits = app.passwords.fits(request.password, hash).await?;
    let account = known.as_ref().map(|person| person.id);
    let Some(person) = known.filter(|_| fits) else {
        count("wrong");
        return Err(Fault::WrongCredentials { account });
    };
    let (device, code, now, within) = (request.device, request.code, app.now(), app.clone());
    first_password::serves(&person, now).inspect_err(|_| count("wrong"))?;
    let (begun, me) = app
        .store
        .write(async move |tx: &mut Tx| {
            second_factor::check(tx, &within, person.id, code.as_deref(), now).await?;
            let begun = session::begin(tx, &within.limits, person.id, &device, now).await?;
            let me = me::of(tx, person.id).await?;
            store::audit::acted(tx, begun.act("signed_in", origin, now)).await?;
            Ok::<_, Fault>((begun, me))
        })
        .await
        .inspect_err(|fault| match fault {
            Fault::SecondFactorNeeded => count("half"),
            _ => count("wrong"),
        })?;
    attempt::forgive(app, vec![by_email]).await?;
    count("done");
    begun.answer(app, me)
}

fn count(outcome: &'static str) {
    metrics::counter!("doseline_sign_ins_total", "outcome" => outcome).increment(1);
}
