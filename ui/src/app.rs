//! The frame around the screens: who is signed in, where one is, what can be undone, and the ways from screen to screen.

use std::{cell::Cell, rc::Rc};

use chrono::{DateTime, Utc};
use doseline_client::{
    ask::{OpenCaregiver, Retract, RetractSideEffect, Start},
    view::{Attention, FeltView, LoggedView, Preferences, StartView, Theme},
};
use doseline_shared::{
    api::account::Me,
    id::{DoseEventId, PatientId, SideEffectEntryId},
};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    draw::{icon, piece},
    host,
    page::{self, Stage},
    route::{Route, Whose},
    screen,
    words::{self, t},
};

/// Milliseconds in which news are gathered before the screen asks again: a clinic's first pull brings thousands.
const TOGETHER: u32 = 250;

/// An entry that can still be undone with one tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    patient: PatientId,
    entry: Entry,
    said: String,
}

/// What such an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// A dose.
    Dose(DoseEventId),
    /// A side effect.
    SideEffect(SideEffectEntryId),
}

/// What every screen can reach.
#[derive(Clone, Copy)]
pub struct App {
    /// What there is to show at all.
    pub stage: RwSignal<Stage>,
    /// How the app looks on this device.
    pub preferences: RwSignal<Option<Preferences>>,
    /// What needs a person.
    pub attention: RwSignal<Vec<Attention>>,
    /// Where one is.
    pub route: RwSignal<Route>,
    /// Counts up whenever something shown may have changed.
    pub changed: RwSignal<u32>,
    /// What can be undone.
    pub undo: RwSignal<Option<Undo>>,
    /// Whether the person cares for someone, so that the way there is shown.
    pub cares: RwSignal<bool>,
    /// The locale on the screen; a change redraws everything.
    locale: RwSignal<String>,
}

impl App {
    /// The app before anything is known.
    pub fn new() -> Self {
        Self {
            stage: RwSignal::new(Stage::Opening),
            preferences: RwSignal::new(None),
            attention: RwSignal::new(Vec::new()),
            route: RwSignal::new(page::address()),
            changed: RwSignal::new(0),
            undo: RwSignal::new(None),
            cares: RwSignal::new(false),
            locale: RwSignal::new(words::locale()),
        }
    }

    /// Goes to a screen, and keeps the way back.
    pub fn go(self, route: Route) {
        page::push(&route);
        self.arrive(route);
    }

    /// Goes to a screen in place of this one.
    pub fn replace(self, route: Route) {
        page::replace(&route);
        self.arrive(route);
    }

    fn arrive(self, route: Route) {
        if self.route.get_untracked() != route {
            self.route.set(route);
            page::at_the_top();
        }
    }

    /// Something that is on the screen may have changed.
    pub fn touch(self) {
        self.changed.update(|count| *count = count.wrapping_add(1));
    }

    /// Asks what there is to show.
    pub fn restart(self) {
        spawn_local(async move {
            match host::ask(Start {}).await {
                Ok(view) => self.begin(view),
                Err(fault) => self.stand(Stage::Failed(fault)),
            }
        });
    }

    /// Shows what a start has answered.
    pub fn begin(self, view: StartView) {
        let stage = match view {
            StartView::ChoosePin {} => Stage::ChoosePin,
            StartView::EnterPin {} => Stage::EnterPin,
            StartView::Trouble { fault, saved } => Stage::Trouble { fault, saved },
            StartView::SignedOut { ask_server, server } => Stage::SignedOut { ask_server, server },
            StartView::SignedIn {
                me,
                preferences,
                attention,
            } => {
                self.dress(preferences);
                if self.attention.get_untracked() != attention {
                    self.attention.set(attention);
                }
                Stage::SignedIn(me)
            }
        };
        self.stand(stage);
    }

    fn stand(self, stage: Stage) {
        if self.stage.get_untracked() != stage {
            self.stage.set(stage);
            self.touch();
        }
        page::ready();
    }

