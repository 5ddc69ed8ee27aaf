//! Accounts: signing up and in, staying signed in, and being signed out.

use chrono::TimeDelta;
use doseline_backend::{
    account::change_password,
    clinic::{self, NewClinic},
    fault::Fault,
};
use doseline_shared::api::account::Session;
use serde_json::{Value, json};

use crate::world::{PASSWORD, Someone, World, email};

#[tokio::test]
async fn a_patient_signs_up_and_is_known_on_a_second_device() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let again = world.sign_in("ADA").await;
    assert_eq!(again.me, ada.me);
    assert!(ada.me.patient.is_some());
    let me: Value = world.get("/v1/me", &again).await.ok();
    assert_eq!(me["email"], email("Ada"));
    let taken = json!({"name": "Ada", "email": "Ada@TEST.example ", "password": PASSWORD, "zone": "Africa/Lagos",
        "as_patient": true, "device": {"id": ada.device, "name": "Test"}});
    let reply = world.call("POST", "/v1/accounts", None, Some(taken)).await;
    assert_eq!(reply.problem(), (409, "email_taken"));
}

#[tokio::test]
async fn fields_that_hold_what_they_must_not_are_named() {
    let world = World::new().await;
    let body = |name: &str, email: &str, password: &str, device: &str| {
        json!({"name": name, "email": email, "password": password, "zone": "Africa/Lagos", "as_patient": true,
            "device": {"id": "01890000-0000-7000-8000-000000000001", "name": device}})
    };
    let cases = [
        (body(" ", "a@b", PASSWORD, "d"), "name"),
        (body("Ada", "nobody", PASSWORD, "d"), "email"),
        (body("Ada", "a@b", "short", "d"), "password"),
        (body("Ada", "a@b", PASSWORD, ""), "device.name"),
    ];
    for (body, field) in cases {
        let reply = world.call("POST", "/v1/accounts", None, Some(body)).await;
        assert_eq!(reply.problem(), (422, "invalid_field"));
        assert_eq!(reply.body["field"], field);
    }
    let mut unknown = body("Ada", "a@b", PASSWORD, "d");
    unknown["device"]["model"] = json!("x");
    let reply = world.call("POST", "/v1/accounts", None, Some(unknown)).await;
    assert_eq!(
        (reply.problem().1, &reply.body["field"]),
        ("invalid_field", &json!("device.model"))
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_email_are_answered_alike() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let wrong = world.try_sign_in("Ada", "wrong horse", ada.device).await;
    let unknown = world.try_sign_in("Nobody", "wrong horse", ada.device).await;
    assert_eq!(wrong.problem(), (401, "wrong_credentials"));
    assert_eq!(wrong.body, unknown.body);
}

#[tokio::test]
async fn attempts_are_limited_by_account_and_the_limit_passes() {
    let world = World::with(|config| config.limits.sign_in_per_email = 3).await;
    let ada = world.sign_up("Ada", true).await;
    world.sign_up("Bola", true).await;
    for _ in 0..3 {
        let reply = world.try_sign_in("Ada", "wrong horse", ada.device).await;
        assert_eq!(reply.problem(), (401, "wrong_credentials"));
    }
    let refused = world.try_sign_in("Ada", PASSWORD, ada.device).await;
    assert_eq!(refused.problem(), (429, "too_many_attempts"));
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(refused.body["retry_after"], wait);
    world.sign_in("Bola").await;
    world.pass(TimeDelta::seconds(wait + 1));
    world.sign_in("Ada").await;
}

#[tokio::test]
async fn attempts_that_run_side_by_side_do_not_pass_the_limit() {
    let world = World::with(|config| config.limits.sign_in_per_email = 3).await;
    let ada = world.sign_up("Ada", true).await;
    let tries = (0..12).map(|_| world.try_sign_in("Ada", "wrong horse", ada.device));
    let replies = futures::future::join_all(tries).await;
    let checked = replies.iter().filter(|reply| reply.status == 401).count();
    assert_eq!(checked, 3);
}

#[tokio::test]
async fn attempts_are_limited_by_address_behind_a_proxy_too() {
    let world = World::with(|config| {
        config.limits.sign_in_per_address = 2;
        config.trust_forwarded_for = true;
    })
    .await;
    let from = |address: &str| {
        axum::http::Request::builder()
            .method("POST")
            .uri("/v1/sessions")
            .header("content-type", "application/json")
            // What a client writes itself stands before what the proxy adds.
            .header(
                "x-forwarded-for",
                format!("198.51.100.{}, {address}", crate::world::number()),
            )
            .body(axum::body::Body::from(
                json!({"email": format!("n{}@x.example", crate::world::number()), "password": "wrong horse",
                    "device": {"id": "01890000-0000-7000-8000-000000000001", "name": "x"}})
                .to_string(),
            ))
            .unwrap()
    };
    for _ in 0..2 {
        assert_eq!(world.send(from("203.0.113.7")).await.status, 401);
    }
    assert_eq!(world.send(from("203.0.113.7")).await.status, 429);
    assert_eq!(world.send(from("203.0.113.8")).await.status, 401);
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_its_reuse_ends_the_family() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let other = world.sign_in("Ada").await;
    let refresh = async |token: &str| {
        let body = json!({"refresh": token});
        world.call("POST", "/v1/sessions/refresh", None, Some(body)).await
    };
    let second: Value = refresh(&ada.refresh).await.ok();
    let third: Value = refresh(second["refresh"].as_str().unwrap()).await.ok();
    assert_ne!(second["refresh"], third["refresh"]);
    world.get("/v1/me", &ada).await.ok::<Value>();

    // Somebody has the first token still.
    assert_eq!(refresh(&ada.refresh).await.problem(), (401, "signed_out"));
    assert_eq!(
        refresh(third["refresh"].as_str().unwrap()).await.problem(),
        (401, "signed_out")
    );
    assert_eq!(world.get("/v1/me", &ada).await.problem(), (401, "signed_out"));
    world.get("/v1/me", &other).await.ok::<Value>();
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_is_answered_again_until_that_answer_is_used() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let refresh = async |token: &Value, retry: &str| {
        let body = json!({"refresh": token, "retry": retry});
        world.call("POST", "/v1/sessions/refresh", None, Some(body)).await
    };
    let (first, retry) = (json!(ada.refresh), "chosen-on-the-device");
    let asked: Vec<Value> = futures::future::join_all((0..4).map(|_| refresh(&first, retry)))
        .await
        .into_iter()
        .map(|reply| reply.ok())
        .collect();
    assert!(asked.iter().all(|answer| answer["refresh"] == asked[0]["refresh"]));
    world.get("/v1/me", &ada).await.ok::<Value>();
    // Once the answer was used, the same request again comes from someone who has copied it.
    refresh(&asked[0]["refresh"], "another-text-of-hers")
        .await
        .ok::<Value>();
    assert_eq!(refresh(&first, retry).await.problem(), (401, "signed_out"));
    assert_eq!(world.get("/v1/me", &ada).await.problem(), (401, "signed_out"));

    // Another text is another request: a reuse at once.
    let bola = world.sign_up("Bola", true).await;
    refresh(&json!(bola.refresh), retry).await.ok::<Value>();
    assert_eq!(
        refresh(&json!(bola.refresh), "somebody-elses-text").await.problem(),
        (401, "signed_out")
    );
    assert_eq!(world.get("/v1/me", &bola).await.problem(), (401, "signed_out"));
}

#[tokio::test]
async fn a_sign_in_ends_what_the_same_device_had_before() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let elsewhere = world.sign_in("Ada").await;
    let again: Session = world.try_sign_in("Ada", PASSWORD, ada.device).await.ok();
    assert_eq!(world.get("/v1/me", &ada).await.problem(), (401, "signed_out"));
    let refresh = json!({"refresh": ada.refresh});
    let refused = world.call("POST", "/v1/sessions/refresh", None, Some(refresh)).await;
    assert_eq!(refused.problem(), (401, "signed_out"));
    let ada = Someone {
        token: again.access,
        ..ada
    };
    for who in [&ada, &elsewhere] {
        assert_eq!(world.get("/v1/me", who).await.status, 200);
    }
}

