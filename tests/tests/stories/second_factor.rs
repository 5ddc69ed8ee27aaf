//! The second step at sign-in: a clinic asks for it, a nurse sets it up, and signs in with it from then on.

use std::time::Duration;

use chrono::Utc;
use doseline_shared::access::StaffRole;
use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};
use totp_rs::{Builder, Secret};

use crate::{beside_others, screens::gallery::Gallery};

const ADMIN: &str = "chief@second.example";
const NURSE: &str = "ngozi@second.example";
const MISSING: &str = r#"[data-test="second-factor-missing"]"#;
const WAIT: Duration = Duration::from_secs(20);

on_both_engines!(a_clinic_asks_for_a_second_step_and_a_nurse_sets_it_up);

async fn a_clinic_asks_for_a_second_step_and_a_nurse_sets_it_up(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    backend.found_clinic("Chief Admin", ADMIN).await;
    let admin = Account::sign_in(&backend, ADMIN).await;
    let clinic = admin.clinic();
    admin.hire(&backend, "Ngozi Bello", NURSE, StaffRole::Nurse).await;
    let mut gallery = Gallery::default();
    let pictures = engine == Engine::Embedded;

    let page = Browser::start().await;
    page.size(390, 844).await;
    page.go(&backend.url()).await;
    sign_in(&page, NURSE).await;
    page.screen("clinic").await;
    assert_eq!(page.count(MISSING).await, 0);

    let desk = Browser::start().await;
    desk.go(&backend.url()).await;
    sign_in(&desk, ADMIN).await;
    desk.screen("clinic").await;
    desk.go(&format!("{}/clinic/{clinic}/staff", backend.url())).await;
    desk.choose("asked-nurse").await;
    desk.find(r#"[data-test="asked-nurse"]:checked"#).await;
    if pictures {
        gallery
            .state_at(&desk, "staff-second-factor", Some(r#"[data-test="asked-nurse"]"#))
            .await;
    }

    page.go(&backend.url()).await;
    page.find_within(MISSING, WAIT).await;
    page.press("go-second-factor").await;
    page.press("second-factor-begin").await;
    page.fill("second-factor-password", PASSWORD).await;
    page.press("second-factor-confirm").await;
    page.see("second-factor-key").await;
    if pictures {
        gallery.state_at(&page, "second-factor-scan", Some(".qr")).await;
        page.size(390, 844).await;
    }
    let key = page.read("second-factor-key").await.replace(' ', "");
    page.fill("second-factor-first", "000000").await;
    page.press("second-factor-finish").await;
    page.see("fault").await;
    page.fill("second-factor-first", &code(&key)).await;
    page.press("second-factor-finish").await;
    let recovery = page
        .see("recovery-code")
        .await
        .text()
        .await
        .expect("a code can be read");
    assert_eq!(page.count(r#"[data-test="recovery-code"]"#).await, 10);
    if pictures {
        gallery.state_at(&page, "second-factor-codes", Some(".codes")).await;
        page.size(390, 844).await;
    }
    page.press("recovery-codes-kept").await;
    page.see("second-factor-on").await;
    page.gone(MISSING, WAIT).await;
    if pictures {
        gallery
            .state_at(&page, "settings-second-factor", Some("#second-factor"))
            .await;
        page.size(390, 844).await;
    }

    page.press("sign-out").await;
    page.screen("sign-in").await;
    sign_in(&page, NURSE).await;
    page.see("sign-in-code").await;
    if pictures {
        gallery.state(&page, "sign-in-code").await;
        page.size(390, 844).await;
    }
    page.fill("sign-in-code", "000000").await;
    page.press("sign-in-submit").await;
    page.see("fault").await;
    page.fill("sign-in-code", &recovery.to_lowercase()).await;
    page.press("sign-in-submit").await;
    page.screen("clinic").await;
    desk.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}

/// Signs in, or as far as the code.
pub async fn sign_in(page: &Browser, email: &str) {
    page.fill("sign-in-email", email).await;
    page.fill("sign-in-password", PASSWORD).await;
    page.press("sign-in-submit").await;
}

/// What the authenticator app shows now.
fn code(key: &str) -> String {
    let secret = Secret::try_from_base32(key).expect("the key is base32");
    let totp = Builder::new().with_secret(secret).build().expect("a key of 160 bits");
    let now = u64::try_from(Utc::now().timestamp()).expect("after 1970");
    totp.generate(now).to_string()
}
