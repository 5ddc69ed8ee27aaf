//! What operators need: health, metrics, logs, jobs, and the commands over the store.

pub mod audit;
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

/// Measures what is measured only when it is asked for: how the store keeps up.
pub async fn measure(app: &App) -> Result<(), Fault> {
    let health = app.store.health().await?;
    ::metrics::gauge!("doseline_store_waiting").set(gauge(health.waiting));
    ::metrics::gauge!("doseline_store_held_back").set(gauge(health.held_back));
    Ok(())
}

/// A count as a gauge takes it; what is beyond 32 bits is shown as that.
fn gauge(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}
