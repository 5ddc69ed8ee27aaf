//! Who looked at a patient's record, as the patient reads it: a caregiver through a grant, and who was not let in.

use std::time::Duration;

use doseline_shared::api::{API_VERSION, VERSION_HEADER, audit::MAX_EVENTS, sync::PATIENT_CHANGES};
use doseline_tests::{
    account::{self, Account},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};

use crate::{
    beside_others,
    main_job::{add_twice_daily, invite_caregiver, join_as_caregiver, open_ada, sign_up},
    screens::gallery::Gallery,
};

const ADA: &str = "ada@audit.example";
const CHIDI: &str = "chidi@audit.example";
const EVE: &str = "eve@audit.example";
const LOOKED: &str = r#"[data-test="audit-row"][data-name="Chidi Eze"][data-refused="false"]"#;
const STRANGER: &str = r#"[data-test="audit-row"][data-name="Eve Musa"][data-refused="true"]"#;
const NOBODY: &str = r#"[data-test="audit-row"][data-refused="true"]:not([data-name])"#;
const OLDER: &str = r#"[data-test="audit-older"]"#;

on_both_engines!(a_patient_reads_who_looked_and_who_was_not_let_in);

async fn a_patient_reads_who_looked_and_who_was_not_let_in(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let mut gallery = Gallery::default();
    let pictures = engine == Engine::Embedded;
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    open_audit(&ada, &backend).await;
    ada.see("audit-none").await;
    if pictures {
        gallery.state(&ada, "audit-none").await;
        ada.size(390, 844).await;
    }

    look(&ada, &backend).await;
    let patient = Account::sign_in(&backend, ADA).await.patient();
    let feed = PATIENT_CHANGES.replace("{patient}", &patient.to_string());
    let eve = Account::sign_up(&backend, "Eve Musa", EVE, false).await;
    assert!(eve.status(&feed).await.is_client_error());
    let nobody = account::client()
        .get(format!("{}{feed}", backend.url()))
        .header(VERSION_HEADER, API_VERSION);
    let status = nobody.send().await.expect("the backend answers").status();
    assert_eq!(status, 401);

    open_audit(&ada, &backend).await;
    let read = async |css: &str| ada.find(css).await.text().await.expect("a row can be read");
    let said = read(LOOKED).await;
    assert!(said.contains("Chidi Eze"), "{said}");
    assert!(ada.text().await.contains("through your permission to them"));
    assert!(read(STRANGER).await.contains("Was not let in"));
    let said = read(NOBODY).await;
    assert!(said.contains("Someone who was not signed in"), "{said}");
    assert_eq!(ada.count(r#"[data-test="audit-row"][data-name="Ada Obi"]"#).await, 0);
    if pictures {
        gallery.state(&ada, "audit-looked").await;
        gallery.state_at(&ada, "audit-refused", Some(STRANGER)).await;
        ada.size(390, 844).await;
    }

    // What fills an answer is one row, and what came before it follows when it is asked for.
    let chidi = Account::sign_in(&backend, CHIDI).await;
    for _ in 0..MAX_EVENTS {
        let changes = chidi.changes(patient).await;
        assert!(!changes.is_empty());
    }
    open_audit(&ada, &backend).await;
    ada.find(&format!(r#"{LOOKED}[data-times="{MAX_EVENTS}"]"#)).await;
    assert_eq!(ada.count(STRANGER).await, 0, "they are older");
    ada.press("audit-older").await;
    ada.find(STRANGER).await;
    ada.find(NOBODY).await;
    ada.gone(OLDER, Duration::from_secs(5)).await;

    ada.press("back").await;
    ada.screen("people").await;
    ada.held_its_tongue(&[]).await;
    gallery.assert_faultless();
}

/// The way there that a person takes.
async fn open_audit(ada: &Browser, backend: &Backend) {
    ada.go(&format!("{}/people", backend.url())).await;
    ada.press("go-audit").await;
    ada.screen("audit").await;
}

/// A caregiver uses a code of the patient's, and opens the patient's page.
async fn look(ada: &Browser, backend: &Backend) {
    let code = invite_caregiver(ada).await;
    let chidi = Browser::start().await;
    join_as_caregiver(&chidi, &backend.url(), &code, CHIDI).await;
    open_ada(&chidi, &backend.url()).await;
    chidi.find(r#"[data-test="dose-row"]"#).await;
    chidi.held_its_tongue(&[]).await;
}
