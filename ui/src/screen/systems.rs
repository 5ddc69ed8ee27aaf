//! The systems that a clinic has connected, for its administrators: their keys, each shown once, where they are told of
//! changes, and ending all that.

mod webhooks;

use doseline_client::ask::{ConnectSystem, DisconnectSystem, EndKey, EndWebhook, Fault, MakeKey, OpenSystems};
use doseline_shared::{
    api::{
        partner::{ApiScope, IssuedKey, Key, NewKey, PartnerSystem},
        webhook::IssuedWebhook,
    },
    id::{ClinicId, KeyId, PersonId, WebhookId},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Ask, Kind},
    host,
    load::{load, shown},
    page,
    route::Route,
    time,
    words::{say, t},
};

/// What is about to be ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    System(PersonId),
    Key(PersonId, KeyId),
    Webhook(PersonId, WebhookId),
}

/// What the form makes.
#[derive(Clone, PartialEq, Eq)]
enum Making {
    /// A system with its first key.
    System,
    /// One more key of the system of this name.
    Key(PersonId, String),
    /// Nothing: this was made, and is shown once.
    Made(IssuedKey),
    /// A webhook of the system of this name.
    Webhook(PersonId, String),
    /// Nothing: a secret was made, and is shown once.
    MadeSecret(IssuedWebhook),
}

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    clinic: ClinicId,
    making: RwSignal<Making>,
    name: RwSignal<String>,
    /// In the order of [`ApiScope::ALL`].
    scopes: [RwSignal<bool>; 3],
    days: RwSignal<String>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
    ending: RwSignal<Option<Ending>>,
    ending_fault: RwSignal<Option<Fault>>,
    webhooks: webhooks::State,
}

/// The screen.
pub fn screen(app: App, clinic: ClinicId) -> AnyView {
    let systems = load(app, move || OpenSystems { clinic });
    let acting = Acting {
        app,
        clinic,
        making: RwSignal::new(Making::System),
        name: RwSignal::new(String::new()),
        scopes: [true, false, false].map(RwSignal::new),
        days: RwSignal::new("365".to_owned()),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
        ending: RwSignal::new(None),
        ending_fault: RwSignal::new(None),
        webhooks: webhooks::State::new(),
    };
    view! {
        {piece::heading(t("systems-title"), Some((t("back-to-worklist"), Route::Clinic(clinic).path())))}
        <p class="soft under-heading">{t("systems-words")}</p>
        <div class="columns">
            <section aria-labelledby="systems-list-title">
                <h2 id="systems-list-title">{t("systems-list-title")}</h2>
                {piece::fault_line(acting.ending_fault)}
                {shown(systems, move |all: &Vec<PartnerSystem>| list(acting, all))}
            </section>
            {move || match acting.making.get() {
                Making::System => form(acting, t("systems-add-title"), t("systems-add"), true),
                Making::Key(_, name) => {
                    form(acting, say("system-key-title", &[("name", &name)]), t("system-key-add"), false)
                }
                Making::Made(issued) => made(acting, &issued),
                Making::Webhook(_, name) => webhooks::form(acting, &name),
                Making::MadeSecret(issued) => webhooks::made(acting, &issued),
            }}
        </div>
    }
    .into_any()
}

fn list(acting: Acting, all: &[PartnerSystem]) -> AnyView {
    if all.is_empty() {
        return view! { <p class="soft" data-test="systems-none">{t("systems-none")}</p> }.into_any();
    }
    let cards: Vec<AnyView> = all.iter().map(|one| card(acting, one)).collect();
    cards.into_any()
}

