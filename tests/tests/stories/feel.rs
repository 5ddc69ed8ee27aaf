//! How a patient feels: reported while the backend is away, with the way to help first, and seen by the clinic once it is
//! back.

use std::time::Duration;

use doseline_shared::{
    api::invitation::{INVITATIONS, Invitation, NewInvitation},
    record::Record,
};
use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
    page::Page,
};

use crate::{
    beside_others,
    main_job::{add_twice_daily, sign_up},
    screens::gallery::Gallery,
};

const WAIT: Duration = Duration::from_secs(20);
const ADA: &str = "ada@feel.example";
const ADMIN: &str = "admin@feel.example";
const DANGER: &str = r#"[data-test="feel-danger"]"#;
const ANY: &str = r#"[data-test="side-effect-row"]"#;
const GOES_ON: &str = r#"[data-test="side-effect-row"][data-name="Sick to the stomach"][data-state="going-on"]"#;
const ENDED: &str = r#"[data-test="side-effect-row"][data-name="Sick to the stomach"][data-state="ended"]"#;
const NEEDED: &str = r#"[data-test="worklist-row"][data-name="Ada Obi"][data-need="side-effect"]"#;

on_both_engines!(what_a_patient_feels_is_reported_offline_and_reaches_the_clinic);

async fn what_a_patient_feels_is_reported_offline_and_reaches_the_clinic(engine: Engine) {
    let _beside = beside_others().await;
    let mut backend = Backend::start(engine).await;
    let mut gallery = Gallery::default();
    let pictures = engine == Engine::Embedded;
    let url = backend.url();
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&url).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    join_a_clinic(&backend, &ada).await;

    ada.press("tab-today").await;
    ada.press("go-feel").await;
    ada.screen("feel").await;
    ada.see("feel-save").await;
    backend.stop().await;

    // What can be dangerous has the way to help before it can be sent, and can be sent all the same.
    ada.choose("symptom-9").await;
    ada.find(DANGER).await;
    ada.find(r#"[data-test="feel-help"][href="/help"]"#).await;
    if pictures {
        gallery.state_at(&ada, "feel-danger", Some(DANGER)).await;
        ada.size(390, 844).await;
    }
    ada.press("feel-save").await;
    ada.find(r#"[data-test="fault"]"#).await;
    assert_eq!(ada.count(ANY).await, 0, "nobody has said how bad it is");

    report(&ada).await;
    assert_eq!(ada.count(DANGER).await, 0, "this one is not that dangerous");
    ada.see("undo").await;
    ada.find(GOES_ON).await;
    ada.press("undo").await;
    ada.gone(ANY, WAIT).await;
    report(&ada).await;
    ada.find(GOES_ON).await;
    ada.find_within(r#"[data-test="network"][data-state="unsent"]"#, WAIT)
        .await;
    let said = ada.read("network").await;
    assert!(
        said.starts_with("Saved on this device."),
        "the line about the network says: {said}"
    );
    if pictures {
        gallery.state(&ada, "feel-reported").await;
        ada.size(390, 844).await;
    }

    // The page is closed and opened again; what was said is kept.
    ada.go(&format!("{url}/today")).await;
    ada.find(r#"[data-test="offline"][data-unsent="3"]"#).await;
    backend.start_again().await;
    ada.press("try-again").await;
    ada.find_within(r#"[data-test="dose-card"]"#, WAIT).await;
    ada.find_within(r#"[data-test="network"][data-state="saved"]"#, WAIT)
        .await;
    let account = Account::sign_in(&backend, ADA).await;
    let entries = account.changes(account.patient()).await;
    let entries = entries
        .into_iter()
        .filter_map(|change| serde_json::from_value::<Record>(change.body).ok())
        .filter(|record| matches!(record, Record::SideEffectEntry(_)));
    assert_eq!(
        entries.count(),
        3,
        "a report, its retraction, and the report that stands"
    );

    let doctor = Browser::start().await;
    doctor.go(&url).await;
    doctor.fill("sign-in-email", ADMIN).await;
    doctor.fill("sign-in-password", PASSWORD).await;
    doctor.press("sign-in-submit").await;
    doctor.find_within(NEEDED, WAIT).await;
    doctor.press("open-patient").await;
    doctor.screen("patient").await;
    doctor.find(GOES_ON).await;
    assert_eq!(
        doctor.count(r#"[data-test="side-effect-end"]"#).await,
        0,
        "an administrator reads, and records nothing"
    );
    if pictures {
        gallery.state_at(&doctor, "patient-side-effects", Some(GOES_ON)).await;
    }

    // It shows with the medicine, and ends there.
    ada.press("tab-medicines").await;
    ada.press_css(r#"[data-test="medicine-row"]"#).await;
    ada.find(GOES_ON).await;
    if pictures {
        gallery.state_at(&ada, "medicine-side-effects", Some(GOES_ON)).await;
        ada.size(390, 844).await;
    }
    ada.press("side-effect-end").await;
    ada.find(ENDED).await;
    doctor.find_within(ENDED, WAIT).await;
    doctor.press("back").await;
    doctor.screen("clinic").await;
    doctor.see("worklist-row").await;
    doctor.gone(NEEDED, WAIT).await;

    // From the page of the medicine it is suspected at once.
    ada.press("go-feel").await;
    ada.screen("feel").await;
    ada.see("feel-medicine").await;
    let chosen = "return document.querySelector('[data-test=\"feel-medicine\"]').selectedIndex;";
    assert_eq!(ada.run(chosen, vec![]).await, 1);
    ada.press("feel-emergency").await;
    ada.screen("help").await;
    gallery.assert_faultless();
}

/// Reports what keeps her in bed since yesterday, and the medicine that she suspects.
async fn report(page: &Page) {
    page.choose("symptom-0").await;
    page.choose("severity-severe").await;
    page.choose("since-yesterday").await;
    let first = "return document.querySelector('[data-test=\"feel-medicine\"]').options[1].value;";
    let medicine = page.run(first, vec![]).await;
    page.set("feel-medicine", medicine.as_str().expect("it is an id")).await;
    page.press("feel-save").await;
}

/// A clinic invites her, and she joins it.
async fn join_a_clinic(backend: &Backend, ada: &Browser) {
    backend.found_clinic("Administrator", ADMIN).await;
    let admin = Account::sign_in(backend, ADMIN).await;
    let clinic = admin.session.me.staff.first().expect("it founded the clinic").clinic;
    let invitation: Invitation = admin.post(INVITATIONS, &NewInvitation::JoinClinic { clinic }).await;
    ada.go(&format!("{}/join?code={}", backend.url(), invitation.code))
        .await;
    ada.press("join-submit").await;
    ada.see("join-done").await;
}
