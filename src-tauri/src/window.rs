//! The one window: built when it is first wanted, hidden instead of closed.
//!
//! What it draws comes from the embedded user interface; it goes nowhere else.

use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Its label.
pub const LABEL: &str = "main";
/// Starts the app without a window, as at login.
pub const HIDDEN: &str = "--hidden";
/// Ends the running app, for desktops that show no tray.
pub const QUIT: &str = "--quit";

/// Shows the window and brings it to the front.
pub fn show(app: &AppHandle) {
    on_main_thread(app, |app| {
        if let Err(error) = show_now(app) {
            tracing::error!(%error, "the window cannot be shown");
        }
    });
}

/// Shows the window on `path`, such as `/today`, as if the person had gone there in the user interface.
#[cfg(desktop)]
pub fn show_on(app: &AppHandle, path: &'static str) {
    on_main_thread(app, move |app| {
        let gone = show_now(app).and_then(|window| {
            window.eval(format!(
                "history.pushState(null, '', {path:?}); dispatchEvent(new PopStateEvent('popstate'));"
            ))
        });
        if let Err(error) = gone {
            tracing::error!(%error, "the window cannot be shown");
        }
    });
}

/// Windows are the main thread's matter, and every system but Linux insists on it.
fn on_main_thread(app: &AppHandle, act: impl FnOnce(&AppHandle) + Send + 'static) {
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || act(&handle)) {
        tracing::error!(%error, "the event loop has ended");
    }
}

fn show_now(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = match app.get_webview_window(LABEL) {
        Some(window) => window,
        None => build(app)?,
    };
    #[cfg(desktop)]
    {
        window.show()?;
        window.unminimize()?;
        window.set_focus()?;
    }
    Ok(window)
}

fn build(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .on_navigation(|to| to.scheme() == "tauri" || to.host_str() == Some("tauri.localhost"));
    #[cfg(desktop)]
    let builder = builder
        .title("Doseline")
        .inner_size(480.0, 860.0)
        .min_inner_size(360.0, 640.0)
        .center();
    let window = builder.build()?;
    #[cfg(desktop)]
    {
        let closing = window.clone();
        window.on_window_event(move |event| {
            if let tauri::WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                match closing.hide() {
                    Ok(()) => closing
                        .state::<crate::first_close::FirstClose>()
                        .explain(closing.app_handle()),
                    Err(error) => tracing::error!(%error, "the window cannot be hidden"),
                }
            }
        });
    }
    Ok(window)
}
