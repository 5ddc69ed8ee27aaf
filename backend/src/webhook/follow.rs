//! Follows the feed: each change becomes the messages that it is to the webhooks.

use chrono::{DateTime, Utc};

use super::{Courier, PAGE, SYSTEM, TOGETHER, event};
use crate::{
    fault::Fault,
    store::{
        self, Tx,
        webhook::{Advance, NewMessage, News},
    },
};

impl Courier {
    /// Reads on in the feed; whether there is more already. Of several backends that read the same, one moves on.
    pub(super) async fn follow(&self) -> Result<bool, Fault> {
        let now = self.now();
        let news = async move |tx: &mut Tx| Ok::<_, Fault>(store::webhook::news(tx, &SYSTEM, now, PAGE).await?);
        let news = self.0.store.read(news).await?;
        let more = news.iter().any(|news| news.more);
        let mut all = Vec::with_capacity(news.len());
        for news in news {
            let messages = messages(&news, now)?;
            all.push(Advance::new(news, messages));
        }
        for some in all.chunks(TOGETHER).map(<[Advance]>::to_vec) {
            let made = self
                .0
                .store
                .write(async move |tx: &mut Tx| Ok::<_, Fault>(store::webhook::advance(tx, &some, now).await?))
                .await?;
            metrics::counter!("doseline_webhook_messages_total").increment(made);
        }
        Ok(more)
    }
}

fn messages(news: &News, now: DateTime<Utc>) -> Result<Vec<NewMessage>, Fault> {
    news.changes
        .iter()
        .filter_map(|fresh| event::of(fresh, news.clinic).map(|(kind, about)| (kind, about, fresh.at)))
        .filter(|(kind, ..)| kind.goes_to(&news.chosen, news.scopes))
        .map(|(kind, about, at)| event::message(kind, about, at, now))
        .collect()
}
