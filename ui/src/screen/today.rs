//! *Today*: what now, and what was already taken?

use chrono::Timelike;
use doseline_client::{
    ask::{Fault, LogAsNeeded, OpenToday},
    view::{AsNeededView, DoseView, Local, TodayView},
};
use doseline_shared::{
    api::ErrorCode,
    id::{MedicationId, PatientId},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{
        dose::{self, Acting},
        icon, notice,
        piece::{self, Kind},
        pill,
    },
    host,
    load::{load, shown},
    route::{Route, Whose},
    sentence, time,
    words::{self, say, t},
};

/// A dose as needed that a limit stands against, and the reason being typed.
#[derive(Clone, Copy)]
struct Limit {
    of: RwSignal<Option<(MedicationId, Fault)>>,
    reason: RwSignal<String>,
}

/// The screen.
pub fn screen(app: App) -> AnyView {
    let today = load(app, || OpenToday { patient: None });
    let acting = Acting::new(app, Whose::Own);
    let limit = Limit {
        of: RwSignal::new(None),
        reason: RwSignal::new(String::new()),
    };
    shown(today, move |view| draw(app, acting, limit, view))
}

fn draw(app: App, acting: Acting, limit: Limit, view: &TodayView) -> AnyView {
    let greeting = match view.now.hour() {
        5..12 => say("greeting-morning", &[("name", first_name(&view.name))]),
        12..17 => say("greeting-afternoon", &[("name", first_name(&view.name))]),
        17..24 => say("greeting-evening", &[("name", first_name(&view.name))]),
        _ => say("greeting-night", &[("name", first_name(&view.name))]),
    };
    view! {
        <header class="heading">
            <h1 data-test="greeting">{greeting}</h1>
            <p class="date">{sentence::capital(&time::long_date(view.now.date_naive()))}</p>
        </header>
        {notice::network(&view.network)}
        {notice::attention(app, &view.attention)}
        {if view.empty { empty() } else { day(app, acting, limit, view) }}
        {move || app.simple().then(|| view! {
            <p class="foot-link"><a href=Route::Settings.path() data-test="simple-settings">{t("tab-settings")}</a></p>
        })}
    }
    .into_any()
}

/// The first word of a name: what people are greeted by. A name of one word is that word.
fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

fn empty() -> AnyView {
    view! {
        <section class="blank" data-test="today-empty">
            <span class="blank-drawing" aria-hidden="true">{icon::icon(icon::PILL)}</span>
            <h2>{t("empty-title")}</h2>
            <p>{t("empty-words")}</p>
            {piece::link_button("button main", "add-medicine", t("add-medicine"), Route::NewMedicine(Whose::Own).path())}
            {piece::link_button("button", "go-join", t("go-join"), Route::Join(String::new()).path())}
        </section>
    }
    .into_any()
}

fn day(app: App, acting: Acting, limit: Limit, view: &TodayView) -> AnyView {
    let patient = view.patient;
    let doses = || view.parts.iter().flat_map(|part| &part.doses);
    let brought = acting.brought.get();
    let card = brought
        .and_then(|(medication, occurrence)| {
            doses().find(|dose| dose.medication == medication && dose.occurrence == occurrence)
        })
        .or(view.next.as_ref());
    let total = doses().count();
    let taken = doses()
        .filter(|dose| sentence::dose(dose, &view.now).kind == "done" || is_late(dose, view))
        .count();
    let now = match card {
        Some(dose) if view.may_log => dose::card(acting, patient, dose, &view.now),
        _ if total > 0 => view! {
            <section class="card calm" data-test="all-done">
                <p class="calm-mark" aria-hidden="true">{icon::icon(icon::TICK)}</p>
                <h2>{t("all-done-title")}</h2>
                <p>{t("all-done-words")}</p>
            </section>
        }
        .into_any(),
        _ => ().into_any(),
    };
    let parts: Vec<AnyView> = view
        .parts
        .iter()
        .map(|part| {
            let rows: Vec<AnyView> = part
                .doses
                .iter()
                .map(|each| {
                    let in_card = card
                        .is_some_and(|card| card.medication == each.medication && card.occurrence == each.occurrence);
                    dose::row(acting, patient, each, &view.now, view.may_log && !in_card)
                })
                .collect();
            view! {
                <section class="part">
                    <h3>{sentence::part(part.part)}</h3>
                    <ul class="rows">{rows}</ul>
                </section>
            }
            .into_any()
        })
        .collect();
    let progress = say(
        "progress",
        &[("taken", &taken.to_string()), ("total", &total.to_string())],
    );
    view! {
        {now}
        {piece::fault_line(acting.fault)}
        {(total > 0).then(|| view! {
            <section class="day-list" aria-labelledby="day-title">
                <div class="section-head">
                    <h2 id="day-title">{t("day-title")}</h2><p class="soft" data-test="progress">{progress}</p>
                </div>
                {parts}
            </section>
        })}
        {without_times(view)}
        {as_needed(acting, limit, view)}
        {(!app.simple()).then(|| view! {
            <p class="foot-acts">
                {piece::link_button("button quiet", "go-feel", t("feel-title"), Route::Feel(Whose::Own, None).path())}
                {piece::link_button("button quiet", "add-medicine", t("add-medicine"), Route::NewMedicine(Whose::Own).path())}
            </p>
        })}
    }
    .into_any()
}

fn is_late(dose: &DoseView, view: &TodayView) -> bool {
    sentence::dose(dose, &view.now).state == "taken-late"
}

