//! Codes: made with a picture to scan, shown before they are used, refused when they are used up or wrong.

use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
};

use super::{gallery::Gallery, signed_in};
use crate::{beside_others, main_job::sign_up};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_shown_before_it_is_used_and_refused_after() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = signed_in(&url, "ada@demo.example").await;
    ada.press("tab-people").await;
    ada.press("invite-caregiver").await;
    ada.see("invitation-make").await;
    gallery
        .state_at(&ada, "invite", Some(r#"[data-test="invitation-make"]"#))
        .await;
    ada.press("invitation-make").await;
    let code = ada.read("invitation-code").await.replace([' ', '-'], "");
    gallery
        .state_at(&ada, "invitation", Some(r#"[data-test="invitation-qr"]"#))
        .await;
    ada.press("invitation-done").await;
    ada.press_css(r#"[data-test="grant-row"][data-name="Chidi Obi"] [data-test="grant-end"]"#)
        .await;
    ada.see("grant-end-confirm").await;
    gallery
        .state_at(&ada, "grant-end", Some(r#"[data-test="grant-end-confirm"]"#))
        .await;
    ada.press("grant-end-confirm").await;
    let ended = r#"[data-test="grant-row"][data-name="Chidi Obi"][data-active="false"]"#;
    ada.find(ended).await;
    gallery.state_at(&ada, "grant-ended", Some(ended)).await;

    let eve = Browser::start().await;
    eve.go(&url).await;
    sign_up(&eve, "Eve Musa", "eve@story.example", "sign-up-carer").await;
    eve.press("go-join").await;
    eve.screen("join").await;
    gallery.state(&eve, "join").await;
    eve.fill("join-code", "ABCDEFGHJKMN").await;
    eve.press("join-check").await;
    eve.see("fault").await;
    gallery.state(&eve, "join-wrong-code").await;
    eve.fill("join-code", &code).await;
    eve.press("join-check").await;
    eve.see("join-offer").await;
    gallery.state(&eve, "join-offer").await;
    eve.press("join-submit").await;
    eve.see("join-done").await;
    gallery.state(&eve, "join-done").await;
    eve.go(&format!("{url}/join?code={code}")).await;
    eve.see("fault").await;
    gallery.state(&eve, "join-used-code").await;
    drop(eve);

    let nurse = signed_in(&url, "nurse@demo.example").await;
    nurse.press("invite-patient").await;
    nurse.see("invitation-code").await;
    gallery.state(&nurse, "clinic-invitation").await;
    nurse.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}
