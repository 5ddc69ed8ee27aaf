//! Where a connected system is told of changes: addresses, each with its secret, which is shown once; a test; what waits and
//! what could not be delivered.

use doseline_client::ask::{Fault, MakeWebhook, OpenMessages, PingWebhook, RenewWebhookSecret, ReplayMessage};
use doseline_shared::{
    api::{
        partner::PartnerSystem,
        webhook::{EventKind, Failure, IssuedWebhook, Message, Messages, NewWebhook, Outcome, Webhook},
    },
    id::{MessageId, PersonId, WebhookId},
};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Acting, Ending, Making, ending};
use crate::{
    draw::piece::{self, Ask, Kind},
    host,
    load::{load, shown},
    page, time,
    words::{say, t},
};

/// How long until it is looked whether a test has arrived, each time, in milliseconds.
const LOOKS: [u32; 3] = [1_500, 2_000, 4_000];

/// What the person is about to do with webhooks.
#[derive(Clone, Copy)]
pub(super) struct State {
    url: RwSignal<String>,
    /// In the order of [`EventKind::CHOSEN`].
    events: [RwSignal<bool>; 7],
    /// Whose messages are shown, and from which place on.
    open: RwSignal<Option<(WebhookId, Option<u64>)>>,
    /// Which one a test is on its way to.
    tested: RwSignal<Option<WebhookId>>,
    /// Which one is about to get a new secret.
    renewing: RwSignal<Option<WebhookId>>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            url: RwSignal::new(String::new()),
            events: [false; 7].map(RwSignal::new),
            open: RwSignal::new(None),
            tested: RwSignal::new(None),
            renewing: RwSignal::new(None),
        }
    }
}

/// The webhooks of a system; nothing where it has none.
pub(super) fn list(acting: Acting, of: &PartnerSystem) -> Option<AnyView> {
    if of.webhooks.is_empty() {
        return None;
    }
    let rows: Vec<AnyView> = of.webhooks.iter().map(|one| row(acting, of.system, one)).collect();
    let drawn = view! {
        <h4>{t("webhooks-title")}</h4>
        <ul class="rows">{rows}</ul>
    };
    Some(drawn.into_any())
}

fn row(acting: Acting, system: PersonId, one: &Webhook) -> AnyView {
    let (webhook, url, state) = (one.id, one.url.clone(), acting.webhooks);
    let events: Vec<String> = one.events.iter().map(|kind| words(*kind)).collect();
    let lines: Vec<AnyView> = standing(one)
        .into_iter()
        .map(|(test, line)| view! { <span class="row-how" data-test=test>{line}</span> }.into_any())
        .collect();
    let is_gone = one.gone.is_some();
    let test = (!is_gone).then(|| {
        let read = say("webhook-test-read", &[("url", &url)]);
        piece::button_for("button small", "webhook-test", t("webhook-test"), read, move || {
            ping(acting, system, webhook);
        })
    });
    let renew = (!is_gone).then(|| renewing(acting, system, one));
    let has_messages = one.waiting + one.dead > 0;
    let show = has_messages.then(|| showing(acting, webhook, &url));
    let end = Ask {
        question: None,
        test: "webhook-end-confirm",
        label: t("webhook-end-confirm"),
        leave_test: "webhook-end-leave",
    };
    let read = say("webhook-end-read", &[("url", &url)]);
    let what = Ending::Webhook(system, webhook);
    let end = ending(acting, what, end, "webhook-end", t("webhook-end"), read);
    let tested = move || (state.tested.get() == Some(webhook)).then(|| t("webhook-tested"));
    let opened = move || match state.open.get() {
        Some((open, after)) if open == webhook => Some(messages(acting, system, webhook, after)),
        Some(_) | None => None,
    };
    view! {
        <li class="row" data-test="webhook">
            <span class="row-what">
                <span class="row-name">{url}</span>
                <span class="row-how">{events.join(" · ")}</span>
                {lines}
                <span class="row-how" role="status">{tested}</span>
            </span>
            <div class="acts row-more">{test}{show}{renew}{end}</div>
            {opened}
        </li>
    }
    .into_any()
}

