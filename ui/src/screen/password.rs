//! Changing one's password.

use doseline_client::ask::{ChangePassword, Fault, Secret};
use doseline_shared::api::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Kind},
    host,
    screen::second_factor::{CODE, PASSWORD},
    words::t,
};

#[derive(Clone, Copy)]
struct Form {
    app: App,
    open: RwSignal<bool>,
    changed: RwSignal<bool>,
    needs_code: RwSignal<bool>,
    old: RwSignal<String>,
    new: RwSignal<String>,
    code: RwSignal<String>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
}

/// The section of the settings.
pub fn section(app: App) -> AnyView {
    let text = || RwSignal::new(String::new());
    let form = Form {
        app,
        open: RwSignal::new(false),
        changed: RwSignal::new(false),
        needs_code: RwSignal::new(false),
        old: text(),
        new: text(),
        code: text(),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
    };
    view! {
        <section class="settings" id="password" aria-labelledby="password-title">
            <h2 id="password-title">{t("password")}</h2>
            <div role="status">
                {move || form.changed.get().then(|| view! { <p data-test="password-changed">{t("password-changed")}</p> })}
            </div>
            {move || if form.open.get() {
                fields(form)
            } else {
                piece::button("button", "password-open", t("password-change"), move || form.turn(true))
            }}
        </section>
    }
    .into_any()
}

fn fields(form: Form) -> AnyView {
    let new = Kind {
        autocomplete: "new-password",
        ..PASSWORD
    };
    view! {
        <form class="card form" on:submit=move |event| { event.prevent_default(); form.send(); }>
            <p>{t("password-words")}</p>
            {piece::field("password-old", t("password-old"), None, PASSWORD, form.old)}
            {piece::field_of("password-new", "new", form.fault, t("password-new"), Some(t("password-hint")), new, form.new)}
            {move || form.needs_code.get().then(|| {
                piece::field("password-code", t("second-factor-code"), Some(t("second-factor-code-hint")), CODE, form.code)
            })}
            {piece::fault_line(form.fault)}
            <div class="acts">
                {piece::submit("password-submit", t("password-change"), form.busy)}
                {piece::button("button", "password-cancel", t("cancel"), move || form.turn(false))}
            </div>
        </form>
    }
    .into_any()
}

impl Form {
    /// Opens or closes the form; what was typed is forgotten.
    fn turn(self, open: bool) {
        for typed in [self.old, self.new, self.code] {
            typed.set(String::new());
        }
        self.fault.set(None);
        self.needs_code.set(false);
        self.changed.set(false);
        self.open.set(open);
    }

    fn send(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let code = Secret(self.code.get_untracked().trim().to_owned());
        spawn_local(async move {
            let answer = host::ask(ChangePassword {
                password: Secret(self.old.get_untracked()),
                code: self.needs_code.get_untracked().then_some(code),
                new: Secret(self.new.get_untracked()),
            })
            .await;
            self.busy.set(false);
            match answer {
                Ok(()) => {
                    self.turn(false);
                    self.changed.set(true);
                    self.app.touch();
                }
                Err(fault) => {
                    if fault.code == ErrorCode::SecondFactorNeeded {
                        self.needs_code.set(true);
                    }
                    self.fault.set(Some(fault));
                }
            }
        });
    }
}
