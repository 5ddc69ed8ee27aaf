//! A medicine's page: its schedule in a sentence, what comes next, four weeks of history, and every entry with a way to
//! take it back.

use chrono::{Days, NaiveDate};
use doseline_client::{
    ask::{Fault, OpenMedicine, Retract, StopMedicine},
    view::{EntryView, MedicineView},
};
use doseline_shared::id::{DoseEventId, MedicationId, PatientId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{
        chart, icon, interaction, mark, notice,
        piece::{self, Ask},
        pill, side_effect,
    },
    host,
    load::{load, shown},
    route::{Route, Whose},
    screen::stock::{self, Stock},
    sentence, time,
    words::{breakable, say, t},
};

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    whose: Whose,
    stopping: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
    /// The last date of the history; none for today.
    until: RwSignal<Option<NaiveDate>>,
    /// Whether the older entries are shown too.
    older: RwSignal<bool>,
    stock: Stock,
}

/// Entries that are shown at once: a week of two doses a day.
const ENTRIES: usize = 14;

/// The screen.
pub fn screen(app: App, whose: Whose, medication: MedicationId) -> AnyView {
    let until = RwSignal::new(None);
    let medicine = load(app, move || OpenMedicine {
        patient: whose.patient(),
        medication,
        until: until.get(),
    });
    let acting = Acting {
        app,
        whose,
        stopping: RwSignal::new(false),
        fault: RwSignal::new(None),
        until,
        older: RwSignal::new(false),
        stock: Stock::new(app, whose, medication),
    };
    shown(medicine, move |view| draw(acting, view))
}

fn draw(acting: Acting, view: &MedicineView) -> AnyView {
    let row = &view.row;
    let back_words = if acting.whose == Whose::Own {
        t("tab-medicines")
    } else {
        t("back-to-record")
    };
    let facts: Vec<String> = row
        .instruction
        .clone()
        .into_iter()
        .chain(row.critical.then(|| t("critical-word")))
        .chain(row.from_clinic.then(|| t("from-clinic")))
        .chain(
            row.stopped
                .map(|from| say("stopped-on", &[("date", &time::day_month(from))])),
        )
        .collect();
    let next = piece::next_times("next-time", &sentence::by_day(&view.next, 5));
    view! {
        {piece::heading(breakable(&row.name), Some((back_words, Route::record(acting.whose).path())))}
        {notice::network(&view.network)}
        <section class="card">
            <div class="card-what">
                {pill::pill(row.look)}
                <div>
                    <p class="sentence" data-test="medicine-sentence">{sentence::regimen(row.dose.as_ref(), &row.when)}</p>
                    <p class="soft">{facts.join(" · ")}</p>
                </div>
            </div>
            {view.may_edit.then(|| acts(acting, view))}
            {piece::fault_line(acting.fault)}
        </section>
        {interaction::section(&view.interactions)}
        {(!view.next.is_empty()).then(|| view! {
            <section aria-labelledby="next-title">
                <h2 id="next-title">{t("next-title")}</h2>
                {next}
            </section>
        })}
        {stock::section(acting.stock, view)}
        <section aria-labelledby="history-title">
            <h2 id="history-title" data-test="history-title">{history_title(acting, view)}</h2>
            <p class="sentence" data-test="taking-sentence">{sentence::taking(&view.taking)}</p>
            {mark::calendar(&view.history)}
            {turn_pages(acting, view)}
            {mark::legend()}
        </section>
        <section aria-labelledby="weeks-title">
            <h2 id="weeks-title">{t("taking-title")}</h2>
            {chart::weeks(&view.weeks)}
        </section>
        {side_effects(acting, view)}
        {entries(acting, view)}
    }
    .into_any()
}

fn side_effects(acting: Acting, view: &MedicineView) -> AnyView {
    let rows = side_effect::Acting::new(acting.app, view.patient, acting.fault);
    let add = view.may_log.then(|| {
        let suspected = Some(view.row.medication).filter(|_| view.row.stopped.is_none());
        let to = Route::Feel(acting.whose, suspected).path();
        view! { <p class="foot-acts">{piece::link_button("button", "go-feel", t("feel-report"), to)}</p> }
    });
    view! {
        <section aria-labelledby="side-effects-title">
            <h2 id="side-effects-title">{t("side-effects-since")}</h2>
            {side_effect::rows(rows, &view.side_effects, view.may_log)}
            {add}
        </section>
    }
    .into_any()
}

fn history_title(acting: Acting, view: &MedicineView) -> String {
    match acting.until.get_untracked() {
        None => t("history-title"),
        Some(_) => say(
            "history-span",
            &[
                ("from", &time::day_month(view.taking.from)),
                ("to", &time::day_month(view.taking.to)),
            ],
        ),
    }
}

