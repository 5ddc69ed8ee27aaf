//! First passwords: made by the backend, handed over, good for a few days and for nothing but choosing one's own.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use doseline_backend::{
    account::change_password,
    clinic::{self, NewClinic},
    http::{Access, routes},
    random,
    store::{self, Tx, person::Person},
};
use doseline_shared::{
    access::StaffRole,
    api::account::{AddedStaff, FirstPassword, Session, Staff},
    id::{ClinicId, PersonId},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    audit::Tail,
    world::{PASSWORD, Reply, Someone, World, email},
};

const PATH: &str = "/v1/me/password";

/// What is open to whoever has signed in with a first password.
const OPEN: [(&str, &str); 3] = [
    ("DELETE", "/v1/sessions"),
    ("GET", "/v1/me"),
    ("POST", "/v1/me/password"),
];

async fn change(world: &World, who: &Someone, old: &str, new: &str) -> Reply {
    world.post(PATH, who, json!({"password": old, "new": new})).await
}

async fn renew(world: &World, clinic: ClinicId, admin: &Someone, person: PersonId) -> Reply {
    let path = format!("/v1/clinics/{clinic}/staff/{person}/first-password");
    world.call("POST", &path, Some(admin), None).await
}

/// The clinic's staff as `who` is told, by name.
async fn listed(world: &World, clinic: ClinicId, who: &Someone, name: &str) -> Staff {
    let staff: Vec<Staff> = world.get(&format!("/v1/clinics/{clinic}/staff"), who).await.ok();
    staff.into_iter().find(|one| one.name == name).unwrap()
}

/// What was refused or done, from a trail.
async fn told(world: &World, trail: Uuid) -> Vec<String> {
    let events = Tail::default().news(world, &[trail]).await;
    events.into_iter().map(|event| event.outcome).collect()
}

#[tokio::test]
async fn whoever_has_a_first_password_can_do_nothing_but_choose_their_own() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let AddedStaff { staff, first_password } = world.hire(clinic, &admin, "Nurse", "nurse").await;
    let first = first_password.unwrap();
    assert_eq!(staff.first_password, Some(first.until));
    let (nurse, elsewhere) = (world.begin("Nurse", &first).await, world.begin("Nurse", &first).await);
    assert!(nurse.me.first_password);

    let mut open = BTreeSet::new();
    for route in routes() {
        match route.access {
            // No session is looked at, or that of a system.
            Access::Open | Access::HelloFirst | Access::ThisMachine | Access::System => continue,
            Access::Choosing => {
                open.insert((route.method, route.path));
                continue;
            }
            Access::SignedIn | Access::Enrolling | Access::TokenFirst => {}
        }
        let path: Vec<String> = route
            .path
            .split('/')
            .map(|part| match part {
                "{clinic}" => clinic.to_string(),
                part if part.starts_with('{') => staff.person.to_string(),
                part => part.to_owned(),
            })
            .collect();
        let body = matches!(route.method, "POST" | "PUT").then(|| json!({"operations": []}));
        let reply = world.call(route.method, &path.join("/"), Some(&nurse), body).await;
        let expected = (403, "own_password_required");
        assert_eq!(reply.problem(), expected, "{} {}", route.method, route.path);
    }
    assert_eq!(open, BTreeSet::from(OPEN));
    assert_eq!(world.hello(&nurse.token).await.next().await, json!({"closed": 1001}));
    let told = told(&world, staff.person.uuid()).await;
    assert!(told.contains(&"own_password_required".to_owned()), "{told:?}");

    for (new, why) in [(first.password.as_str(), "the same"), ("password1", "an easy one")] {
        let refused = change(&world, &nurse, &first.password, new).await;
        assert_eq!(refused.problem(), (422, "invalid_field"), "{why}");
        assert_eq!(refused.body["field"], "new");
    }
    let wrong = change(&world, &nurse, "wrong horse", PASSWORD).await;
    assert_eq!(wrong.problem(), (401, "wrong_credentials"));
    change(&world, &nurse, &first.password, PASSWORD).await.done();

    let me: Value = world.get("/v1/me", &nurse).await.ok();
    assert_eq!(me["first_password"], false);
    world.get("/v1/sync/changes", &nurse).await.ok::<Value>();
    world.listen(&nurse).await;
    assert_eq!(world.get("/v1/me", &elsewhere).await.problem(), (401, "signed_out"));
    let again = world.try_sign_in("Nurse", &first.password, nurse.device).await;
    assert_eq!(again.problem(), (401, "wrong_credentials"));
    assert_eq!(listed(&world, clinic, &admin, "Nurse").await.first_password, None);
    // It is an ordinary one now, and no calendar ends it.
    world.pass(TimeDelta::days(400));
    assert!(!world.sign_in("Nurse").await.me.first_password);
}

