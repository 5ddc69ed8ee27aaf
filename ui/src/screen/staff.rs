//! A clinic's staff, for its administrators.

use doseline_client::ask::{
    AddStaff, AskForSecondFactor, Fault, OpenRequirement, OpenStaff, RemoveStaff, RenewFirstPassword,
};
use doseline_shared::{
    access::StaffRole,
    api::{
        account::{AddedStaff, FirstPassword, Me, Staff},
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
    page,
    route::Route,
    sentence, time,
    words::{say, t},
};

/// The roles that people hold, each with the test id of the tick that asks its holders for a second step.
const ROLES: [(StaffRole, &str); 4] = [
    (StaffRole::Nurse, "asked-nurse"),
    (StaffRole::Doctor, "asked-doctor"),
    (StaffRole::FrontDesk, "asked-front-desk"),
    (StaffRole::Administrator, "asked-administrator"),
];

/// What stands beside the list.
#[derive(Clone, PartialEq, Eq)]
enum Beside {
    /// The form.
    Form,
    /// The first password of the person of this name, which is shown once.
    Made(String, FirstPassword),
    /// That the person of this name has a password of their own.
    Known(String),
}

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    clinic: ClinicId,
    me: PersonId,
    name: RwSignal<String>,
    email: RwSignal<String>,
    role: RwSignal<String>,
    busy: RwSignal<bool>,
    beside: RwSignal<Beside>,
    removing: RwSignal<Option<PersonId>>,
    fault: RwSignal<Option<Fault>>,
    list_fault: RwSignal<Option<Fault>>,
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
        role: RwSignal::new("nurse".to_owned()),
        busy: RwSignal::new(false),
        beside: RwSignal::new(Beside::Form),
        removing: RwSignal::new(None),
        fault: RwSignal::new(None),
        list_fault: RwSignal::new(None),
    };
    view! {
        {piece::heading(t("staff-title"), Some((t("back-to-worklist"), Route::Clinic(clinic).path())))}
        <div class="columns">
            <section aria-labelledby="staff-list-title">
                <h2 id="staff-list-title">{t("staff-list-title")}</h2>
                {piece::fault_line(acting.list_fault)}
                {shown(staff, move |all: &Vec<Staff>| {
                    let rows: Vec<AnyView> = all.iter().map(|one| row(acting, one)).collect();
                    view! { <ul class="rows">{rows}</ul> }.into_any()
                })}
            </section>
            {move || match acting.beside.get() {
                Beside::Form => add(acting, None),
                Beside::Made(name, first) => made(acting, &name, &first),
                Beside::Known(name) => add(acting, Some(say("staff-known", &[("name", &name)]))),
            }}
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
    let first = one.first_password.map(|until| {
        let date = time::moment(until);
        let words = if until <= page::now() {
            t("first-password-over")
        } else {
            say("first-password-until", &[("time", &date)])
        };
        view! { <span class="row-how" data-test="staff-first-password">{words}</span> }
    });
    let renew = one.first_password.map(|_| {
        let (name, read) = (
            one.name.clone(),
            say("first-password-renew-read", &[("name", &one.name)]),
        );
        piece::button_for(
            "button small",
            "first-password-renew",
            t("first-password-renew"),
            read,
            move || {
                renew(acting, person, name.clone());
            },
        )
    });
    view! {
        <li class="row" class:two-acts=one.first_password.is_some() data-test="staff-row" data-name=one.name.clone()>
            <span class="row-what">
                <span class="row-name">{one.name.clone()}</span>
                <span class="row-how">{sentence::role(one.role)}" · "{one.email.clone()}</span>
                {first}
            </span>
            <span class="row-state">{renew}{act}</span>
        </li>
    }
    .into_any()
}

/// What was made, for as long as nobody says that it is handed over.
fn made(acting: Acting, name: &str, first: &FirstPassword) -> AnyView {
    let (words, until) = (
        say("first-password-words", &[("name", name)]),
        say("first-password-until", &[("time", &time::moment(first.until))]),
    );
    let (password, to_copy) = (first.password.clone(), first.password.clone());
    view! {
        <section aria-labelledby="first-password-title">
            <div class="card form" role="status">
                <h2 id="first-password-title">{say("first-password-title", &[("name", name)])}</h2>
                <p>{words}</p>
                <p class="code" data-test="first-password">{password}</p>
                <p class="soft">{until}</p>
                <div class="acts">
                    {piece::button("button", "first-password-copy", t("first-password-copy"), move || page::copy(&to_copy))}
                    {piece::button("button main", "first-password-kept", t("first-password-kept"), move || {
                        acting.beside.set(Beside::Form);
                    })}
                </div>
            </div>
        </section>
    }
    .into_any()
}

fn renew(acting: Acting, person: PersonId, name: String) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    spawn_local(async move {
        let clinic = acting.clinic;
        let answer = host::ask(RenewFirstPassword { clinic, person }).await;
        acting.busy.set(false);
        match answer {
            Ok(first) => {
                acting.list_fault.set(None);
                acting.beside.set(Beside::Made(name, first));
            }
            Err(fault) => acting.list_fault.set(Some(fault)),
        }
        acting.app.touch();
    });
}

fn add(acting: Acting, said: Option<String>) -> AnyView {
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
            <div role="status">{said.map(|said| view! { <p data-test="staff-known">{said}</p> })}</div>
            <p class="soft">{t("staff-add-words")}</p>
            <form class="card form" on:submit=move |event| { event.prevent_default(); create(acting); }>
                {piece::field_of("staff-name", "name", acting.fault, t("full-name"), None, Kind::TEXT.required(), acting.name)}
                {piece::field_of("staff-email", "email", acting.fault, t("email"), None, email, acting.email)}
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
            role,
        })
        .await;
        acting.busy.set(false);
        match answer {
            Ok(AddedStaff { staff, first_password }) => {
                for field in [acting.name, acting.email] {
                    field.set(String::new());
                }
                acting.fault.set(None);
                acting.beside.set(match first_password {
                    Some(first) => Beside::Made(staff.name, first),
                    None => Beside::Known(staff.name),
                });
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
                acting.list_fault.set(None);
                acting.app.touch();
            }
            Err(fault) => acting.list_fault.set(Some(fault)),
        }
    });
}