fn card(acting: Acting, one: &PartnerSystem) -> AnyView {
    let (system, name) = (one.system, one.name.clone());
    let for_key = name.clone();
    let new_key = move || acting.making.set(Making::Key(system, for_key.clone()));
    let end = Ask {
        question: None,
        test: "system-end-confirm",
        label: t("system-end-confirm"),
        leave_test: "system-end-leave",
    };
    let read = say("system-end-read", &[("name", &name)]);
    let end = ending(acting, Ending::System(system), end, "system-end", t("system-end"), read);
    let keys: Vec<AnyView> = one.keys.iter().map(|key| row(acting, one, key)).collect();
    let for_webhook = name.clone();
    let new_webhook = move || acting.making.set(Making::Webhook(system, for_webhook.clone()));
    view! {
        <div class="card system" data-test="system-card" data-name=name.clone()>
            <h3>{name.clone()}</h3>
            <ul class="rows">{keys}</ul>
            {webhooks::list(acting, one)}
            <div class="acts">
                {piece::button_for(
                    "button small", "system-key-new", t("system-key-new"),
                    say("system-key-new-read", &[("name", &name)]), new_key,
                )}
                {piece::button_for(
                    "button small", "webhook-new", t("webhook-new"),
                    say("webhook-new-read", &[("name", &name)]), new_webhook,
                )}
                {end}
            </div>
        </div>
    }
    .into_any()
}

fn row(acting: Acting, of: &PartnerSystem, key: &Key) -> AnyView {
    let scopes: Vec<String> = key.scopes.iter().map(|scope| words(*scope)).collect();
    let date = time::full_date(key.expires.date_naive());
    let is_over = key.expires <= page::now();
    let until = if is_over {
        say("system-key-over", &[("date", &date)])
    } else {
        say("system-key-until", &[("date", &date)])
    };
    let used = match key.used {
        Some(at) => say("system-key-used", &[("moment", &time::moment(at))]),
        None => t("system-key-unused"),
    };
    let end = Ask {
        question: None,
        test: "system-key-end-confirm",
        label: t("system-key-end-confirm"),
        leave_test: "system-key-end-leave",
    };
    let read = say("system-key-end-read", &[("name", &of.name), ("date", &date)]);
    let what = Ending::Key(of.system, key.id);
    let end = ending(acting, what, end, "system-key-end", t("system-key-end"), read);
    view! {
        <li class="row" data-test="system-key">
            <span class="row-what">
                <span class="row-name">{until}</span>
                <span class="row-how">{scopes.join(" · ")}</span>
                <span class="row-how" data-test="system-key-used">{used}</span>
            </span>
            <span class="row-state">{end}</span>
        </li>
    }
    .into_any()
}

/// The button that ends something, and the question in its place once it was pressed.
fn ending(acting: Acting, what: Ending, ask: Ask, test: &'static str, label: String, read: String) -> AnyView {
    let ask = StoredValue::new(ask);
    (move || {
        if acting.ending.get() == Some(what) {
            let ask = ask.with_value(Ask::clone);
            piece::ask(ask, move || end(acting, what), move || acting.ending.set(None))
        } else {
            piece::button_for("button small", test, label.clone(), read.clone(), move || {
                acting.ending.set(Some(what));
            })
        }
    })
    .into_any()
}

fn end(acting: Acting, what: Ending) {
    let clinic = acting.clinic;
    spawn_local(async move {
        let answer = match what {
            Ending::System(system) => host::ask(DisconnectSystem { clinic, system }).await,
            Ending::Key(system, key) => host::ask(EndKey { clinic, system, key }).await,
            Ending::Webhook(system, webhook) => {
                let webhook = EndWebhook {
                    clinic,
                    system,
                    webhook,
                };
                host::ask(webhook).await
            }
        };
        acting.ending.set(None);
        acting.ending_fault.set(answer.err());
        acting.app.touch();
    });
}

