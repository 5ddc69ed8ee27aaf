//! A clinic connects a hospital's system, which reads by HTTP what the key opens; the patient sees that it did; the clinic
//! ends the key.

use std::time::Duration;

use doseline_shared::api::{
    invitation::{Code, INVITATIONS, Invitation, NewInvitation, REDEEM, Redeemed},
    partner::{AccessToken, KeyForToken, PATIENTS, Patients, SHORT_TOKEN},
};
use doseline_tests::{
    account::{self, Account},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};
use reqwest::StatusCode;

use crate::{beside_others, screens::gallery::Gallery, second_factor::sign_in};

const ADMIN: &str = "chief@systems.example";
const ADA: &str = "ada@systems.example";
const CARD: &str = r#"[data-test="system-card"][data-name="Hospital records"]"#;

on_both_engines!(a_clinic_connects_a_system_and_the_patient_sees_what_it_has_read);

async fn a_clinic_connects_a_system_and_the_patient_sees_what_it_has_read(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    backend.found_clinic("Chief Admin", ADMIN).await;
    let mut gallery = Gallery::default();
    let pictures = engine == Engine::Embedded;
    let desk = Browser::start().await;
    desk.go(&backend.url()).await;
    sign_in(&desk, ADMIN).await;
    desk.screen("clinic").await;
    join(&backend).await;
    let ada = Browser::start().await;
    ada.go(&backend.url()).await;
    sign_in(&ada, ADA).await;
    ada.screen("today").await;

    desk.press("go-systems").await;
    desk.screen("systems").await;
    desk.see("systems-none").await;
    if pictures {
        gallery.state(&desk, "systems-none").await;
    }
    // A name of nothing but a space.
    desk.fill("system-name", " ").await;
    desk.press("system-add").await;
    desk.find(r#"[data-test="system-name"][aria-invalid="true"]"#).await;
    desk.fill("system-name", "Hospital records").await;
    desk.choose("scope-schedule").await;
    desk.press("system-add").await;
    let key = desk.read("system-secret").await;
    desk.find(CARD).await;
    if pictures {
        gallery.state(&desk, "systems-key").await;
    }
    desk.press("system-secret-kept").await;
    desk.gone(r#"[data-test="system-secret"]"#, Duration::from_secs(5))
        .await;
    assert!(!desk.text().await.contains(&key), "the key is shown once");

    let token = token(&backend, &key).await.expect("the key serves");
    let seen = patients(&backend, &token).await.expect("it may");
    let names: Vec<&str> = seen.patients.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ada Obi"]);

    ada.go(&format!("{}/people", backend.url())).await;
    ada.press("go-audit").await;
    ada.screen("audit").await;
    ada.find(r#"[data-test="audit-row"][data-name="Hospital records"]"#)
        .await;
    assert!(ada.text().await.contains("a system of"));
    if pictures {
        ada.size(390, 844).await;
        gallery.state(&ada, "audit-system").await;
    }

    desk.press("back").await;
    desk.screen("clinic").await;
    desk.press("go-systems").await;
    desk.screen("systems").await;
    let used = desk.read("system-key-used").await;
    assert!(used.starts_with("Last used"), "{used}");
    desk.press("system-key-new").await;
    desk.see("system-key-leave").await;
    if pictures {
        gallery.state(&desk, "systems-new-key").await;
    }
    desk.press("system-key-leave").await;
    desk.press("system-key-end").await;
    desk.press("system-key-end-confirm").await;
    desk.gone(r#"[data-test="system-key"]"#, Duration::from_secs(10)).await;
    assert_eq!(self::token(&backend, &key).await.err(), Some(StatusCode::UNAUTHORIZED));
    let refused = patients(&backend, &token).await;
    assert_eq!(refused.err(), Some(StatusCode::UNAUTHORIZED));
    desk.press("system-end").await;
    desk.press("system-end-confirm").await;
    desk.see("systems-none").await;
    desk.held_its_tongue(&["422"]).await;
    ada.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}

/// Ada signs up and joins the clinic.
async fn join(backend: &Backend) {
    let admin = Account::sign_in(backend, ADMIN).await;
    let clinic = admin.session.me.staff.first().expect("it founded the clinic").clinic;
    let ada = Account::sign_up(backend, "Ada Obi", ADA, true).await;
    let code: Invitation = admin.post(INVITATIONS, &NewInvitation::JoinClinic { clinic }).await;
    let _: Redeemed = ada.post(REDEEM, &Code { code: code.code }).await;
}

/// What the key is exchanged for, or why it is not.
async fn token(backend: &Backend, key: &str) -> Result<String, StatusCode> {
    let body = KeyForToken {
        api_key: key.to_owned(),
        scope: None,
    };
    let request = account::client().post(format!("{}{SHORT_TOKEN}", backend.url()));
    let answer = request.json(&body).send().await.expect("the backend answers");
    if !answer.status().is_success() {
        return Err(answer.status());
    }
    let token: AccessToken = answer.json().await.expect("a token");
    Ok(token.access_token)
}

/// The patients that a token opens.
async fn patients(backend: &Backend, token: &str) -> Result<Patients, StatusCode> {
    let request = account::client().get(format!("{}{PATIENTS}", backend.url()));
    let answer = request.bearer_auth(token).send().await.expect("the backend answers");
    if !answer.status().is_success() {
        return Err(answer.status());
    }
    Ok(answer.json().await.expect("a list"))
}
