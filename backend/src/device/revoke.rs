//! Ending every session of one device at once, such as a telephone that was lost. Whoever has found the other one signed in
//! is not to lock its owner out: it needs the password.

use doseline_shared::{api::account::EndDevice, id::DeviceId};

use crate::{
    account::{
        attempt::{self, Limit},
        second_factor,
    },
    app::{App, Caller, OWN},
    fault::Fault,
    store::{self, Tx},
};

/// Ends the sessions of one of the caller's devices.
pub async fn revoke(app: &App, caller: Caller, device: DeviceId, request: EndDevice) -> Result<(), Fault> {
    second_factor::with_password(app, caller, request.password).await?;
    let now = app.now();
    app.store
        .write(async move |tx: &mut Tx| {
            let known = store::device::of_person(tx, caller.person).await?;
            if !known.iter().any(|of| of.id == device) {
                return Err(Fault::NotFound);
            }
            store::device::end(tx, caller.person, device, now).await?;
            let act = caller.acting(caller.person.uuid(), "device_ended", device.to_string(), OWN, now);
            store::audit::acted(tx, act).await?;
            Ok(())
        })
        .await?;
    attempt::forgive(app, vec![Limit::own_account(app, caller.person)]).await?;
    app.tell(caller.person);
    Ok(())
}
