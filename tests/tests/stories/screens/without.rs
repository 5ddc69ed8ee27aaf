//! Empty, loading, offline, gone: screens with nothing on them but one thing to do.

use doseline_tests::{
    account::PASSWORD,
    backend::{Backend, Engine},
    browser::Browser,
};
use serde_json::Value;

use super::{gallery::Gallery, signed_in};
use crate::{
    beside_others,
    main_job::{add_twice_daily, sign_up, take_next},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_screen_says_what_to_do_first() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&url).await;
    sign_up(&ada, "Ada Obi", "ada@story.example", "sign-up-patient").await;
    ada.see("today-empty").await;
    gallery.state(&ada, "today-empty").await;
    ada.press("tab-medicines").await;
    ada.see("add-medicine").await;
    gallery.state(&ada, "medicines-empty").await;
    ada.go(&format!("{url}/nowhere")).await;
    ada.see("go-home").await;
    gallery.state(&ada, "unknown").await;
    ada.go(&format!("{url}/caregiver/0190a5e0-0000-7000-8000-000000000001"))
        .await;
    ada.see("gone").await;
    gallery.state(&ada, "gone").await;
    drop(ada);

    let chidi = Browser::start().await;
    chidi.go(&url).await;
    sign_up(&chidi, "Chidi Eze", "chidi@story.example", "sign-up-carer").await;
    chidi.see("caregiver-empty").await;
    gallery.state(&chidi, "caregiver-empty").await;
    chidi.held_its_tongue(&[]).await;
    drop(chidi);

    backend.found_clinic("Administrator", "admin@story.example").await;
    let admin = Browser::start().await;
    admin.go(&url).await;
    admin.fill("sign-in-email", "admin@story.example").await;
    admin.fill("sign-in-password", PASSWORD).await;
    admin.press("sign-in-submit").await;
    admin.screen("clinic").await;
    admin.see("worklist-empty").await;
    gallery.state(&admin, "clinic-empty").await;
    admin.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_network_each_screen_says_what_is_safe() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", "ada@story.example", "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-today").await;
    ada.find(r#"[data-test="network"][data-state="saved"]"#).await;

    ada.slow(120_000).await;
    ada.press("tab-settings").await;
    ada.find(".loading .bone").await;
    gallery.state_at(&ada, "loading", Some(".loading")).await;
    ada.press("tab-today").await;

    ada.offline(true).await;
    take_next(&ada).await;
    ada.find(r#"[data-test="row-unsent"]"#).await;
    ada.find(r#"[data-test="network"][data-state="unsent"]"#).await;
    ada.gone(r#"[data-test="undo-bar"]"#, std::time::Duration::from_secs(12))
        .await;
    gallery.state(&ada, "today-offline-unsent").await;
    gallery
        .state_at(&ada, "today-offline-row", Some(r#"[data-test="row-unsent"]"#))
        .await;
    ada.press("tab-settings").await;
    ada.see("try-again").await;
    gallery.state(&ada, "settings-offline").await;
    gallery
        .state_at(&ada, "settings-offline-devices", Some(r#"[data-test="try-again"]"#))
        .await;
    ada.press("tab-people").await;
    ada.screen("people").await;
    ada.press("invite-caregiver").await;
    ada.press("invitation-make").await;
    ada.see("fault").await;
    gallery.state(&ada, "people-offline").await;

    // A screen that was open before has to come to itself once the network is back.
    ada.press("tab-settings").await;
    ada.see("try-again").await;
    ada.offline(false).await;
    ada.find(r#"[data-test="device-row"]"#).await;
    ada.press("tab-today").await;
    ada.find(r#"[data-test="network"][data-state="saved"]"#).await;
    assert_eq!(ada.run("return navigator.onLine", vec![]).await, Value::Bool(true));
    gallery.assert_faultless();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_staff_of_a_clinic_and_the_devices_of_a_person_can_be_ended() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let admin = signed_in(&url, "admin@demo.example").await;
    admin.press("go-staff").await;
    admin.screen("staff").await;
    admin.see("staff-row").await;
    gallery.state(&admin, "staff").await;
    admin.fill("staff-name", "Bola Ade").await;
    admin.fill("staff-email", "ada@demo.example").await;
    admin.press("staff-add").await;
    admin.find(r#"[data-test="staff-email"][aria-invalid="true"]"#).await;
    gallery
        .state_at(&admin, "staff-email-taken", Some(r#"[data-test="staff-email"]"#))
        .await;
    admin.fill("staff-email", "second@demo.example").await;
    admin.press("staff-add").await;
    admin.see("first-password").await;
    let row = r#"[data-test="staff-row"][data-name="Amara Eze"]"#;
    admin.find(r#"[data-test="staff-row"]:nth-child(5)"#).await;
    admin.press_css(&format!(r#"{row} [data-test="staff-remove"]"#)).await;
    admin.see("staff-remove-confirm").await;
    gallery.state(&admin, "staff-remove").await;
    admin.press("staff-remove-confirm").await;
    admin.gone(row, std::time::Duration::from_secs(10)).await;
    admin.held_its_tongue(&["409"]).await;
    drop(admin);

    let ada = signed_in(&url, "ada@demo.example").await;
    ada.press("tab-settings").await;
    ada.press("device-revoke").await;
    ada.find(r#"[data-test="device-password"]:focus"#).await;
    ada.fill("device-password", "not hers").await;
    ada.press("device-revoke-confirm").await;
    ada.see("fault").await;
    gallery
        .state_at(&ada, "device-revoke", Some(r#"[data-test="device-revoke-confirm"]"#))
        .await;
    ada.fill("device-password", "demo-doseline").await;
    ada.press("device-revoke-confirm").await;
    ada.gone(
        r#"[data-test="device-row"][data-current="false"]"#,
        std::time::Duration::from_secs(10),
    )
    .await;
    ada.fill("help-name", "Chidi, my son").await;
    ada.fill("help-number", "ring him").await;
    ada.press("help-save").await;
    ada.find(r#"[data-test="help-number"][aria-invalid="true"]"#).await;
    gallery
        .state_at(&ada, "settings-help-wrong", Some(r#"[data-test="help-number"]"#))
        .await;
    ada.fill("help-number", "+234 803 555 0100").await;
    ada.press("help-save").await;
    ada.find(r#"[data-test="help-kept"]:not(:empty)"#).await;
    ada.choose("simple").await;
    ada.press("tab-help").await;
    ada.find(r#"[data-test="help-call"][href="tel:+2348035550100"]"#).await;
    ada.find(r#"[data-test="help-emergency-call"][href="tel:112"]"#).await;
    gallery
        .in_place(&ada, "help-named", super::gallery::Look::Simple, None)
        .await;
    let tabs = ada
        .run(
            "return [...document.querySelectorAll('nav a')].map(a => a.dataset.test).join(' ')",
            vec![],
        )
        .await;
    assert_eq!(
        tabs, "tab-today tab-help tab-medicines",
        "simple mode has three screens"
    );
    ada.held_its_tongue(&["401"]).await;
    gallery.assert_faultless();
}
