//! The one place that knows which host this is: the desktop shell, where the core runs natively behind one command, or a
//! browser, where the same core runs inside this page.
//!
//! A release holds one of the two, so that a browser downloads no JSON of the shell's, and the shell carries no second
//! core. With both features it finds out by itself.

#[cfg(feature = "browser")]
mod browser;
#[cfg(feature = "browser")]
mod indexed_db;
#[cfg(feature = "window")]
mod tauri;

#[cfg(not(any(feature = "browser", feature = "window")))]
compile_error!("the screens need a host: the feature `browser`, `window`, or both");

use doseline_client::ask::{Fault, Request};

/// Asks the core.
///
/// # Errors
/// The fault, of which `words::fault` makes a sentence.
pub async fn ask<R: Request>(request: R) -> Result<R::Answer, Fault> {
    #[cfg(all(feature = "browser", feature = "window"))]
    if !tauri::is_here() {
        return browser::ask(request).await;
    }
    #[cfg(feature = "window")]
    return tauri::ask(request).await;
    #[cfg(not(feature = "window"))]
    browser::ask(request).await
}

/// Whether a link with a telephone number can lead anywhere. The shell's window follows no link out of the app.
pub fn may_dial() -> bool {
    #[cfg(all(feature = "browser", feature = "window"))]
    return !tauri::is_here();
    #[cfg(not(all(feature = "browser", feature = "window")))]
    cfg!(feature = "browser")
}

/// Calls whenever something that the surfaces may show has changed. Called once, at start.
pub fn on_changed(hear: impl Fn() + 'static) {
    #[cfg(all(feature = "browser", feature = "window"))]
    if !tauri::is_here() {
        browser::on_changed(hear);
        return;
    }
    #[cfg(feature = "window")]
    tauri::on_changed(hear);
    #[cfg(not(feature = "window"))]
    browser::on_changed(hear);
}
