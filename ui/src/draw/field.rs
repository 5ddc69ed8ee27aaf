//! Fields for a line of text, each with its label, its hint, and what is wrong with what it holds.

use doseline_client::ask::Fault;
use leptos::prelude::*;

use crate::words;

/// What kind of text a field takes.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The `type` of the input.
    pub kind: &'static str,
    /// What the browser may fill in.
    pub autocomplete: &'static str,
    /// Which keyboard a phone shows.
    pub inputmode: &'static str,
    /// Whether it has to be filled in.
    pub required: bool,
}

impl Kind {
    /// A line of text that may be left empty.
    pub const TEXT: Self = Self {
        kind: "text",
        autocomplete: "off",
        inputmode: "text",
        required: false,
    };
    /// A number with a point or a comma.
    pub const DECIMAL: Self = Self {
        inputmode: "decimal",
        ..Self::TEXT
    };
    /// A whole number.
    pub const WHOLE: Self = Self {
        inputmode: "numeric",
        ..Self::TEXT
    };
    /// A time of day.
    pub const TIME: Self = Self {
        kind: "time",
        required: true,
        ..Self::TEXT
    };
    /// A date.
    pub const DATE: Self = Self {
        kind: "date",
        ..Self::TEXT
    };

    /// The same, and it has to be filled in.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// A labelled field with an optional hint beneath.
pub fn field(test: &str, label: String, hint: Option<String>, kind: Kind, value: RwSignal<String>) -> AnyView {
    let id = format!("field-{test}");
    let hint_id = format!("{id}-hint");
    let described = hint.is_some().then(|| hint_id.clone());
    let hint = hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id type=kind.kind inputmode=kind.inputmode autocomplete=kind.autocomplete
                required=kind.required aria-describedby=described data-test=test.to_owned()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))/>
            {hint}
        </div>
    }
    .into_any()
}

/// The same, marked with what is wrong with it where a fault names it as `name`. The keyboard goes to it then.
pub fn field_of(
    test: &str,
    name: &'static str,
    fault: RwSignal<Option<Fault>>,
    label: String,
    hint: Option<String>,
    kind: Kind,
    value: RwSignal<String>,
) -> AnyView {
    let id = format!("field-{test}");
    let (hint_id, fault_id) = (format!("{id}-hint"), format!("{id}-fault"));
    let described = format!("{fault_id} {hint_id}");
    let wrong = Memo::new(move |_| fault.with(|fault| fault.as_ref().is_some_and(|fault| words::names(fault, name))));
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        // A redraw must not take the focus from another field that the person has gone on to.
        let typing = document()
            .active_element()
            .is_some_and(|active| active.tag_name() == "INPUT");
        if let (true, false, Some(input)) = (wrong.get(), typing, input.get()) {
            let focused = input.focus();
            debug_assert!(focused.is_ok(), "a field takes the focus");
        }
    });
    let fault_id = StoredValue::new(fault_id);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id type=kind.kind inputmode=kind.inputmode autocomplete=kind.autocomplete
                required=kind.required aria-describedby=described data-test=test.to_owned() node_ref=input
                aria-invalid=move || wrong.get().then_some("true")
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))/>
            <div>
                {move || wrong.get().then(|| view! {
                    <p class="field-fault" id=fault_id.get_value() data-test="field-fault">{fault.with(|fault| fault.as_ref().map(words::field_fault))}</p>
                })}
                {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            </div>
        </div>
    }
    .into_any()
}
