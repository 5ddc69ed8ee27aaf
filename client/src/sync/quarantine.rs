//! Records that could not be decoded are tried again at each start: a newer version of the app may read them.

use super::page::decode_record;
use crate::{ask::Fault, cache::Batch, core::Core, host::Host, vault::Vault};

impl<H: Host, V: Vault> Core<H, V> {
    /// Takes in what can be read by now. The rest stays where it is.
    pub(crate) async fn retry_quarantine(&self) -> Result<(), Fault> {
        let put: Vec<_> = {
            let state = self.state.borrow();
            state
                .quarantine
                .values()
                .filter_map(|entry| decode_record(&entry.body, entry.patient, entry.record))
                .collect()
        };
        if put.is_empty() {
            return Ok(());
        }
        tracing::info!(sync.records = put.len(), "records left quarantine");
        self.commit(Batch {
            put,
            ..Batch::default()
        })
        .await
    }
}
