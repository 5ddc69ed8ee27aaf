//! A person says what becomes of an operation that does not go through by itself.

use doseline_shared::{api::ErrorCode, id::OperationId};

use super::push::from_version;
use crate::{
    ask::{Fault, Settle},
    cache::{Batch, Pending, Trouble},
    core::Core,
    host::Host,
    vault::Vault,
    view::StartView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Keeps one's own, as an edit of what the backend has now, or takes the backend's.
    ///
    /// # Errors
    /// `NotFound` where nothing waits under this id.
    pub(crate) async fn settle(&self, ask: Settle) -> Result<StartView, Fault> {
        {
            let _writing = self.writing.lock().await;
            let pending = self
                .state
                .borrow()
                .mine()
                .find(|pending| pending.id == ask.operation)
                .cloned();
            let (Some(pending), Some(trouble)) = (pending.clone(), pending.and_then(|pending| pending.trouble)) else {
                return Err(Fault::of(ErrorCode::NotFound));
            };
            // A new id: the backend keeps its answer to the old one.
            let again = |pending: Pending| Pending {
                id: OperationId::from_uuid(self.new_id()),
                trouble: None,
                ..pending
            };
            let mut batch = Batch {
                acknowledged: vec![pending.id],
                ..Batch::default()
            };
            match trouble {
                Trouble::Conflict { current } => {
                    if ask.keep_mine {
                        batch.pending.push(again(Pending {
                            body: from_version(pending.body.clone(), current.version()),
                            base: Some(current.as_ref().clone()),
                            ..pending
                        }));
                    }
                    let newer = self
                        .state
                        .borrow()
                        .replica
                        .stored(current.patient(), current.kind(), current.id())
                        .is_none_or(|stored| stored.version() <= current.version());
                    if newer {
                        batch.put.push(*current);
                    }
                }
                Trouble::Refused { .. } => {
                    if ask.keep_mine {
                        batch.pending.push(again(pending));
                    }
                }
            }
            self.commit(batch).await?;
        }
        self.work.ring();
        Ok(self.start().await)
    }
}
