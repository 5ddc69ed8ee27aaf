//! *How I feel*: a report in a few taps, and what is reported already. The way to help is always on the screen.

use chrono::NaiveDate;
use doseline_client::{
    ask::{Fault, OpenFeel, ReportSideEffect},
    view::FeelView,
};
use doseline_shared::{
    id::MedicationId,
    record::{Report, Severity, Symptom},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{
        icon, notice,
        piece::{self, Kind, Way},
        side_effect::{self, Acting},
    },
    host,
    load::{Loaded, load, shown},
    page,
    route::{Route, Whose},
    sentence,
    words::{say, t},
};

/// A report as it is being made.
#[derive(Clone, Copy)]
struct Form {
    app: App,
    feel: Loaded<FeelView>,
    symptom: RwSignal<String>,
    words: RwSignal<String>,
    severity: RwSignal<String>,
    since: RwSignal<String>,
    date: RwSignal<String>,
    medicine: RwSignal<String>,
    note: RwSignal<String>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen; with a medication, that one is suspected from the start.
pub fn screen(app: App, whose: Whose, medication: Option<MedicationId>) -> AnyView {
    let feel = load(app, move || OpenFeel {
        patient: whose.patient(),
    });
    let empty = || RwSignal::new(String::new());
    let form = Form {
        app,
        feel,
        symptom: empty(),
        words: empty(),
        severity: empty(),
        since: RwSignal::new("today".to_owned()),
        date: empty(),
        medicine: RwSignal::new(medication.map(|id| id.to_string()).unwrap_or_default()),
        note: empty(),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
    };
    // Drawn once: what someone is choosing is not disturbed by news from elsewhere.
    let first =
        Memo::new(move |before: Option<&Option<FeelView>>| before.cloned().flatten().or_else(|| feel.view.get()));
    (move || match first.get() {
        Some(view) => draw(form, whose, &view),
        None => shown(feel, |_| ().into_any()),
    })
    .into_any()
}

fn draw(form: Form, whose: Whose, view: &FeelView) -> AnyView {
    let (title, back) = match whose {
        Whose::Own => (t("feel-title"), (t("tab-today"), Route::Today)),
        Whose::Cared(_) | Whose::Clinic(..) => (
            say("feel-title-of", &[("name", &view.name)]),
            (t("back-to-record"), Route::record(whose)),
        ),
    };
    let faults = RwSignal::new(None);
    let acting = Acting::new(form.app, view.patient, faults);
    view! {
        {piece::heading(title, Some((back.0, back.1.path())))}
        <p class="emergency">
            {piece::link_button("button danger", "feel-emergency", t("feel-emergency"), Route::Help.path())}
        </p>
        <p class="soft">{t("feel-emergency-words")}</p>
        {move || form.feel.view.with(|view| view.as_ref().map(|view| notice::network(&view.network)))}
        {view.may_log.then(|| report(form, view))}
        <section aria-labelledby="reported-title">
            <h2 id="reported-title">{t("feel-list-title")}</h2>
            {piece::fault_line(faults)}
            {shown(form.feel, move |view| side_effect::rows(acting, &view.side_effects, view.may_log))}
        </section>
    }
    .into_any()
}

fn report(form: Form, view: &FeelView) -> AnyView {
    let chosen = move |value: &'static str| move || form.symptom.with(|chosen| chosen == value);
    let is_other = chosen("other");
    let since_earlier = move || form.since.with(|since| since == "earlier");
    let danger = move || {
        form.symptom
            .with(|chosen| named(chosen).is_some_and(|symptom| symptom.is_emergency()))
    };
    view! {
        <form class="form wide" on:submit=move |event| {
            event.prevent_default();
            save(form);
        }>
            {piece::choice("four", "symptom", t("feel-what"), symptoms(), form.symptom)}
            <div class="warns" role="alert">
                {move || danger().then(|| view! {
                    <div class="fault" data-test="feel-danger">{icon::icon(icon::HEED)}<span>{t("feel-danger")}</span></div>
                    <p>{piece::link_button("button danger", "feel-help", t("help-title"), Route::Help.path())}</p>
                })}
            </div>
            {move || is_other().then(|| {
                piece::field_of("feel-words", "symptom", form.fault, t("feel-words"), None, Kind::TEXT, form.words)
            })}
            {piece::choice("three", "severity", t("feel-severity"), severities(), form.severity)}
            {piece::choice("three", "since", t("feel-since"), days(), form.since)}
            {move || since_earlier().then(|| {
                piece::field_of("feel-date", "from", form.fault, t("feel-date"), None, Kind::DATE, form.date)
            })}
            {(!view.medicines.is_empty()).then(|| suspects(form, view))}
            {piece::field("feel-note", t("feel-note"), Some(t("feel-note-hint")), Kind::TEXT, form.note)}
            {piece::fault_line(form.fault)}
            <div class="acts">{piece::submit("feel-save", t("feel-save"), form.busy)}</div>
        </form>
    }
    .into_any()
}

/// What can be felt: those that have a name by their place among them, and anything else.
fn symptoms() -> Vec<Way> {
    let named = Symptom::NAMED.iter().enumerate().map(|(place, symptom)| {
        let value = place.to_string();
        Way::new(format!("symptom-{value}"), value, sentence::symptom(symptom))
    });
    named
        .chain([Way::new("symptom-other", "other", t("symptom-other"))])
        .collect()
}

/// The one with this value.
fn named(value: &str) -> Option<Symptom> {
    let place: usize = value.parse().ok()?;
    Symptom::NAMED.get(place).cloned()
}

fn severities() -> Vec<Way> {
    vec![
        Way::new("severity-mild", "mild", t("severity-mild")),
        Way::new("severity-moderate", "moderate", t("severity-moderate")),
        Way::new("severity-severe", "severe", t("severity-severe")),
    ]
}

fn days() -> Vec<Way> {
    vec![
        Way::new("since-today", "today", t("today-word")),
        Way::new("since-yesterday", "yesterday", t("feel-yesterday")),
        Way::new("since-earlier", "earlier", t("feel-earlier")),
    ]
}

fn suspects(form: Form, view: &FeelView) -> AnyView {
    let known = view.medicines.iter().map(|(id, name)| (id.to_string(), name.clone()));
    let all = std::iter::once((String::new(), t("feel-medicine-none"))).chain(known);
    piece::select(
        "feel-medicine",
        t("feel-medicine"),
        all.collect(),
        form.medicine,
        Box::new(|| {}),
    )
}

/// What was chosen, or the field that still lacks something.
fn entered(form: Form, today: NaiveDate) -> Result<Report, Fault> {
    let symptom = form.symptom.with_untracked(|chosen| match chosen.as_str() {
        "other" => Some(Symptom::Other(form.words.get_untracked())),
        value => named(value),
    });
    let severity = form.severity.with_untracked(|chosen| match chosen.as_str() {
        "mild" => Some(Severity::Mild),
        "moderate" => Some(Severity::Moderate),
        "severe" => Some(Severity::Severe),
        _ => None,
    });
    let from = form.since.with_untracked(|since| match since.as_str() {
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        _ => form.date.with_untracked(|date| date.parse().ok()),
    });
    Ok(Report {
        symptom: symptom.ok_or_else(|| Fault::field("symptom"))?,
        severity: severity.ok_or_else(|| Fault::field("severity"))?,
        from: from.ok_or_else(|| Fault::field("report.from"))?,
        medication: form.medicine.with_untracked(|medicine| medicine.parse().ok()),
        note: Some(form.note.get_untracked()),
    })
}

fn save(form: Form) {
    let known = form
        .feel
        .view
        .with_untracked(|view| view.as_ref().map(|view| (view.patient, view.today)));
    let (false, Some((patient, today))) = (form.busy.get_untracked(), known) else {
        return;
    };
    let report = match entered(form, today) {
        Ok(report) => report,
        Err(fault) => {
            form.fault.set(Some(fault));
            return;
        }
    };
    let what = sentence::symptom(&report.symptom);
    form.busy.set(true);
    spawn_local(async move {
        let answer = host::ask(ReportSideEffect { patient, report }).await;
        form.busy.set(false);
        match answer {
            Ok(felt) => {
                form.fault.set(None);
                for field in [
                    form.symptom,
                    form.words,
                    form.severity,
                    form.date,
                    form.medicine,
                    form.note,
                ] {
                    field.set(String::new());
                }
                form.since.set("today".to_owned());
                let said = match felt.network.online {
                    true => say("said-felt", &[("what", &what)]),
                    false => t("network-unsent"),
                };
                form.app.felt(patient, &felt, said);
                page::at_the_top();
            }
            Err(fault) => form.fault.set(Some(fault)),
        }
    });
}
