//! The Doseline desktop and mobile shell: window, tray, timer, notifications, keychain.
//!
//! It hosts the client core on a thread of its own, passes the user interface's questions to it, and reminds while the
//! window is closed. There are no rules of medicine here.

#[cfg(target_os = "linux")]
mod again;
mod command;
mod core_thread;
mod keychain;
mod logs;
mod place;
mod report;
mod surface;
mod window;

#[cfg(desktop)]
mod autostart;
#[cfg(desktop)]
mod document;
mod first_close;
#[cfg(desktop)]
mod reminder;
#[cfg(all(desktop, unix))]
mod signals;
#[cfg(desktop)]
mod tray;

use std::{cell::Cell, process::ExitCode};

use tauri::{Builder, Manager, RunEvent, Wry};

use crate::{core_thread::CoreThread, place::Place, surface::Surface};

/// Begins on a mobile system.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn begin() {
    run();
}

/// Runs the app until the person quits it.
pub fn run() -> ExitCode {
    logs::begin();
    // Fails only where one is installed already; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        #[cfg(target_os = "linux")]
        Err(error) if again::helps(&error) => {
            tracing::warn!(%error, "trying again");
            tracing::error!(error = %again::begin(), "Doseline cannot start");
            ExitCode::FAILURE
        }
        Err(error) => {
            tracing::error!(%error, "Doseline cannot start");
            ExitCode::FAILURE
        }
    }
}

/// Why the app cannot start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("{0}")]
    Tauri(#[from] tauri::Error),
    #[error("{0}")]
    Place(#[from] place::PlaceError),
    #[error("the core's thread cannot start: {0}")]
    Thread(#[from] std::io::Error),
}

fn start() -> Result<(), StartError> {
    let hidden = std::env::args().any(|argument| argument == window::HIDDEN);
    let app = with_plugins(Builder::default())
        .invoke_handler(tauri::generate_handler![
            command::ask,
            command::keep_copy,
            command::keep_report
        ])
        .build(tauri::generate_context!("tauri.conf.json"))?;
    if std::env::args().any(|argument| argument == window::QUIT) {
        // With an app running, its plugin has answered already and this process is gone. There is none to quit.
        return Ok(());
    }
    let place = Place::take(app.path().app_data_dir()?)?;
    #[cfg(all(desktop, unix))]
    signals::heed(app.handle());
    #[cfg(desktop)]
    app.manage(first_close::FirstClose::of(&place));
    let identifier = app.config().identifier.clone();
    let (core, ended) = CoreThread::start(place, &identifier, Surface::new(app.handle().clone()), hidden)?;
    app.manage(core.clone());
    let ended = Cell::new(Some(ended));
    app.run(move |app, event| match event {
        RunEvent::Ready => {
            #[cfg(desktop)]
            tray::put_up(app, &doseline_client::words::Words::new("en"));
            if cfg!(mobile) || !hidden {
                window::show(app);
            }
        }
        // The last window is gone, which is no reason to stop reminding.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::Exit => {
            core.quit();
            if let Some(ended) = ended.take() {
                ended.wait();
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app),
        _ => {}
    });
    Ok(())
}

/// What only desktops have: one process per person, and starting with the computer.
#[cfg(desktop)]
fn with_plugins(builder: Builder<Wry>) -> Builder<Wry> {
    builder
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            if arguments.iter().any(|argument| argument == window::QUIT) {
                app.exit(0);
            } else if !arguments.iter().any(|argument| argument == window::HIDDEN) {
                window::show(app);
            }
        }))
        .plugin(autostart::plugin())
}

#[cfg(mobile)]
fn with_plugins(builder: Builder<Wry>) -> Builder<Wry> {
    builder
}
