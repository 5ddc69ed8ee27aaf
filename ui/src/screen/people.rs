//! Who may see one's record, until when, and the end of it; and whom one cares for.

use doseline_client::{
    ask::{ChooseTelling, EndGrant, Fault, Invite, OpenPeople},
    view::{CaredFor, InvitationView, PeopleView, Telling},
};
use doseline_shared::{
    api::invitation::NewInvitation,
    id::GrantId,
    record::{AlertFor, Grant, Grantee, Scope, Tell},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{
        icon, notice,
        piece::{self, Ask, Way},
    },
    host,
    load::{load, shown},
    page,
    route::Route,
    sentence, time,
    words::{say, t},
};

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    inviting: RwSignal<bool>,
    scope: RwSignal<String>,
    code: RwSignal<Option<InvitationView>>,
    ending: RwSignal<Option<GrantId>>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App) -> AnyView {
    let people = load(app, || OpenPeople {});
    let acting = Acting {
        app,
        inviting: RwSignal::new(false),
        scope: RwSignal::new("log".to_owned()),
        code: RwSignal::new(None),
        ending: RwSignal::new(None),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
    };
    shown(people, move |view| draw(acting, view))
}

fn draw(acting: Acting, view: &PeopleView) -> AnyView {
    let own = view.patient.is_some();
    let cares: Vec<AnyView> = view.cares_for.iter().map(|one| cared_row(acting, one)).collect();
    let none = cares.is_empty();
    view! {
        {piece::heading(t("people-title"), None)}
        {notice::network(&view.network)}
        {own.then(|| watchers(acting, view))}
        <section aria-labelledby="cares-title">
            <h2 id="cares-title">{t("cares-title")}</h2>
            {none.then(|| view! { <p class="soft">{t("cares-none")}</p> })}
            <ul class="rows">{cares}</ul>
            <p class="foot-acts">
                {piece::link_button("button", "go-join", t("go-join"), Route::Join(String::new()).path())}
            </p>
        </section>
    }
    .into_any()
}

fn watchers(acting: Acting, view: &PeopleView) -> AnyView {
    let rows: Vec<AnyView> = view.grants.iter().map(|grant| grant_row(acting, view, grant)).collect();
    let none = rows.is_empty();
    view! {
        <section aria-labelledby="grants-title">
            <h2 id="grants-title">{t("grants-title")}</h2>
            {none.then(|| view! { <p class="soft">{t("grants-none")}</p> })}
            {piece::fault_line(acting.fault)}
            <ul class="rows">{rows}</ul>
            {move || match (acting.code.get(), acting.inviting.get()) {
                (Some(code), _) => invitation(&code, "invitation-caregiver", move || acting.code.set(None)),
                (None, true) => invite(acting),
                (None, false) => piece::button("button main", "invite-caregiver", t("invite"), move || acting.inviting.set(true)),
            }}
            <p class="foot-acts">
                {piece::link_button("button", "go-audit", t("audit-title"), Route::Audit.path())}
            </p>
        </section>
    }
    .into_any()
}

fn invite(acting: Acting) -> AnyView {
    let ways = vec![
        Way::new("scope-view", "view", sentence::scope(Scope::View)).hint(t("scope-view-hint")),
        Way::new("scope-log", "log", sentence::scope(Scope::Log)).hint(t("scope-log-hint")),
        Way::new("scope-manage", "manage", sentence::scope(Scope::Manage)).hint(t("scope-manage-hint")),
    ];
    view! {
        <form class="card form" on:submit=move |event| { event.prevent_default(); make(acting); }>
            {piece::choice("one", "scope", t("scope-legend"), ways, acting.scope)}
            <div class="acts">
                {piece::submit("invitation-make", t("invitation-make"), acting.busy)}
                {piece::button("button", "cancel", t("cancel"), move || acting.inviting.set(false))}
            </div>
        </form>
    }
    .into_any()
}

