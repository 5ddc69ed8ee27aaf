//! What a clinic's list says of medicines beside each other: in words, with the clinic's source, the graver the stronger.

use doseline_client::view::InteractionView;
use doseline_shared::safety::Severity;
use leptos::prelude::*;

use crate::{
    draw::icon,
    words::{say, t},
};

/// Which two medicines are meant, and how grave it is.
pub fn title(met: &InteractionView) -> String {
    let what = match &met.other {
        Some(other) => say("interaction-of", &[("one", &met.one), ("other", other)]),
        None => say(
            "interaction-within",
            &[
                ("name", &met.one),
                ("one", &met.ingredients.0),
                ("other", &met.ingredients.1),
            ],
        ),
    };
    let values = [("what", what.as_str())];
    match met.severity {
        Severity::Contraindicated => say("interaction-contraindicated", &values),
        Severity::Major => say("interaction-major", &values),
        Severity::Moderate => say("interaction-moderate", &values),
        Severity::Minor => say("interaction-minor", &values),
    }
}

/// One interaction.
pub fn warning(met: &InteractionView) -> AnyView {
    let (class, severity) = match met.severity {
        Severity::Contraindicated => ("warn grave", "contraindicated"),
        Severity::Major => ("warn grave", "major"),
        Severity::Moderate => ("warn", "moderate"),
        Severity::Minor => ("warn", "minor"),
    };
    view! {
        <div class=class data-test="interaction" data-severity=severity>
            {icon::icon(icon::HEED)}
            <p class="warn-words">
                <strong>{title(met)}</strong>
                <span>{met.text.clone()}</span>
                <span class="hint">{say("interaction-source", &[("source", &met.source)])}</span>
            </p>
        </div>
    }
    .into_any()
}

/// All that there are; nothing where there are none.
pub fn section(all: &[InteractionView]) -> AnyView {
    if all.is_empty() {
        return ().into_any();
    }
    let warnings: Vec<AnyView> = all.iter().map(warning).collect();
    view! {
        <section aria-labelledby="interactions-title">
            <h2 id="interactions-title">{t("interactions-beside")}</h2>
            <div class="warns">{warnings}</div>
        </section>
    }
    .into_any()
}