/// How it stands with a webhook, in lines, each with its test id.
fn standing(one: &Webhook) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    lines.push(match one.delivered {
        Some(at) => (
            "webhook-delivered",
            say("webhook-delivered", &[("moment", &time::moment(at))]),
        ),
        None => ("webhook-undelivered", t("webhook-undelivered")),
    });
    if one.gone.is_some() {
        lines.push(("webhook-gone", t("webhook-gone")));
    }
    if one.waiting > 0 {
        let count = one.waiting.to_string();
        lines.push(("webhook-waiting", say("webhook-waiting", &[("count", &count)])));
    }
    if let Some(failing) = one.failing {
        let (count, moment) = (failing.attempts.to_string(), time::moment(failing.next));
        let blanks = [
            ("count", count.as_str()),
            ("outcome", &outcome(failing.outcome)),
            ("moment", &moment),
        ];
        lines.push(("webhook-failing", say("webhook-failing", &blanks)));
    }
    if one.dead > 0 {
        let count = one.dead.to_string();
        lines.push(("webhook-dead", say("webhook-dead", &[("count", &count)])));
    }
    if let Some(until) = one.old_secret_until.filter(|until| *until > page::now()) {
        let line = say("webhook-old-secret", &[("moment", &time::moment(until))]);
        lines.push(("webhook-old-secret", line));
    }
    lines
}

/// The button that makes a new secret, and the question in its place once it was pressed.
fn renewing(acting: Acting, system: PersonId, one: &Webhook) -> AnyView {
    let (webhook, read) = (one.id, say("webhook-renew-read", &[("url", &one.url)]));
    let renewing = acting.webhooks.renewing;
    (move || {
        if renewing.get() == Some(webhook) {
            let ask = Ask {
                question: None,
                test: "webhook-renew-confirm",
                label: t("webhook-renew-confirm"),
                leave_test: "webhook-renew-leave",
            };
            piece::ask(ask, move || renew(acting, system, webhook), move || renewing.set(None))
        } else {
            let label = t("webhook-renew");
            piece::button_for("button small", "webhook-renew", label, read.clone(), move || {
                renewing.set(Some(webhook));
            })
        }
    })
    .into_any()
}

/// The button that shows the messages, and the one that hides them.
fn showing(acting: Acting, webhook: WebhookId, url: &str) -> AnyView {
    let (open, read) = (acting.webhooks.open, say("webhook-show-read", &[("url", url)]));
    (move || {
        if open.get().is_some_and(|(open, _)| open == webhook) {
            piece::button("button small", "webhook-hide", t("webhook-hide"), move || {
                open.set(None)
            })
        } else {
            piece::button_for(
                "button small",
                "webhook-show",
                t("webhook-show"),
                read.clone(),
                move || open.set(Some((webhook, None))),
            )
        }
    })
    .into_any()
}

/// What waits and what was given up.
fn messages(acting: Acting, system: PersonId, webhook: WebhookId, after: Option<u64>) -> AnyView {
    let clinic = acting.clinic;
    let loaded = load(acting.app, move || OpenMessages {
        clinic,
        system,
        webhook,
        after,
    });
    shown(loaded, move |page: &Messages| {
        if page.messages.is_empty() {
            return view! { <p class="soft row-more" data-test="messages-none">{t("messages-none")}</p> }.into_any();
        }
        let rows: Vec<AnyView> = page
            .messages
            .iter()
            .map(|message| message_row(acting, system, webhook, message))
            .collect();
        let more = page.next.map(|next| {
            piece::button("button small", "messages-more", t("messages-more"), move || {
                acting.webhooks.open.set(Some((webhook, Some(next))));
            })
        });
        view! { <div class="row-more"><ul class="rows">{rows}</ul>{more}</div> }.into_any()
    })
}

