//! The list of medicines, with what was stopped beneath and the allergies beside.

use doseline_client::{
    ask::OpenMedicines,
    view::{MedicineRow, MedicinesView, StockText},
};
use doseline_shared::record::Allergy;
use leptos::prelude::*;

use crate::{
    app::App,
    draw::{icon, notice, piece, pill},
    load::{load, shown},
    route::{Route, Whose},
    sentence, time,
    words::{breakable, list, say, t},
};

/// The screen.
pub fn screen(app: App, whose: Whose) -> AnyView {
    let medicines = load(app, move || OpenMedicines {
        patient: whose.patient(),
    });
    shown(medicines, move |view| draw(whose, view))
}

fn draw(whose: Whose, view: &MedicinesView) -> AnyView {
    let title = if view.own {
        t("medicines-title")
    } else {
        say("medicines-of", &[("name", &view.name)])
    };
    let back = (whose != Whose::Own).then(|| (view.name.clone(), Route::record(whose).path()));
    let add = || {
        view.may_edit.then(|| {
            piece::link_button(
                "button main",
                "add-medicine",
                t("add-medicine"),
                Route::NewMedicine(whose).path(),
            )
        })
    };
    let body = if view.active.is_empty() && view.stopped.is_empty() {
        view! {
            <section class="blank">
                <span class="blank-drawing" aria-hidden="true">{icon::icon(icon::PILL)}</span>
                <h2>{t("empty-title")}</h2>
                <p>{t("empty-words")}</p>
                {add()}
            </section>
        }
        .into_any()
    } else {
        view! {
            {rows(whose, &view.active)}
            <p class="foot-acts">
                {add()}
                {piece::link_button("button", "report", t("report-title"), Route::Report(whose).path())}
            </p>
            {(!view.stopped.is_empty()).then(|| view! {
                <details class="stopped">
                    <summary>{say("stopped-title", &[("count", &view.stopped.len().to_string())])}</summary>
                    {rows(whose, &view.stopped)}
                </details>
            })}
        }
        .into_any()
    };
    view! {
        {piece::heading(title, back)}
        {notice::network(&view.network)}
        {allergies(&view.allergies)}
        {body}
    }
    .into_any()
}

/// The medicines as rows that lead to their pages.
pub fn rows(whose: Whose, all: &[MedicineRow]) -> AnyView {
    let rows: Vec<AnyView> = all.iter().map(|each| row(whose, each)).collect();
    view! { <ul class="rows cards">{rows}</ul> }.into_any()
}

fn row(whose: Whose, row: &MedicineRow) -> AnyView {
    let not_yet = matches!(row.when, doseline_client::view::WhenText::NotYet {});
    let state = match row.stopped {
        Some(from) => Some(piece::tag(
            "quiet",
            icon::HOLD,
            say("stopped-on", &[("date", &time::day_month(from))]),
        )),
        None if not_yet => Some(piece::tag("late", icon::CLOCK, t("no-times-tag"))),
        None => days_left(&row.stock),
    };
    let marks: Vec<String> = row
        .critical
        .then(|| t("critical-word"))
        .into_iter()
        .chain(row.from_clinic.then(|| t("from-clinic")))
        .collect();
    let instruction = row
        .instruction
        .clone()
        .map(|text| view! { <span class="row-how">{text}</span> });
    let marks = (!marks.is_empty()).then(|| view! { <span class="row-how">{marks.join(" · ")}</span> });
    view! {
        <li>
            <a class="row medicine-row" data-test="medicine-row" data-name=row.name.clone()
                href=Route::Medicine(whose, row.medication).path()>
                {pill::pill(row.look)}
                <span class="row-what">
                    <span class="row-name">{breakable(&row.name)}</span>
                    <span class="row-when">{sentence::regimen(row.dose.as_ref(), &row.when)}</span>
                    {instruction}
                    {marks}
                    {state.map(|state| view! { <span class="row-tag">{state}</span> })}
                </span>
                <span class="row-state">{icon::icon(icon::ON)}</span>
            </a>
        </li>
    }
    .into_any()
}

/// For how long there is enough at home; nothing where that is not known.
fn days_left(stock: &StockText) -> Option<AnyView> {
    let StockText::Lasts {
        ends: Some((_, days)),
        refill_due,
        ..
    } = stock
    else {
        return None;
    };
    let kind = if *refill_due { "late" } else { "plain" };
    Some(piece::tag(
        kind,
        icon::PILL,
        say("stock-tag", &[("days", &days.to_string())]),
    ))
}

/// Allergies in one line; nothing where there are none.
pub fn allergies(all: &[Allergy]) -> AnyView {
    let active: Vec<String> = all
        .iter()
        .filter(|each| each.active)
        .map(|each| breakable(&each.substance))
        .collect();
    if active.is_empty() {
        return ().into_any();
    }
    view! {
        <p class="allergies" data-test="allergies">
            {icon::icon(icon::HEED)}<span><strong>{t("allergies")}</strong>" "{list(&active)}</span>
        </p>
    }
    .into_any()
}