fn make(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let scope = match acting.scope.get_untracked().as_str() {
        "view" => Scope::View,
        "manage" => Scope::Manage,
        _ => Scope::Log,
    };
    spawn_local(async move {
        let answer = host::ask(Invite {
            what: NewInvitation::Caregiver { scope, until: None },
        })
        .await;
        acting.busy.set(false);
        match answer {
            Ok(code) => {
                acting.fault.set(None);
                acting.inviting.set(false);
                acting.code.set(Some(code));
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}

/// A fresh code: to read out, to send, to scan.
pub fn invitation(code: &InvitationView, words: &'static str, done: impl Fn() + 'static) -> AnyView {
    let explain = match words {
        "invitation-clinic" => t("invitation-clinic"),
        "invitation-claim" => t("invitation-claim"),
        _ => t("invitation-caregiver"),
    };
    let link = code.link.clone();
    let size = code.qr_size;
    view! {
        <div class="card invitation" role="status">
            <h2 class="card-over">{t("invitation-title")}</h2>
            <p>{explain}</p>
            <p class="code" data-test="invitation-code">{code.code.clone()}</p>
            <svg class="qr" data-test="invitation-qr" role="img" aria-label=t("qr-label")
                viewBox=format!("0 0 {size} {size}") shape-rendering="crispEdges">
                <path d=code.qr_path.clone()/>
            </svg>
            <p class="soft">{say("invitation-expires", &[("time", &time::moment(code.expires))])}</p>
            <p class="link" data-test="invitation-link">{code.link.clone()}</p>
            <div class="acts">
                {piece::button("button", "invitation-copy", t("copy-link"), move || page::copy(&link))}
                {piece::button("button", "invitation-done", t("done"), done)}
            </div>
        </div>
    }
    .into_any()
}

fn grant_row(acting: Acting, view: &PeopleView, grant: &Grant) -> AnyView {
    let active = grant.ended_at.is_none() && grant.until.is_none_or(|until| page::millis_until(until) > 0);
    let kind = match grant.to {
        Grantee::Caregiver { .. } => t("grantee-caregiver"),
        Grantee::Clinic { .. } => t("grantee-clinic"),
    };
    let until = match (active, grant.ended_at.or(grant.until)) {
        (true, Some(until)) => say("grant-until", &[("time", &time::moment(until))]),
        (true, None) => t("grant-open"),
        (false, Some(ended)) => say("grant-ended", &[("time", &time::moment(ended))]),
        (false, None) => String::new(),
    };
    let id = grant.id;
    let name = grant.name.clone();
    let telling = view.telling.iter().find(|telling| active && telling.to == grant.to);
    let telling = telling.map(|telling| tellings(acting, id, telling));
    view! {
        <li class="row grant" class:gone=!active data-test="grant-row" data-name=grant.name.clone() data-active=active.to_string()>
            <span class="row-what">
                <span class="row-name">{grant.name.clone()}</span>
                <span class="row-how">{kind}" · "{sentence::scope(grant.scope)}</span>
                <span class="row-how">{until}</span>
            </span>
            {active.then(|| ending(acting, id, name))}
            {telling}
        </li>
    }
    .into_any()
}

/// The minutes after which someone can be told of a missed dose.
const MINUTES: [u32; 6] = [5, 15, 30, 60, 120, 240];

/// How soon this person or clinic is told of missed doses.
fn tellings(acting: Acting, grant: GrantId, telling: &Telling) -> AnyView {
    let to = telling.to;
    let select = |of: AlertFor, key: &str, test: &'static str, label: String, tell: Tell| {
        let value = RwSignal::new(tell_value(tell));
        let choose = move || choose(acting, to, of, &value.get_untracked());
        let options = tell_options(tell, matches!(of, AlertFor::Medication { .. }));
        piece::select_at(
            format!("field-{key}-{grant}"),
            test,
            label,
            options,
            value,
            Box::new(choose),
        )
    };
    let of_one: Vec<AnyView> = telling
        .medicines
        .iter()
        .map(|one| {
            let medication = one.medication;
            let label = say("tell-one", &[("name", &one.name)]);
            select(
                AlertFor::Medication { medication },
                &medication.to_string(),
                "tell-one",
                label,
                one.tell,
            )
        })
        .collect();
    let of_one = (!of_one.is_empty()).then(|| {
        // Open where one of them has a time of its own, so that it is seen.
        let open = telling.medicines.iter().any(|one| one.tell != Tell::AsOthers {});
        view! {
            <details class="more tell-more" open=open>
                <summary data-test="tell-more">{t("tell-more")}</summary>
                <div class="telling">{of_one}</div>
            </details>
        }
    });
    view! {
        <div class="telling">
            {select(AlertFor::Critical {}, "tell-critical", "tell-critical", t("tell-critical"), telling.critical)}
            {select(AlertFor::Others {}, "tell-others", "tell-others", t("tell-others"), telling.others)}
            {of_one}
        </div>
    }
    .into_any()
}

/// The values of the choices that are no minutes.
const NEVER: &str = "never";
const AS_OTHERS: &str = "as-others";

fn tell_value(tell: Tell) -> String {
    match tell {
        Tell::After { minutes } => minutes.to_string(),
        Tell::Never {} => NEVER.to_owned(),
        Tell::AsOthers {} => AS_OTHERS.to_owned(),
    }
}

/// The choices, and what stands now where that is none of them.
fn tell_options(tell: Tell, of_one: bool) -> Vec<(String, String)> {
    let mut minutes = MINUTES.to_vec();
    if let Tell::After { minutes: now } = tell
        && !minutes.contains(&now)
    {
        minutes.push(now);
        minutes.sort_unstable();
    }
    let after = |minutes: u32| {
        (
            minutes.to_string(),
            say("tell-after", &[("minutes", &minutes.to_string())]),
        )
    };
    let as_others = of_one.then(|| (AS_OTHERS.to_owned(), t("tell-as-others")));
    let never = (NEVER.to_owned(), t("tell-never"));
    as_others
        .into_iter()
        .chain(minutes.into_iter().map(after))
        .chain([never])
        .collect()
}

fn choose(acting: Acting, to: Grantee, of: AlertFor, value: &str) {
    let tell = match value.parse() {
        Ok(minutes) => Tell::After { minutes },
        Err(_) if value == AS_OTHERS => Tell::AsOthers {},
        Err(_) => Tell::Never {},
    };
    spawn_local(async move {
        match host::ask(ChooseTelling { to, of, tell }).await {
            Ok(_) => {
                acting.fault.set(None);
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}

/// One tap asks, the second ends it at once.
fn ending(acting: Acting, grant: GrantId, name: String) -> AnyView {
    (move || {
        if acting.ending.get() == Some(grant) {
            let ask = Ask {
                question: Some(say("end-ask", &[("name", &name)])),
                test: "grant-end-confirm",
                label: t("end-confirm"),
                leave_test: "grant-end-leave",
            };
            piece::ask(ask, move || end(acting, grant), move || acting.ending.set(None))
        } else {
            let read = say("end-read", &[("name", &name)]);
            view! {
                <span class="row-state">
                    {piece::button_for("button small", "grant-end", t("end"), read, move || acting.ending.set(Some(grant)))}
                </span>
            }
            .into_any()
        }
    })
    .into_any()
}

fn end(acting: Acting, grant: GrantId) {
    spawn_local(async move {
        match host::ask(EndGrant { grant }).await {
            Ok(_) => {
                acting.fault.set(None);
                acting.ending.set(None);
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}

fn cared_row(acting: Acting, one: &CaredFor) -> AnyView {
    let until = one.until.map_or_else(
        || t("grant-open"),
        |until| say("grant-until", &[("time", &time::moment(until))]),
    );
    view! {
        <li class="row" data-test="cares-for-row" data-name=one.name.clone()>
            <span class="row-what">
                <a class="row-name" href=Route::Person(one.patient).path()>{one.name.clone()}{icon::icon(icon::ON)}</a>
                <span class="row-how">{sentence::scope(one.scope)}" · "{until}</span>
            </span>
            {ending(acting, one.grant, one.name.clone())}
        </li>
    }
    .into_any()
}