fn message_row(acting: Acting, system: PersonId, webhook: WebhookId, message: &Message) -> AnyView {
    let moment = time::moment(message.made);
    let standing = match (message.dead, message.next) {
        (Some(dead), _) => say("message-dead", &[("moment", &time::moment(dead))]),
        (None, Some(next)) => say("message-next", &[("moment", &time::moment(next))]),
        (None, None) => t("message-waits"),
    };
    let last = message.outcome.map(|last| {
        let count = message.attempts.to_string();
        let line = say("message-tried", &[("count", &count), ("outcome", &outcome(last))]);
        view! { <span class="row-how" data-test="message-outcome">{line}</span> }
    });
    let id = message.id;
    let again = message.dead.map(|_| {
        let read = say("message-replay-read", &[("moment", &moment)]);
        piece::button_for("button small", "message-replay", t("message-replay"), read, move || {
            replay(acting, system, webhook, id);
        })
    });
    view! {
        <li class="row" data-test="message">
            <span class="row-what">
                <span class="row-name">{words(message.kind)}</span>
                <span class="row-how">{say("message-made", &[("moment", &moment)])}</span>
                <span class="row-how" data-test="message-standing">{standing}</span>
                {last}
            </span>
            <span class="row-state">{again}</span>
        </li>
    }
    .into_any()
}

fn ping(acting: Acting, system: PersonId, webhook: WebhookId) {
    let (clinic, tested) = (acting.clinic, acting.webhooks.tested);
    spawn_local(async move {
        let ask = PingWebhook {
            clinic,
            system,
            webhook,
        };
        let answer = host::ask(ask).await;
        let is_sent = answer.is_ok();
        acting.ending_fault.set(answer.err());
        if !is_sent {
            return;
        }
        tested.set(Some(webhook));
        acting.app.touch();
        for pause in LOOKS {
            TimeoutFuture::new(pause).await;
            acting.app.touch();
        }
        // The person may have left the screen meanwhile, and what it held is gone then.
        if tested.try_get_untracked().flatten() == Some(webhook) {
            tested.set(None);
        }
    });
}

fn renew(acting: Acting, system: PersonId, webhook: WebhookId) {
    let clinic = acting.clinic;
    spawn_local(async move {
        let ask = RenewWebhookSecret {
            clinic,
            system,
            webhook,
        };
        let answer = host::ask(ask).await;
        acting.webhooks.renewing.set(None);
        took(acting, acting.ending_fault, answer);
    });
}

fn replay(acting: Acting, system: PersonId, webhook: WebhookId, message: MessageId) {
    let clinic = acting.clinic;
    spawn_local(async move {
        let ask = ReplayMessage {
            clinic,
            system,
            webhook,
            message,
        };
        acting.ending_fault.set(host::ask(ask).await.err());
        acting.app.touch();
    });
}

