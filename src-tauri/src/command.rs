//! The one command of the user interface.

use doseline_client::ask::{Ask, Fault};
use tauri::State;

use crate::core_thread::CoreThread;

/// Passes `ask` to the core and brings back its answer.
#[tauri::command]
pub async fn ask(core: State<'_, CoreThread>, ask: Ask) -> Result<serde_json::Value, Fault> {
    core.ask(ask).await
}
