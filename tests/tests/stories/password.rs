//! A password is changed: the old one opens nothing any more, and other devices are signed out.

use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};

use crate::{beside_others, main_job::sign_up, screens::gallery::Gallery};

const ADA: &str = "ada@password.example";
const NEW: &str = "a lamp that sings";
const FAULT: &str = r#"[data-test="field-fault"]"#;

on_both_engines!(a_changed_password_opens_and_the_old_one_does_not);

async fn a_changed_password_opens_and_the_old_one_does_not(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    let other = Account::sign_in(&backend, ADA).await;
    ada.press("tab-settings").await;
    ada.press("password-open").await;
    ada.fill("password-old", PASSWORD).await;
    ada.fill("password-new", "password1").await;
    ada.press("password-submit").await;
    let said = ada.find(FAULT).await.text().await.expect("the fault can be read");
    assert!(said.starts_with("Choose another password"), "{said}");
    if engine == Engine::Embedded {
        let mut gallery = Gallery::default();
        gallery.state_at(&ada, "settings-password", Some("#password")).await;
        gallery.assert_faultless();
        ada.size(390, 844).await;
    }
    ada.fill("password-new", NEW).await;
    ada.press("password-submit").await;
    ada.see("password-changed").await;
    assert!(
        other.status("/v1/me").await.is_client_error(),
        "the other device is signed out"
    );

    ada.press("sign-out").await;
    ada.screen("sign-in").await;
    ada.fill("sign-in-email", ADA).await;
    ada.fill("sign-in-password", PASSWORD).await;
    ada.press("sign-in-submit").await;
    ada.see("fault").await;
    ada.fill("sign-in-password", NEW).await;
    ada.press("sign-in-submit").await;
    ada.screen("today").await;
}
