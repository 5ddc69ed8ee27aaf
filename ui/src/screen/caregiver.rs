//! The people one cares for: what needs attention first.

use doseline_client::{
    ask::{AckAlerts, Fault, OpenCaregiver},
    view::{CaregiverView, PersonRow},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{icon, mark, notice, piece},
    host,
    load::{load, shown},
    route::Route,
    sentence, time,
    words::{say, t},
};

/// The screen.
pub fn screen(app: App) -> AnyView {
    let people = load(app, || OpenCaregiver {});
    let fault = RwSignal::new(None);
    shown(people, move |view| draw(app, fault, view))
}

fn draw(app: App, fault: RwSignal<Option<Fault>>, view: &CaregiverView) -> AnyView {
    let rows: Vec<AnyView> = view.people.iter().map(|row| person(app, fault, row)).collect();
    let body = if rows.is_empty() {
        view! {
            <section class="blank" data-test="caregiver-empty">
                <span class="blank-drawing" aria-hidden="true">{icon::icon(icon::HEART)}</span>
                <h2>{t("caregiver-empty-title")}</h2>
                <p>{t("caregiver-empty-words")}</p>
                {piece::link_button("button main", "go-join", t("go-join"), Route::Join(String::new()).path())}
            </section>
        }
        .into_any()
    } else {
        view! {
            <ul class="people">{rows}</ul>
            <p class="foot-acts">
                {piece::link_button("button quiet", "go-join", t("go-join"), Route::Join(String::new()).path())}
            </p>
        }
        .into_any()
    };
    view! {
        <header class="heading">
            <h1>{t("caregiver-title")}</h1>
            <p class="date">{t("caregiver-under")}</p>
        </header>
        {notice::network(&view.network)}
        {piece::fault_line(fault)}
        {body}
    }
    .into_any()
}

fn person(app: App, fault: RwSignal<Option<Fault>>, row: &PersonRow) -> AnyView {
    let need_name = row.need.as_ref().map_or("none", sentence::need_name);
    let need = match &row.need {
        Some(need) => {
            let (kind, drawn, words) = sentence::need(need);
            piece::tag(kind, drawn, words)
        }
        None => piece::tag("done", icon::TICK, t("need-none")),
    };
    let today = if row.today.is_empty() {
        view! { <span class="soft">{t("nothing-today")}</span> }.into_any()
    } else {
        mark::marks(&row.today)
    };
    view! {
        <li>
            <a class="card person" data-test="caregiver-row" data-name=row.name.clone() data-need=need_name
                href=Route::Person(row.patient).path()>
                <span class="person-head">
                    <span class="card-name">{row.name.clone()}</span>
                    {icon::icon(icon::ON)}
                </span>
                <span class="person-need">{need}</span>
                <span class="person-today"><span class="label">{t("today-word")}</span>{today}</span>
                <span class="soft" data-test="last-seen">{last_seen(row)}</span>
            </a>
            {seen(app, fault, row)}
        </li>
    }
    .into_any()
}

/// The one thing to do about alerts: to say that they were seen. Nothing where there is none.
pub fn seen(app: App, fault: RwSignal<Option<Fault>>, row: &PersonRow) -> Option<AnyView> {
    let patient = row.patient;
    let alerts: Vec<_> = row.alerts.iter().map(|alert| alert.id).collect();
    let act = move || {
        let alerts = alerts.clone();
        spawn_local(async move {
            match host::ask(AckAlerts { patient, alerts }).await {
                Ok(_) => {
                    fault.set(None);
                    app.touch();
                }
                Err(why) => fault.set(Some(why)),
            }
        });
    };
    let read = say("alert-seen-read", &[("name", &row.name)]);
    (!row.alerts.is_empty()).then(|| piece::button_for("button small", "alert-seen", t("alert-seen"), read, act))
}

/// When something was last recorded.
pub fn last_seen(row: &PersonRow) -> String {
    match &row.last_seen {
        Some(at) if at.date_naive() == time::today() => say("seen-today", &[("time", &time::clock(at))]),
        Some(at) => say(
            "seen-on",
            &[("day", &time::short_date(at.date_naive())), ("time", &time::clock(at))],
        ),
        None => t("seen-never"),
    }
}