fn form(acting: Acting, title: String, submit: String, with_name: bool) -> AnyView {
    let ticks: Vec<AnyView> = ApiScope::ALL
        .iter()
        .zip(acting.scopes)
        .map(|(scope, ticked)| piece::tick(test(*scope), words(*scope), None, ticked))
        .collect();
    let days = vec![
        ("30".to_owned(), t("system-days-30")),
        ("90".to_owned(), t("system-days-90")),
        ("365".to_owned(), t("system-days-365")),
        ("730".to_owned(), t("system-days-730")),
    ];
    let name = with_name.then(|| {
        let hint = Some(t("system-name-hint"));
        let kind = Kind::TEXT.required();
        piece::field_of(
            "system-name",
            "name",
            acting.fault,
            t("system-name"),
            hint,
            kind,
            acting.name,
        )
    });
    let leave = (!with_name).then(|| {
        piece::button("button", "system-key-leave", t("cancel"), move || {
            acting.making.set(Making::System)
        })
    });
    view! {
        <section aria-labelledby="systems-add-title">
            <h2 id="systems-add-title">{title}</h2>
            <form class="card form" on:submit=move |event| { event.prevent_default(); make(acting); }>
                {name}
                <fieldset class="choice"><legend>{t("system-scopes")}</legend>{ticks}</fieldset>
                {piece::select("system-days", t("system-days"), days, acting.days, Box::new(|| {}))}
                {piece::fault_line(acting.fault)}
                <div class="acts">{piece::submit("system-add", submit, acting.busy)}{leave}</div>
            </form>
        </section>
    }
    .into_any()
}

fn make(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let clinic = acting.clinic;
    let ticked = ApiScope::ALL.iter().zip(acting.scopes);
    let key = NewKey {
        scopes: ticked
            .filter(|(_, ticked)| ticked.get_untracked())
            .map(|(scope, _)| *scope)
            .collect(),
        days: acting.days.get_untracked().parse().unwrap_or(30),
    };
    let (making, name) = (acting.making.get_untracked(), acting.name.get_untracked());
    spawn_local(async move {
        let answer = match making {
            Making::Key(system, _) => host::ask(MakeKey { clinic, system, key }).await,
            Making::System | Making::Made(_) | Making::Webhook(..) | Making::MadeSecret(_) => {
                host::ask(ConnectSystem { clinic, name, key }).await
            }
        };
        acting.busy.set(false);
        match answer {
            Ok(issued) => {
                acting.name.set(String::new());
                acting.fault.set(None);
                acting.making.set(Making::Made(issued));
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}

/// What was made, for as long as nobody says that it is kept.
fn made(acting: Acting, issued: &IssuedKey) -> AnyView {
    let (client, secret) = (issued.system.to_string(), issued.secret.clone());
    let both = format!("client_id={client}\nclient_secret={secret}");
    view! {
        <section aria-labelledby="system-secret-title">
            <div class="card form" role="status">
                <h2 id="system-secret-title">{t("system-secret-title")}</h2>
                <p>{t("system-secret-words")}</p>
                <dl>
                    <dt class="soft">{t("system-client")}</dt><dd class="link" data-test="system-client">{client}</dd>
                    <dt class="soft">{t("system-secret")}</dt><dd class="link" data-test="system-secret">{secret}</dd>
                </dl>
                <div class="acts">
                    {piece::button("button", "system-secret-copy", t("system-secret-copy"), move || page::copy(&both))}
                    {piece::button("button main", "system-secret-kept", t("system-secret-kept"), move || {
                        acting.making.set(Making::System);
                    })}
                </div>
            </div>
        </section>
    }
    .into_any()
}

const fn test(scope: ApiScope) -> &'static str {
    match scope {
        ApiScope::ProviderRead => "scope-provider",
        ApiScope::ScheduleRead => "scope-schedule",
        ApiScope::AdherenceRead => "scope-adherence",
    }
}

fn words(scope: ApiScope) -> String {
    match scope {
        ApiScope::ProviderRead => t("scope-provider"),
        ApiScope::ScheduleRead => t("scope-schedule"),
        ApiScope::AdherenceRead => t("scope-adherence"),
    }
}