/// The form for one more webhook of the system of this name.
pub(super) fn form(acting: Acting, name: &str) -> AnyView {
    let state = acting.webhooks;
    let ticks: Vec<AnyView> = EventKind::CHOSEN
        .iter()
        .zip(state.events)
        .map(|(kind, ticked)| piece::tick(test(*kind), words(*kind), None, ticked))
        .collect();
    let hint = Some(t("webhook-url-hint"));
    let kind = Kind {
        inputmode: "url",
        ..Kind::TEXT.required()
    };
    view! {
        <section aria-labelledby="webhook-add-title">
            <h2 id="webhook-add-title">{say("webhook-title", &[("name", name)])}</h2>
            <form class="card form" on:submit=move |event| { event.prevent_default(); make(acting); }>
                <p>{t("webhook-words")}</p>
                {piece::field_of("webhook-url", "url", acting.fault, t("webhook-url"), hint, kind, state.url)}
                <fieldset class="choice">
                    <legend>{t("webhook-events")}</legend>
                    {ticks}
                    <p class="hint">{t("webhook-events-hint")}</p>
                </fieldset>
                {piece::fault_line(acting.fault)}
                <div class="acts">
                    {piece::submit("webhook-add", t("webhook-add"), acting.busy)}
                    {piece::button("button", "webhook-leave", t("cancel"), move || {
                        acting.fault.set(None);
                        acting.making.set(Making::System);
                    })}
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn make(acting: Acting) {
    let Making::Webhook(system, _) = acting.making.get_untracked() else {
        return;
    };
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let state = acting.webhooks;
    let ticked = EventKind::CHOSEN.iter().zip(state.events);
    let ask = MakeWebhook {
        clinic: acting.clinic,
        system,
        webhook: NewWebhook {
            url: state.url.get_untracked(),
            events: ticked
                .filter(|(_, ticked)| ticked.get_untracked())
                .map(|(kind, _)| *kind)
                .collect(),
        },
    };
    spawn_local(async move {
        let answer = host::ask(ask).await;
        acting.busy.set(false);
        if answer.is_ok() {
            state.url.set(String::new());
        }
        took(acting, acting.fault, answer);
    });
}

/// Shows the secret of an answer, or why there is none.
fn took(acting: Acting, fault: RwSignal<Option<Fault>>, answer: Result<IssuedWebhook, Fault>) {
    match answer {
        Ok(issued) => {
            fault.set(None);
            acting.making.set(Making::MadeSecret(issued));
            acting.app.touch();
        }
        Err(why) => fault.set(Some(why)),
    }
}

/// The secret that was made, for as long as nobody says that it is kept.
pub(super) fn made(acting: Acting, issued: &IssuedWebhook) -> AnyView {
    let (secret, copied) = (issued.secret.clone(), issued.secret.clone());
    let old = issued
        .webhook
        .old_secret_until
        .map(|until| view! { <p>{say("webhook-old-secret", &[("moment", &time::moment(until))])}</p> });
    view! {
        <section aria-labelledby="webhook-secret-title">
            <div class="card form" role="status">
                <h2 id="webhook-secret-title">{t("webhook-secret-title")}</h2>
                <p>{t("webhook-secret-words")}</p>
                {old}
                <dl>
                    <dt class="soft">{t("webhook-url")}</dt><dd class="link">{issued.webhook.url.clone()}</dd>
                    <dt class="soft">{t("webhook-secret-title")}</dt>
                    <dd class="link" data-test="webhook-secret">{secret}</dd>
                </dl>
                <div class="acts">
                    {piece::button("button", "webhook-secret-copy", t("webhook-secret-copy"), move || {
                        page::copy(&copied);
                    })}
                    {piece::button("button main", "webhook-secret-kept", t("system-secret-kept"), move || {
                        acting.making.set(Making::System);
                    })}
                </div>
            </div>
        </section>
    }
    .into_any()
}

const fn test(kind: EventKind) -> &'static str {
    match kind {
        EventKind::PatientJoined => "event-patient-joined",
        EventKind::PatientLeft => "event-patient-left",
        EventKind::PatientChanged => "event-patient-changed",
        EventKind::MedicationChanged => "event-medication-changed",
        EventKind::DoseChanged => "event-dose-changed",
        EventKind::DoseMissed => "event-dose-missed",
        EventKind::DispenseChanged => "event-dispense-changed",
        EventKind::Ping => "event-ping",
    }
}

fn words(kind: EventKind) -> String {
    match kind {
        EventKind::PatientJoined => t("event-patient-joined"),
        EventKind::PatientLeft => t("event-patient-left"),
        EventKind::PatientChanged => t("event-patient-changed"),
        EventKind::MedicationChanged => t("event-medication-changed"),
        EventKind::DoseChanged => t("event-dose-changed"),
        EventKind::DoseMissed => t("event-dose-missed"),
        EventKind::DispenseChanged => t("event-dispense-changed"),
        EventKind::Ping => t("event-ping"),
    }
}

fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Status(status) => say("outcome-status", &[("status", &status.to_string())]),
        Outcome::Failed(Failure::Timeout) => t("outcome-timeout"),
        Outcome::Failed(Failure::RefusedAddress) => t("outcome-refused-address"),
        Outcome::Failed(Failure::Tls) => t("outcome-tls"),
        Outcome::Failed(Failure::Unreachable) => t("outcome-unreachable"),
    }
}
