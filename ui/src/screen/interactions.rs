//! A clinic's list of interactions, for its administrators: what is in use, loading another from a file, removing it.

use doseline_client::{
    ask::{Fault, LoadInteractions, OpenInteractions, Request, WithdrawInteractions},
    view::{InteractionsView, LoadedList},
};
use doseline_shared::{
    id::ClinicId,
    safety::{self, ListFault, ListFaults, ListProblem, MAX_BYTES, MAX_PAIRS},
};
use js_sys::Uint8Array;
use leptos::{html::Input, prelude::*};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{
    app::App,
    draw::{
        icon,
        piece::{self, Ask},
    },
    host,
    load::{load, shown},
    route::Route,
    time,
    words::{say, t},
};

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    clinic: ClinicId,
    file: NodeRef<Input>,
    busy: RwSignal<bool>,
    removing: RwSignal<bool>,
    /// What became of the last file, where that is good.
    done: RwSignal<bool>,
    /// What is wrong with the choice of a file.
    choice: RwSignal<Option<String>>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App, clinic: ClinicId) -> AnyView {
    let known = load(app, move || OpenInteractions { clinic });
    let acting = Acting {
        app,
        clinic,
        file: NodeRef::new(),
        busy: RwSignal::new(false),
        removing: RwSignal::new(false),
        done: RwSignal::new(false),
        choice: RwSignal::new(None),
        fault: RwSignal::new(None),
    };
    view! {
        {piece::heading(t("interactions-title"), Some((t("back-to-worklist"), Route::Clinic(clinic).path())))}
        <div class="columns">
            <section aria-labelledby="interactions-now-title">
                <h2 id="interactions-now-title">{t("interactions-now-title")}</h2>
                {shown(known, move |view: &InteractionsView| in_use(acting, view))}
            </section>
            {loading(acting)}
        </div>
    }
    .into_any()
}

fn in_use(acting: Acting, view: &InteractionsView) -> AnyView {
    let Some(list) = &view.list else {
        return view! { <p data-test="interactions-none">{t("interactions-none")}</p> }.into_any();
    };
    view! {
        <div class="card">
            <p class="sentence" data-test="interactions-pairs">{say("interactions-pairs", &[("count", &list.pairs.to_string())])}</p>
            <p class="soft" data-test="interactions-loaded">{loaded(list)}</p>
            <div class="acts">{move || remove(acting)}</div>
        </div>
    }
    .into_any()
}

fn loaded(list: &LoadedList) -> String {
    let time = time::moment(list.at.to_utc());
    match &list.by {
        Some(name) => say("interactions-loaded-by", &[("time", &time), ("name", name)]),
        None => say("interactions-loaded", &[("time", &time)]),
    }
}

fn remove(acting: Acting) -> AnyView {
    if !acting.removing.get() {
        return piece::button("button", "interactions-remove", t("interactions-remove"), move || {
            acting.removing.set(true);
        });
    }
    let ask = Ask {
        question: Some(t("interactions-remove-ask")),
        test: "interactions-remove-confirm",
        label: t("interactions-remove-confirm"),
        leave_test: "interactions-remove-leave",
    };
    let clinic = acting.clinic;
    piece::ask(
        ask,
        move || {
            acting.removing.set(false);
            spawn_local(async move { settle(acting, WithdrawInteractions { clinic }, false).await });
        },
        move || acting.removing.set(false),
    )
}

fn loading(acting: Acting) -> AnyView {
    view! {
        <section aria-labelledby="interactions-load-title">
            <h2 id="interactions-load-title">{t("interactions-load-title")}</h2>
            <form class="card form" on:submit=move |event| { event.prevent_default(); begin(acting); }>
                <p>{t("interactions-load-words")}</p>
                <div class="field">
                    <label for="field-interactions-file">{t("interactions-file")}</label>
                    <input id="field-interactions-file" type="file" accept=".csv,text/csv" data-test="interactions-file"
                        aria-describedby="field-interactions-file-hint" node_ref=acting.file
                        on:change=move |_| forget(acting)/>
                    <p class="hint" id="field-interactions-file-hint">{t("interactions-file-hint")}</p>
                </div>
                {outcome(acting)}
                {piece::submit("interactions-load", t("interactions-load"), acting.busy)}
            </form>
        </section>
    }
    .into_any()
}

