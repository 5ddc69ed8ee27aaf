//! The second step at sign-in: setting it up, its recovery codes, taking it away.

use doseline_client::{
    ask::{
        BeginSecondFactor, ConfirmSecondFactor, Fault, NewRecoveryCodes, OpenSecondFactor, RemoveSecondFactor, Secret,
    },
    view::EnrolmentView,
};
use doseline_shared::api::second_factor::{RecoveryCodes, SecondFactor};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Kind},
    host,
    load::{load, shown},
    page, time,
    words::{say, t},
};

/// One's own.
pub const PASSWORD: Kind = Kind {
    kind: "password",
    autocomplete: "current-password",
    ..Kind::TEXT.required()
};
/// Of the app, or a recovery code.
pub const CODE: Kind = Kind {
    autocomplete: "one-time-code",
    ..Kind::TEXT.required()
};

/// What password and code are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Begin,
    Codes,
    Remove,
}

/// Where the person is.
#[derive(Clone, PartialEq, Eq)]
enum Step {
    /// Reading how it stands.
    Standing,
    /// Saying who they are.
    Confirming(Act),
    /// Telling the app.
    Scanning(EnrolmentView),
    /// Writing the codes down.
    Keeping(Vec<String>),
}

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    step: RwSignal<Step>,
    password: RwSignal<String>,
    code: RwSignal<String>,
    /// Whether the person's other devices are signed out too.
    end_others: RwSignal<bool>,
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
}

/// The section of the settings.
pub fn section(app: App) -> AnyView {
    let state = load(app, || OpenSecondFactor {});
    let acting = Acting {
        app,
        step: RwSignal::new(Step::Standing),
        password: RwSignal::new(String::new()),
        code: RwSignal::new(String::new()),
        end_others: RwSignal::new(true),
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
    };
    view! {
        <section class="settings" id="second-factor" aria-labelledby="second-factor-title">
            <h2 id="second-factor-title">{t("second-factor-title")}</h2>
            {move || match acting.step.get() {
                Step::Standing => shown(state, move |state| standing(acting, state)),
                Step::Confirming(act) => confirming(acting, act),
                Step::Scanning(enrolment) => scanning(acting, &enrolment),
                Step::Keeping(codes) => keeping(acting, codes),
            }}
        </section>
    }
    .into_any()
}

fn standing(acting: Acting, state: &SecondFactor) -> AnyView {
    let Some(since) = state.since else {
        return view! {
            {state.required.then(|| view! { <p class="notice" role="note">{t("second-factor-required")}</p> })}
            <p class="soft" data-test="second-factor-off">{t("second-factor-off")}</p>
            {piece::button("button", "second-factor-begin", t("second-factor-begin"), move || acting.to(Step::Confirming(Act::Begin)))}
        }
        .into_any();
    };
    let on = say("second-factor-on", &[("time", &time::moment(since))]);
    let left = say(
        "second-factor-left",
        &[("count", &state.recovery_codes_left.to_string())],
    );
    view! {
        <p data-test="second-factor-on">{on}</p>
        <p class="soft">{left}</p>
        <div class="acts">
            {piece::button("button", "second-factor-codes", t("second-factor-codes"), move || acting.to(Step::Confirming(Act::Codes)))}
            {piece::button("button", "second-factor-remove", t("second-factor-remove"), move || acting.to(Step::Confirming(Act::Remove)))}
        </div>
    }
    .into_any()
}

fn confirming(acting: Acting, act: Act) -> AnyView {
    let (words, label) = match act {
        Act::Begin => (t("second-factor-begin-words"), t("second-factor-next")),
        Act::Codes => (t("second-factor-codes-words"), t("second-factor-codes")),
        Act::Remove => (t("second-factor-remove-words"), t("second-factor-remove-now")),
    };
    view! {
        <form class="card form" on:submit=move |event| { event.prevent_default(); confirm(acting, act); }>
            <p>{words}</p>
            {piece::field("second-factor-password", t("password"), None, PASSWORD, acting.password)}
            {(act != Act::Begin).then(|| {
                piece::field("second-factor-code", t("second-factor-code"), Some(t("second-factor-code-hint")), CODE, acting.code)
            })}
            {(act == Act::Remove).then(|| acting.others())}
            {piece::fault_line(acting.fault)}
            <div class="acts">
                {piece::submit("second-factor-confirm", label, acting.busy)}
                {piece::button("button", "second-factor-cancel", t("cancel"), move || acting.to(Step::Standing))}
            </div>
        </form>
    }
    .into_any()
}

