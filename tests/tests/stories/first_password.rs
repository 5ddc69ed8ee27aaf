//! A first password: the administrator adds a nurse and hands over what the screen shows once; the nurse signs in with it
//! elsewhere, has to choose her own, and then sees the worklist.

use std::time::Duration;

use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};

use crate::{beside_others, screens::gallery::Gallery, second_factor::sign_in};

const ADMIN: &str = "chief@first.example";
const NURSE: &str = "ngozi@first.example";
const ROW: &str = r#"[data-test="staff-row"][data-name="Ngozi Bello"]"#;
const WAIT: Duration = Duration::from_secs(20);

on_both_engines!(a_nurse_chooses_her_own_password_in_place_of_the_one_that_was_handed_over);

async fn a_nurse_chooses_her_own_password_in_place_of_the_one_that_was_handed_over(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    backend.found_clinic("Chief Admin", ADMIN).await;
    let mut gallery = Gallery::default();
    let pictures = engine == Engine::Embedded;

    let desk = Browser::start().await;
    desk.go(&backend.url()).await;
    sign_in(&desk, ADMIN).await;
    desk.press("go-staff").await;
    desk.fill("staff-name", "Ngozi Bello").await;
    desk.fill("staff-email", NURSE).await;
    desk.press("staff-add").await;
    let lost = desk.read("first-password").await;
    desk.find(&format!(r#"{ROW} [data-test="staff-first-password"]"#)).await;
    if pictures {
        gallery
            .state_at(&desk, "staff-first-password", Some(r#"[data-test="first-password"]"#))
            .await;
    }
    desk.press("first-password-kept").await;
    assert!(!desk.text().await.contains(&lost), "it is shown once");
    // It was lost on the way: another takes its place.
    desk.press_css(&format!(r#"{ROW} [data-test="first-password-renew"]"#))
        .await;
    let first = desk.read("first-password").await;
    assert_ne!(first, lost);

    let nurse = Browser::start().await;
    nurse.size(390, 844).await;
    nurse.go(&backend.url()).await;
    nurse.fill("sign-in-email", NURSE).await;
    nurse.fill("sign-in-password", &lost).await;
    nurse.press("sign-in-submit").await;
    nurse.see("fault").await;
    nurse.fill("sign-in-password", &first).await;
    nurse.press("sign-in-submit").await;
    nurse.screen("own-password").await;
    // Nothing else is there, whatever the address says and however often it is opened.
    nurse.go(&format!("{}/settings", backend.url())).await;
    nurse.screen("own-password").await;
    assert_eq!(nurse.count("nav").await, 0);
    if pictures {
        gallery.state(&nurse, "own-password").await;
        nurse.size(390, 844).await;
    }
    nurse.fill("password-old", &first).await;
    nurse.fill("password-new", &first).await;
    nurse.press("password-submit").await;
    nurse.find(r#"[data-test="password-new"][aria-invalid="true"]"#).await;
    nurse.fill("password-new", PASSWORD).await;
    nurse.press("password-submit").await;
    nurse.screen("settings").await;
    nurse.press("tab-clinic").await;
    nurse.see("worklist-empty").await;
    nurse.press("tab-settings").await;
    nurse.press("sign-out").await;
    sign_in(&nurse, NURSE).await;
    nurse.screen("clinic").await;

    desk.press("first-password-kept").await;
    desk.go(&format!(
        "{}/clinic/{}/staff",
        backend.url(),
        Account::sign_in(&backend, ADMIN).await.clinic()
    ))
    .await;
    desk.find(ROW).await;
    desk.gone(&format!(r#"{ROW} [data-test="first-password-renew"]"#), WAIT)
        .await;
    desk.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}
