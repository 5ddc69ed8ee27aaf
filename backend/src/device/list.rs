//! The devices on which a person has a live session.

use doseline_shared::api::account::Device;

use crate::{
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// The caller's devices, the one that was last heard of first.
pub async fn list(app: &App, caller: Caller) -> Result<Vec<Device>, Fault> {
    app.store
        .read(async move |tx: &mut Tx| {
            let known = store::device::of_person(tx, caller.person).await?;
            Ok(known
                .into_iter()
                .map(|device| Device {
                    current: device.id == caller.device,
                    id: device.id,
                    name: device.name,
                    since: device.since,
                    seen: device.seen,
                })
                .collect())
        })
        .await
}