fn scanning(acting: Acting, enrolment: &EnrolmentView) -> AnyView {
    let size = enrolment.qr_size;
    view! {
        <form class="card form" on:submit=move |event| { event.prevent_default(); finish(acting); }>
            <p>{t("second-factor-scan")}</p>
            <svg class="qr" role="img" aria-label=t("second-factor-qr")
                viewBox=format!("0 0 {size} {size}") shape-rendering="crispEdges">
                <path d=enrolment.qr_path.clone()/>
            </svg>
            <p class="soft">{t("second-factor-key")}</p>
            <p class="link" data-test="second-factor-key">{enrolment.key.clone()}</p>
            {piece::field("second-factor-first", t("second-factor-first"), None, Kind { inputmode: "numeric", ..CODE }, acting.code)}
            {acting.others()}
            {piece::fault_line(acting.fault)}
            <div class="acts">
                {piece::submit("second-factor-finish", t("second-factor-finish"), acting.busy)}
                {piece::button("button", "second-factor-cancel", t("cancel"), move || acting.to(Step::Standing))}
            </div>
        </form>
    }
    .into_any()
}

fn keeping(acting: Acting, codes: Vec<String>) -> AnyView {
    let all = codes.join("\n");
    let codes: Vec<AnyView> = codes
        .into_iter()
        .map(|code| view! { <li data-test="recovery-code">{code}</li> }.into_any())
        .collect();
    view! {
        <div class="card form" role="status">
            <h3>{t("recovery-codes-title")}</h3>
            <p>{t("recovery-codes-words")}</p>
            <ul class="codes">{codes}</ul>
            <div class="acts">
                {piece::button("button", "recovery-codes-copy", t("recovery-codes-copy"), move || page::copy(&all))}
                {piece::button("button main", "recovery-codes-kept", t("recovery-codes-kept"), move || acting.to(Step::Standing))}
            </div>
        </div>
    }
    .into_any()
}

impl Acting {
    /// Offers to sign the person's other devices out.
    fn others(self) -> AnyView {
        let hint = Some(t("end-others-hint"));
        piece::tick("end-others", t("end-others"), hint, self.end_others)
    }

    /// Goes to a step. What was typed is forgotten, and how it stands is asked again.
    fn to(self, step: Step) {
        for typed in [self.password, self.code] {
            typed.set(String::new());
        }
        self.end_others.set(true);
        self.fault.set(None);
        self.step.set(step);
        self.app.touch();
    }

    fn answered(self, answer: Result<Step, Fault>) {
        self.busy.set(false);
        match answer {
            Ok(step) => self.to(step),
            Err(fault) => self.fault.set(Some(fault)),
        }
    }
}

fn confirm(acting: Acting, act: Act) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let password = Secret(acting.password.get_untracked());
    let code = Secret(acting.code.get_untracked().trim().to_owned());
    let end_others = acting.end_others.get_untracked();
    spawn_local(async move {
        acting.answered(match act {
            Act::Begin => host::ask(BeginSecondFactor { password }).await.map(Step::Scanning),
            Act::Codes => host::ask(NewRecoveryCodes { password, code }).await.map(kept),
            Act::Remove => host::ask(RemoveSecondFactor {
                password,
                code,
                end_others,
            })
            .await
            .map(|_| Step::Standing),
        });
    });
}

fn finish(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let code = Secret(acting.code.get_untracked().trim().to_owned());
    let end_others = acting.end_others.get_untracked();
    spawn_local(async move {
        acting.answered(host::ask(ConfirmSecondFactor { code, end_others }).await.map(kept));
    });
}

fn kept(codes: RecoveryCodes) -> Step {
    Step::Keeping(codes.codes)
}