/// To the four weeks before, and back.
fn turn_pages(acting: Acting, view: &MedicineView) -> AnyView {
    let earlier = view.taking.from.pred_opt();
    let later = view
        .taking
        .to
        .checked_add_days(Days::new(28))
        .filter(|_| acting.until.get_untracked().is_some());
    let later = later.map(|later| {
        piece::button("button small", "history-later", t("history-later"), move || {
            let now = later > time::today();
            acting.until.set(Some(later).filter(|_| !now));
        })
    });
    view! {
        <div class="acts">
            {piece::button("button small", "history-earlier", t("history-earlier"), move || acting.until.set(earlier))}
            {later}
        </div>
    }
    .into_any()
}

fn acts(acting: Acting, view: &MedicineView) -> AnyView {
    let medication = view.row.medication;
    let edit = Route::EditMedicine(acting.whose, medication).path();
    let words = match view.row.when {
        doseline_client::view::WhenText::NotYet {} => t("set-times"),
        _ => t("edit"),
    };
    let stopped = view.row.stopped.is_some();
    view! {
        <div class="acts">
            {piece::link_button("button main", "edit-medicine", words, edit)}
            {(!stopped).then(|| view! {
                {move || if acting.stopping.get() {
                    let ask = Ask {
                        question: Some(t("stop-ask")),
                        test: "stop-confirm",
                        label: t("stop-confirm"),
                        leave_test: "stop-leave",
                    };
                    piece::ask(ask, move || stop(acting, medication), move || acting.stopping.set(false))
                } else {
                    piece::button("button", "stop-medicine", t("stop"), move || acting.stopping.set(true))
                }}
            })}
        </div>
    }
    .into_any()
}

fn stop(acting: Acting, medication: MedicationId) {
    spawn_local(async move {
        let answer = host::ask(StopMedicine {
            patient: acting.whose.patient(),
            medication,
        })
        .await;
        match answer {
            Ok(_) => {
                acting.stopping.set(false);
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}

fn entries(acting: Acting, view: &MedicineView) -> AnyView {
    if view.entries.is_empty() {
        return ().into_any();
    }
    let patient = view.patient;
    let rows = |entries: &[EntryView]| -> Vec<AnyView> {
        entries.iter().map(|entry| entry_row(acting, patient, entry)).collect()
    };
    let (newest, older) = view.entries.split_at(view.entries.len().min(ENTRIES));
    let older = match (older, acting.older.get()) {
        ([], _) => ().into_any(),
        (older, true) => rows(older).into_any(),
        (_, false) => view! {
            <li>{piece::button("button small", "entries-older", t("entries-older"), move || acting.older.set(true))}</li>
        }
        .into_any(),
    };
    view! {
        <section aria-labelledby="entries-title">
            <h2 id="entries-title">{t("entries-title")}</h2>
            <ul class="rows">{rows(newest)}{older}</ul>
        </section>
    }
    .into_any()
}

fn entry_row(acting: Acting, patient: PatientId, entry: &EntryView) -> AnyView {
    let when = say(
        "day-and-time",
        &[
            ("day", &time::short_date(entry.at.date_naive())),
            ("time", &time::clock(&entry.at)),
        ],
    );
    let due = entry.due.map(|due| say("entry-due", &[("time", &time::clock(&due))]));
    let under: Vec<String> = entry
        .amount
        .as_ref()
        .map(sentence::amount)
        .into_iter()
        .chain(due)
        .chain((!entry.sent).then(|| t("row-unsent")))
        .collect();
    let event = entry.event;
    let state = if entry.retracted {
        piece::tag("quiet", icon::CROSS, t("entry-retracted"))
    } else {
        let read = say("take-back-read", &[("time", &when)]);
        piece::button_for("button small", "entry-retract", t("take-back"), read, move || {
            take_back(acting, patient, event)
        })
    };
    view! {
        <li class="row entry" class:gone=entry.retracted data-test="entry-row" data-mark=mark::name(entry.mark)>
            {mark::mark(entry.mark)}
            <span class="row-what">
                <span class="row-name">{mark::words(entry.mark)}", "{when}</span>
                <span class="row-how">{under.join(" · ")}</span>
            </span>
            <span class="row-state">{state}</span>
        </li>
    }
    .into_any()
}

fn take_back(acting: Acting, patient: PatientId, event: DoseEventId) {
    spawn_local(async move {
        match host::ask(Retract { patient, event }).await {
            Ok(_) => acting.app.touch(),
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}
