//! The honest line about the network, and what needs a person.

use doseline_client::{
    ask::{AnswerTravel, KnowInteraction, Request, Retract, Settle, SyncNow},
    view::{Attention, NetworkView, StartView},
};
use doseline_shared::{
    api::ErrorCode,
    id::{DoseEventId, PatientId},
    schedule::after::Unfollowed,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{icon, interaction, piece},
    host,
    route::{Route, Whose},
    sentence, time,
    words::{self, say, t},
};

/// One line: where the entries are.
pub fn network(view: &NetworkView) -> AnyView {
    let unsent = view.unsent.saturating_sub(view.held).to_string();
    let held = || say("network-held", &[("count", &view.held.to_string())]);
    let (state, words) = match (&view.fault, view.online, view.unsent) {
        // The notice of another version says the rest.
        (Some(fault), ..) if fault.code == ErrorCode::OtherVersion => ("unsent", t("network-after-update")),
        (Some(fault), ..) => ("fault", words::fault(fault)),
        (None, true, 0) => ("saved", t("network-saved")),
        (None, true, all) if all == view.held => ("held", held()),
        (None, true, _) => ("unsent", say("network-sending", &[("count", &unsent)])),
        (None, false, 0) => (
            "offline",
            view.last_sync.map_or_else(
                || t("network-never"),
                |at| say("network-offline", &[("time", &time::clock(&at))]),
            ),
        ),
        (None, false, _) => ("unsent", t("network-unsent")),
    };
    view! {
        <p class=format!("network {state}") data-test="network" data-state=state>
            <span class="network-dot" aria-hidden="true"></span>
            <span>{words}</span>
        </p>
    }
    .into_any()
}

/// Tries to reach the backend now.
pub fn sync_button(app: App) -> AnyView {
    piece::button("button quiet", "sync-now", t("sync-now"), move || {
        spawn_local(async move {
            drop(host::ask(SyncNow {}).await);
            app.touch();
        });
    })
}

/// What needs a person, each with what to do about it.
pub fn attention(app: App, all: &[Attention]) -> AnyView {
    if all.is_empty() {
        return ().into_any();
    }
    let items: Vec<AnyView> = all.iter().map(|each| item(app, each)).collect();
    view! { <section class="attention" aria-label=t("attention-title")>{items}</section> }.into_any()
}