#[tokio::test]
async fn of_fifty_at_once_with_one_refresh_token_one_gets_the_next() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let refresh = || {
        let body = json!({"refresh": ada.refresh});
        world.call("POST", "/v1/sessions/refresh", None, Some(body))
    };
    let all = futures::future::join_all((0..50).map(|_| refresh())).await;
    let got = all.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(got, 1);
    assert!(all.iter().all(|reply| matches!(reply.status.as_u16(), 200 | 401)));
}

/// One person asks too much on all their devices together, and waits; nobody else does.
#[tokio::test]
async fn a_person_who_asks_too_often_waits_and_nobody_else_does() {
    let world = World::with(|config| config.limits.requests_per_minute = 30).await;
    let (ada, bola) = (world.sign_up("Ada", true).await, world.sign_up("Bola", true).await);
    let again = world.sign_in("Ada").await;
    for _ in 0..15 {
        assert_eq!(world.get("/v1/me", &ada).await.status, 200);
        assert_eq!(world.get("/v1/me", &again).await.status, 200);
    }
    for who in [&ada, &again] {
        let refused = world.get("/v1/me", who).await;
        assert_eq!(refused.problem(), (429, "too_many_attempts"));
        assert_eq!(refused.headers["retry-after"], "2");
    }
    let push = world.post("/v1/sync/push", &ada, json!({"operations": []})).await;
    assert_eq!(push.problem(), (429, "too_many_attempts"));
    assert_eq!(world.get("/v1/me", &bola).await.status, 200);
    world.pass(TimeDelta::seconds(2));
    assert_eq!(world.get("/v1/me", &ada).await.status, 200);
}

