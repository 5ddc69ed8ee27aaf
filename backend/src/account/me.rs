//! Who is signed in.

use doseline_shared::{api::account::Me, id::PersonId};

use crate::{
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// The caller: name, own record, clinics.
pub async fn me(app: &App, caller: Caller) -> Result<Me, Fault> {
    app.store
        .read(async move |tx: &mut Tx| of(tx, caller.person).await)
        .await
}

/// `person`, as they see themselves.
pub(super) async fn of(tx: &mut Tx, person: PersonId) -> Result<Me, Fault> {
    let known = store::person::by_id(tx, person).await?.ok_or(Fault::SignedOut)?;
    Ok(Me {
        person,
        name: known.name,
        email: known.email,
        patient: store::person::patient(tx, person).await?,
        staff: store::clinic::memberships(tx, person).await?,
        first_password: known.first.is_some(),
        second_factor_missing: store::second_factor::is_missing(tx, person).await?,
    })
}
