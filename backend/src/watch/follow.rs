//! Follows the feed: a patient of whom something has changed is looked at again.

use super::{NEWS, SYSTEM, Watcher};
use crate::store::{self, StoreError, Tx};

impl Watcher {
    /// Reads on in the feed; whether there is more already. Of several backends that read the same, one moves on.
    pub(super) async fn follow(&self) -> Result<bool, StoreError> {
        let news = self
            .store
            .read(async |tx: &mut Tx| store::watch::news(tx, &SYSTEM, NEWS).await)
            .await?;
        let Some(news) = news else {
            return Ok(false);
        };
        let (more, now) = (news.more, self.now());
        self.store
            .write(async move |tx: &mut Tx| store::watch::heed(tx, &news, now).await)
            .await?;
        Ok(more)
    }
}
