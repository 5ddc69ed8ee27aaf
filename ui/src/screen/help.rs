//! Whom to call for help: the person whom the patient has named, and the emergency number. Large, and nothing else.

use doseline_client::view::Preferences;
use leptos::prelude::*;

use crate::{
    app::App,
    draw::{icon, piece},
    host,
    route::Route,
    words::{say, t},
};

/// The screen.
pub fn screen(app: App) -> AnyView {
    let emergency = t("emergency-number");
    view! {
        {piece::heading(t("help-title"), None)}
        {move || app.preferences.with(|all| all.as_ref().map_or_else(nobody, named))}
        <section class="card" data-test="help-emergency">
            <h2 class="card-name">{t("help-emergency-title")}</h2>
            <p>{t("help-emergency-words")}</p>
            {number(&emergency, &emergency, say("help-emergency-call", &[("number", &emergency)]), "help-emergency-call")}
        </section>
    }
    .into_any()
}

fn named(preferences: &Preferences) -> AnyView {
    let Some(dialled) = preferences.help_dialled() else {
        return nobody();
    };
    let (name, call) = if preferences.help_name.is_empty() {
        (t("help-someone"), t("help-call-someone"))
    } else {
        let name = preferences.help_name.clone();
        let call = say("help-call", &[("name", &name)]);
        (name, call)
    };
    view! {
        <section class="card" data-test="help-person">
            <h2 class="card-name">{name}</h2>
            {number(preferences.help_number.trim(), &dialled, call, "help-call")}
        </section>
    }
    .into_any()
}

fn nobody() -> AnyView {
    view! {
        <section class="card" data-test="help-nobody">
            <p>{t("help-nobody")}</p>
            {piece::link_button("button", "help-set", t("help-set"), Route::Settings.path())}
        </section>
    }
    .into_any()
}

/// The number to read, and the button that dials it where this device may be able to.
fn number(shown: &str, dialled: &str, call: String, test: &'static str) -> AnyView {
    let act = if host::may_dial() {
        view! {
            <a class="button main" data-test=test href=format!("tel:{dialled}")>{icon::icon(icon::CALL)}<span>{call}</span></a>
        }
        .into_any()
    } else {
        view! { <p class="soft" data-test="help-dial">{t("help-dial")}</p> }.into_any()
    };
    view! { <p class="number" data-test="help-number">{shown.to_owned()}</p>{act} }.into_any()
}
