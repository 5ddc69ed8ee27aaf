//! Buttons, choices and the like. Each is drawn once here, so that all of them are as large, as labelled and as
//! reachable as they have to be.

use doseline_client::ask::Fault;
use leptos::prelude::*;

pub use super::field::{Kind, field, field_of};
use crate::{
    draw::icon,
    words::{self, t},
};

/// A button. `class` starts with `button`.
pub fn button(class: &'static str, test: &'static str, label: String, act: impl Fn() + 'static) -> AnyView {
    boxed_button(class, test, label, None, Box::new(act))
}

/// A button of which a longer label is read aloud, because its word alone does not say what it acts on.
pub fn button_for(
    class: &'static str,
    test: &'static str,
    label: String,
    read: String,
    act: impl Fn() + 'static,
) -> AnyView {
    boxed_button(class, test, label, Some(read), Box::new(act))
}

fn boxed_button(
    class: &'static str,
    test: &'static str,
    label: String,
    read: Option<String>,
    act: Box<dyn Fn()>,
) -> AnyView {
    view! {
        <button type="button" class=class data-test=test aria-label=read on:click=move |_| act()>{label}</button>
    }
    .into_any()
}

/// A button that sends a form; it says so while it does.
pub fn submit(test: &'static str, label: String, busy: RwSignal<bool>) -> AnyView {
    view! {
        <button type="submit" class="button main" data-test=test aria-disabled=move || busy.get().to_string()>
            {label}
        </button>
    }
    .into_any()
}

/// A link that looks like a button.
pub fn link_button(class: &'static str, test: &'static str, label: String, href: String) -> AnyView {
    view! { <a class=class data-test=test href=href>{label}</a> }.into_any()
}

/// A box to tick.
pub fn tick(test: &'static str, label: String, hint: Option<String>, value: RwSignal<bool>) -> AnyView {
    tick_with(test, label, hint, value, Box::new(|| {}))
}

/// A box to tick that acts at once.
pub fn tick_with(
    test: &'static str,
    label: String,
    hint: Option<String>,
    value: RwSignal<bool>,
    act: Box<dyn Fn()>,
) -> AnyView {
    let hint_id = format!("tick-{test}-hint");
    let described = hint.is_some().then(|| hint_id.clone());
    let hint = hint.map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> });
    view! {
        <div class="tick">
            <label>
                <input type="checkbox" data-test=test aria-describedby=described
                    prop:checked=move || value.get()
                    on:change=move |event| {
                        value.set(event_target_checked(&event));
                        act();
                    }/>
                <span>{label}</span>
            </label>
            {hint}
        </div>
    }
    .into_any()
}

/// One way of several.
pub struct Way {
    /// Its test id.
    pub test: String,
    /// What is kept when it is chosen.
    pub value: String,
    /// In words.
    pub label: String,
    /// What it means, in words.
    pub hint: Option<String>,
    /// A drawing beside the words.
    pub drawn: Option<AnyView>,
}

impl Way {
    /// A way with words alone.
    pub fn new(test: impl Into<String>, value: impl Into<String>, label: String) -> Self {
        Self {
            test: test.into(),
            value: value.into(),
            label,
            hint: None,
            drawn: None,
        }
    }

    /// The same with a line that says what it means.
    pub fn hint(self, hint: String) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// The same with a drawing.
    pub fn drawn(self, drawn: AnyView) -> Self {
        Self {
            drawn: Some(drawn),
            ..self
        }
    }
}

/// A choice of one among several ways, as large tiles.
pub fn choice(
    class: &'static str,
    name: &'static str,
    legend: String,
    ways: Vec<Way>,
    value: RwSignal<String>,
) -> AnyView {
    choice_with(class, name, legend, ways, value, std::sync::Arc::new(|| {}))
}

