//! How much is taken: the same each time, step by step, day by day, or entered each time.

use doseline_client::ask::Fault;
use leptos::prelude::*;

use crate::{
    draft::{DoseFields, StepFields},
    draw::piece::{self, Kind},
    sentence,
    words::{say, t},
};

/// The choice and its fields; none while the times are set later.
pub(super) fn draw(fields: DoseFields, fault: RwSignal<Option<Fault>>, later: Memo<bool>) -> AnyView {
    (move || (!later.get()).then(|| choice(fields, fault))).into_any()
}

fn choice(fields: DoseFields, fault: RwSignal<Option<Fault>>) -> AnyView {
    let ways = [
        ("same", t("dose-same")),
        ("steps", t("dose-steps")),
        ("days", t("dose-days")),
        ("ask", t("dose-ask")),
    ];
    let ways = ways.map(|(way, words)| (way.to_owned(), words)).to_vec();
    view! {
        {piece::select("amount-way", t("dose-way"), ways, fields.kind, Box::new(|| {}))}
        {move || match fields.kind.get().as_str() {
            "ask" => view! { <p class="hint">{t("dose-ask-hint")}</p> }.into_any(),
            "steps" => view! { {unit(fields)}{steps(fields)} }.into_any(),
            "days" => view! { {unit(fields)}{days(fields)} }.into_any(),
            _ => view! {
                <div class="pair">
                    {piece::field_of("amount-value", "amount", fault, t("amount"), None, Kind::DECIMAL.required(), fields.value)}
                    {unit(fields)}
                </div>
            }
            .into_any(),
        }}
    }
    .into_any()
}

fn unit(fields: DoseFields) -> AnyView {
    let mut units: Vec<(String, String)> = sentence::UNITS
        .iter()
        .map(|unit| ((*unit).to_owned(), sentence::unit(unit)))
        .collect();
    let own = fields.unit.get_untracked();
    if !own.is_empty() && !sentence::UNITS.contains(&own.as_str()) {
        units.push((own.clone(), own));
    }
    piece::select("amount-unit", t("amount-unit"), units, fields.unit, Box::new(|| {}))
}

fn steps(fields: DoseFields) -> AnyView {
    let row = move |place: usize, several: bool, step: StepFields| {
        let number = (place + 1).to_string();
        view! {
            <div class="time-row">
                {piece::field(&format!("step-amount-{place}"), say("step-amount", &[("n", &number)]), None, Kind::DECIMAL.required(), step.value)}
                {piece::field(&format!("step-days-{place}"), t("step-days"), None, Kind::WHOLE, step.days)}
                {several.then(|| remove(format!("remove-step-{place}"), say("remove-step", &[("n", &number)]), move || fields.remove_step(place)))}
            </div>
        }
        .into_any()
    };
    view! {
        <fieldset class="times">
            <legend>{t("steps")}</legend>
            <p class="hint">{t("steps-hint")}</p>
            {move || {
                let all = fields.steps.get();
                let several = all.len() > 1;
                all.into_iter().enumerate().map(|(place, step)| row(place, several, step)).collect::<Vec<_>>()
            }}
            {piece::button("button small", "add-step", t("add-step"), move || fields.add_step())}
        </fieldset>
    }
    .into_any()
}

fn days(fields: DoseFields) -> AnyView {
    let row = move |place: usize, several: bool, value: RwSignal<String>| {
        let number = (place + 1).to_string();
        view! {
            <div class="time-row">
                {piece::field(&format!("day-amount-{place}"), say("day-amount", &[("n", &number)]), None, Kind::DECIMAL.required(), value)}
                {several.then(|| remove(format!("remove-day-{place}"), say("remove-day", &[("n", &number)]), move || fields.remove_day(place)))}
            </div>
        }
        .into_any()
    };
    view! {
        <fieldset class="times">
            <legend>{t("day-amounts")}</legend>
            <p class="hint">{t("day-amounts-hint")}</p>
            {move || {
                let all = fields.days.get();
                let several = all.len() > 1;
                all.into_iter().enumerate().map(|(place, value)| row(place, several, value)).collect::<Vec<_>>()
            }}
            {piece::button("button small", "add-day", t("add-day"), move || fields.add_day())}
        </fieldset>
    }
    .into_any()
}

fn remove(test: String, read: String, act: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="button small" data-test=test aria-label=read on:click=move |_| act()>{t("remove")}</button>
    }
    .into_any()
}
