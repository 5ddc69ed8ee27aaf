//! A person's page for those who care for them: need, today, how it went, medicines, allergies, conditions.

use doseline_client::{
    ask::{Fault, Invite, OpenPatient},
    view::{InvitationView, PatientView},
};
use doseline_shared::{
    api::invitation::NewInvitation,
    id::{ClinicId, PatientId},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{caregiver, medicines, people};
use crate::{
    app::App,
    draw::{
        chart,
        dose::{self, Acting},
        interaction, notice, piece, side_effect,
    },
    host,
    load::{load, shown},
    route::{Route, Whose},
    sentence, time,
    words::{breakable, say, t},
};

#[derive(Clone, Copy)]
struct Claim {
    code: RwSignal<Option<InvitationView>>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App, whose: Whose, patient: PatientId) -> AnyView {
    let record = load(app, move || OpenPatient { patient });
    let acting = Acting::new(app, whose);
    let claim = Claim {
        code: RwSignal::new(None),
        fault: RwSignal::new(None),
    };
    shown(record, move |view| draw(acting, claim, view))
}

fn draw(acting: Acting, claim: Claim, view: &PatientView) -> AnyView {
    let row = &view.row;
    let back = match acting.whose {
        Whose::Own => (t("tab-medicines"), Route::Medicines(Whose::Own)),
        Whose::Cared(_) => (t("tab-caregiver"), Route::Caregiver),
        Whose::Clinic(clinic, _) => (t("back-to-worklist"), Route::Clinic(clinic)),
    };
    let born = row.birth_date.map(|born| {
        say(
            "born",
            &[
                ("date", &time::full_date(born)),
                ("age", &time::age(born, time::today()).to_string()),
            ],
        )
    });
    let under: Vec<String> = born
        .into_iter()
        .chain(std::iter::once(caregiver::last_seen(row)))
        .collect();
    let need = row.need.as_ref().map(|need| {
        let (kind, drawn, words) = sentence::need(need);
        view! { <p class="need" data-test="need" data-need=sentence::need_name(need)>{piece::tag(kind, drawn, words)}</p> }
    });
    view! {
        {piece::heading(row.name.clone(), Some((back.0, back.1.path())))}
        <p class="soft under-heading">{under.join(" · ")}</p>
        {need}
        {notice::network(&view.network)}
        {medicines::allergies(&view.allergies)}
        {interaction::section(&view.interactions)}
        <div class="columns">
            <div>{today(acting, view)}{regimen(acting, view)}</div>
            <div>{side_effects(acting, view)}{taking(acting.whose, view)}{conditions(view)}{clinic_part(acting, claim, view)}</div>
        </div>
    }
    .into_any()
}

fn today(acting: Acting, view: &PatientView) -> AnyView {
    let patient = view.row.patient;
    let now = acting_now(view);
    let brought = acting.brought.get().and_then(|(medication, occurrence)| {
        view.today
            .iter()
            .find(|dose| dose.medication == medication && dose.occurrence == occurrence)
    });
    let card = brought
        .filter(|_| view.may_log)
        .map(|each| dose::card(acting, patient, each, &now));
    let rows: Vec<AnyView> = view
        .today
        .iter()
        .map(|each| dose::row(acting, patient, each, &now, view.may_log))
        .collect();
    let none = rows.is_empty();
    view! {
        <section aria-labelledby="today-title">
            <h2 id="today-title">{t("today-word")}</h2>
            {card}
            {piece::fault_line(acting.fault)}
            {none.then(|| view! { <p class="soft">{t("nothing-today")}</p> })}
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

/// Now, on the clock of the patient's doses.
fn acting_now(view: &PatientView) -> doseline_client::view::Local {
    let now = crate::page::now();
    match view.today.first() {
        Some(dose) => now.with_timezone(dose.due.offset()),
        None => now.fixed_offset(),
    }
}

fn regimen(acting: Acting, view: &PatientView) -> AnyView {
    let (active, stopped): (Vec<_>, Vec<_>) = view.medicines.iter().cloned().partition(|row| row.stopped.is_none());
    let none = active.is_empty();
    let add = Route::NewMedicine(acting.whose).path();
    view! {
        <section aria-labelledby="regimen-title">
            <h2 id="regimen-title">{t("tab-medicines")}</h2>
            {none.then(|| view! { <p class="soft">{t("regimen-none")}</p> })}
            {medicines::rows(acting.whose, &active)}
            {(!stopped.is_empty()).then(|| view! {
                <details class="stopped">
                    <summary>{say("stopped-title", &[("count", &stopped.len().to_string())])}</summary>
                    {medicines::rows(acting.whose, &stopped)}
                </details>
            })}
            {view.may_edit.then(|| view! {
                <p class="foot-acts">{piece::link_button("button", "add-medicine", t("add-medicine"), add)}</p>
            })}
        </section>
    }
    .into_any()
}

fn side_effects(acting: Acting, view: &PatientView) -> AnyView {
    let rows = side_effect::Acting::new(acting.app, view.row.patient, acting.fault);
    let (going_on, over): (Vec<_>, Vec<_>) = view.side_effects.iter().cloned().partition(|one| one.ended.is_none());
    let add = view.may_log.then(|| {
        let to = Route::Feel(acting.whose, None).path();
        view! { <p class="foot-acts">{piece::link_button("button", "go-feel", t("feel-report"), to)}</p> }
    });
    view! {
        <section aria-labelledby="side-effects-title">
            <h2 id="side-effects-title">{t("side-effects")}</h2>
            {side_effect::rows(rows, &going_on, view.may_log)}
            {(!over.is_empty()).then(|| view! {
                <details class="stopped">
                    <summary>{say("side-effects-over", &[("count", &over.len().to_string())])}</summary>
                    {side_effect::rows(rows, &over, view.may_log)}
                </details>
            })}
            {add}
        </section>
    }
    .into_any()
}

fn taking(whose: Whose, view: &PatientView) -> AnyView {
    view! {
        <section aria-labelledby="taking-title">
            <h2 id="taking-title">{t("taking-title")}</h2>
            <p class="sentence" data-test="taking-sentence">{sentence::taking(&view.row.taking)}</p>
            {chart::weeks(&view.weeks)}
            <p class="foot-acts">
                {piece::link_button("button", "report", t("report-title"), Route::Report(whose).path())}
            </p>
        </section>
    }
    .into_any()
}

fn conditions(view: &PatientView) -> AnyView {
    let rows: Vec<AnyView> = view
        .conditions
        .iter()
        .filter(|condition| condition.active)
        .map(|condition| {
            let since = condition
                .onset
                .map(|onset| say("since", &[("date", &time::full_date(onset))]));
            view! {
                <li class="row slim"><span class="row-what">
                    <span>{breakable(&condition.name)}</span><span class="row-how">{since}</span>
                </span></li>
            }
            .into_any()
        })
        .collect();
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="conditions-title">
            <h2 id="conditions-title">{t("conditions")}</h2>
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

/// Handing the record over to the person whose it is.
fn clinic_part(acting: Acting, claim: Claim, view: &PatientView) -> AnyView {
    let Whose::Clinic(clinic, patient) = acting.whose else {
        return ().into_any();
    };
    if view.claimed {
        return view! { <p class="soft" data-test="claimed">{t("claimed")}</p> }.into_any();
    }
    view! {
        <section aria-labelledby="claim-title">
            <h2 id="claim-title">{t("claim-title")}</h2>
            {piece::fault_line(claim.fault)}
            {move || match claim.code.get() {
                Some(code) => people::invitation(&code, "invitation-claim", move || claim.code.set(None)),
                None => view! {
                    <p class="soft">{t("claim-words")}</p>
                    {piece::button("button", "claim-code", t("claim-code"), move || ask_code(claim, clinic, patient))}
                }.into_any(),
            }}
        </section>
    }
    .into_any()
}

fn ask_code(claim: Claim, clinic: ClinicId, patient: PatientId) {
    spawn_local(async move {
        let what = NewInvitation::ClaimRecord { clinic, patient };
        match host::ask(Invite { what }).await {
            Ok(code) => {
                claim.fault.set(None);
                claim.code.set(Some(code));
            }
            Err(fault) => claim.fault.set(Some(fault)),
        }
    });
}
