//! The form for a medicine: what it is, how much, when. Presets first; the next days are shown while one types.

mod dose;
mod when;

use std::cell::Cell;
use std::rc::Rc;

use doseline_client::{
    ask::{Draft, Fault, OpenMedicine, OpenMedicines, PreviewDraft, SaveMedicine},
    view::{DraftView, DraftWarning, MedicineView},
};
use doseline_shared::id::MedicationId;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draft::{self, Fields},
    draw::{
        icon, interaction,
        piece::{self, Kind, Way},
        pill,
    },
    host,
    load::{load, shown},
    page,
    route::{Route, Whose},
    sentence,
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
        until: None,
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
    // A medicine without times has no place for an amount yet.
    let later = Memo::new(move |_| fields.when.preset.with(|preset| preset == "not-yet"));
    let preview = preview(fields, whose, medication);
    let medicines = load(app, move || OpenMedicines {
        patient: whose.patient(),
    });
    let others = Signal::derive(move || {
        let known = medicines.view.get().map(|view| view.active).unwrap_or_default();
        known
            .into_iter()
            .filter(|row| Some(row.medication) != medication)
            .map(|row| (row.medication.to_string(), row.name))
            .collect::<Vec<_>>()
    });
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
            {piece::field_of("medicine-name", "name", fault, t("medicine-name"), Some(t("medicine-name-hint")), Kind::TEXT.required(), fields.name)}
            {dose::draw(fields.dose, fault, later)}
            {when::draw(fields, medication.is_some(), others)}
            {preview_box(preview)}
            {piece::field("instruction", t("instruction"), Some(t("instruction-hint")), Kind::TEXT, fields.instruction)}
            {piece::field("ingredients", t("ingredients"), Some(t("ingredients-hint")), Kind::TEXT, fields.ingredients)}
            {piece::tick("critical", t("critical"), Some(t("critical-hint")), fields.critical)}
            {look(fields)}
            {piece::fault_line(fault)}
            <div class="acts sticky">
                {piece::submit("save-medicine", t("save"), busy)}
                {piece::button("button", "cancel", t("cancel"), page::back)}
            </div>
        </form>
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
fn preview(
    fields: Fields,
    whose: Whose,
    medication: Option<MedicationId>,
) -> RwSignal<Option<Result<DraftView, Fault>>> {
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
                    host::ask(PreviewDraft {
                        patient: whose.patient(),
                        medication,
                        draft,
                    })
                    .await
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
                .map(|fault| view! { <p class="fault">{words::field_fault(fault)}</p> }.into_any())
                .collect();
            let warnings: Vec<AnyView> = view.warnings.iter().map(warning).collect();
            let times = piece::next_times("preview-time", &sentence::by_day(&view.next, 5));
            view! {
                <p class="sentence" data-test="preview-sentence">{sentence::regimen(view.dose.as_ref(), &view.when)}</p>
                {faults}
                {warnings}
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

/// What to know before the medicine is added.
fn warning(warning: &DraftWarning) -> AnyView {
    let words = match warning {
        DraftWarning::Duplicate { ingredient, with } => {
            say("warn-duplicate", &[("ingredient", ingredient), ("name", with)])
        }
        DraftWarning::Allergy { substance } => say("warn-allergy", &[("substance", substance)]),
        DraftWarning::Interaction { met } => return interaction::warning(met),
    };
    view! { <p class="warn" data-test="warning">{icon::icon(icon::HEED)}<span>{words}</span></p> }.into_any()
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
            // The page asks afresh, and what stands around it is told by the core.
            Ok(view) => app.replace(Route::Medicine(whose, view.row.medication)),
            Err(why) => fault.set(Some(why)),
        }
    });
}