fn without_times(view: &TodayView) -> AnyView {
    if view.without_times.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = view
        .without_times
        .iter()
        .map(|row| {
            let under: Vec<String> =
                row.instruction.clone().into_iter().collect();
            let set = Route::EditMedicine(Whose::Own, row.medication).path();
            view! {
                <li class="row" data-test="no-times-row" data-name=row.name.clone()>
                    {pill::pill(row.look)}
                    <span class="row-what">
                        <a class="row-name" href=Route::Medicine(Whose::Own, row.medication).path()>{words::breakable(&row.name)}</a>
                        <span class="row-how">{under.join(" · ")}</span>
                    </span>
                    <span class="row-state">
                        <a class="button small" data-test="set-times" href=set
                            aria-label=say("set-times-read", &[("name", &row.name)])>{t("set-times")}</a>
                    </span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="day-list" aria-labelledby="no-times-title">
            <div class="section-head"><h2 id="no-times-title">{t("no-times-title")}</h2></div>
            <p class="soft">{t("no-times-words")}</p>
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn as_needed(acting: Acting, limit: Limit, view: &TodayView) -> AnyView {
    if view.as_needed.is_empty() {
        return ().into_any();
    }
    let rows: Vec<AnyView> = view
        .as_needed
        .iter()
        .map(|each| as_needed_row(acting, limit, view, each))
        .collect();
    view! {
        <section class="day-list" aria-labelledby="needed-title">
            <div class="section-head"><h2 id="needed-title">{t("needed-title")}</h2></div>
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn as_needed_row(acting: Acting, limit: Limit, view: &TodayView, each: &AsNeededView) -> AnyView {
    let (patient, medication, name) = (view.patient, each.medication, each.name.clone());
    let now = view.now;
    let at = |local: &Local| near(local, &now);
    let allowed = match &each.next_allowed {
        Some(next) => piece::tag("late", icon::CLOCK, say("needed-next", &[("time", &at(next))])),
        None => piece::tag("done", icon::TICK, t("needed-now")),
    };
    let counted = each.max.map(|max| {
        say(
            "needed-count",
            &[("taken", &each.taken.to_string()), ("max", &max.to_string())],
        )
    });
    let last = each
        .last
        .as_ref()
        .map(|last| say("needed-last", &[("time", &at(last))]));
    let under: Vec<String> = each
        .amount
        .as_ref()
        .map(sentence::amount)
        .into_iter()
        .chain(each.instruction.clone())
        .chain(last)
        .chain(counted)
        .collect();
    let (take_name, limit_name) = (name.clone(), name.clone());
    let held = move || {
        limit
            .of
            .get()
            .filter(|(of, _)| *of == medication)
            .map(|(_, fault)| fault)
    };
    view! {
        <li class="row needed" data-test="as-needed-row" data-name=name.clone()>
            {pill::pill(each.look)}
            <span class="row-what">
                <a class="row-name" href=Route::Medicine(Whose::Own, medication).path()>{words::breakable(&name)}</a>
                <span class="row-how">{under.join(" · ")}</span>
            </span>
            <span class="row-state">
                {allowed}
                {view.may_log.then(|| piece::button_for("button small", "as-needed-take", t("take-one"),
                    say("take-one-read", &[("name", &name)]),
                    move || take(acting, limit, patient, medication, take_name.clone(), None)))}
            </span>
            {move || held().map(|fault| limit_reached(acting, limit, patient, medication, &limit_name, &fault, &now))}
        </li>
    }
    .into_any()
}

/// The time of day alone where it is today's, with its day else.
fn near(local: &Local, now: &Local) -> String {
    if time::same_day(local, now) {
        return time::clock(local);
    }
    let day = time::short_date(local.date_naive());
    say("day-and-time", &[("day", &day), ("time", &time::clock(local))])
}

/// Why it is not recorded just so, in one sentence, and the way to record it all the same.
fn limit_reached(
    acting: Acting,
    limit: Limit,
    patient: PatientId,
    medication: MedicationId,
    name: &str,
    fault: &Fault,
    now: &Local,
) -> AnyView {
    let name = name.to_owned();
    let words = match fault.next_allowed {
        Some(at) => say("limit-until", &[("time", &near(&at.with_timezone(now.offset()), now))]),
        None => t("limit-reached"),
    };
    view! {
        <div class="limit" role="alert" data-test="limit">
            <p>{words}</p>
            {piece::field("override-reason", t("limit-reason"), None, Kind::TEXT, limit.reason)}
            <div class="acts">
                {piece::button("button", "as-needed-override", t("limit-override"), move || {
                    let reason = limit.reason.get_untracked().trim().to_owned();
                    if !reason.is_empty() {
                        take(acting, limit, patient, medication, name.clone(), Some(reason));
                    }
                })}
                {piece::button("button", "as-needed-leave", t("limit-leave"), move || limit.of.set(None))}
            </div>
        </div>
    }
    .into_any()
}

fn take(
    acting: Acting,
    limit: Limit,
    patient: PatientId,
    medication: MedicationId,
    name: String,
    override_reason: Option<String>,
) {
    spawn_local(async move {
        let answer = host::ask(LogAsNeeded {
            patient,
            medication,
            amount: None,
            override_reason,
        })
        .await;
        match answer {
            Ok(logged) => {
                limit.of.set(None);
                limit.reason.set(String::new());
                acting
                    .app
                    .logged(patient, &logged, say("said-taken", &[("name", &name)]));
            }
            Err(fault) if fault.code == ErrorCode::AboveLimit => limit.of.set(Some((medication, fault))),
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}