/// What became of the last file.
fn outcome(acting: Acting) -> AnyView {
    let choice = move || {
        let words = acting.choice.get()?;
        Some(view! { <p class="fault" data-test="fault">{icon::icon(icon::HEED)}<span>{words}</span></p> })
    };
    let list = move || {
        acting
            .fault
            .get()
            .and_then(|fault| fault.list)
            .map(|list| faults(&list))
    };
    let other = RwSignal::new(None);
    Effect::new(move |_| other.set(acting.fault.get().filter(|fault| fault.list.is_none())));
    view! {
        <div role="alert" class="warns">{choice}{list}</div>
        {piece::fault_line(other)}
        <div role="status">
            {move || acting.done.get().then(|| view! { <p data-test="interactions-done">{t("interactions-done")}</p> })}
        </div>
    }
    .into_any()
}

fn faults(list: &ListFaults) -> AnyView {
    let count = list.first.len() as u64 + u64::from(list.more);
    let rows: Vec<AnyView> = list
        .first
        .iter()
        .map(|fault| view! { <li data-test="list-fault">{words_of(fault)}</li> }.into_any())
        .collect();
    let more = (list.more > 0).then(|| view! { <p>{say("list-more", &[("count", &list.more.to_string())])}</p> });
    view! {
        <p class="fault" data-test="list-faults">
            {icon::icon(icon::HEED)}<span>{say("list-faults", &[("count", &count.to_string())])}</span>
        </p>
        <ul class="list-faults">{rows}</ul>
        {more}
    }
    .into_any()
}

/// Where a clinic's list is at fault, and what to do about it.
fn words_of(fault: &ListFault) -> String {
    let problem = match fault.problem {
        // Neither is of one line.
        ListProblem::Large {} => return t("list-large"),
        ListProblem::NoPairs {} => return t("list-no-pairs"),
        ListProblem::Many {} => say("list-many", &[("count", &time::number(&MAX_PAIRS.to_string()))]),
        ListProblem::Header {} => t("list-header"),
        ListProblem::Columns {} => t("list-columns"),
        ListProblem::Encoding {} => t("list-encoding"),
        ListProblem::Empty {} => t("list-empty"),
        ListProblem::Long {} => t("list-long"),
        ListProblem::Severity {} => t("list-severity"),
        ListProblem::Same {} => t("list-same"),
        ListProblem::Twice { first } => say("list-twice", &[("first", &first.to_string())]),
    };
    let line = fault.line.to_string();
    match fault.column {
        Some(column) => say(
            "list-at-cell",
            &[("line", &line), ("column", column.name()), ("problem", &problem)],
        ),
        None => say("list-at-line", &[("line", &line), ("problem", &problem)]),
    }
}

fn forget(acting: Acting) {
    acting.done.set(false);
    acting.choice.set(None);
    acting.fault.set(None);
}

fn begin(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    forget(acting);
    let input = acting.file.get_untracked();
    let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else {
        acting.choice.set(Some(t("interactions-choose")));
        return;
    };
    // Before it is read: a page that reads a film into its memory stands still.
    #[expect(
        clippy::cast_precision_loss,
        reason = "five million is far from where numbers lose precision"
    )]
    if file.size() > MAX_BYTES as f64 {
        acting.fault.set(Some(ListFaults::one(1, ListProblem::Large {}).into()));
        return;
    }
    acting.busy.set(true);
    spawn_local(async move {
        match JsFuture::from(file.array_buffer()).await {
            Err(_) => acting.choice.set(Some(t("interactions-unread"))),
            Ok(bytes) => match safety::list_text(Uint8Array::new(&bytes).to_vec()) {
                Err(faults) => acting.fault.set(Some(faults.into())),
                Ok(file) => {
                    let clinic = acting.clinic;
                    settle(acting, LoadInteractions { clinic, file }, true).await;
                }
            },
        }
        acting.busy.set(false);
    });
}

/// Asks, and shows what came of it.
async fn settle(acting: Acting, request: impl Request<Answer = InteractionsView> + 'static, loads: bool) {
    forget(acting);
    match host::ask(request).await {
        Ok(_) => {
            acting.done.set(loads);
            if let Some(input) = acting.file.get_untracked() {
                input.set_value("");
            }
            acting.app.touch();
        }
        Err(fault) => acting.fault.set(Some(fault)),
    }
}
