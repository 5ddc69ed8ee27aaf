//! Changing one's password, and choosing it in place of a first one that was handed over.

use doseline_client::ask::{ChangePassword, Fault, Secret, SignOut};
use doseline_shared::api::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Kind},
    host,
    route::Route,
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
    let form = Form::new(app);
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

/// The one screen of who has signed in with a first password: until they have their own, nothing else is open.
pub fn choose(app: App) -> AnyView {
    let form = Form::new(app);
    view! {
        <main id="main" class="alone" tabindex="-1" data-screen="own-password">
            <p class="brand"><img src="/icons/icon.svg" alt="" width="40" height="40"/>"Doseline"</p>
            <form class="form" on:submit=move |event| { event.prevent_default(); form.send(); }>
                <h1>{t("own-password-title")}</h1>
                <p>{t("own-password-words")}</p>
                {form.both(t("first-password"), Some(t("first-password-hint")))}
                {piece::submit("password-submit", t("own-password-choose"), form.busy)}
                <p class="otherwise">{t("own-password-later")}</p>
                {piece::button("button", "sign-out", t("sign-out"), move || sign_out(app))}
            </form>
        </main>
    }
    .into_any()
}

fn sign_out(app: App) {
    spawn_local(async move {
        if let Ok(view) = host::ask(SignOut {}).await {
            app.replace(Route::Home);
            app.begin(view);
        }
    });
}

fn fields(form: Form) -> AnyView {
    view! {
        <form class="card form" on:submit=move |event| { event.prevent_default(); form.send(); }>
            <p>{t("password-words")}</p>
            {form.both(t("password-old"), None)}
            <div class="acts">
                {piece::submit("password-submit", t("password-change"), form.busy)}
                {piece::button("button", "password-cancel", t("cancel"), move || form.turn(false))}
            </div>
        </form>
    }
    .into_any()
}

impl Form {
    fn new(app: App) -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            app,
            open: RwSignal::new(false),
            changed: RwSignal::new(false),
            needs_code: RwSignal::new(false),
            old: text(),
            new: text(),
            code: text(),
            busy: RwSignal::new(false),
            fault: RwSignal::new(None),
        }
    }

    /// The fields: the password that holds now, the new one, a code where it is needed. And what is wrong.
    fn both(self, old: String, hint: Option<String>) -> AnyView {
        let new = Kind {
            autocomplete: "new-password",
            ..PASSWORD
        };
        view! {
            {piece::field("password-old", old, hint, PASSWORD, self.old)}
            {piece::field_of("password-new", "new", self.fault, t("password-new"), Some(t("password-hint")), new, self.new)}
            {move || self.needs_code.get().then(|| {
                piece::field("password-code", t("second-factor-code"), Some(t("second-factor-code-hint")), CODE, self.code)
            })}
            {piece::fault_line(self.fault)}
        }
        .into_any()
    }

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
                    // Where it was a first one, the screens open now.
                    self.app.restart();
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
