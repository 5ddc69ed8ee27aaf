//! What operators need: health, metrics, logs, jobs, and the commands over the store.

pub mod commands;
pub mod jobs;
pub mod log;
pub mod metrics;

use crate::{app::App, fault::Fault};

/// Whether requests can be served: not stopping, and the store answers.
pub async fn ready(app: &App) -> Result<(), Fault> {
    if *app.stopping.borrow() {
        return Err(Fault::Unavailable { retry_after: 1 });
    }
    app.store.health().await?;
    Ok(())
}
