//! A clinic's patients, by need: a table at the desk, cards on a phone.

use doseline_client::{
    ask::{Fault, Invite, OpenWorklist},
    view::{InvitationView, PersonRow, WorklistView},
};
use doseline_shared::{api::invitation::NewInvitation, id::ClinicId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{caregiver, people};
use crate::{
    app::App,
    draw::{
        icon, mark, notice,
        piece::{self, Kind},
    },
    host,
    load::{load, shown},
    route::Route,
    sentence, time,
    words::{say, t},
};

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    clinic: ClinicId,
    search: RwSignal<String>,
    code: RwSignal<Option<InvitationView>>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App, clinic: ClinicId) -> AnyView {
    let search = RwSignal::new(String::new());
    let worklist = load(app, move || OpenWorklist {
        clinic,
        search: search.get(),
    });
    let acting = Acting {
        app,
        clinic,
        search,
        code: RwSignal::new(None),
        fault: RwSignal::new(None),
    };
    shown(worklist, move |view| draw(acting, view))
}

fn draw(acting: Acting, view: &WorklistView) -> AnyView {
    let clinic = acting.clinic;
    let shown = say(
        "worklist-count",
        &[
            ("shown", &view.rows.len().to_string()),
            ("total", &view.total.to_string()),
        ],
    );
    let table = if view.total == 0 {
        view! {
            <section class="blank" data-test="worklist-empty">
                <span class="blank-drawing" aria-hidden="true">{icon::icon(icon::CLINIC)}</span>
                <h2>{t("worklist-empty-title")}</h2>
                <p>{t("worklist-empty-words")}</p>
            </section>
        }
        .into_any()
    } else if view.rows.is_empty() {
        view! { <p class="soft" data-test="worklist-no-match">{t("worklist-no-match")}</p> }.into_any()
    } else {
        table(acting, view)
    };
    view! {
        <header class="heading desk-head">
            <div><h1>{view.clinic.clone()}</h1>{(view.total > 0).then(|| view! { <p class="date" data-test="worklist-count">{shown}</p> })}</div>
            <div class="acts">
                {piece::button("button", "invite-patient", t("invite-patient"), move || invite(acting))}
                {view.may_manage_staff.then(|| piece::link_button("button", "go-interactions", t("interactions-title"), Route::Interactions(clinic).path()))}
                {view.may_manage_staff.then(|| piece::link_button("button", "go-systems", t("systems-title"), Route::Systems(clinic).path()))}
                {view.may_manage_staff.then(|| piece::link_button("button", "go-staff", t("staff-title"), Route::Staff(clinic).path()))}
            </div>
        </header>
        {notice::network(&view.network)}
        {piece::fault_line(acting.fault)}
        {move || acting.code.get().map(|code| people::invitation(&code, "invitation-clinic", move || acting.code.set(None)))}
        {(view.total > 0).then(|| piece::field("worklist-search", t("worklist-search"), None, Kind { kind: "search", ..Kind::TEXT }, acting.search))}
        {table}
    }
    .into_any()
}

fn table(acting: Acting, view: &WorklistView) -> AnyView {
    let doses = view.may_see_doses;
    let rows: Vec<AnyView> = view.rows.iter().map(|row| person(acting, row, doses)).collect();
    view! {
        <table class="table worklist">
            <caption class="visually-hidden">{t("worklist-caption")}</caption>
            <thead><tr>
                <th scope="col">{t("column-patient")}</th>
                {doses.then(|| view! {
                    <th scope="col">{t("column-need")}</th>
                    <th scope="col">{t("today-word")}</th>
                    <th scope="col">{t("column-taking")}</th>
                })}
                <th scope="col">{t("column-seen")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn person(acting: Acting, row: &PersonRow, doses: bool) -> AnyView {
    let born = row.birth_date.map(|born| {
        say(
            "born-short",
            &[
                ("date", &time::full_date(born)),
                ("age", &time::age(born, time::today()).to_string()),
            ],
        )
    });
    let need_name = row.need.as_ref().map_or("none", sentence::need_name);
    let need = match &row.need {
        Some(need) => {
            let (kind, drawn, words) = sentence::need(need);
            piece::tag(kind, drawn, words)
        }
        None => view! { <span class="soft">{t("need-none")}</span> }.into_any(),
    };
    let taking = &row.taking;
    let share = (taking.prescribed > 0).then(|| {
        let words = say("column-taking-of", &[
            ("taken", &taking.taken.to_string()),
            ("prescribed", &taking.prescribed.to_string()),
        ]);
        let percent = f64::from(taking.taken) * 100.0 / f64::from(taking.prescribed);
        let class = if percent < 80.0 { "share low" } else { "share" };
        view! {
            <span class=class><span class="share-bar" aria-hidden="true"><span style:width=format!("{percent:.0}%")></span></span>{words}</span>
        }
    });
    view! {
        <tr data-test="worklist-row" data-name=row.name.clone() data-need=need_name>
            <th scope="row">
                <a data-test="open-patient" class="row-name" href=Route::ClinicPatient(acting.clinic, row.patient).path()>{row.name.clone()}</a>
                <span class="row-how">{born}</span>
            </th>
            {doses.then(|| view! {
                <td class="cell-need">{need}{caregiver::seen(acting.app, acting.fault, row)}</td>
                <td>{mark::marks(&row.today)}</td>
                <td>{share}</td>
            })}
            <td class="soft">{caregiver::last_seen(row)}</td>
        </tr>
    }
    .into_any()
}

fn invite(acting: Acting) {
    spawn_local(async move {
        let what = NewInvitation::JoinClinic { clinic: acting.clinic };
        match host::ask(Invite { what }).await {
            Ok(code) => {
                acting.fault.set(None);
                acting.code.set(Some(code));
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}
