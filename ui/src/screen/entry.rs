//! Sign-in and sign-up.

use doseline_client::{
    ask::{Fault, Secret, SignIn, SignUp},
    view::StartView,
};
use doseline_shared::api::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Kind, Way},
    host,
    route::Route,
    screen::second_factor::CODE,
    words::t,
};

const EMAIL: Kind = Kind {
    kind: "email",
    autocomplete: "username",
    inputmode: "email",
    required: true,
};
const PASSWORD: Kind = Kind {
    kind: "password",
    autocomplete: "current-password",
    inputmode: "text",
    required: true,
};
const NEW_PASSWORD: Kind = Kind {
    autocomplete: "new-password",
    ..PASSWORD
};
const NAME: Kind = Kind {
    kind: "text",
    autocomplete: "name",
    inputmode: "text",
    required: true,
};
const SERVER: Kind = Kind {
    kind: "url",
    autocomplete: "url",
    inputmode: "url",
    required: true,
};

#[derive(Clone, Copy)]
struct Form {
    app: App,
    ask_server: bool,
    server: RwSignal<String>,
    name: RwSignal<String>,
    email: RwSignal<String>,
    password: RwSignal<String>,
    /// A code of the second factor, and whether one is asked for.
    code: RwSignal<String>,
    needs_code: RwSignal<bool>,
    role: RwSignal<String>,
    keep: RwSignal<bool>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
    fresh: RwSignal<bool>,
}

/// The screen. A code that came with the address is kept for after the sign-in.
pub fn screen(app: App, ask_server: bool, server: Option<String>) -> AnyView {
    let has_code = matches!(app.route.get_untracked(), Route::Join(code) if !code.is_empty());
    let form = Form {
        app,
        ask_server,
        server: RwSignal::new(server.unwrap_or_default()),
        name: RwSignal::new(String::new()),
        email: RwSignal::new(String::new()),
        password: RwSignal::new(String::new()),
        code: RwSignal::new(String::new()),
        needs_code: RwSignal::new(false),
        role: RwSignal::new(if has_code { "carer" } else { "patient" }.to_owned()),
        keep: RwSignal::new(true),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
        fresh: RwSignal::new(false),
    };
    view! {
        <main id="main" class="alone" tabindex="-1"
            data-screen=move || if form.fresh.get() { "sign-up" } else { "sign-in" }>
            <p class="brand"><img src="/icons/icon.svg" alt="" width="40" height="40"/>"Doseline"</p>
            {has_code.then(|| view! { <p class="notice" role="note">{t("entry-has-code")}</p> })}
            {move || if form.fresh.get() { sign_up(form) } else { sign_in(form) }}
        </main>
    }
    .into_any()
}

fn sign_in(form: Form) -> AnyView {
    view! {
        <form class="form" on:submit=move |event| { event.prevent_default(); send(form); }>
            <h1>{t("sign-in-title")}</h1>
            {server(form, "sign-in-server")}
            {piece::field_of("sign-in-email", "email", form.fault, t("email"), None, EMAIL, form.email)}
            {piece::field("sign-in-password", t("password"), None, PASSWORD, form.password)}
            {move || form.needs_code.get().then(|| view! {
                <p class="notice" role="status">{t("sign-in-code-words")}</p>
                {piece::field("sign-in-code", t("second-factor-code"), Some(t("second-factor-code-hint")), CODE, form.code)}
            })}
            {piece::tick("sign-in-keep", t("keep"), Some(t("keep-hint")), form.keep)}
            {piece::fault_line(form.fault)}
            {piece::submit("sign-in-submit", t("sign-in"), form.busy)}
            <p class="otherwise">{t("no-account")}</p>
            {piece::button("button", "go-sign-up", t("go-sign-up"), move || turn(form, true))}
        </form>
    }
    .into_any()
}

fn sign_up(form: Form) -> AnyView {
    let roles = vec![
        Way::new("sign-up-patient", "patient", t("role-patient")).hint(t("role-patient-hint")),
        Way::new("sign-up-carer", "carer", t("role-carer")).hint(t("role-carer-hint")),
    ];
    view! {
        <form class="form" on:submit=move |event| { event.prevent_default(); send(form); }>
            <h1>{t("sign-up-title")}</h1>
            {server(form, "sign-up-server")}
            {piece::choice("two", "role", t("role-legend"), roles, form.role)}
            {piece::field_of("sign-up-name", "name", form.fault, t("your-name"), None, NAME, form.name)}
            {piece::field_of("sign-up-email", "email", form.fault, t("email"), None, EMAIL, form.email)}
            {piece::field_of("sign-up-password", "password", form.fault, t("password"), Some(t("password-hint")), NEW_PASSWORD, form.password)}
            {piece::tick("sign-up-keep", t("keep"), Some(t("keep-hint")), form.keep)}
            {piece::fault_line(form.fault)}
            {piece::submit("sign-up-submit", t("sign-up"), form.busy)}
            <p class="otherwise">{t("have-account")}</p>
            {piece::button("button", "go-sign-in", t("go-sign-in"), move || turn(form, false))}
        </form>
    }
    .into_any()
}

fn server(form: Form, test: &'static str) -> Option<AnyView> {
    form.ask_server.then(|| {
        piece::field_of(
            test,
            "server",
            form.fault,
            t("server"),
            Some(t("server-hint")),
            SERVER,
            form.server,
        )
    })
}

fn turn(form: Form, fresh: bool) {
    form.fault.set(None);
    form.needs_code.set(false);
    form.code.set(String::new());
    form.fresh.set(fresh);
}

fn send(form: Form) {
    if form.busy.get_untracked() {
        return;
    }
    form.busy.set(true);
    spawn_local(async move {
        let server = form.ask_server.then(|| form.server.get_untracked().trim().to_owned());
        let email = form.email.get_untracked().trim().to_owned();
        let password = Secret(form.password.get_untracked());
        let code = Secret(form.code.get_untracked().trim().to_owned());
        let keep = form.keep.get_untracked();
        let answer: Result<StartView, Fault> = if form.fresh.get_untracked() {
            host::ask(SignUp {
                server,
                name: form.name.get_untracked().trim().to_owned(),
                email,
                password,
                as_patient: form.role.get_untracked() == "patient",
                keep,
            })
            .await
        } else {
            host::ask(SignIn {
                server,
                email,
                password,
                code: form.needs_code.get_untracked().then_some(code),
                keep,
            })
            .await
        };
        form.busy.set(false);
        match answer {
            Ok(view) => form.app.begin(view),
            Err(fault) if fault.code == ErrorCode::SecondFactorNeeded => {
                form.fault.set(None);
                form.needs_code.set(true);
            }
            Err(fault) => form.fault.set(Some(fault)),
        }
    });
}
