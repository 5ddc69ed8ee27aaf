//! Which clinics there are: an operator's question.

use doseline_shared::id::ClinicId;

use crate::{
    fault::Fault,
    store::{self, Store, Tx},
};

/// All clinics, by name.
pub async fn list(store: &Store) -> Result<Vec<(ClinicId, String)>, Fault> {
    let clinics = store
        .read(async |tx: &mut Tx| Ok::<_, Fault>(store::clinic::list(tx).await?))
        .await?;
    Ok(clinics.into_iter().map(|clinic| (clinic.id, clinic.name)).collect())
}
