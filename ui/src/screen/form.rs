//! The form for a medicine: what it is, how much, when. Presets first; the next days are shown while one types.

use std::cell::Cell;
use std::rc::Rc;

use doseline_client::{
    ask::{Draft, Fault, OpenMedicine, PreviewDraft, SaveMedicine},
    view::{DraftView, MedicineView},
};
use doseline_shared::id::MedicationId;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draft::{self, Fields},
    draw::{
        piece::{self, Kind, Way},
        pill,
    },
    host,
    load::{load, shown},
    page,
    route::{Route, Whose},
    sentence, time,
    words::{self, say, t},
};

/// The screen; with a medication, the form starts from what holds now.
pub fn screen(app: App, whose: Whose, medication: Option<MedicationId>) -> AnyView {
    let Some(medication) = medication else {
        return draw(app, whose, None, &draft::fresh());
    };
    // Asked once: what someone has typed is not overwritten by news from elsewhere. Saving merges, or asks.
    let known = load(app, move || OpenMedicine {
        patient: whose.patient(),
        medication,
    });
    let first =
        Memo::new(move |before: Option<&Option<MedicineView>>| before.cloned().flatten().or_else(|| known.view.get()));
    (move || match first.get() {
        Some(view) => draw(app, whose, Some(medication), &view.draft),
        None => shown(known, |_| ().into_any()),
    })
    .into_any()
}

fn draw(app: App, whose: Whose, medication: Option<MedicationId>, draft: &Draft) -> AnyView {
    let fields = Fields::new(draft, medication.is_some());
    let preview = preview(fields);
    let (busy, fault) = (RwSignal::new(false), RwSignal::new(None));
    let title = if medication.is_some() {
        t("edit-title")
    } else {
        t("add-medicine")
    };
    view! {
        <form class="form wide" on:submit=move |event| {
            event.prevent_default();
            save(app, whose, medication, fields, busy, fault);
        }>
            {piece::heading(title, None)}
            {piece::field("medicine-name", t("medicine-name"), Some(t("medicine-name-hint")), Kind::TEXT.required(), fields.name)}
            {amount(fields)}
            {when(fields, medication.is_some())}
            {preview_box(preview)}
            {look(fields)}
            {piece::field("instruction", t("instruction"), Some(t("instruction-hint")), Kind::TEXT, fields.instruction)}
            {piece::tick("critical", t("critical"), Some(t("critical-hint")), fields.critical)}
            {piece::fault_line(fault)}
            <div class="acts sticky">
                {piece::submit("save-medicine", t("save"), busy)}
                {piece::button("button", "cancel", t("cancel"), page::back)}
            </div>
        </form>
    }
    .into_any()
}

fn amount(fields: Fields) -> AnyView {
    let units = move || {
        let mut units: Vec<(String, String)> = sentence::UNITS
            .iter()
            .map(|unit| ((*unit).to_owned(), sentence::unit(unit)))
            .collect();
        let own = fields.unit.get_untracked();
        if !own.is_empty() && !sentence::UNITS.contains(&own.as_str()) {
            units.push((own.clone(), own));
        }
        units
    };
    view! {
        {move || (!fields.ask_each.get()).then(|| view! {
            <div class="pair">
                {piece::field("amount-value", t("amount"), None, Kind::DECIMAL.required(), fields.amount)}
                {piece::select("amount-unit", t("amount-unit"), units(), fields.unit, Box::new(|| {}))}
            </div>
        })}
        {piece::tick("amount-ask-each", t("amount-ask-each"), Some(t("amount-ask-each-hint")), fields.ask_each)}
    }
    .into_any()
}

