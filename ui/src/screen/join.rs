//! Using a code: what it would do is shown before it is used.

use doseline_client::ask::{Fault, LookUpCode, RedeemCode};
use doseline_shared::api::{
    account::Me,
    invitation::{Offer, OfferKind, Redeemed},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Kind},
    host,
    route::{Route, Whose},
    sentence, time,
    words::{say, t},
};

const CODE: Kind = Kind {
    kind: "text",
    autocomplete: "one-time-code",
    inputmode: "text",
    required: true,
};

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    patient: bool,
    code: RwSignal<String>,
    offer: RwSignal<Option<Offer>>,
    done: RwSignal<Option<Redeemed>>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen, with the code that came with the link.
pub fn screen(app: App, me: &Me, code: String) -> AnyView {
    let came = !code.is_empty();
    let acting = Acting {
        app,
        patient: me.patient.is_some(),
        code: RwSignal::new(code),
        offer: RwSignal::new(None),
        done: RwSignal::new(None),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
    };
    if came {
        look_up(acting);
    }
    (move || match (acting.done.get(), acting.offer.get()) {
        (Some(done), _) => finished(acting, &done),
        (None, Some(offer)) => offered(acting, &offer),
        (None, None) => ask(acting),
    })
    .into_any()
}

fn ask(acting: Acting) -> AnyView {
    view! {
        <form class="form" on:submit=move |event| { event.prevent_default(); look_up(acting); }>
            {piece::heading(t("join-title"), Some((t("tab-people"), Route::People.path())))}
            <p>{t("join-words")}</p>
            {piece::field("join-code", t("code"), Some(t("code-hint")), CODE, acting.code)}
            {piece::fault_line(acting.fault)}
            {piece::submit("join-check", t("join-check"), acting.busy)}
        </form>
    }
    .into_any()
}

fn offered(acting: Acting, offer: &Offer) -> AnyView {
    let blanks = [("name", offer.from.as_str())];
    let (title, words) = match offer.what {
        OfferKind::Caregiver => (say("offer-caregiver", &blanks), say("offer-caregiver-words", &blanks)),
        OfferKind::JoinClinic => (say("offer-clinic", &blanks), say("offer-clinic-words", &blanks)),
        OfferKind::ClaimRecord => (say("offer-claim", &blanks), say("offer-claim-words", &blanks)),
    };
    let until = offer.until.map_or_else(
        || t("grant-open"),
        |until| say("grant-until", &[("time", &time::moment(until))]),
    );
    let scope = match offer.what {
        OfferKind::ClaimRecord => None,
        OfferKind::Caregiver | OfferKind::JoinClinic => {
            Some(view! { <p class="soft">{sentence::scope(offer.scope)}" · "{until}</p> })
        }
    };
    let no_record = offer.what == OfferKind::JoinClinic && !acting.patient;
    view! {
        <section class="form" data-test="join-offer">
            {piece::heading(title, None)}
            <p>{words}</p>
            {scope}
            {no_record.then(|| view! { <p class="notice">{t("offer-needs-record")}</p> })}
            {piece::fault_line(acting.fault)}
            <div class="acts">
                {(!no_record).then(|| piece::button("button main", "join-submit", t("join-accept"), move || redeem(acting)))}
                {piece::button("button", "join-leave", t("join-leave"), move || {
                    acting.offer.set(None);
                    acting.fault.set(None);
                })}
            </div>
        </section>
    }
    .into_any()
}

fn finished(acting: Acting, done: &Redeemed) -> AnyView {
    let (words, to) = match done.what {
        OfferKind::Caregiver => (t("joined-caregiver"), Route::Person(done.patient)),
        OfferKind::JoinClinic => (t("joined-clinic"), Route::People),
        OfferKind::ClaimRecord => (t("joined-claim"), Route::Medicines(Whose::Own)),
    };
    view! {
        <section class="blank" data-test="join-done" role="status">
            <h1>{t("joined-title")}</h1>
            <p>{words}</p>
            {piece::button("button main", "join-on", t("go-on"), move || acting.app.go(to.clone()))}
        </section>
    }
    .into_any()
}

fn look_up(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    spawn_local(async move {
        let code = acting.code.get_untracked();
        match host::ask(LookUpCode { code }).await {
            Ok(offer) => {
                acting.fault.set(None);
                acting.offer.set(Some(offer));
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
        acting.busy.set(false);
    });
}

fn redeem(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    spawn_local(async move {
        let code = acting.code.get_untracked();
        match host::ask(RedeemCode { code }).await {
            Ok(done) => {
                acting.done.set(Some(done));
                acting.app.restart();
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
        acting.busy.set(false);
    });
}
