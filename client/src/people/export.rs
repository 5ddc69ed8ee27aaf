//! A copy of everything that the backend keeps about one's own record. The device passes it on and keeps nothing of it.

use doseline_shared::api::{ErrorCode, export::EXPORT};

use crate::{ask::Fault, core::Core, host::Host, vault::Vault};

impl<H: Host, V: Vault> Core<H, V> {
    /// The copy, as the text of its file.
    ///
    /// # Errors
    /// `Offline` where the backend cannot be reached: entries that wait to be sent are not in its copy either.
    pub(crate) async fn export_record(&self) -> Result<String, Fault> {
        let patient = self.me()?.patient.ok_or(Fault::of(ErrorCode::NotFound))?;
        // What waits goes first, so that the copy has it.
        self.sync_once().await?;
        self.send("GET", &EXPORT.replace("{patient}", &patient.to_string()), None)
            .await
    }
}
