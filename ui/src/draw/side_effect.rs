//! Side effects as rows: what is felt, since when, how bad, and the two things that can be said of it later.

use doseline_client::{
    ask::{EndSideEffect, Fault, Request, RetractSideEffect},
    view::{FeltView, SideEffectView},
};
use doseline_shared::{id::PatientId, record::Severity};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{icon, piece},
    host, sentence, time,
    words::{say, t},
};

/// What the person does with the rows. Outlives the redraws of the view.
#[derive(Clone, Copy)]
pub struct Acting {
    app: App,
    patient: PatientId,
    fault: RwSignal<Option<Fault>>,
}

impl Acting {
    /// For the side effects of this patient; what goes wrong is put into `fault`.
    pub const fn new(app: App, patient: PatientId, fault: RwSignal<Option<Fault>>) -> Self {
        Self { app, patient, fault }
    }

    fn end(self, one: &SideEffectView) -> impl Fn() + use<> {
        let (patient, entry) = (self.patient, one.entry);
        let said = say("said-ended", &[("what", &sentence::symptom(&one.report.symptom))]);
        move || {
            let said = said.clone();
            self.act(EndSideEffect { patient, entry }, move |felt| {
                self.app.felt(patient, &felt, said);
            });
        }
    }

    fn retract(self, entry: doseline_shared::id::SideEffectEntryId) -> impl Fn() + use<> {
        let patient = self.patient;
        move || self.act(RetractSideEffect { patient, entry }, |_| {})
    }

    fn act(self, request: impl Request<Answer = FeltView> + 'static, done: impl FnOnce(FeltView) + 'static) {
        spawn_local(async move {
            match host::ask(request).await {
                Ok(felt) => {
                    self.fault.set(None);
                    done(felt);
                    self.app.touch();
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }
}

/// The rows, with what can be done where the person may record.
pub fn rows(acting: Acting, all: &[SideEffectView], may_log: bool) -> AnyView {
    if all.is_empty() {
        return view! { <p class="soft" data-test="side-effects-none">{t("feel-none")}</p> }.into_any();
    }
    let rows: Vec<AnyView> = all.iter().map(|one| row(acting, one, may_log)).collect();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

fn row(acting: Acting, one: &SideEffectView, may_log: bool) -> AnyView {
    let what = sentence::symptom(&one.report.symptom);
    let suspected = one
        .medicine
        .as_ref()
        .map(|name| say("side-effect-suspected", &[("name", name)]));
    let under: Vec<String> = std::iter::once(span(one))
        .chain(suspected)
        .chain(one.report.note.clone())
        .chain((!one.sent).then(|| t("row-unsent")))
        .collect();
    let (kind, drawn, words) = match one.report.severity {
        Severity::Mild => ("plain", icon::CLOCK, t("severity-mild-short")),
        Severity::Moderate => ("late", icon::HEED, t("severity-moderate-short")),
        Severity::Severe => ("miss", icon::HEED, t("severity-severe-short")),
    };
    let tags = match one.ended {
        None => piece::tag(kind, drawn, words),
        Some(_) => {
            view! { {piece::tag("quiet", icon::TICK, t("side-effect-over"))}{piece::tag("plain", drawn, words)} }
                .into_any()
        }
    };
    let acts = may_log.then(|| {
        let read = |key: String| format!("{key}: {what}");
        match one.ended {
            None => view! {
                {piece::button_for("button small", "side-effect-end", t("side-effect-end"), read(t("side-effect-end")), acting.end(one))}
                {piece::button_for("button small quiet", "side-effect-retract", t("take-back"), read(t("take-back")), acting.retract(one.entry))}
            }
            .into_any(),
            Some((_, entry)) => piece::button_for(
                "button small",
                "side-effect-again",
                t("side-effect-again"),
                read(t("side-effect-again")),
                acting.retract(entry),
            ),
        }
    });
    view! {
        <li class="row side-effect" data-test="side-effect-row" data-name=what.clone()
            data-state=if one.ended.is_some() { "ended" } else { "going-on" }>
            <span class="row-what">
                <span class="row-name">{what.clone()}</span>
                <span class="row-how">{under.join(" · ")}</span>
            </span>
            <span class="row-state">{tags}{acts}</span>
        </li>
    }
    .into_any()
}

/// `since 27 Feb`, `27 Feb to 1 Mar`.
fn span(one: &SideEffectView) -> String {
    let from = time::day_month(one.report.from);
    match one.ended {
        None => say("since", &[("date", &from)]),
        Some((on, _)) => say("side-effect-span", &[("from", &from), ("to", &time::day_month(on))]),
    }
}
