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

use chrono::NaiveDate;
use doseline_client::ask::{Fault, Request};
use doseline_shared::api::report::Document;

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

/// Where a report, or a copy of a record, is once it is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// It lies in this place.
    #[cfg_attr(not(feature = "window"), expect(dead_code, reason = "only the shell keeps files"))]
    Kept(String),
    /// The page holds it under this address, which lasts as long as the page.
    #[cfg_attr(not(feature = "browser"), expect(dead_code, reason = "only a browser holds files"))]
    Held(String),
}

/// Makes a PDF of a report that is made on this date: in the shell by itself, in a browser by the backend.
///
/// # Errors
/// As [`ask`].
pub async fn print(document: Document, made: NaiveDate) -> Result<Printed, Fault> {
    #[cfg(all(feature = "browser", feature = "window"))]
    if !tauri::is_here() {
        return browser::print(document).await.map(Printed::Held);
    }
    #[cfg(feature = "window")]
    return tauri::print(&document, made).await.map(Printed::Kept);
    #[cfg(not(feature = "window"))]
    {
        // The name is the link's matter, which the page draws.
        let _ = made;
        browser::print(document).await.map(Printed::Held)
    }
}

/// Makes a file of a copy of a record that was taken on this date.
///
/// # Errors
/// `DiskFull`, or that the host cannot.
pub async fn keep_copy(text: String, made: NaiveDate) -> Result<Printed, Fault> {
    #[cfg(all(feature = "browser", feature = "window"))]
    if !tauri::is_here() {
        return browser::hold(text.as_bytes(), "application/json").map(Printed::Held);
    }
    #[cfg(feature = "window")]
    return tauri::keep_copy(&text, made).await.map(Printed::Kept);
    #[cfg(not(feature = "window"))]
    {
        let _ = made;
        browser::hold(text.as_bytes(), "application/json").map(Printed::Held)
    }
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