fn when(fields: Fields, known: bool) -> AnyView {
    let way = |name: &str, words: String| Way::new(format!("preset-{name}"), name, words);
    let mut ways = Vec::new();
    if known && fields.exactly.with_value(Option::is_some) {
        ways.push(way("keep", t("preset-keep")).hint(t("preset-keep-hint")));
    }
    ways.extend([
        way("once", t("preset-once")),
        way("twice", t("preset-twice")),
        way("three", t("preset-three")),
        way("hours", t("preset-hours")),
        way("weekly", t("preset-weekly")),
        way("needed", t("preset-needed")),
        way("not-yet", t("preset-not-yet")).hint(t("preset-not-yet-hint")),
    ]);
    let choose = std::sync::Arc::new(move || fields.preset_chosen());
    view! {
        {piece::choice_with("three", "preset", t("when"), ways, fields.preset, choose)}
        {move || match fields.preset.get().as_str() {
            "once" | "twice" | "three" => times(fields),
            "weekly" => view! { {weekdays(fields)}{times(fields)} }.into_any(),
            "hours" => view! {
                <div class="pair">
                    {piece::field("every-hours", t("every-hours"), Some(t("every-hours-hint")), Kind::WHOLE.required(), fields.every_hours)}
                    {piece::field("first-time", t("first-time"), None, Kind::TIME, fields.first)}
                </div>
            }.into_any(),
            "needed" => view! {
                <div class="pair">
                    {piece::field("gap-hours", t("gap-hours"), None, Kind::WHOLE.required(), fields.gap_hours)}
                    {piece::field("max-per-day", t("max-per-day"), Some(t("max-per-day-hint")), Kind::WHOLE, fields.max_per_day)}
                </div>
            }.into_any(),
            _ => ().into_any(),
        }}
        {move || (!matches!(fields.preset.get().as_str(), "keep" | "not-yet")).then(|| view! {
            <div class="pair">
                {piece::field("start-date", t("start-date"), Some(t("start-date-hint")), Kind::DATE, fields.start)}
                {piece::field("end-date", t("end-date"), Some(t("end-date-hint")), Kind::DATE, fields.end)}
            </div>
        })}
    }
    .into_any()
}

fn times(fields: Fields) -> AnyView {
    view! {
        <fieldset class="times">
            <legend>{t("times")}</legend>
            {move || {
                let all = fields.times.get();
                let several = all.len() > 1;
                all.into_iter().enumerate().map(|(place, time)| {
                    let label = say("time-number", &[("n", &(place + 1).to_string())]);
                    let remove = say("remove-time", &[("n", &(place + 1).to_string())]);
                    view! {
                        <div class="time-row">
                            {piece::field(&format!("time-{place}"), label, None, Kind::TIME, time)}
                            {several.then(|| view! {
                                <button type="button" class="button small" data-test=format!("remove-time-{place}")
                                    aria-label=remove on:click=move |_| fields.remove_time(place)>{t("remove")}</button>
                            })}
                        </div>
                    }
                }).collect::<Vec<_>>()
            }}
            {piece::button("button small", "add-time", t("add-time"), move || fields.add_time())}
        </fieldset>
    }
    .into_any()
}

