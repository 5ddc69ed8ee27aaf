//! Who looked at one's own record. Asked for once whenever the screen is opened, for the asking is written down too.

use doseline_client::{
    ask::{Fault, OpenAudit},
    view::{AuditRow, AuditView},
};
use doseline_shared::audit::Way;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{icon, piece},
    host,
    load::{Loaded, load_once, shown},
    route::Route,
    time,
    words::{say, t},
};

#[derive(Clone, Copy)]
struct Acting {
    /// The newest, and what older ones were asked for.
    audit: Loaded<AuditView>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App) -> AnyView {
    let acting = Acting {
        audit: load_once(app, || OpenAudit { before: None }),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
    };
    view! {
        {piece::heading(t("audit-title"), Some((t("tab-people"), Route::People.path())))}
        <p class="soft under-heading">{t("audit-words")}</p>
        {shown(acting.audit, move |view| draw(acting, view))}
    }
    .into_any()
}

fn draw(acting: Acting, view: &AuditView) -> AnyView {
    if view.rows.is_empty() {
        return view! {
            <section class="card calm" data-test="audit-none">
                <p class="calm-mark" aria-hidden="true">{icon::icon(icon::TICK)}</p>
                <p>{t("audit-none")}</p>
            </section>
        }
        .into_any();
    }
    let days = view.rows.chunk_by(|one, next| time::same_day(&one.last, &next.last));
    let days: Vec<AnyView> = days.enumerate().map(|(place, rows)| day(place, rows)).collect();
    let more = view.before.map(|before| {
        let older = move || older(acting, before);
        view! { <p class="foot-acts">{piece::button("button", "audit-older", t("audit-older"), older)}</p> }
    });
    view! {
        {days}
        {piece::fault_line(acting.fault)}
        {more}
    }
    .into_any()
}

fn day(place: usize, rows: &[AuditRow]) -> AnyView {
    let date = rows.first().map(|row| time::full_date(row.last.date_naive()));
    let id = format!("audit-day-{place}");
    let title = view! { <h2 id=id.clone()>{date}</h2> };
    let rows: Vec<AnyView> = rows.iter().map(row).collect();
    view! {
        <section aria-labelledby=id>
            {title}
            <ul class="rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(one: &AuditRow) -> AnyView {
    let refused = one.refused.then(|| {
        let tag = piece::tag("late", icon::CROSS, t("audit-refused"));
        view! { <span class="row-tag">{tag}</span> }
    });
    view! {
        <li class="row" data-test="audit-row" data-name=one.name.clone()
            data-refused=one.refused.to_string() data-times=one.times.to_string()>
            <span class="row-what">
                <span class="row-name">{who(one)}</span>
                <span class="row-how">{how(one)}</span>
                <span class="row-how">{when(one)}</span>
                {refused}
            </span>
        </li>
    }
    .into_any()
}

fn who(one: &AuditRow) -> String {
    match (&one.name, one.person) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => t("audit-gone"),
        (None, None) => t("audit-nobody"),
    }
}

/// What had opened the record to them.
fn how(one: &AuditRow) -> Option<String> {
    match one.way? {
        // One's own looks are not told.
        Way::Own => None,
        Way::Caregiver => Some(t("audit-caregiver")),
        Way::Staff => Some(say("audit-staff", &[("clinic", one.clinic.as_ref()?)])),
        Way::PartnerSystem => Some(say("audit-system", &[("clinic", one.clinic.as_ref()?)])),
        Way::Code => Some(t("audit-code")),
    }
}

fn when(one: &AuditRow) -> String {
    let (first, last) = (time::clock(&one.first), time::clock(&one.last));
    let times = one.times.to_string();
    if one.times == 1 {
        last
    } else if first == last {
        say("audit-at", &[("time", &last), ("times", &times)])
    } else {
        say(
            "audit-between",
            &[("first", &first), ("last", &last), ("times", &times)],
        )
    }
}

/// Adds what came before the last row.
fn older(acting: Acting, before: u64) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    spawn_local(async move {
        let answer = host::ask(OpenAudit { before: Some(before) }).await;
        acting.busy.set(false);
        match answer {
            Ok(older) => {
                acting.fault.set(None);
                acting.audit.view.update(|view| {
                    if let Some(view) = view {
                        view.rows.extend(older.rows);
                        view.before = older.before;
                    }
                });
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}
