//! The second factor: setting it up, signing in with it, losing it, and a clinic that asks for it.

use chrono::TimeDelta;
use doseline_backend::{
    account::second_factor,
    fault::Fault,
    random,
    store::{self, Tx},
};
use doseline_shared::id::DeviceId;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use crate::world::{PASSWORD, Reply, Someone, World, email, log_stock, put_medication};

const PATH: &str = "/v1/me/second-factor";

/// An authenticator app.
struct App(Totp);

impl App {
    fn code(&self, world: &World) -> String {
        let now = u64::try_from(world.now().timestamp()).unwrap();
        self.0.generate(now).to_string()
    }

    /// The code after every one that was used.
    fn next(&self, world: &World) -> String {
        world.pass(TimeDelta::seconds(31));
        self.code(world)
    }
}

async fn begun(world: &World, who: &Someone) -> App {
    let begun: Value = world.post(PATH, who, json!({"password": PASSWORD})).await.ok();
    let key = begun["key"].as_str().unwrap();
    let uri = begun["uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/Doseline:") && uri.contains(&format!("secret={key}")),
        "{uri}"
    );
    let secret = Secret::try_from_base32(key).unwrap();
    App(Builder::new().with_secret(secret).build().unwrap())
}

/// Finishes the set-up with a code; the recovery codes.
async fn finished(world: &World, who: &Someone, code: &str) -> Vec<String> {
    let body = json!({"code": code});
    let codes: Value = world.post("/v1/me/second-factor/confirm", who, body).await.ok();
    let codes: Vec<String> = serde_json::from_value(codes["codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    codes
}

async fn set_up(world: &World, who: &Someone) -> (App, Vec<String>) {
    let app = begun(world, who).await;
    let codes = finished(world, who, &app.code(world)).await;
    (app, codes)
}

async fn sign_in(world: &World, name: &str, code: Option<&str>) -> Reply {
    let device: DeviceId = world.device();
    let body =
        json!({"email": email(name), "password": PASSWORD, "code": code, "device": {"id": device, "name": "Test"}});
    world.call("POST", "/v1/sessions", None, Some(body)).await
}

#[tokio::test]
async fn once_it_is_set_up_a_sign_in_needs_a_code_that_serves_once() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let state: Value = world.get(PATH, &ada).await.ok();
    assert_eq!(
        state,
        json!({"since": null, "recovery_codes_left": 0, "required": false})
    );
    assert_eq!(
        world
            .post(PATH, &ada, json!({"password": "wrong horse"}))
            .await
            .problem(),
        (401, "wrong_credentials")
    );

    // Begun and not finished, it is asked of nobody.
    let app = begun(&world, &ada).await;
    sign_in(&world, "Ada", None).await.ok::<Value>();
    let wrong = world
        .post("/v1/me/second-factor/confirm", &ada, json!({"code": "000000"}))
        .await;
    assert_eq!(wrong.problem(), (401, "second_factor_wrong"));
    let other = begun(&world, &ada).await;
    let used = other.code(&world);
    finished(&world, &ada, &used).await;
    assert_ne!(
        app.code(&world),
        other.code(&world),
        "a new beginning takes the place of the old one"
    );
    let app = other;
    assert_eq!(
        world.post(PATH, &ada, json!({"password": PASSWORD})).await.problem(),
        (409, "conflict")
    );
    let state: Value = world.get(PATH, &ada).await.ok();
    assert!(state["since"].is_string() && state["recovery_codes_left"] == 10);

    assert_eq!(
        sign_in(&world, "Ada", None).await.problem(),
        (401, "second_factor_needed")
    );
    assert_eq!(
        sign_in(&world, "Ada", Some("000000")).await.problem(),
        (401, "second_factor_wrong")
    );
    assert_eq!(
        sign_in(&world, "Ada", Some(&used)).await.problem(),
        (401, "second_factor_wrong"),
        "the code that finished the set-up is used up"
    );
    let next = app.next(&world);
    sign_in(&world, "Ada", Some(&next)).await.ok::<Value>();
    assert_eq!(
        sign_in(&world, "Ada", Some(&next)).await.problem(),
        (401, "second_factor_wrong")
    );
}

/// Codes that were made by a backend which kept them as plain digests go on to serve, each once.
#[tokio::test]
async fn a_recovery_code_of_before_serves_on() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    set_up(&world, &ada).await;
    let person = ada.person();
    let kept = random::digest(&[b"recovery code", person.uuid().as_bytes(), b"ABCDEFGHJK"]);
    let keep = async move |tx: &mut Tx| store::second_factor::keep_codes(tx, person, std::slice::from_ref(&kept)).await;
    world.running.app.store.write(keep).await.unwrap();
    sign_in(&world, "Ada", Some("abcde-fghjk")).await.ok::<Value>();
    let again = sign_in(&world, "Ada", Some("abcde-fghjk")).await;
    assert_eq!(again.problem(), (401, "second_factor_wrong"));
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_new_ones_void_the_old() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let (app, codes) = set_up(&world, &ada).await;
    sign_in(&world, "Ada", Some(&codes[0].to_lowercase()))
        .await
        .ok::<Value>();
    assert_eq!(
        sign_in(&world, "Ada", Some(&codes[0])).await.problem(),
        (401, "second_factor_wrong")
    );
    let state: Value = world.get(PATH, &ada).await.ok();
    assert_eq!(state["recovery_codes_left"], 9);

    let path = "/v1/me/second-factor/recovery-codes";
    assert_eq!(
        world.post(path, &ada, json!({"password": PASSWORD})).await.problem(),
        (401, "second_factor_needed")
    );
    let body = json!({"password": PASSWORD, "code": app.next(&world)});
    let fresh: Value = world.post(path, &ada, body).await.ok();
    assert_eq!(
        sign_in(&world, "Ada", Some(&codes[1])).await.problem(),
        (401, "second_factor_wrong")
    );
    sign_in(&world, "Ada", fresh["codes"][0].as_str()).await.ok::<Value>();

    // A new password takes a code too.
    let body = json!({"password": PASSWORD, "new": "a lamp that sings"});
    assert_eq!(
        world.post("/v1/me/password", &ada, body).await.problem(),
        (401, "second_factor_needed")
    );

    let path = "/v1/me/second-factor/remove";
    let body = json!({"password": "wrong horse", "code": fresh["codes"][1]});
    assert_eq!(world.post(path, &ada, body).await.problem(), (401, "wrong_credentials"));
    let body = json!({"password": PASSWORD, "code": fresh["codes"][1]});
    world.post(path, &ada, body).await.done();
    sign_in(&world, "Ada", None).await.ok::<Value>();
}