#[tokio::test]
async fn a_first_password_ends_and_an_administrator_makes_another() {
    let world = World::with(|config| config.limits.first_password_days = 2).await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let hired = world.hire(clinic, &admin, "Nurse", "nurse").await;
    let (nurse, first) = (hired.staff.person, hired.first_password.unwrap());
    let begun = world.begin("Nurse", &first).await;
    let doctor = world.staff(clinic, &admin, "Doctor", "doctor").await;
    assert_eq!(
        listed(&world, clinic, &admin, "Nurse").await.first_password,
        Some(first.until)
    );
    assert_eq!(
        listed(&world, clinic, &doctor, "Nurse").await.first_password,
        None,
        "who has not come yet is told to administrators alone"
    );
    assert_eq!(
        renew(&world, clinic, &doctor, nurse).await.problem(),
        (403, "forbidden")
    );

    world.pass(TimeDelta::hours(47));
    let admin = world.sign_in("Admin").await;
    world.begin("Nurse", &first).await;
    world.pass(TimeDelta::hours(1));
    let device = world.device();
    let over = world.try_sign_in("Nurse", &first.password, device).await;
    assert_eq!(over.problem(), (401, "first_password_ended"));
    let wrong = world.try_sign_in("Nurse", "wrong horse", device).await;
    assert_eq!(
        wrong.problem(),
        (401, "wrong_credentials"),
        "its end is told to nobody else"
    );
    // Nor can it be changed where somebody had signed in with it in time.
    let body = json!({"refresh": begun.refresh});
    let session: Session = world.call("POST", "/v1/sessions/refresh", None, Some(body)).await.ok();
    assert!(session.me.first_password);
    let begun = Someone {
        token: session.access,
        ..begun
    };
    let refused = change(&world, &begun, &first.password, PASSWORD).await;
    assert_eq!(refused.problem(), (401, "first_password_ended"));

    let admin = Someone {
        token: world.sign_in("Admin").await.token,
        ..admin
    };
    let reply = renew(&world, clinic, &admin, nurse).await;
    assert_eq!(reply.status, 201);
    let second: FirstPassword = reply.ok();
    assert_ne!(second.password, first.password);
    assert_eq!(world.get("/v1/me", &begun).await.problem(), (401, "signed_out"));
    let old = world.try_sign_in("Nurse", &first.password, device).await;
    assert_eq!(old.problem(), (401, "wrong_credentials"));
    world.choose("Nurse", Some(second)).await;
    world.sign_in("Nurse").await;

    let acts = told(&world, clinic.uuid()).await;
    assert_eq!(
        acts,
        ["clinic_founded", "staff_added", "staff_added", "first_password_made"]
    );
    let own = told(&world, nurse.uuid()).await;
    for what in ["signed_in", "first_password_ended", "password_changed"] {
        assert!(own.contains(&what.to_owned()), "{what} is not in {own:?}");
    }
}

#[tokio::test]
async fn an_administrator_does_not_get_into_an_account_whose_person_has_chosen_a_password() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let app = &world.running.app;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await.person();
    let closed = async |person: PersonId| {
        let reply = renew(&world, clinic, &admin, person).await;
        assert_eq!(reply.problem(), (409, "conflict"));
    };
    closed(nurse).await;
    closed(admin.person()).await;
    // Not either while an operator's is on its way to them.
    let reset = async |name: &str| {
        change_password::reset(&app.store, &app.passwords, &app.limits, &email(name), world.now())
            .await
            .unwrap()
    };
    let first = reset("Nurse").await;
    closed(nurse).await;
    assert_eq!(listed(&world, clinic, &admin, "Nurse").await.first_password, None);
    world.choose("Nurse", Some(first)).await;
    closed(nurse).await;

    // Whoever had an account before the clinic was founded for them.
    let bola = world.sign_up("Bola", false).await;
    let request = NewClinic {
        name: "Unity".to_owned(),
        admin_name: "Bola".to_owned(),
        admin_email: email("Bola"),
        existing_account: true,
    };
    let unity = clinic::found(&app.store, &app.passwords, &app.limits, &world.clock(), request)
        .await
        .unwrap()
        .clinic;
    let second = world.staff(unity, &bola, "Second", "administrator").await;
    let reply = renew(&world, unity, &second, bola.person()).await;
    assert_eq!(reply.problem(), (409, "conflict"));

    // Who comes back signs in as before; who never came gets another first password.
    let gone = async |person: PersonId| {
        let path = format!("/v1/clinics/{clinic}/staff/{person}");
        world.delete(&path, &admin).await.done();
        let refused = renew(&world, clinic, &admin, person).await;
        assert_eq!(refused.problem(), (404, "not_found"));
    };
    gone(nurse).await;
    assert_eq!(world.hire(clinic, &admin, "Nurse", "nurse").await.first_password, None);
    world.sign_in("Nurse").await;
    let desk = world.hire(clinic, &admin, "Desk", "front_desk").await;
    let (desk, first) = (desk.staff.person, desk.first_password.unwrap());
    gone(desk).await;
    let second = world.hire(clinic, &admin, "Desk", "front_desk").await.first_password;
    let old = world.try_sign_in("Desk", &first.password, world.device()).await;
    assert_eq!(old.problem(), (401, "wrong_credentials"));
    assert!(world.begin("Desk", &second.unwrap()).await.me.first_password);
    // An operator's takes nothing from the clinic where nobody has chosen one.
    reset("Desk").await;
    let third: FirstPassword = renew(&world, clinic, &admin, desk).await.ok();
    world.choose("Desk", Some(third)).await;
    closed(desk).await;
}

/// Staff whose first password an administrator chose, before first passwords were known.
#[tokio::test]
async fn an_account_of_before_goes_on_as_it_was() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let app = &world.running.app;
    let (now, hash) = (world.now(), app.passwords.hash(PASSWORD.to_owned()).await.unwrap());
    let nurse = Person {
        id: random::id(now, PersonId::new),
        name: "Nurse".to_owned(),
        email: email("Nurse"),
        password_hash: hash,
        created: now,
        first: None,
    };
    let keep = async move |tx: &mut Tx| {
        store::person::insert(tx, &nurse).await?;
        store::clinic::add_staff(tx, clinic, nurse.id, StaffRole::Nurse, now).await?;
        Ok::<_, store::StoreError>(nurse.id)
    };
    let nurse = app.store.write(keep).await.unwrap();
    assert_eq!(renew(&world, clinic, &admin, nurse).await.problem(), (409, "conflict"));
    world.pass(TimeDelta::days(400));
    let signed_in = world.sign_in("Nurse").await;
    assert!(!signed_in.me.first_password);
    world.get("/v1/sync/changes", &signed_in).await.ok::<Value>();
}
