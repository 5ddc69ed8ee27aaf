//! Fetching lists: only what a pull has named, and only where it is another than the one that is here.

use chrono::TimeDelta;
use doseline_shared::{
    api::{
        ErrorCode,
        interactions::{InteractionList, ListRevision},
    },
    id::ClinicId,
};

use crate::{
    account::backend::{Outgoing, UNCHANGED, read, text},
    ask::Fault,
    cache::Batch,
    clinic::interactions::path,
    core::Core,
    host::Host,
    vault::Vault,
};

/// A list may be large. One that does not come through on a slow network is not asked for with every pull.
const WAIT: TimeDelta = TimeDelta::minutes(5);

impl<H: Host, V: Vault> Core<H, V> {
    /// Brings the lists to where the last pull says they are. The caller holds `syncing`. A list that cannot be had now
    /// does not keep records from coming and going.
    ///
    /// # Errors
    /// The cache's.
    pub(crate) async fn pull_lists(&self) -> Result<(), Fault> {
        let Some(scope) = self.patient_scope() else {
            return Ok(());
        };
        let (gone, other) = {
            let state = self.state.borrow();
            let named = |clinic: &ClinicId| scope.lists.iter().any(|list| list.clinic == *clinic);
            let gone: Vec<ClinicId> = state.lists.keys().filter(|clinic| !named(clinic)).copied().collect();
            let same = |list: &ListRevision| {
                let held = state.lists.get(&list.clinic);
                held.is_some_and(|held| held.revision == list.revision)
            };
            let other: Vec<ListRevision> = scope.lists.iter().filter(|list| !same(list)).cloned().collect();
            (gone, other)
        };
        if !gone.is_empty() {
            let batch = Batch {
                lists: gone.into_iter().map(|clinic| (clinic, None)).collect(),
                ..Batch::default()
            };
            self.commit(batch).await?;
        }
        let now = self.host.now();
        if self.lists_after.get().is_some_and(|after| now < after) {
            return Ok(());
        }
        self.lists_after.set(None);
        for list in other {
            if let Err(fault) = self.fetch_list(list.clinic).await {
                tracing::debug!(list.fault = fault.code.name(), "a list of interactions did not come");
                self.lists_after.set(Some(now + WAIT));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Fetches a clinic's list, unless the one that is here is the same.
    pub(crate) async fn fetch_list(&self, clinic: ClinicId) -> Result<(), Fault> {
        let sitting = self.sitting.get();
        let known = self
            .state
            .borrow()
            .lists
            .get(&clinic)
            .map(|list| ("if-none-match", format!("\"{}\"", list.revision)));
        let held = known.is_some();
        let path = path(clinic);
        let request = Outgoing {
            method: "GET",
            path: &path,
            header: known,
            body: None,
        };
        let list = match self.exchange(&request).await {
            Ok(answer) if answer.status == UNCHANGED => return Ok(()),
            Ok(answer) => Some(read::<InteractionList>(&text(answer.body)?)?),
            Err(fault) if matches!(fault.code, ErrorCode::NotFound | ErrorCode::Forbidden) => None,
            Err(fault) => return Err(fault),
        };
        if list.is_none() && !held {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        if sitting != self.sitting.get() {
            return Err(Fault::of(ErrorCode::SignedOut));
        }
        self.commit(Batch {
            lists: vec![(clinic, list)],
            ..Batch::default()
        })
        .await
    }
}
