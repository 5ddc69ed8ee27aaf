//! The ways in: what is wrong with a field is told beside it, and a code that came with a link is kept.

use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::Browser,
};

use super::gallery::Gallery;
use crate::beside_others;

const ADA: &str = "ada@story.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_at_sign_up_is_told_beside_its_field() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    Account::sign_up(&backend, "Ada Obi", ADA, true).await;
    let mut gallery = Gallery::default();
    let browser = Browser::start().await;
    browser.go(&backend.url()).await;
    browser.press("go-sign-up").await;
    gallery.state(&browser, "sign-up").await;

    browser.fill("sign-up-name", "Ada Obi").await;
    browser.fill("sign-up-email", ADA).await;
    browser.fill("sign-up-password", "short").await;
    browser.press("sign-up-submit").await;
    marked(&browser, "sign-up-password").await;
    gallery
        .state_at(
            &browser,
            "sign-up-password-too-short",
            Some(r#"[data-test="sign-up-password"]"#),
        )
        .await;

    browser.fill("sign-up-password", "long enough for anyone").await;
    browser.press("sign-up-submit").await;
    marked(&browser, "sign-up-email").await;
    gallery
        .state_at(&browser, "sign-up-email-taken", Some(r#"[data-test="sign-up-email"]"#))
        .await;

    browser.press("go-sign-in").await;
    browser.fill("sign-in-email", ADA).await;
    browser.fill("sign-in-password", "not the password").await;
    browser.press("sign-in-submit").await;
    browser.see("fault").await;
    gallery.state(&browser, "sign-in-wrong").await;

    browser.go(&format!("{}/join?code=ABCDEFGHJKMN", backend.url())).await;
    gallery.state(&browser, "sign-in-with-code").await;
    // Each refusal is told by a status that the console repeats.
    browser.held_its_tongue(&["401", "409", "422", "400"]).await;
    gallery.assert_faultless();
}

/// Waits until a field is marked, has the keyboard, and says what is wrong with it where readers look.
async fn marked(browser: &Browser, id: &str) {
    browser
        .find(&format!(r#"[data-test="{id}"][aria-invalid="true"]"#))
        .await;
    let script = "const field = document.querySelector(`[data-test=\"${arguments[0]}\"]`); \
                  const said = field.getAttribute('aria-describedby').split(' ').map(id => document.getElementById(id)) \
                    .filter(e => e).map(e => e.textContent).join(' '); \
                  return document.activeElement === field && said.length > 20;";
    assert_eq!(
        browser.run(script, vec![serde_json::json!(id)]).await,
        serde_json::json!(true),
        "{id} has the keyboard and is described"
    );
    assert_eq!(
        browser.count(r#"[aria-invalid="true"]"#).await,
        1,
        "no other field is marked"
    );
}
