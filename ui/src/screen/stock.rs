//! What is at home of a medicine, on its page: how long it lasts, a refill, a count.

use doseline_client::{
    ask::{Fault, LogStock, StockChange},
    view::{DoseText, MedicineView, StockText},
};
use doseline_shared::id::MedicationId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Kind},
    host,
    route::Whose,
    sentence, time,
    words::{say, t},
};

/// What is being entered.
#[derive(Clone, Copy, PartialEq)]
enum Entering {
    Nothing,
    Refill,
    Count,
}

/// The form of a medicine's stock.
#[derive(Clone, Copy)]
pub struct Stock {
    app: App,
    whose: Whose,
    medication: MedicationId,
    entering: RwSignal<Entering>,
    value: RwSignal<String>,
    unit: RwSignal<String>,
    lead: RwSignal<String>,
    fault: RwSignal<Option<Fault>>,
}

impl Stock {
    /// A form with nothing in it.
    pub fn new(app: App, whose: Whose, medication: MedicationId) -> Self {
        Self {
            app,
            whose,
            medication,
            entering: RwSignal::new(Entering::Nothing),
            value: RwSignal::new(String::new()),
            unit: RwSignal::new(String::new()),
            lead: RwSignal::new(String::new()),
            fault: RwSignal::new(None),
        }
    }

    fn enter(self, what: Entering) {
        self.value.set(String::new());
        self.fault.set(None);
        self.entering.set(what);
    }

    fn save(self) {
        let change = match self.entering.get_untracked() {
            Entering::Nothing => return,
            Entering::Refill => StockChange::Refill,
            Entering::Count => StockChange::Count {
                lead_days: self.lead.get_untracked(),
            },
        };
        spawn_local(async move {
            let answer = host::ask(LogStock {
                patient: self.whose.patient(),
                medication: self.medication,
                change,
                value: self.value.get_untracked(),
                unit: self.unit.get_untracked(),
            })
            .await;
            match answer {
                Ok(_) => {
                    self.enter(Entering::Nothing);
                    self.app.touch();
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }
}

/// The section.
pub fn section(stock: Stock, view: &MedicineView) -> AnyView {
    if view.row.stopped.is_some() {
        return ().into_any();
    }
    let kept = view.row.stock != StockText::NotKept {};
    let (words, more) = match &view.row.stock {
        StockText::NotKept {} => (t("stock-start"), None),
        StockText::Lasts {
            on_hand,
            ends,
            refill_from,
            refill_due,
            ..
        } => {
            let more = match (refill_due, refill_from) {
                (true, _) => Some(t("stock-refill-now")),
                (false, Some(from)) => Some(say("stock-refill-from", &[("date", &time::short_date(*from))])),
                (false, None) => None,
            };
            (sentence::stock(on_hand, *ends), more)
        }
        StockText::OtherUnit { unit, kept } => (say("stock-other-unit", &[("unit", unit), ("kept", kept)]), None),
        StockText::UnknownAmount {} => (t("stock-unknown"), None),
    };
    let may = view.may_log && (kept || view.may_edit);
    let counting = counting(view);
    view! {
        <section aria-labelledby="stock-title">
            <h2 id="stock-title">{t("stock-title")}</h2>
            <p class="sentence" data-test="stock-sentence">{words}</p>
            {more.map(|more| view! { <p class="soft" data-test="stock-refill">{more}</p> })}
            {may.then_some(move || entry(stock, kept, &counting))}
        </section>
    }
    .into_any()
}

/// The unit that doses are in, where they are all alike.
fn unit_of(view: &MedicineView) -> String {
    match &view.row.dose {
        Some(DoseText::Same { amount }) => amount.unit.clone(),
        _ => String::new(),
    }
}

/// What a count begins with: the unit, and the days until a new pack is there.
fn counting(view: &MedicineView) -> (String, String) {
    let lead = match &view.row.stock {
        StockText::Lasts { lead_days, .. } => lead_days.to_string(),
        StockText::NotKept {} | StockText::OtherUnit { .. } | StockText::UnknownAmount {} => String::new(),
    };
    (unit_of(view), lead)
}

fn entry(stock: Stock, kept: bool, counting: &(String, String)) -> AnyView {
    let entering = stock.entering.get();
    if entering == Entering::Nothing {
        let count = if kept { t("stock-count") } else { t("stock-begin") };
        let (unit, lead) = counting.clone();
        let count_it = move || {
            stock.unit.set(unit.clone());
            stock.lead.set(lead.clone());
            stock.enter(Entering::Count);
        };
        return view! {
            <div class="acts">
                {kept.then(|| piece::button("button", "stock-add", t("stock-add"), move || stock.enter(Entering::Refill)))}
                {piece::button("button", "stock-count", count, count_it)}
            </div>
        }
        .into_any();
    }
    let label = if entering == Entering::Refill {
        t("stock-value-more")
    } else {
        t("stock-value")
    };
    view! {
        <div class="pair">
            {piece::field("stock-value", label, None, Kind::DECIMAL, stock.value)}
            {(!kept).then(|| piece::field("stock-unit", t("stock-unit"), Some(t("stock-unit-hint")), Kind::TEXT, stock.unit))}
            {(entering == Entering::Count).then(|| {
                piece::field("stock-lead", t("stock-lead"), None, Kind::WHOLE, stock.lead)
            })}
        </div>
        {piece::fault_line(stock.fault)}
        <div class="acts">
            {piece::button("button main", "stock-save", t("stock-save"), move || stock.save())}
            {piece::button("button", "stock-leave", t("stock-leave"), move || stock.enter(Entering::Nothing))}
        </div>
    }
    .into_any()
}