#[tokio::test]
async fn of_fifty_at_once_with_one_code_one_gets_in() {
    let world = World::with(|config| config.limits.sign_in_per_email = 1_000).await;
    let ada = world.sign_up("Ada", true).await;
    let (app, codes) = set_up(&world, &ada).await;
    for code in [codes[0].clone(), app.next(&world)] {
        let all = futures::future::join_all((0..50).map(|_| sign_in(&world, "Ada", Some(&code)))).await;
        let (inside, outside): (Vec<_>, Vec<_>) = all.into_iter().partition(|reply| reply.status == 201);
        assert_eq!((inside.len(), outside.len()), (1, 49));
        assert!(
            outside
                .iter()
                .all(|reply| reply.problem() == (401, "second_factor_wrong"))
        );
    }
}

#[tokio::test]
async fn guessing_codes_ends_after_a_few() {
    let world = World::with(|config| config.limits.sign_in_per_email = 5).await;
    let ada = world.sign_up("Ada", true).await;
    let (_, codes) = set_up(&world, &ada).await;
    for _ in 0..5 {
        assert_eq!(
            sign_in(&world, "Ada", Some("000000")).await.problem(),
            (401, "second_factor_wrong")
        );
    }
    assert_eq!(
        sign_in(&world, "Ada", Some(&codes[0])).await.problem(),
        (429, "too_many_attempts")
    );
    // And so it does for whoever has found a device signed in.
    let path = "/v1/me/second-factor/remove";
    for _ in 0..5 {
        let body = json!({"password": PASSWORD, "code": "000000"});
        assert_eq!(
            world.post(path, &ada, body).await.problem(),
            (401, "second_factor_wrong")
        );
    }
    let body = json!({"password": PASSWORD, "code": codes[0]});
    assert_eq!(world.post(path, &ada, body).await.problem(), (429, "too_many_attempts"));
}

#[tokio::test]
async fn an_operator_lets_someone_in_who_has_lost_app_and_codes() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    set_up(&world, &ada).await;
    let store = &world.running.app.store;
    let reset = async |address: String| second_factor::reset(store, &address, world.now()).await;
    assert_eq!(reset(email("Nobody")).await, Err(Fault::NotFound));
    assert_eq!(reset(email("Ada")).await, Ok(()));
    assert_eq!(world.get("/v1/me", &ada).await.problem(), (401, "signed_out"));
    sign_in(&world, "Ada", None).await.ok::<Value>();
    assert!(matches!(reset(email("Ada")).await, Err(Fault::Conflict { .. })));
}

