//! The system asks the app to end, as at logout or by Ctrl-C: it ends as if the person had quit it.

use tauri::AppHandle;
use tokio::signal::unix::{SignalKind, signal};

/// Listens from now on.
pub fn heed(app: &AppHandle) {
    for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signal) => {
                    if signal.recv().await.is_some() {
                        tracing::info!("the system asks the app to end");
                        app.exit(0);
                    }
                }
                Err(error) => tracing::warn!(%error, "a signal of the system cannot be listened to"),
            }
        });
    }
}