    /// Puts the settings of this device to work.
    pub fn dress(self, preferences: Preferences) {
        let theme = match preferences.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Contrast => "contrast",
        };
        page::dress(theme, preferences.simple, &preferences.locale);
        if preferences.locale != self.locale.get_untracked() {
            words::choose(&preferences.locale);
            self.locale.set(preferences.locale.clone());
        }
        if self.preferences.get_untracked().as_ref() != Some(&preferences) {
            self.preferences.set(Some(preferences));
        }
    }

    /// Shows that an entry about a dose is kept, and how to undo it.
    pub fn logged(self, patient: PatientId, logged: &LoggedView, said: String) {
        let entry = Entry::Dose(logged.event);
        self.offer(Undo { patient, entry, said }, logged.undo_until);
    }

    /// The same of an entry about a side effect.
    pub fn felt(self, patient: PatientId, felt: &FeltView, said: String) {
        let entry = Entry::SideEffect(felt.entry);
        self.offer(Undo { patient, entry, said }, felt.undo_until);
    }

    fn offer(self, undo: Undo, until: DateTime<Utc>) {
        self.undo.set(Some(undo.clone()));
        self.touch();
        let left = page::millis_until(until).clamp(0, 60_000);
        spawn_local(async move {
            TimeoutFuture::new(u32::try_from(left).unwrap_or(0)).await;
            if self.undo.get_untracked().as_ref() == Some(&undo) {
                self.undo.set(None);
            }
        });
    }

    fn take_back(self, undo: Undo) {
        spawn_local(async move {
            let patient = undo.patient;
            let done = match undo.entry {
                Entry::Dose(event) => host::ask(Retract { patient, event }).await.is_ok(),
                Entry::SideEffect(entry) => host::ask(RetractSideEffect { patient, entry }).await.is_ok(),
            };
            if done {
                self.undo.set(None);
            }
            self.touch();
        });
    }

    /// Whether letters are large and screens few.
    pub fn simple(self) -> bool {
        self.preferences
            .with(|preferences| preferences.as_ref().is_some_and(|all| all.simple))
    }

    /// Where this person begins.
    pub fn home(me: &Me) -> Route {
        match (me.patient, me.staff.first()) {
            (Some(_), _) => Route::Today,
            (None, Some(membership)) => Route::Clinic(membership.clinic),
            (None, None) => Route::Caregiver,
        }
    }

    fn look_whom_one_cares_for(self) {
        spawn_local(async move {
            if let Ok(view) = host::ask(OpenCaregiver {}).await {
                let cares = !view.people.is_empty();
                if self.cares.get_untracked() != cares {
                    self.cares.set(cares);
                }
            }
        });
    }

    /// Listens to the host, to the clock and to the way back.
    fn listen(self) {
        let told = Rc::new(Cell::new(false));
        host::on_changed(move || {
            if told.replace(true) {
                return;
            }
            let told = Rc::clone(&told);
            spawn_local(async move {
                TimeoutFuture::new(TOGETHER).await;
                told.set(false);
                self.touch();
                self.restart();
            });
        });
        page::on_move(move |route| self.arrive(route));
        page::on_link(move |route| self.go(route));
        spawn_local(async move {
            loop {
                TimeoutFuture::new(20_000).await;
                self.touch();
            }
        });
        Effect::new(move |_| {
            self.changed.track();
            if matches!(self.stage.get(), Stage::SignedIn(_)) {
                self.look_whom_one_cares_for();
            }
        });
        // A start without an address of its own begins where this person begins.
        Effect::new(move |_| {
            if let (Stage::SignedIn(me), Route::Home) = (self.stage.get(), self.route.get()) {
                self.replace(Self::home(&me));
            }
        });
        Effect::new(move |_| page::title(&screen::title(&self.stage.get(), &self.route.get())));
    }
}

/// The whole app.
pub fn app() -> AnyView {
    let app = App::new();
    app.listen();
    app.restart();
    (move || {
        app.locale.track();
        // The frame is drawn anew for another person, not in the midst of setting a second factor up.
        let signed_in = Memo::new(move |_| match app.stage.get() {
            Stage::SignedIn(me) => Some(Me {
                second_factor_missing: false,
                ..me
            }),
            _ => None,
        });
        (move || match signed_in.get() {
            Some(me) if me.first_password => screen::choose_password(app),
            Some(me) => signed_in_frame(app, me),
            None => (move || screen::before(app, app.stage.get())).into_any(),
        })
        .into_any()
    })
    .into_any()
}

fn signed_in_frame(app: App, me: Me) -> AnyView {
    let who = StoredValue::new(me.clone());
    view! {
        <a class="skip" href="#main">{t("skip-to-content")}</a>
        <div class="frame" class:desk-frame=move || at_the_desk(&app.route.get())>
            {navigation(app, &me)}
            <main id="main" tabindex="-1"
                class:desk=move || at_the_desk(&app.route.get())
                data-screen=move || screen::name(&app.route.get())>
                {second_factor_missing(app)}
                {move || screen::signed_in(app, &who.get_value(), app.route.get())}
            </main>
        </div>
        {undo_bar(app)}
    }
    .into_any()
}