#[tokio::test]
async fn whom_a_clinic_asks_for_one_can_do_nothing_before() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await;
    let desk = world.staff(clinic, &admin, "Desk", "front_desk").await;
    let path = format!("/v1/clinics/{clinic}/second-factor");
    let ask = json!({"roles": ["nurse", "nurse", "administrator"]});
    assert_eq!(
        world
            .call("PUT", &path, Some(&nurse), Some(ask.clone()))
            .await
            .problem(),
        (403, "forbidden")
    );
    // Whoever asks it of others has one first, or is asked too.
    let asked: Value = world.call("PUT", &path, Some(&admin), Some(ask)).await.ok();
    assert_eq!(asked, json!({"roles": ["administrator", "nurse"]}));

    let (patient, medication) = (nurse.person().uuid(), admin.person().uuid());
    let (patient, medication) = (
        patient.to_string().parse().unwrap(),
        medication.to_string().parse().unwrap(),
    );
    let stock = log_stock(
        random::id(world.now(), doseline_shared::id::StockEntryId::new),
        patient,
        medication,
        nurse.person(),
        nurse.device,
    );
    for operation in [stock, put_medication(medication, patient, 0, None)] {
        let push = json!({"operations": [{"id": uuid::Uuid::now_v7(), "body": operation}]});
        let pushed = world.post("/v1/sync/push", &nurse, push).await;
        assert_eq!(pushed.problem(), (403, "second_factor_required"));
    }
    for who in [&nurse, &admin] {
        for closed in ["/v1/sync/changes", &path, &format!("/v1/clinics/{clinic}/staff")] {
            assert_eq!(
                world.get(closed, who).await.problem(),
                (403, "second_factor_required"),
                "{closed}"
            );
        }
        let me: Value = world.get("/v1/me", who).await.ok();
        assert_eq!(me["second_factor_missing"], true);
        world.get("/v1/devices", who).await.ok::<Value>();
    }
    world.get("/v1/sync/changes", &desk).await.ok::<Value>();
    let signed_in: Value = sign_in(&world, "Nurse", None).await.ok();
    assert_eq!(signed_in["me"]["second_factor_missing"], true);

    let (_, codes) = set_up(&world, &nurse).await;
    world.get("/v1/sync/changes", &nurse).await.ok::<Value>();
    let me: Value = world.get("/v1/me", &nurse).await.ok();
    assert_eq!(me["second_factor_missing"], false);
    let state: Value = world.get(PATH, &nurse).await.ok();
    assert_eq!(state["required"], true);

    // Taken away again, it is asked for again.
    let body = json!({"password": PASSWORD, "code": codes[0]});
    world.post("/v1/me/second-factor/remove", &nurse, body).await.done();
    assert_eq!(
        world.get("/v1/sync/changes", &nurse).await.problem(),
        (403, "second_factor_required")
    );
    world.delete("/v1/sessions", &nurse).await.done();
}

#[tokio::test]
async fn whoever_sets_one_up_or_takes_it_away_may_end_all_other_sessions_by_it() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let other = world.sign_in("Ada").await;
    let app = begun(&world, &ada).await;
    let confirm = async |code: String, end_others: bool| {
        let body = json!({"code": code, "end_others": end_others});
        world.post("/v1/me/second-factor/confirm", &ada, body).await
    };
    let wrong = confirm("000000".to_owned(), true).await;
    assert_eq!(wrong.problem(), (401, "second_factor_wrong"));
    world.get("/v1/me", &other).await.ok::<Value>();
    let codes: Value = confirm(app.code(&world), true).await.ok();
    assert_eq!(world.get("/v1/me", &other).await.problem(), (401, "signed_out"));
    world.get("/v1/me", &ada).await.ok::<Value>();

    let session: Value = sign_in(&world, "Ada", codes["codes"][0].as_str()).await.ok();
    let other = Someone {
        token: session["access"].as_str().unwrap().to_owned(),
        ..other
    };
    let body = json!({"password": PASSWORD, "code": codes["codes"][1], "end_others": true});
    world.post("/v1/me/second-factor/remove", &ada, body).await.done();
    assert_eq!(world.get("/v1/me", &other).await.problem(), (401, "signed_out"));
    world.get("/v1/me", &ada).await.ok::<Value>();
    // Who does not ask for it keeps them.
    let other = world.sign_in("Ada").await;
    set_up(&world, &ada).await;
    world.get("/v1/me", &other).await.ok::<Value>();
}
