//! The commands of the user interface: one for the core, and one for what the core has no hands for.

use chrono::NaiveDate;
use doseline_client::ask::{Ask, Fault};
use doseline_shared::api::{ErrorCode, export, report::Document};
use tauri::{AppHandle, State, async_runtime::spawn_blocking};

use crate::{core_thread::CoreThread, document, report};

/// Passes `ask` to the core and brings back its answer.
#[tauri::command]
pub async fn ask(core: State<'_, CoreThread>, ask: Ask) -> Result<serde_json::Value, Fault> {
    core.ask(ask).await
}

/// Keeps a report, made on this date, as a PDF, and brings back where it is.
#[tauri::command]
pub async fn keep_report(app: AppHandle, document: Document, made: NaiveDate) -> Result<String, Fault> {
    spawn_blocking(move || report::keep(&app, &document, made))
        .await
        .map_err(|_| Fault::of(ErrorCode::Internal))?
}

/// Keeps a copy of a record that was made on this date, and brings back where it is.
#[tauri::command]
pub async fn keep_copy(app: AppHandle, text: String, made: NaiveDate) -> Result<String, Fault> {
    spawn_blocking(move || document::keep(&app, &export::file_name(made), text.as_bytes()))
        .await
        .map_err(|_| Fault::of(ErrorCode::Internal))?
}