fn weekdays(fields: Fields) -> AnyView {
    let days: Vec<AnyView> = time::WEEK
        .into_iter()
        .zip(fields.days)
        .map(|(day, chosen)| {
            let test = format!("weekday-{}", day.to_string().to_ascii_lowercase());
            view! {
                <label class="tile day-tile">
                    <input type="checkbox" data-test=test prop:checked=move || chosen.get() aria-label=time::weekday(day)
                        on:change=move |event| chosen.set(event_target_checked(&event))/>
                    <span class="tile-label" aria-hidden="true">{time::weekday_short(day)}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="choice">
            <legend>{t("weekdays")}</legend>
            <div class="tiles days">{days}</div>
        </fieldset>
    }
    .into_any()
}

fn look(fields: Fields) -> AnyView {
    let forms = pill::FORMS
        .into_iter()
        .map(|form| {
            let drawn = (move || {
                pill::pill(doseline_shared::record::Look {
                    form,
                    colour: fields.colour(),
                })
            })
            .into_any();
            let name = pill::form_name(form);
            Way::new(format!("look-form-{name}"), name, pill::form_words(form)).drawn(drawn)
        })
        .collect();
    let colours = pill::COLOURS
        .into_iter()
        .map(|colour| {
            let name = pill::colour_name(colour);
            let drawn = view! { <span class=format!("swatch tint-{name}") aria-hidden="true"></span> }.into_any();
            Way::new(format!("look-colour-{name}"), name, pill::colour_words(colour)).drawn(drawn)
        })
        .collect();
    view! {
        <details class="more">
            <summary data-test="look">{t("look")}</summary>
            {piece::choice("four", "form", t("look-form"), forms, fields.form)}
            {piece::choice("four", "colour", t("look-colour"), colours, fields.colour)}
        </details>
    }
    .into_any()
}

/// Asks what the draft would do, a moment after the last key.
fn preview(fields: Fields) -> RwSignal<Option<Result<DraftView, Fault>>> {
    let shown = RwSignal::new(None);
    let latest = Rc::new(Cell::new(0_u32));
    Effect::new(move |_| {
        let draft = fields.draft();
        let mine = latest.get().wrapping_add(1);
        latest.set(mine);
        let latest = Rc::clone(&latest);
        spawn_local(async move {
            TimeoutFuture::new(150).await;
            if latest.get() != mine {
                return;
            }
            let answer = match draft {
                Ok(mut draft) => {
                    // The times do not depend on the name, so they show before there is one.
                    if draft.name.is_empty() {
                        draft.name = t("medicine-name");
                    }
                    host::ask(PreviewDraft { draft }).await
                }
                Err(field) => Err(draft::fault(field)),
            };
            if latest.get() == mine {
                shown.set(Some(answer));
            }
        });
    });
    shown
}

fn preview_box(preview: RwSignal<Option<Result<DraftView, Fault>>>) -> AnyView {
    let inside = move || match preview.get() {
        None => ().into_any(),
        Some(Err(_)) => view! { <p class="soft">{t("preview-incomplete")}</p> }.into_any(),
        Some(Ok(view)) => {
            let faults: Vec<AnyView> = view
                .faults
                .iter()
                .map(|fault| view! { <p class="fault">{draft_fault(fault)}</p> }.into_any())
                .collect();
            let times = piece::next_times("preview-time", &sentence::by_day(&view.next, 5));
            view! {
                <p class="sentence">{sentence::capital(&sentence::when(&view.when))}</p>
                {faults}
                {times}
            }
            .into_any()
        }
    };
    view! {
        <section class="preview" aria-labelledby="preview-title" data-test="preview">
            <h2 id="preview-title">{t("preview-title")}</h2>
            {inside}
        </section>
    }
    .into_any()
}

/// Which field is at fault, in words.
fn draft_fault(fault: &Fault) -> String {
    let field = fault.field.as_deref().unwrap_or_default();
    if field.contains("name") {
        t("fault-name")
    } else if field.contains("amount") || field.contains("dose") {
        t("fault-amount")
    } else if field.contains("end") {
        t("fault-end")
    } else if field.contains("days") || field.contains("weekdays") {
        t("fault-days")
    } else if field.contains("times") || field.contains("hours") || field.contains("first") || field.contains("when") {
        t("fault-times")
    } else {
        words::fault(fault)
    }
}

fn save(
    app: App,
    whose: Whose,
    medication: Option<MedicationId>,
    fields: Fields,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
) {
    if busy.get_untracked() {
        return;
    }
    let draft = match fields.draft() {
        Ok(draft) => draft,
        Err(field) => {
            fault.set(Some(draft::fault(field)));
            return;
        }
    };
    busy.set(true);
    spawn_local(async move {
        let answer = host::ask(SaveMedicine {
            patient: whose.patient(),
            medication,
            draft,
        })
        .await;
        busy.set(false);
        match answer {
            Ok(view) => {
                app.touch();
                app.replace(Route::Medicine(whose, view.row.medication));
            }
            Err(why) => fault.set(Some(why)),
        }
    });
}
