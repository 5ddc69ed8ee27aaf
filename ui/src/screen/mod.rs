//! The screens, and which one there is to draw.

mod audit;
mod caregiver;
mod clinic;
mod copy;
mod entry;
mod feel;
mod form;
mod help;
mod interactions;
mod join;
mod medicine;
mod medicines;
mod password;
mod people;
mod pin;
mod record;
mod report;
mod second_factor;
mod settings;
mod staff;
mod stock;
mod systems;
mod today;

use doseline_shared::api::account::Me;
use leptos::prelude::*;

use crate::{
    app::App,
    draw::piece,
    load,
    page::Stage,
    route::{Route, Whose},
    words::t,
};

/// What there is before someone is signed in.
pub fn before(app: App, stage: Stage) -> AnyView {
    match stage {
        Stage::Opening | Stage::SignedIn(_) => load::loading(),
        Stage::ChoosePin => alone("choose-pin", pin::choose(app)),
        Stage::EnterPin => alone("enter-pin", pin::enter(app)),
        Stage::Trouble { fault, saved } => alone("trouble", pin::trouble(app, &fault, saved)),
        Stage::SignedOut { ask_server, server } => entry::screen(app, ask_server, server),
        Stage::Failed(fault) => alone(
            "trouble",
            piece::trouble(&t("trouble-start"), &fault, Box::new(move || app.restart())),
        ),
    }
}

/// A screen with nothing around it.
fn alone(name: &'static str, inside: AnyView) -> AnyView {
    view! {
        <main id="main" class="alone" tabindex="-1" data-screen=name>
            <p class="brand"><img src="/icons/icon.svg" alt="" width="40" height="40"/>"Doseline"</p>
            {inside}
        </main>
    }
    .into_any()
}

/// The one screen of who has signed in with a first password.
pub fn choose_password(app: App) -> AnyView {
    password::choose(app)
}

/// The screen of someone who is signed in.
pub fn signed_in(app: App, me: &Me, route: Route) -> AnyView {
    match route {
        Route::Home => load::loading(),
        Route::Today => today::screen(app),
        Route::Medicines(whose) => medicines::screen(app, whose),
        Route::Medicine(whose, medication) => medicine::screen(app, whose, medication),
        Route::NewMedicine(whose) => form::screen(app, whose, None),
        Route::EditMedicine(whose, medication) => form::screen(app, whose, Some(medication)),
        Route::Report(whose) => report::screen(whose),
        Route::Feel(whose, medication) => feel::screen(app, whose, medication),
        Route::People => people::screen(app),
        Route::Audit => audit::screen(app),
        Route::Join(code) => join::screen(app, me, code),
        Route::Caregiver => caregiver::screen(app),
        Route::Person(patient) => record::screen(app, Whose::Cared(patient), patient),
        Route::Clinic(clinic) => clinic::screen(app, clinic),
        Route::Staff(clinic) => staff::screen(app, me, clinic),
        Route::Systems(clinic) => systems::screen(app, clinic),
        Route::Interactions(clinic) => interactions::screen(app, clinic),
        Route::ClinicPatient(clinic, patient) => record::screen(app, Whose::Clinic(clinic, patient), patient),
        Route::Help => help::screen(app),
        Route::Settings => settings::screen(app),
        Route::Unknown => unknown(me),
    }
}

fn unknown(me: &Me) -> AnyView {
    view! {
        <section class="blank">
            <h1>{t("unknown-title")}</h1>
            <p>{t("unknown-words")}</p>
            {piece::link_button("button main", "go-home", t("go-home"), App::home(me).path())}
        </section>
    }
    .into_any()
}

/// The screen's name, for tests and styles.
pub const fn name(route: &Route) -> &'static str {
    match route {
        Route::Home => "home",
        Route::Today => "today",
        Route::Medicines(_) => "medicines",
        Route::Medicine(..) => "medicine",
        Route::NewMedicine(_) | Route::EditMedicine(..) => "medicine-form",
        Route::Report(_) => "report",
        Route::Feel(..) => "feel",
        Route::People => "people",
        Route::Audit => "audit",
        Route::Join(_) => "join",
        Route::Caregiver => "caregiver",
        Route::Person(_) => "person",
        Route::Clinic(_) => "clinic",
        Route::Staff(_) => "staff",
        Route::Systems(_) => "systems",
        Route::Interactions(_) => "interactions",
        Route::ClinicPatient(..) => "patient",
        Route::Help => "help",
        Route::Settings => "settings",
        Route::Unknown => "unknown",
    }
}

/// What the window is called.
pub fn title(stage: &Stage, route: &Route) -> String {
    match (stage, route) {
        (Stage::Opening, _) | (Stage::SignedIn(_), Route::Home) => String::new(),
        (Stage::ChoosePin, _) => t("pin-choose-title"),
        (Stage::EnterPin, _) => t("pin-enter-title"),
        (Stage::Trouble { .. } | Stage::Failed(_), _) => t("trouble-start"),
        (Stage::SignedOut { .. }, _) => t("sign-in-title"),
        (Stage::SignedIn(me), _) if me.first_password => t("own-password-title"),
        (Stage::SignedIn(_), Route::Today) => t("tab-today"),
        (Stage::SignedIn(_), Route::Medicines(_) | Route::Medicine(..)) => t("tab-medicines"),
        (Stage::SignedIn(_), Route::NewMedicine(_)) => t("add-medicine"),
        (Stage::SignedIn(_), Route::EditMedicine(..)) => t("edit-title"),
        (Stage::SignedIn(_), Route::Report(_)) => t("report-title"),
        (Stage::SignedIn(_), Route::Feel(..)) => t("feel-title"),
        (Stage::SignedIn(_), Route::People) => t("tab-people"),
        (Stage::SignedIn(_), Route::Audit) => t("audit-title"),
        (Stage::SignedIn(_), Route::Join(_)) => t("join-title"),
        (Stage::SignedIn(_), Route::Caregiver | Route::Person(_)) => t("tab-caregiver"),
        (Stage::SignedIn(_), Route::Clinic(_) | Route::ClinicPatient(..)) => t("tab-clinic"),
        (Stage::SignedIn(_), Route::Staff(_)) => t("staff-title"),
        (Stage::SignedIn(_), Route::Systems(_)) => t("systems-title"),
        (Stage::SignedIn(_), Route::Interactions(_)) => t("interactions-title"),
        (Stage::SignedIn(_), Route::Help) => t("help-title"),
        (Stage::SignedIn(_), Route::Settings) => t("tab-settings"),
        (Stage::SignedIn(_), Route::Unknown) => t("unknown-title"),
    }
}
