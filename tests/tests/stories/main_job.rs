//! The main job in the browser: a dose is taken, the caregiver sees it, and sees nothing once the grant has ended.

use std::time::{Duration, Instant};

use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
    page::Page,
};

use crate::alone;

const ADA: &str = "ada@story.example";
const CHIDI: &str = "chidi@story.example";
const MORNING: &str = r#"[data-test="dose-row"][data-time="08:00"]"#;
const MORNING_TAKEN: &str = r#"[data-test="dose-row"][data-time="08:00"][data-state="taken"]"#;

on_both_engines!(a_dose_is_taken_and_a_caregiver_sees_it_until_the_grant_ends);

async fn a_dose_is_taken_and_a_caregiver_sees_it_until_the_grant_ends(engine: Engine) {
    let _alone = alone().await;
    let backend = Backend::start(engine).await;
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    ada.screen("today").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-today").await;
    ada.find(MORNING).await;

    let chidi = Browser::start().await;
    let code = invite_caregiver(&ada).await;
    join_as_caregiver(&chidi, &backend.url(), &code, CHIDI).await;
    open_ada(&chidi, &backend.url()).await;
    chidi.find(MORNING).await;
    assert_eq!(chidi.count(MORNING_TAKEN).await, 0, "nothing was taken yet");

    ada.press("tab-today").await;
    take_next(&ada).await;
    let tapped = Instant::now();
    ada.find(MORNING_TAKEN).await;
    chidi.find_within(MORNING_TAKEN, Duration::from_secs(10)).await;
    let seen = tapped.elapsed();
    println!("{engine:?}: the caregiver saw the dose after {seen:?}");
    assert!(
        seen < Duration::from_secs(2),
        "the caregiver saw the dose after {seen:?}"
    );

    let account = Account::sign_in(&backend, ADA).await;
    assert_eq!(account.entries(account.patient()).await.len(), 1, "it arrived once");
    let caregiver = Account::sign_in(&backend, CHIDI).await;
    assert_eq!(caregiver.patients().await, [account.patient()]);

    ada.press("tab-people").await;
    ada.press_css(r#"[data-test="grant-row"][data-name="Chidi Eze"] [data-test="grant-end"]"#)
        .await;
    ada.press("grant-end-confirm").await;
    ada.find(r#"[data-test="grant-row"][data-name="Chidi Eze"][data-active="false"]"#)
        .await;
    assert_eq!(
        caregiver.patients().await,
        [],
        "the backend shows the caregiver nobody any more"
    );
    let feed = format!("/v1/sync/patients/{}/changes", account.patient());
    assert!(
        caregiver.status(&feed).await.is_client_error(),
        "the feed is closed to the caregiver"
    );
    chidi.gone(MORNING, Duration::from_secs(5)).await;
    chidi.go(&format!("{}/caregiver", backend.url())).await;
    chidi.screen("caregiver").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let text = chidi.text().await;
    assert!(
        !text.contains("Ada") && !text.contains("Metformin"),
        "the caregiver still reads: {text}"
    );

    ada.held_its_tongue(&[]).await;
    // That the patient's page is closed now is told by a status that the console repeats.
    chidi.held_its_tongue(&["403", "404"]).await;
}

/// Makes an account, from the first screen on.
pub async fn sign_up(page: &Page, name: &str, email: &str, role: &str) {
    page.press("go-sign-up").await;
    page.choose(role).await;
    page.fill("sign-up-name", name).await;
    page.fill("sign-up-email", email).await;
    page.fill("sign-up-password", PASSWORD).await;
    page.press("sign-up-submit").await;
    page.gone(r#"[data-screen="sign-up"]"#, Duration::from_secs(20)).await;
}

/// Chidi signs up with a code of Ada's, and uses it.
pub async fn join_as_caregiver(chidi: &Page, url: &str, code: &str, email: &str) {
    chidi.go(&format!("{url}/join?code={code}")).await;
    sign_up(chidi, "Chidi Eze", email, "sign-up-carer").await;
    chidi.press("join-submit").await;
    chidi.see("join-done").await;
}

/// A caregiver opens Ada's page.
pub async fn open_ada(chidi: &Page, url: &str) {
    chidi.go(&format!("{url}/caregiver")).await;
    chidi
        .press_css(r#"[data-test="caregiver-row"][data-name="Ada Obi"]"#)
        .await;
    chidi.screen("person").await;
}

/// Adds a medicine at 8 and at 20 o'clock, from *Today* on.
pub async fn add_twice_daily(page: &Page, name: &str) {
    enter_twice_daily(page, name).await;
    save_medicine(page).await;
}

/// Fills in the form of such a medicine.
pub async fn enter_twice_daily(page: &Page, name: &str) {
    page.press("add-medicine").await;
    page.fill("medicine-name", name).await;
    page.fill("amount-value", "1").await;
    page.choose("preset-twice").await;
    page.set("time-0", "08:00").await;
    page.set("time-1", "20:00").await;
}

/// Saves what the form holds.
pub async fn save_medicine(page: &Page) {
    page.see("preview-time").await;
    page.press("save-medicine").await;
    page.gone(r#"[data-screen="medicine-form"]"#, Duration::from_secs(20))
        .await;
}

/// Records the dose that *Today* puts first: the morning's.
pub async fn take_next(page: &Page) {
    // Late where the hour has turned since the story began.
    page.find(r#"[data-test="dose-card"]:is([data-state="due"], [data-state="late"])"#)
        .await;
    page.press_css(r#"[data-test="dose-card"] [data-test="dose-taken"]"#)
        .await;
}

/// Makes a code for a caregiver who may record doses.
pub async fn invite_caregiver(page: &Page) -> String {
    page.press("tab-people").await;
    page.press("invite-caregiver").await;
    page.choose("scope-log").await;
    page.press("invitation-make").await;
    let code = page.read("invitation-code").await;
    page.see("invitation-qr").await;
    code.replace([' ', '-'], "")
}