/// That a clinic asks for a second factor, on every screen but the one where it is set up.
fn second_factor_missing(app: App) -> AnyView {
    let is_missing = Memo::new(move |_| {
        app.stage.with(|stage| match stage {
            Stage::SignedIn(me) => me.second_factor_missing,
            _ => false,
        })
    });
    (move || {
        (is_missing.get() && app.route.get() != Route::Settings).then(|| {
            view! {
                <div class="notice" role="note" data-test="second-factor-missing">
                    <p>{t("second-factor-missing")}</p>
                    {piece::link_button("button", "go-second-factor", t("second-factor-begin"), Route::Settings.path())}
                </div>
            }
        })
    })
    .into_any()
}

fn at_the_desk(route: &Route) -> bool {
    matches!(
        route,
        Route::Clinic(_)
            | Route::Staff(_)
            | Route::Systems(_)
            | Route::Interactions(_)
            | Route::ClinicPatient(..)
            | Route::Medicine(Whose::Clinic(..), _)
            | Route::Medicines(Whose::Clinic(..))
            | Route::NewMedicine(Whose::Clinic(..))
            | Route::EditMedicine(Whose::Clinic(..), _)
            | Route::Report(Whose::Clinic(..))
            | Route::Feel(Whose::Clinic(..), _)
    )
}

fn navigation(app: App, me: &Me) -> AnyView {
    let patient = me.patient.is_some();
    let alone = !patient && me.staff.is_empty();
    let several = me.staff.len() > 1;
    let clinics: Vec<AnyView> = me
        .staff
        .iter()
        .map(|membership| {
            let words = if several {
                membership.clinic_name.clone()
            } else {
                t("tab-clinic")
            };
            tab(app, "tab-clinic", icon::CLINIC, words, Route::Clinic(membership.clinic))
        })
        .collect();
    view! {
        <nav class="tabs" aria-label=t("nav-label")>
            <p class="brand" aria-hidden="true"><img src="/icons/icon.svg" alt="" width="32" height="32"/>"Doseline"</p>
            <ul>
                {patient.then(|| tab(app, "tab-today", icon::TODAY, t("tab-today"), Route::Today))}
                {move || (patient && app.simple())
                    .then(|| tab(app, "tab-help", icon::CALL, t("help-title"), Route::Help))}
                {move || patient.then(|| {
                    let words = if app.simple() { t("medicines-title") } else { t("tab-medicines") };
                    tab(app, "tab-medicines", icon::PILL, words, Route::Medicines(Whose::Own))
                })}
                {clinics}
                {move || {
                    let shown = alone || (!app.simple() && app.cares.get());
                    shown.then(|| tab(app, "tab-caregiver", icon::HEART, t("tab-caregiver"), Route::Caregiver))
                }}
                {move || {
                    let shown = !app.simple() && (patient || alone);
                    shown.then(|| tab(app, "tab-people", icon::PEOPLE, t("tab-people"), Route::People))
                }}
                {move || (!app.simple() || !patient)
                    .then(|| tab(app, "tab-settings", icon::SETTINGS, t("tab-settings"), Route::Settings))}
            </ul>
        </nav>
    }
    .into_any()
}

fn tab(app: App, test: &'static str, drawn: &'static str, words: String, route: Route) -> AnyView {
    let href = route.path();
    let here = move || belongs(&app.route.get(), &route).then_some("page");
    view! {
        <li><a href=href data-test=test aria-current=here>{icon::icon(drawn)}<span>{words}</span></a></li>
    }
    .into_any()
}

/// Whether a screen lies behind this tab.
fn belongs(route: &Route, tab: &Route) -> bool {
    let own = |route: &Route| {
        matches!(
            route,
            Route::Medicines(Whose::Own)
                | Route::Medicine(Whose::Own, _)
                | Route::NewMedicine(Whose::Own)
                | Route::EditMedicine(Whose::Own, _)
                | Route::Report(Whose::Own)
        )
    };
    let (route_path, tab_path) = (route.path(), tab.path());
    route_path == tab_path
        || (own(route) && own(tab))
        || (matches!(route, Route::Feel(Whose::Own, _)) && *tab == Route::Today)
        || (matches!(route, Route::Join(_) | Route::Audit) && *tab == Route::People)
        || (matches!(tab, Route::Caregiver | Route::Clinic(_)) && route_path.starts_with(&format!("{tab_path}/")))
}

fn undo_bar(app: App) -> AnyView {
    view! {
        <div class="undo-place" role="status" aria-live="polite">
            {move || app.undo.get().map(|undo| {
                let said = undo.said.clone();
                view! {
                    <div class="undo" data-test="undo-bar">
                        <p>{said}</p>
                        {piece::button("button bar-act", "undo", t("undo"), move || app.take_back(undo.clone()))}
                    </div>
                }
            })}
        </div>
    }
    .into_any()
}
