//! A screen's view: asked for when the screen opens and again whenever something may have changed. The old view stays
//! on the screen until the new one is there, so that nothing flickers and the keyboard's focus is kept.

use std::{cell::Cell, rc::Rc};

use doseline_client::ask::{Fault, OpenOffline, Request};
use doseline_shared::api::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{away, piece},
    host,
    route::Route,
    words::t,
};

/// A view on its way, or there.
pub struct Loaded<T: Send + Sync + 'static> {
    /// The view, once it is there.
    pub view: RwSignal<Option<T>>,
    /// Why it is not.
    pub fault: RwSignal<Option<Fault>>,
    again: RwSignal<u32>,
    app: App,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

/// Asks now, and again whenever a signal that `request` reads, or anything in the record, changes.
pub fn load<R>(app: App, request: impl Fn() -> R + 'static) -> Loaded<R::Answer>
where
    R: Request + 'static,
    R::Answer: Send + Sync + PartialEq,
{
    load_until(app, |_| false, request)
}

/// Asks now, and again only until the view is there: for what costs something each time that it is asked for.
pub fn load_once<R>(app: App, request: impl Fn() -> R + 'static) -> Loaded<R::Answer>
where
    R: Request + 'static,
    R::Answer: Send + Sync + PartialEq,
{
    load_until(app, |loaded| loaded.view.with_untracked(Option::is_some), request)
}

fn load_until<R>(
    app: App,
    enough: fn(&Loaded<R::Answer>) -> bool,
    request: impl Fn() -> R + 'static,
) -> Loaded<R::Answer>
where
    R: Request + 'static,
    R::Answer: Send + Sync + PartialEq,
{
    let loaded = Loaded {
        view: RwSignal::new(None),
        fault: RwSignal::new(None),
        again: RwSignal::new(0),
        app,
    };
    let latest = Rc::new(Cell::new(0_u32));
    Effect::new(move |_| {
        app.changed.track();
        loaded.again.track();
        if enough(&loaded) {
            return;
        }
        let request = request();
        let mine = latest.get().wrapping_add(1);
        latest.set(mine);
        let latest = Rc::clone(&latest);
        spawn_local(async move {
            let answer = host::ask(request).await;
            if latest.get() != mine {
                return;
            }
            match answer {
                Ok(view) => {
                    // The clock asks three times a minute; what is the same as before is not drawn again. The person may
                    // have left the screen meanwhile, and what it held is gone then.
                    let new = |old: &Option<_>| old.as_ref() != Some(&view);
                    if loaded.view.try_with_untracked(new) == Some(true) {
                        loaded.view.set(Some(view));
                    }
                    if loaded.fault.try_with_untracked(Option::is_some) == Some(true) {
                        loaded.fault.set(None);
                    }
                }
                Err(fault) => {
                    if fault.code == ErrorCode::SignedOut {
                        app.restart();
                    }
                    if matches!(fault.code, ErrorCode::NotFound | ErrorCode::Forbidden) {
                        loaded.view.set(None);
                    }
                    // The same again changes nothing that is drawn.
                    if loaded.fault.get_untracked().as_ref() != Some(&fault) {
                        loaded.fault.set(Some(fault));
                    }
                }
            }
        });
    });
    loaded
}

/// Draws the view, or that it is on its way, or why it does not come.
pub fn shown<T: Send + Sync + 'static>(loaded: Loaded<T>, draw: impl Fn(&T) -> AnyView + Send + 'static) -> AnyView {
    (move || {
        loaded.view.with(|view| match (view, loaded.fault.get()) {
            (Some(view), _) => draw(view),
            (None, Some(fault)) => failed(loaded, &fault),
            (None, None) => loading(),
        })
    })
    .into_any()
}

fn failed<T: Send + Sync + 'static>(loaded: Loaded<T>, fault: &Fault) -> AnyView {
    if matches!(fault.code, ErrorCode::NotFound | ErrorCode::Forbidden) {
        return view! {
            <section class="blank" role="status" data-test="gone">
                <h1>{t("gone-title")}</h1>
                <p>{t("gone-words")}</p>
                {piece::link_button("button main", "go-home", t("go-home"), Route::Home.path())}
            </section>
        }
        .into_any();
    }
    if fault.code == ErrorCode::Offline {
        return offline(loaded, fault.clone());
    }
    trouble(loaded, fault)
}

fn trouble<T: Send + Sync + 'static>(loaded: Loaded<T>, fault: &Fault) -> AnyView {
    piece::trouble(&t("trouble-here"), fault, Box::new(move || ask_again(loaded)))
}

/// With no network, a device that keeps the records lacks only this screen; a browser lacks all of them.
fn offline<T: Send + Sync + 'static>(loaded: Loaded<T>, fault: Fault) -> AnyView {
    let device = load(loaded.app, || OpenOffline {});
    shown(device, move |view| {
        if view.keeps_records {
            trouble(loaded, &fault)
        } else {
            away::screen(loaded.app, view, Box::new(move || ask_again(loaded)))
        }
    })
}

fn ask_again<T: Send + Sync + 'static>(loaded: Loaded<T>) {
    loaded.again.update(|count| *count = count.wrapping_add(1));
}

/// A quiet placeholder; it shows itself only where the answer takes longer than a blink.
pub fn loading() -> AnyView {
    view! {
        <div class="loading" role="status">
            <span class="visually-hidden">{t("loading")}</span>
            <div class="bone tall"></div><div class="bone"></div><div class="bone"></div>
        </div>
    }
    .into_any()
}
