//! What runs beside the requests: a seal over the hash chains each minute, and forgetting what is over.
//!
//! Each backend runs them; on a shared PostgreSQL the store lets one of them win and the others find nothing to do.

use std::time::Duration;

use chrono::TimeDelta;
use doseline_shared::api::webhook::KEPT_DAYS;

use crate::{
    app::App,
    fault::Fault,
    operations::metrics,
    store::{self, Tx},
};

/// Runs until the backend stops.
pub async fn run(app: App) {
    let mut stopping = app.stopping.clone();
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut minutes: u64 = 0;
    loop {
        tokio::select! {
            _ = minute.tick() => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        metrics::tidy();
        if let Err(fault) = seal(&app).await {
            tracing::warn!(fault.code = fault.code().name(), "no seal this minute");
        }
        if minutes.is_multiple_of(60)
            && let Err(fault) = forget(&app).await
        {
            tracing::warn!(
                fault.code = fault.code().name(),
                "what is over was not forgotten this hour"
            );
        }
        minutes += 1;
    }
}

/// Seals what has changed, and the audit. The hashes go to the log: noted outside of the store, they hold against someone
/// who could rewrite all of it.
pub async fn seal(app: &App) -> Result<(), Fault> {
    let now = app.now();
    let changes = app
        .store
        .write(async move |tx: &mut Tx| Ok::<_, Fault>(store::change::seal(tx, now).await?))
        .await?;
    let audit = app
        .store
        .write(async move |tx: &mut Tx| Ok::<_, Fault>(store::audit::seal(tx, now).await?))
        .await?;
    for (of, seal) in [("changes", changes), ("audit", audit)] {
        if let Some(seal) = seal {
            ::metrics::counter!("doseline_seals_total", "of" => of).increment(1);
            tracing::info!(seal.of = of, seal.number = seal.number, seal.heads = seal.heads, seal.hash = %seal.hash, "sealed");
        }
    }
    Ok(())
}

/// Forgets attempts and sessions of systems of more than a day ago; what was over a week ago: refresh tokens, invitations
/// nobody used; and messages to webhooks that were given up a month ago.
pub async fn forget(app: &App) -> Result<(), Fault> {
    let now = app.now();
    let (attempts, tokens, invitations) = app
        .store
        .write(async move |tx: &mut Tx| {
            let attempts = store::attempt::prune(tx, now - TimeDelta::days(1)).await?;
            let tokens = store::session::prune(tx, now - TimeDelta::days(7)).await?;
            store::partner::prune(tx, now - TimeDelta::days(1)).await?;
            store::webhook::prune(tx, now - TimeDelta::days(KEPT_DAYS)).await?;
            let invitations = store::invitation::prune(tx, now - TimeDelta::days(7)).await?;
            Ok::<_, Fault>((attempts, tokens, invitations))
        })
        .await?;
    tracing::debug!(
        forgotten.attempts = attempts,
        forgotten.tokens = tokens,
        forgotten.invitations = invitations,
        "forgot what is over"
    );
    Ok(())
}
