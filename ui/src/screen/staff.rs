//! A clinic's staff, for its administrators.

use doseline_client::ask::{AddStaff, AskForSecondFactor, Fault, OpenRequirement, OpenStaff, RemoveStaff, Secret};
use doseline_shared::{
    access::StaffRole,
    api::{
        account::{Me, Staff},
        second_factor::Requirement,
    },
    id::{ClinicId, PersonId},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::piece::{self, Ask, Kind},
    host,
    load::{load, shown},
    route::Route,
    sentence,
    words::{say, t},
};

/// The roles that people hold, each with the test id of the tick that asks its holders for a second step.
const ROLES: [(StaffRole, &str); 4] = [
    (StaffRole::Nurse, "asked-nurse"),
    (StaffRole::Doctor, "asked-doctor"),
    (StaffRole::FrontDesk, "asked-front-desk"),
    (StaffRole::Administrator, "asked-administrator"),
];

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    clinic: ClinicId,
    me: PersonId,
    name: RwSignal<String>,
    email: RwSignal<String>,
    password: RwSignal<String>,
    role: RwSignal<String>,
    busy: RwSignal<bool>,
    removing: RwSignal<Option<PersonId>>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App, me: &Me, clinic: ClinicId) -> AnyView {
    let staff = load(app, move || OpenStaff { clinic });
    let acting = Acting {
        app,
        clinic,
        me: me.person,
        name: RwSignal::new(String::new()),
        email: RwSignal::new(String::new()),
        password: RwSignal::new(String::new()),
        role: RwSignal::new("nurse".to_owned()),
        busy: RwSignal::new(false),
        removing: RwSignal::new(None),
        fault: RwSignal::new(None),
    };
    view! {
        {piece::heading(t("staff-title"), Some((t("back-to-worklist"), Route::Clinic(clinic).path())))}
        <div class="columns">
            <section aria-labelledby="staff-list-title">
                <h2 id="staff-list-title">{t("staff-list-title")}</h2>
                {shown(staff, move |all: &Vec<Staff>| {
                    let rows: Vec<AnyView> = all.iter().map(|one| row(acting, one)).collect();
                    view! { <ul class="rows">{rows}</ul> }.into_any()
                })}
            </section>
            {add(acting)}
        </div>
        {requirement(app, me, clinic)}
    }
    .into_any()
}

/// Whom the clinic asks for a second step: each tick takes effect at once.
fn requirement(app: App, me: &Me, clinic: ClinicId) -> Option<AnyView> {
    let runs_it = me
        .staff
        .iter()
        .any(|at| at.clinic == clinic && at.role == StaffRole::Administrator);
    runs_it.then(|| {
        let asked = load(app, move || OpenRequirement { clinic });
        let fault = RwSignal::new(None);
        view! {
            <section aria-labelledby="staff-second-factor-title">
                <h2 id="staff-second-factor-title">{t("staff-second-factor-title")}</h2>
                <p class="soft">{t("staff-second-factor-words")}</p>
                {piece::fault_line(fault)}
                {shown(asked, move |asked| ticks(app, clinic, asked, fault))}
            </section>
        }
        .into_any()
    })
}

fn ticks(app: App, clinic: ClinicId, asked: &Requirement, fault: RwSignal<Option<Fault>>) -> AnyView {
    let ticked = ROLES.map(|(role, _)| RwSignal::new(asked.roles.contains(&role)));
    let send = move || {
        let roles = ROLES.iter().zip(ticked).filter(|(_, ticked)| ticked.get_untracked());
        let roles = roles.map(|((role, _), _)| *role).collect();
        spawn_local(async move {
            let answer = host::ask(AskForSecondFactor { clinic, roles }).await;
            fault.set(answer.err());
            app.touch();
        });
    };
    let boxes: Vec<AnyView> = ROLES
        .into_iter()
        .zip(ticked)
        .map(|((role, test), ticked)| piece::tick_with(test, sentence::role(role), None, ticked, Box::new(send)))
        .collect();
    view! { <div class="card form">{boxes}</div> }.into_any()
}

fn row(acting: Acting, one: &Staff) -> AnyView {
    let (person, name) = (one.person, one.name.clone());
    let act = (person != acting.me).then_some({
        move || {
            if acting.removing.get() == Some(person) {
                let ask = Ask {
                    question: None,
                    test: "staff-remove-confirm",
                    label: t("staff-remove-confirm"),
                    leave_test: "staff-remove-leave",
                };
                piece::ask(ask, move || remove(acting, person), move || acting.removing.set(None))
            } else {
                let read = say("staff-remove-read", &[("name", &name)]);
                piece::button_for("button small", "staff-remove", t("remove"), read, move || {
                    acting.removing.set(Some(person))
                })
            }
        }
    });
    view! {
        <li class="row" data-test="staff-row" data-name=one.name.clone()>
            <span class="row-what">
                <span class="row-name">{one.name.clone()}</span>
                <span class="row-how">{sentence::role(one.role)}" · "{one.email.clone()}</span>
            </span>
            <span class="row-state">{act}</span>
        </li>
    }
    .into_any()
}

fn add(acting: Acting) -> AnyView {
    let roles = ROLES
        .into_iter()
        .map(|(role, _)| (role.name().to_owned(), sentence::role(role)))
        .collect();
    let email = Kind {
        kind: "email",
        inputmode: "email",
        ..Kind::TEXT.required()
    };
    view! {
        <section aria-labelledby="staff-add-title">
            <h2 id="staff-add-title">{t("staff-add-title")}</h2>
            <form class="card form" on:submit=move |event| { event.prevent_default(); create(acting); }>
                {piece::field_of("staff-name", "name", acting.fault, t("full-name"), None, Kind::TEXT.required(), acting.name)}
                {piece::field_of("staff-email", "email", acting.fault, t("email"), None, email, acting.email)}
                {piece::field_of("staff-password", "password", acting.fault, t("first-password"), Some(t("first-password-hint")), Kind {
                    kind: "password", autocomplete: "new-password", ..Kind::TEXT.required()
                }, acting.password)}
                {piece::select("staff-role", t("staff-role"), roles, acting.role, Box::new(|| {}))}
                {piece::fault_line(acting.fault)}
                {piece::submit("staff-add", t("staff-add"), acting.busy)}
            </form>
        </section>
    }
    .into_any()
}

fn create(acting: Acting) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let chosen = acting.role.get_untracked();
    let role = ROLES
        .into_iter()
        .map(|(role, _)| role)
        .find(|role| role.name() == chosen)
        .unwrap_or(StaffRole::Nurse);
    spawn_local(async move {
        let answer = host::ask(AddStaff {
            clinic: acting.clinic,
            name: acting.name.get_untracked().trim().to_owned(),
            email: acting.email.get_untracked().trim().to_owned(),
            password: Secret(acting.password.get_untracked()),
            role,
        })
        .await;
        acting.busy.set(false);
        match answer {
            Ok(_) => {
                for field in [acting.name, acting.email, acting.password] {
                    field.set(String::new());
                }
                acting.fault.set(None);
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}

fn remove(acting: Acting, person: PersonId) {
    spawn_local(async move {
        let answer = host::ask(RemoveStaff {
            clinic: acting.clinic,
            person,
        })
        .await;
        match answer {
            Ok(_) => {
                acting.removing.set(None);
                acting.app.touch();
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}
