//! A dose: as the big card with its three acts, and as a row of the day.

use doseline_client::{
    ask::{Fault, LogAct, LogDose},
    view::{DoseView, Local},
};
use doseline_shared::{
    id::{MedicationId, PatientId},
    quantity::Quantity,
    schedule::OccurrenceKey,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{icon, piece, pill},
    host,
    route::{Route, Whose},
    sentence, time,
    words::{self, say, t},
};

/// Minutes that a reminder is put off by.
const SNOOZE_MINUTES: u32 = 10;

/// What the person is doing with doses on this screen. Outlives the redraws of the view.
#[derive(Clone, Copy)]
pub struct Acting {
    /// The app.
    pub app: App,
    /// Whose dose, and the door one came through.
    pub whose: Whose,
    /// What went wrong last.
    pub fault: RwSignal<Option<Fault>>,
    /// A dose that was brought into the big card, because its amount has to be entered.
    pub brought: RwSignal<Option<(MedicationId, OccurrenceKey)>>,
    /// The amount as it is being entered.
    pub amount: RwSignal<String>,
    /// Its unit.
    pub unit: RwSignal<String>,
}

impl Acting {
    /// Nothing yet.
    pub fn new(app: App, whose: Whose) -> Self {
        Self {
            app,
            whose,
            fault: RwSignal::new(None),
            brought: RwSignal::new(None),
            amount: RwSignal::new(String::new()),
            unit: RwSignal::new("unit".to_owned()),
        }
    }

    /// Records what happened to a dose, and offers to undo it.
    pub fn log(self, patient: PatientId, dose: &DoseView, act: LogAct) {
        let said = match &act {
            LogAct::Taken { .. } => say("said-taken", &[("name", &dose.name)]),
            LogAct::Skipped { .. } => say("said-skipped", &[("name", &dose.name)]),
            LogAct::Snoozed { minutes } => say(
                "said-snoozed",
                &[("name", &dose.name), ("span", &sentence::span(*minutes))],
            ),
        };
        let request = LogDose {
            patient,
            medication: dose.medication,
            occurrence: dose.occurrence.clone(),
            act,
        };
        spawn_local(async move {
            match host::ask(request).await {
                Ok(logged) => {
                    self.fault.set(None);
                    self.brought.set(None);
                    self.amount.set(String::new());
                    self.app.logged(patient, &logged, said);
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }

    /// The amount that was entered, where it is one.
    fn entered(self) -> Option<Quantity> {
        let value = self.amount.get_untracked().trim().replace(',', ".").parse().ok()?;
        Some(Quantity {
            value,
            unit: self.unit.get_untracked(),
        })
    }
}

/// The one dose to act on.
pub fn card(acting: Acting, patient: PatientId, dose: &DoseView, now: &Local) -> AnyView {
    let said = sentence::dose(dose, now);
    let time = time::clock(&dose.due);
    let over = match said.state {
        "due" => say("card-now", &[("time", &time)]),
        "ahead" => say("card-next", &[("time", &time), ("state", &said.words)]),
        _ => say("card-open", &[("time", &time), ("state", &said.words)]),
    };
    let asks = dose.amount.is_none();
    let amount = dose.amount.as_ref().map(sentence::amount);
    let under: Vec<String> = amount.into_iter().chain(dose.instruction.clone()).collect();
    let (taken, put_off, left_out) = (dose.clone(), dose.clone(), dose.clone());
    let read = |key: &str| say(key, &[("name", &dose.name), ("time", &time)]);
    view! {
        <article class=format!("card dose-card {}", said.kind) data-test="dose-card" data-state=said.state
            data-medication=dose.medication.to_string() data-occurrence=dose.occurrence.to_string()
            data-time=time::plain_time(dose.due.time())>
            <p class="card-over">{icon::icon(said.icon)}<span>{over}</span></p>
            <div class="card-what">
                {pill::pill(dose.look)}
                <div>
                    <h2 class="card-name" data-test="dose-name">{words::breakable(&dose.name)}</h2>
                    <p class="card-how" data-test="dose-amount">{under.join(" · ")}</p>
                    {dose.critical.then(|| view! { <p class="critical">{t("critical-word")}</p> })}
                </div>
            </div>
            {asks.then(|| ask_amount(acting))}
            <div class="card-acts">
                {piece::button_for("button main act", "dose-taken", t("taken"), read("taken-read"), move || {
                    let amount = if asks { acting.entered() } else { None };
                    if asks && amount.is_none() {
                        acting.fault.set(Some(Fault::field("amount")));
                    } else {
                        acting.log(patient, &taken, LogAct::Taken { at: None, amount });
                    }
                })}
                {piece::button_for("button", "dose-snooze", t("snooze"), read("snooze-read"), move || {
                    acting.log(patient, &put_off, LogAct::Snoozed { minutes: SNOOZE_MINUTES });
                })}
                {piece::button_for("button", "dose-skip", t("skip"), read("skip-read"), move || {
                    acting.log(patient, &left_out, LogAct::Skipped { reason: None });
                })}
            </div>
        </article>
    }
    .into_any()
}

fn ask_amount(acting: Acting) -> AnyView {
    let units = sentence::UNITS
        .iter()
        .map(|unit| ((*unit).to_owned(), sentence::unit(unit)))
        .collect();
    view! {
        <div class="pair">
            {piece::field_of("amount-ask", "amount", acting.fault, t("amount-ask"), None, piece::Kind::DECIMAL, acting.amount)}
            {piece::select("amount-ask-unit", t("amount-unit"), units, acting.unit, Box::new(|| {}))}
        </div>
    }
    .into_any()
}

/// A dose as a row of the day. `may_log` offers *Taken* where the dose is open and is not in the card already.
pub fn row(acting: Acting, patient: PatientId, dose: &DoseView, now: &Local, may_log: bool) -> AnyView {
    let said = sentence::dose(dose, now);
    let time = time::clock(&dose.due);
    let amount = dose.amount.as_ref().map(sentence::amount);
    let under: Vec<String> = amount.into_iter().chain(dose.instruction.clone()).collect();
    let href = Route::Medicine(acting.whose, dose.medication).path();
    let act = (may_log && said.open).then(|| {
        let open = dose.clone();
        if dose.amount.is_some() {
            let read = say("taken-read", &[("name", &dose.name), ("time", &time)]);
            piece::button_for("button small", "row-taken", t("taken"), read, move || {
                acting.log(patient, &open, LogAct::Taken { at: None, amount: None });
            })
        } else {
            let read = say("enter-amount-read", &[("name", &dose.name), ("time", &time)]);
            piece::button_for("button small", "row-enter", t("enter-amount"), read, move || {
                acting.brought.set(Some((open.medication, open.occurrence.clone())));
            })
        }
    });
    let unsent = (dose.entry.is_some() && !dose.sent).then(|| {
        view! { <span class="row-unsent" data-test="row-unsent">{t("row-unsent")}</span> }
    });
    view! {
        <li class="row dose-row" data-test="dose-row" data-state=said.state data-name=dose.name.clone()
            data-time=time::plain_time(dose.due.time()) data-medication=dose.medication.to_string()>
            <span class="row-time">{time}</span>
            {pill::pill(dose.look)}
            <span class="row-what">
                <a class="row-name" data-test="row-open" href=href>{words::breakable(&dose.name)}</a>
                <span class="row-how">{under.join(" · ")}</span>
            </span>
            <span class="row-state">{piece::tag(said.kind, said.icon, said.words)}{unsent}{act}</span>
        </li>
    }
    .into_any()
}
