//! The screens of Doseline: Leptos, rendered in the client. They draw the views of `doseline_client` and pass on what the
//! person does; they decide nothing. `host` is the one module that knows whether this is the desktop shell or a browser.

mod app;
mod draft;
mod draw;
mod host;
mod load;
mod page;
mod report;
mod route;
mod screen;
mod sentence;
mod time;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the app in the page. Called once, by the module that loads it.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::app);
}
