//! A device without a keychain: its PIN. And a store that does not open: what is safe, and what to do.

use doseline_client::{
    ask::{ChoosePin, Fault, StartOver, Unlock},
    view::StartView,
};
use doseline_shared::api::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{
        icon,
        piece::{self, Kind},
    },
    host,
    words::{self, say, t},
};

const PIN: Kind = Kind {
    kind: "password",
    autocomplete: "off",
    inputmode: "text",
    required: true,
};

/// Chooses the PIN.
pub fn choose(app: App) -> AnyView {
    let (pin, again) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (busy, fault, differ) = (RwSignal::new(false), RwSignal::new(None), RwSignal::new(false));
    let send = move || {
        differ.set(pin.get_untracked() != again.get_untracked());
        if !differ.get_untracked() {
            answered(app, busy, fault, async move {
                host::ask(ChoosePin {
                    pin: pin.get_untracked(),
                })
                .await
            });
        }
    };
    view! {
        <form class="form" on:submit=move |event| { event.prevent_default(); send(); }>
            <h1>{t("pin-choose-title")}</h1>
            <p>{t("pin-choose-words")}</p>
            {piece::field_of("pin", "pin", fault, t("pin"), Some(t("pin-hint")), PIN, pin)}
            {piece::field("pin-again", t("pin-again"), None, PIN, again)}
            <div role="alert">
                {move || differ.get().then(|| view! {
                    <p class="fault" data-test="pin-differ">{icon::icon(icon::HEED)}<span>{t("pin-differ")}</span></p>
                })}
            </div>
            {piece::fault_line(fault)}
            {piece::submit("pin-submit", t("pin-choose"), busy)}
        </form>
    }
    .into_any()
}

/// Enters the PIN.
pub fn enter(app: App) -> AnyView {
    let pin = RwSignal::new(String::new());
    let (busy, fault) = (RwSignal::new(false), RwSignal::new(None));
    let send = move || {
        answered(app, busy, fault, async move {
            host::ask(Unlock {
                pin: pin.get_untracked(),
            })
            .await
        });
    };
    view! {
        <form class="form" on:submit=move |event| { event.prevent_default(); send(); }>
            <h1>{t("pin-enter-title")}</h1>
            <p>{t("pin-enter-words")}</p>
            {piece::field("pin", t("pin"), None, PIN, pin)}
            {piece::fault_line(fault)}
            {piece::submit("pin-submit", t("pin-enter"), busy)}
        </form>
    }
    .into_any()
}

/// The store does not open.
pub fn trouble(app: App, matter: &Fault, saved: u32) -> AnyView {
    let (busy, fault) = (RwSignal::new(false), RwSignal::new(None));
    let safe = if saved > 0 {
        say("trouble-saved", &[("count", &saved.to_string())])
    } else {
        t("trouble-left")
    };
    if matter.code == ErrorCode::KeychainLocked {
        // Nothing is wrong with the record, and there may be none yet: only the keychain is in the way.
        return view! {
            <section class="blank">
                <h1>{t("keychain-locked-title")}</h1>
                <p data-test="fault">{words::fault(matter)}</p>
                {piece::button("button main", "try-again", t("try-again"), move || app.restart())}
            </section>
        }
        .into_any();
    }
    let may_start_over = matches!(
        matter.code,
        ErrorCode::CacheDamaged | ErrorCode::WrongKey | ErrorCode::Internal
    );
    view! {
        <section class="blank">
            <h1>{t("trouble-title")}</h1>
            <p data-test="fault">{words::fault(matter)}</p>
            <p>{safe}</p>
            {piece::button("button main", "try-again", t("try-again"), move || app.restart())}
            {may_start_over.then(|| view! {
                <p class="otherwise">{t("start-over-words")}</p>
                {piece::button("button", "start-over", t("start-over"), move || {
                    answered(app, busy, fault, async { host::ask(StartOver {}).await });
                })}
            })}
            {piece::fault_line(fault)}
        </section>
    }
    .into_any()
}

fn answered(
    app: App,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
    answer: impl Future<Output = Result<StartView, Fault>> + 'static,
) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    spawn_local(async move {
        match answer.await {
            Ok(view) => app.begin(view),
            Err(why) => fault.set(Some(why)),
        }
        busy.set(false);
    });
}
