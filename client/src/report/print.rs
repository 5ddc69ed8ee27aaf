//! Has the backend make a PDF of a report in words, for a device that carries nothing to make one with.

use doseline_shared::api::report::{Document, REPORT};

use crate::{
    account::backend::{Outgoing, written},
    ask::Fault,
    core::Core,
    host::Host,
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// The report as a PDF file.
    ///
    /// # Errors
    /// `Offline` where the backend cannot be reached; its own faults.
    pub(crate) async fn print_report(&self, document: &Document) -> Result<Vec<u8>, Fault> {
        self.me()?;
        let request = Outgoing::json("POST", REPORT, Some(written(document)?));
        self.exchange(&request).await.map(|answer| answer.body)
    }
}
