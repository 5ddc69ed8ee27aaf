//! The one place that knows which host this is: the desktop shell, where the core runs natively behind one command, or a
//! browser, where the same core runs inside this page.

mod browser;
mod indexed_db;
mod tauri;

use doseline_client::ask::{Fault, Request};

/// Asks the core.
///
/// # Errors
/// The fault, of which `words::fault` makes a sentence.
pub async fn ask<R: Request>(request: R) -> Result<R::Answer, Fault> {
    if tauri::is_here() {
        tauri::ask(request).await
    } else {
        browser::ask(request).await
    }
}

/// Whether a link with a telephone number can lead anywhere. The shell's window follows no link out of the app.
pub fn may_dial() -> bool {
    !tauri::is_here()
}

/// Calls whenever something that the surfaces may show has changed. Called once, at start.
pub fn on_changed(hear: impl Fn() + 'static) {
    if tauri::is_here() {
        tauri::on_changed(hear);
    } else {
        browser::on_changed(hear);
    }
}