#[tokio::test]
async fn an_access_token_serves_for_fifteen_minutes() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    world.pass(TimeDelta::minutes(14));
    world.get("/v1/me", &ada).await.ok::<Value>();
    world.pass(TimeDelta::minutes(2));
    assert_eq!(world.get("/v1/me", &ada).await.problem(), (401, "signed_out"));
    let body = json!({"refresh": ada.refresh});
    let reply = world.call("POST", "/v1/sessions/refresh", None, Some(body)).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_lost_device_is_ended_at_once_and_signing_out_ends_only_here() {
    let world = World::new().await;
    let here = world.sign_up("Ada", true).await;
    let lost = world.sign_in("Ada").await;
    let mut hints = world.listen(&lost).await;
    let devices: Value = world.get("/v1/devices", &here).await.ok();
    let current: Vec<_> = devices
        .as_array()
        .unwrap()
        .iter()
        .filter(|device| device["current"] == true)
        .collect();
    assert_eq!(devices.as_array().unwrap().len(), 2);
    assert_eq!(current[0]["id"], json!(here.device));

    // Whoever has found the other device signed in does not know the password.
    let guess = world
        .post(
            &format!("/v1/devices/{}/end", here.device),
            &lost,
            json!({"password": "wrong horse"}),
        )
        .await;
    assert_eq!(guess.problem(), (401, "wrong_credentials"));
    world.get("/v1/me", &here).await.ok::<Value>();
    world.end_device(&here, lost.device).await.done();
    assert_eq!(world.get("/v1/me", &lost).await.problem(), (401, "signed_out"));
    assert_eq!(hints.next().await, json!({"closed": 4401}));
    let third = world.sign_in("Ada").await;
    world.delete("/v1/sessions", &here).await.done();
    assert_eq!(world.get("/v1/me", &here).await.problem(), (401, "signed_out"));
    world.get("/v1/me", &third).await.ok::<Value>();
}

#[tokio::test]
async fn a_client_of_another_version_is_told_so_and_every_answer_states_ours() {
    let world = World::new().await;
    for (path, version) in [
        ("/v1/me", None),
        ("/v1/nothing", None),
        ("/v1/me", Some("2")),
        ("/healthz", Some("1")),
    ] {
        let mut request = axum::http::Request::builder().uri(path);
        if let Some(version) = version {
            request = request.header("doseline-api", version);
        }
        let reply = world.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(reply.headers["doseline-api"], "1", "{path}");
        if version == Some("2") {
            assert_eq!(reply.problem(), (400, "other_version"));
        }
    }
}

#[tokio::test]
async fn staff_are_added_and_removed_by_an_administrator_at_once() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await;
    let staff: Value = world.get(&format!("/v1/clinics/{clinic}/staff"), &nurse).await.ok();
    assert_eq!(staff.as_array().unwrap().len(), 2);
    let gone = format!("/v1/clinics/{clinic}/staff/{}", nurse.person());
    world.delete(&gone, &admin).await.done();
    assert_eq!(
        world.get(&format!("/v1/clinics/{clinic}/staff"), &nurse).await.status,
        404
    );
    let last = format!("/v1/clinics/{clinic}/staff/{}", admin.person());
    assert_eq!(world.delete(&last, &admin).await.problem(), (409, "conflict"));
    // Someone who worked here comes back with the account that they have; a stranger's account is not drawn in.
    world.staff(clinic, &admin, "Nurse", "doctor").await;
    world.sign_up("Bola", true).await;
    let body = json!({"name": "Bola", "email": email("Bola"), "role": "nurse"});
    let reply = world.post(&format!("/v1/clinics/{clinic}/staff"), &admin, body).await;
    assert_eq!(reply.problem(), (409, "email_taken"));
}