fn item(app: App, attention: &Attention) -> AnyView {
    let (kind, title, words, ways): (_, String, String, Option<AnyView>) = match attention {
        Attention::Conflict {
            operation,
            mine,
            mine_when,
            theirs,
            theirs_when,
            ..
        } => {
            let operation = *operation;
            let mine = say(
                "conflict-version",
                &[("name", mine), ("when", &sentence::when(mine_when))],
            );
            let theirs = say(
                "conflict-version",
                &[("name", theirs), ("when", &sentence::when(theirs_when))],
            );
            let ways = view! {
                <dl class="versions">
                    <div><dt>{t("conflict-mine")}</dt><dd>{mine}</dd></div>
                    <div><dt>{t("conflict-theirs")}</dt><dd>{theirs}</dd></div>
                </dl>
                <div class="acts">
                    {piece::button("button", "settle-mine", t("settle-mine"), move || begin_with(app, Settle { operation, keep_mine: true }))}
                    {piece::button("button", "settle-theirs", t("settle-theirs"), move || begin_with(app, Settle { operation, keep_mine: false }))}
                </div>
            };
            (
                "conflict",
                t("conflict-title"),
                t("conflict-words"),
                Some(ways.into_any()),
            )
        }
        Attention::Refused { operation, name, fault } => {
            let operation = *operation;
            let ways = view! {
                <div class="acts">
                    {piece::button("button", "settle-mine", t("settle-again"), move || begin_with(app, Settle { operation, keep_mine: true }))}
                    {piece::button("button", "settle-theirs", t("settle-drop"), move || begin_with(app, Settle { operation, keep_mine: false }))}
                </div>
            };
            let title = if name.is_empty() {
                t("refused-title")
            } else {
                say("refused-title-of", &[("name", name)])
            };
            let closed = matches!(fault.code, ErrorCode::Forbidden | ErrorCode::NotFound);
            let words = if closed {
                t("refused-closed")
            } else {
                words::fault(fault)
            };
            ("refused", title, words, Some(ways.into_any()))
        }
        Attention::Quarantined { count } => (
            "quarantined",
            t("quarantined-title"),
            say("quarantined-words", &[("count", &count.to_string())]),
            None,
        ),
        Attention::Unfollowed { name, why, .. } => {
            let blanks = [("name", name.as_str())];
            let words = match why {
                Unfollowed::Missing => say("unfollowed-missing", &blanks),
                Unfollowed::Cycle => say("unfollowed-cycle", &blanks),
                Unfollowed::AsNeeded => say("unfollowed-as-needed", &blanks),
                Unfollowed::TooLong => say("unfollowed-too-long", &blanks),
            };
            ("unfollowed", t("unfollowed-title"), words, None)
        }
        Attention::Travel { there, zone, answered } => {
            let (there, zone) = (time::city(*there), time::city(*zone));
            let blanks = [("there", there.as_str()), ("zone", zone.as_str())];
            let keep = (!*answered).then(|| {
                let words = say("travel-keep", &[("zone", &zone)]);
                piece::button("button", "travel-keep", words, move || {
                    begin_with(app, AnswerTravel { follow: false })
                })
            });
            let words = say("travel-move", &[("there", &there)]);
            let ways = view! {
                <div class="acts">
                    {piece::button("button", "travel-move", words, move || begin_with(app, AnswerTravel { follow: true }))}
                    {keep}
                </div>
            };
            let (title, words) = match answered {
                false => (say("travel-title", &blanks), say("travel-words", &blanks)),
                true => (say("travel-kept-title", &blanks), say("travel-kept-words", &blanks)),
            };
            ("travel", title, words, Some(ways.into_any()))
        }
        Attention::Held {
            patient,
            event,
            name,
            due,
        } => {
            let (patient, event) = (*patient, *event);
            let ways = view! {
                <div class="acts">
                    {piece::button("button", "let-go", t("held-let-go"), move || let_go(app, patient, event))}
                </div>
            };
            let time = say(
                "day-and-time",
                &[
                    ("day", &time::short_date(due.date_naive())),
                    ("time", &time::clock(due)),
                ],
            );
            (
                "held",
                say("held-title", &[("name", name)]),
                say("held-words", &[("time", &time)]),
                Some(ways.into_any()),
            )
        }
        Attention::Refill {
            medication,
            name,
            on_hand,
            ends,
        } => {
            let page = Route::Medicine(Whose::Own, *medication).path();
            let ways = view! {
                <div class="acts">{piece::link_button("button", "refill-open", t("refill-open"), page)}</div>
            };
            (
                "refill",
                say("refill-title", &[("name", name)]),
                sentence::stock(on_hand, Some(*ends)),
                Some(ways.into_any()),
            )
        }
        Attention::Interaction {
            patient,
            medication,
            met,
        } => {
            let (patient, key) = (*patient, met.key.clone());
            let page = Route::Medicine(Whose::Own, *medication).path();
            let ways = view! {
                <p class="soft">{say("interaction-source", &[("source", &met.source)])}</p>
                <p>{t("interaction-ask")}</p>
                <div class="acts">
                    {piece::link_button("button", "interaction-open", t("refill-open"), page)}
                    {piece::button("button", "interaction-known", t("interaction-known"), move || {
                        begin_with(app, KnowInteraction { patient, key: key.clone() })
                    })}
                </div>
            };
            (
                "interaction",
                interaction::title(met),
                met.text.clone(),
                Some(ways.into_any()),
            )
        }
        Attention::ClockSetBack { minutes } => (
            "clock",
            t("clock-title"),
            say("clock-words", &[("span", &sentence::span(*minutes))]),
            None,
        ),
        Attention::OtherVersion {} => ("version", t("version-title"), t("version-words"), None),
    };
    view! {
        <article class="notice" data-test="attention" data-kind=kind>
            <h2>{icon::icon(icon::HEED)}<span>{title}</span></h2>
            <p>{words}</p>
            {ways}
        </article>
    }
    .into_any()
}

/// Asks, and begins anew with the answer.
fn begin_with(app: App, request: impl Request<Answer = StartView> + 'static) {
    spawn_local(async move {
        if let Ok(view) = host::ask(request).await {
            app.begin(view);
        }
        app.touch();
    });
}

fn let_go(app: App, patient: PatientId, event: DoseEventId) {
    spawn_local(async move {
        // Where the device refuses, the notice stays.
        drop(host::ask(Retract { patient, event }).await);
        app.touch();
    });
}
