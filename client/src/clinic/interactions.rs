//! A clinic's list of interactions, for its administrators: what is loaded, loading another, withdrawing it.

use doseline_shared::{
    api::{
        ErrorCode,
        interactions::{INTERACTIONS, ListSummary},
    },
    id::ClinicId,
};

use crate::{
    account::backend::{Outgoing, read, text},
    ask::{Fault, LoadInteractions},
    core::Core,
    dose::time::local,
    host::Host,
    vault::Vault,
    view::{InteractionsView, LoadedList},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// What is loaded, as the backend has it now.
    pub(crate) async fn open_interactions(&self, clinic: ClinicId) -> Result<InteractionsView, Fault> {
        let me = self.me()?;
        let membership = me.staff.iter().find(|membership| membership.clinic == clinic);
        let name = membership.ok_or(Fault::of(ErrorCode::NotFound))?.clinic_name.clone();
        self.fetch_list(clinic).await?;
        let state = self.state.borrow();
        let zone = self.host.zone();
        Ok(InteractionsView {
            clinic: name,
            list: state.lists.get(&clinic).map(|list| LoadedList {
                pairs: list.pairs(),
                at: local(list.loaded_at, zone),
                by: list.loaded_by.clone(),
            }),
        })
    }

    /// Loads a list.
    ///
    /// # Errors
    /// `InvalidField`, with every fault of the file by line and column.
    pub(crate) async fn load_interactions(&self, ask: LoadInteractions) -> Result<InteractionsView, Fault> {
        let path = path(ask.clinic);
        let request = Outgoing {
            method: "PUT",
            path: &path,
            header: Some(("content-type", "text/csv; charset=utf-8".to_owned())),
            body: Some(ask.file),
        };
        let _: ListSummary = read(&text(self.exchange(&request).await?.body)?)?;
        self.changed_interactions(ask.clinic).await
    }

    /// Withdraws the list.
    pub(crate) async fn withdraw_interactions(&self, clinic: ClinicId) -> Result<InteractionsView, Fault> {
        match self.delete(&path(clinic)).await {
            // Another administrator was first.
            Err(fault) if fault.code != ErrorCode::NotFound => return Err(fault),
            Ok(()) | Err(_) => {}
        }
        self.changed_interactions(clinic).await
    }

    async fn changed_interactions(&self, clinic: ClinicId) -> Result<InteractionsView, Fault> {
        let view = self.open_interactions(clinic).await;
        // The next pull tells which list stands from now on.
        self.work.ring();
        view
    }
}

/// Where a clinic's list is.
pub(crate) fn path(clinic: ClinicId) -> String {
    INTERACTIONS.replace("{clinic}", &clinic.to_string())
}