#[tokio::test]
async fn a_sign_in_ends_by_its_age_and_by_silence_sooner_for_staff() {
    let world = World::with(|config| {
        config.limits.staff_session_hours = 50;
        config.limits.staff_idle_hours = 24;
        config.limits.session_days = 10;
        config.limits.idle_days = 4;
    })
    .await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await;
    let silent = world.sign_in("Nurse").await;
    let refresh = async |token: &str| {
        let body = json!({"refresh": token});
        world.call("POST", "/v1/sessions/refresh", None, Some(body)).await
    };
    let next = async |token: &mut String, after: TimeDelta| {
        world.pass(after);
        let reply = refresh(token).await;
        let status = reply.status.as_u16();
        if status == 200 {
            *token = reply.body["refresh"].as_str().unwrap().to_owned();
        }
        status
    };
    let mut token = nurse.refresh;
    assert_eq!(next(&mut token, TimeDelta::hours(23)).await, 200);
    assert_eq!(next(&mut token, TimeDelta::hours(23)).await, 200);
    assert_eq!(
        refresh(&silent.refresh).await.problem(),
        (401, "signed_out"),
        "silent for 46 hours"
    );
    assert_eq!(
        next(&mut token, TimeDelta::hours(5)).await,
        401,
        "signed in for 51 hours"
    );
    // It is over for good, and so is its place among the devices.
    let nurse = world.sign_in("Nurse").await;
    let devices: Value = world.get("/v1/devices", &nurse).await.ok();
    assert_eq!(devices.as_array().unwrap().len(), 1);

    let mut token = world.sign_up("Ada", true).await.refresh;
    for _ in 0..2 {
        assert_eq!(next(&mut token, TimeDelta::days(3)).await, 200);
    }
    assert_eq!(next(&mut token, TimeDelta::days(4)).await, 401, "silent for 4 days");
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let other = world.sign_in("Ada").await;
    let change = async |old: &str, new: &str| {
        let body = json!({"password": old, "new": new});
        world.post("/v1/me/password", &ada, body).await
    };
    assert_eq!(
        change("wrong horse", "a lamp that sings").await.problem(),
        (401, "wrong_credentials")
    );
    let easy = change(PASSWORD, "password1").await;
    assert_eq!(
        (easy.problem(), &easy.body["field"]),
        ((422, "invalid_field"), &json!("new"))
    );
    change(PASSWORD, "a lamp that sings").await.done();
    world.get("/v1/me", &ada).await.ok::<Value>();
    assert_eq!(world.get("/v1/me", &other).await.problem(), (401, "signed_out"));
    let device = world.device();
    assert_eq!(
        world.try_sign_in("Ada", PASSWORD, device).await.problem(),
        (401, "wrong_credentials")
    );
    world
        .try_sign_in("Ada", "a lamp that sings", device)
        .await
        .ok::<Value>();

    // An operator gives one to somebody who has lost theirs.
    let app = &world.running.app;
    let reset = async |name: &str| {
        change_password::reset(&app.store, &app.passwords, &app.limits, &email(name), world.now()).await
    };
    let first = reset("Ada").await.unwrap();
    assert_eq!(world.get("/v1/me", &ada).await.problem(), (401, "signed_out"));
    world.choose("Ada", Some(first)).await;
    world.sign_in("Ada").await;
    assert_eq!(reset("Nobody").await, Err(Fault::NotFound));
}

#[tokio::test]
async fn nobody_becomes_an_administrator_by_having_signed_up_with_their_email() {
    let world = World::new().await;
    world.sign_up("Chief", false).await;
    let found = async |existing_account: bool| {
        let request = NewClinic {
            name: "Harmony".to_owned(),
            admin_name: "Chief".to_owned(),
            admin_email: email("Chief"),
            existing_account,
        };
        let app = &world.running.app;
        clinic::found(&app.store, &app.passwords, &app.limits, &world.clock(), request).await
    };
    let refused = found(false).await.err().unwrap();
    assert!(refused.to_string().contains("--existing-account"), "{refused}");
    assert!(clinic::list(&world.running.app.store).await.unwrap().is_empty());
    assert_eq!(found(true).await.unwrap().first_password, None);
}