/// The same, acting at once.
pub fn choice_with(
    class: &'static str,
    name: &'static str,
    legend: String,
    ways: Vec<Way>,
    value: RwSignal<String>,
    act: std::sync::Arc<dyn Fn() + Send + Sync>,
) -> AnyView {
    let tiles: Vec<AnyView> = ways
        .into_iter()
        .map(|way| {
            let act = std::sync::Arc::clone(&act);
            let mine = way.value.clone();
            let chosen = way.value.clone();
            let hint = way.hint.map(|hint| view! { <span class="hint">{hint}</span> });
            view! {
                <label class="tile">
                    <input type="radio" name=name value=way.value data-test=way.test
                        prop:checked=move || value.with(|value| *value == mine)
                        on:change=move |_| {
                            value.set(chosen.clone());
                            act();
                        }/>
                    {way.drawn}
                    <span class="tile-words"><span class="tile-label">{way.label}</span>{hint}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div class=format!("tiles {class}")>{tiles}</div>
        </fieldset>
    }
    .into_any()
}

/// A drop-down of values with their words.
pub fn select(
    test: &'static str,
    label: String,
    options: Vec<(String, String)>,
    value: RwSignal<String>,
    act: Box<dyn Fn()>,
) -> AnyView {
    select_at(format!("field-{test}"), test, label, options, value, act)
}

/// The same, where a screen has several of the kind: `id` is its own.
pub fn select_at(
    id: String,
    test: &'static str,
    label: String,
    options: Vec<(String, String)>,
    value: RwSignal<String>,
    act: Box<dyn Fn()>,
) -> AnyView {
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(each, words)| {
            let mine = each.clone();
            view! { <option value=each selected=move || value.with(|value| *value == mine)>{words}</option> }.into_any()
        })
        .collect();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id data-test=test on:change=move |event| {
                value.set(event_target_value(&event));
                act();
            }>{options}</select>
        </div>
    }
    .into_any()
}

/// What went wrong with a form, told as soon as it is there.
pub fn fault_line(fault: RwSignal<Option<Fault>>) -> AnyView {
    view! {
        <div role="alert">
            {move || fault.get().map(|fault| view! {
                <p class="fault" data-test="fault">{icon::icon(icon::HEED)}<span>{words::field_fault(&fault)}</span></p>
            })}
        </div>
    }
    .into_any()
}

/// A screen or a part of one that could not be had, with the one thing to do.
pub fn trouble(title: &str, fault: &Fault, again: Box<dyn Fn()>) -> AnyView {
    view! {
        <section class="blank" role="alert">
            <h1>{title.to_owned()}</h1>
            <p data-test="fault">{words::fault(fault)}</p>
            {boxed_button("button main", "try-again", t("try-again"), None, again)}
        </section>
    }
    .into_any()
}

/// A screen's heading with the way back above it.
pub fn heading(title: String, back: Option<(String, String)>) -> AnyView {
    let back = back.map(|(words, href)| {
        view! { <a class="back" href=href data-test="back">{icon::icon(icon::BACK)}<span>{words}</span></a> }
    });
    view! { <header class="heading">{back}<h1>{title}</h1></header> }.into_any()
}

/// A tag: a short word with a shape, for a state.
pub fn tag(kind: &'static str, drawn: &'static str, words: String) -> AnyView {
    view! { <span class=format!("tag {kind}")>{icon::icon(drawn)}<span>{words}</span></span> }.into_any()
}

/// Due times, one line a day.
pub fn next_times(test: &'static str, days: &[(String, String)]) -> AnyView {
    let lines: Vec<AnyView> = days
        .iter()
        .map(|(day, times)| {
            view! { <li data-test=test><span class="soft">{day.clone()}</span>" "<strong>{times.clone()}</strong></li> }
                .into_any()
        })
        .collect();
    view! { <ul class="next-times">{lines}</ul> }.into_any()
}

/// The question before something that cannot be undone, in place of the button that led to it. The keyboard's focus
/// goes to the answer that changes nothing.
#[derive(Clone)]
pub struct Ask {
    /// The question; none where the button says enough.
    pub question: Option<String>,
    /// The test id of the button that does it.
    pub test: &'static str,
    /// What the button says.
    pub label: String,
    /// The test id of the button that changes nothing.
    pub leave_test: &'static str,
}

/// Draws the question.
pub fn ask(ask: Ask, act: impl Fn() + 'static, leave: impl Fn() + 'static) -> AnyView {
    let safe = NodeRef::<leptos::html::Button>::new();
    Effect::new(move |_| {
        // Only where the focus went away with the button before: a redraw must not take it from where it is.
        let nowhere = document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY");
        if let (Some(button), true) = (safe.get(), nowhere) {
            let focused = button.focus();
            debug_assert!(focused.is_ok(), "a button takes the focus");
        }
    });
    let read = ask.question.clone().unwrap_or_else(|| ask.label.clone());
    let question = ask.question.map(|words| view! { <span>{words}</span> });
    view! {
        <span class="row-ask" role="group" aria-label=read>
            {question}
            {button("button danger small", ask.test, ask.label, act)}
            <button type="button" class="button small" data-test=ask.leave_test node_ref=safe
                on:click=move |_| leave()>{t("keep-it")}</button>
        </span>
    }
    .into_any()
}
