//! The browser's page around the app: its address, its title, its attributes. Everything here is a thin call.

use chrono::{DateTime, Utc};
use doseline_client::ask::Fault;
use doseline_shared::api::account::Me;
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, MouseEvent};

use crate::{route::Route, words};

/// What there is to show at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The device's store is being opened.
    Opening,
    /// A PIN has to be chosen.
    ChoosePin,
    /// The PIN has to be entered.
    EnterPin,
    /// The store does not open.
    Trouble {
        /// Why.
        fault: Fault,
        /// Unsent entries that were carried over.
        saved: u32,
    },
    /// Nobody is signed in.
    SignedOut {
        /// Whether the server's address has to be asked for.
        ask_server: bool,
        /// The address used last.
        server: Option<String>,
    },
    /// Someone is.
    SignedIn(Me),
    /// Not even the first question was answered.
    Failed(Fault),
}

/// The screen that the address names.
pub fn address() -> Route {
    let location = window().location();
    Route::parse(
        &location.pathname().unwrap_or_default(),
        &location.search().unwrap_or_default(),
    )
}

/// Goes to an address and keeps the way back.
pub fn push(route: &Route) {
    if let Ok(history) = window().history() {
        let kept = history.push_state_with_url(&JsValue::NULL, "", Some(&route.path()));
        debug_assert!(kept.is_ok(), "an address of our own is always allowed");
    }
}

/// Goes to an address in place of this one.
pub fn replace(route: &Route) {
    if let Ok(history) = window().history() {
        let kept = history.replace_state_with_url(&JsValue::NULL, "", Some(&route.path()));
        debug_assert!(kept.is_ok(), "an address of our own is always allowed");
    }
}

/// Goes one step back.
pub fn back() {
    if let Ok(history) = window().history() {
        let gone = history.back();
        debug_assert!(gone.is_ok(), "going back is always allowed");
    }
}

/// Calls when the person goes back or forth.
pub fn on_move(arrive: impl Fn(Route) + 'static) {
    listen("popstate", move |_| arrive(address()));
}

/// Calls when a link inside the app is followed by a plain click.
pub fn on_link(go: impl Fn(Route) + 'static) {
    listen("click", move |event| {
        let Some(click) = event.dyn_ref::<MouseEvent>() else {
            return;
        };
        if click.button() != 0 || click.ctrl_key() || click.meta_key() || click.shift_key() || click.default_prevented()
        {
            return;
        }
        let link = click
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|element| element.closest("a[href^='/']").ok().flatten());
        let Some(href) = link.and_then(|link| link.get_attribute("href")) else {
            return;
        };
        event.prevent_default();
        let (path, query) = href.split_once('?').unwrap_or((&href, ""));
        go(Route::parse(path, query));
    });
}

fn listen(kind: &str, hear: impl Fn(Event) + 'static) {
    let hear = Closure::<dyn Fn(Event)>::new(hear);
    let listening = window().add_event_listener_with_callback(kind, hear.as_ref().unchecked_ref());
    debug_assert!(listening.is_ok(), "a window can always be listened to");
    // It lives as long as the page.
    hear.forget();
}

/// A new screen begins at its top, and the keyboard with it.
pub fn at_the_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
    if let Some(main) = element("main") {
        let focused = main.focus();
        debug_assert!(focused.is_ok(), "main takes the focus");
    }
}

/// Names the page in the window's title and in the history.
pub fn title(title: &str) {
    let title = if title.is_empty() {
        "Doseline".to_owned()
    } else {
        format!("{title} – Doseline")
    };
    document().set_title(&title);
}

/// Puts theme, size and language on the page, and keeps the first two for the next start.
pub fn dress(theme: &str, simple: bool, locale: &str) {
    let Some(root) = document().document_element() else {
        return;
    };
    put(&root, "data-theme", theme);
    put(&root, "data-simple", if simple { "true" } else { "false" });
    put(&root, "lang", locale);
    put(&root, "dir", words::direction(locale));
    if let Ok(Some(storage)) = window().local_storage() {
        for (name, value) in [
            ("doseline.theme", theme),
            ("doseline.simple", if simple { "true" } else { "false" }),
        ] {
            // A browser that keeps nothing starts in the system's theme; that is all that is lost.
            drop(storage.set_item(name, value));
        }
    }
}

/// The first screen is there.
pub fn ready() {
    if let Some(root) = document().document_element() {
        put(&root, "data-ready", "true");
    }
}

fn put(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        let written = element.set_attribute(name, value);
        debug_assert!(written.is_ok(), "{name} is an attribute's name");
    }
}

/// Puts the keyboard where it is asked for something.
pub fn focus(id: &str) {
    if let Some(field) = element(id) {
        let focused = field.focus();
        debug_assert!(focused.is_ok(), "a field takes the focus");
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Milliseconds from now until then; below 0 where it is past.
#[expect(clippy::cast_possible_truncation, reason = "a date of this millennium")]
pub fn millis_until(then: DateTime<Utc>) -> i64 {
    then.timestamp_millis() - js_sys::Date::now() as i64
}

/// Now.
#[expect(clippy::cast_possible_truncation, reason = "a date of this millennium")]
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or_default()
}

/// Has the browser keep what lies at this address of the page's own, as a file of this name.
pub fn download(address: &str, name: &str) {
    let Ok(link) = document().create_element("a") else {
        return;
    };
    put(&link, "href", address);
    put(&link, "download", name);
    if let Ok(link) = link.dyn_into::<HtmlElement>() {
        link.click();
    }
}

/// Puts a text on the clipboard, where the browser allows it.
pub fn copy(text: &str) {
    drop(window().navigator().clipboard().write_text(text));
}
