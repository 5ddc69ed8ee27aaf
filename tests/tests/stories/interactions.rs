//! A clinic's list of interactions: loaded by its administrator, with a fault told on the way, and a warning from then on
//! to the patients who have joined the clinic.

use std::{fs, time::Duration};

use doseline_shared::api::invitation::{Code, INVITATIONS, Invitation, NewInvitation, REDEEM, Redeemed};
use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};
use tempfile::TempDir;

use crate::{
    beside_others,
    main_job::{add_twice_daily, enter_twice_daily, save_medicine},
    screens::gallery::Gallery,
};

const WAIT: Duration = Duration::from_secs(20);
/// A device without hints asks every half minute.
const NEXT_PULL: Duration = Duration::from_secs(90);
const ADMIN: &str = "admin@story.example";
const ADA: &str = "ada@story.example";
const LIST: &str = "a,b,severity,text,source\n\
    warfarin,ibuprofen,major,\"Bleeding: avoid, or watch the INR.\",Formulary of the clinic 2026\n\
    Metformin hydrochloride,furosemide,moderate,Watch the sugar.,Formulary of the clinic 2026\n";
const MAJOR: &str = r#"[data-test="interaction"][data-severity="major"]"#;
const NOTICE: &str = r#"[data-test="attention"][data-kind="interaction"]"#;

on_both_engines!(a_clinic_loads_its_list_and_a_patient_of_it_is_warned);

async fn a_clinic_loads_its_list_and_a_patient_of_it_is_warned(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let looks = engine == Engine::Embedded;
    let mut gallery = Gallery::default();
    let admin = administrator(&backend).await;
    let ada = patient(&backend).await;
    add_twice_daily(&ada, "Warfarin 3 mg").await;

    admin.press("go-interactions").await;
    admin.screen("interactions").await;
    admin.see("interactions-none").await;
    admin.press("interactions-load").await;
    assert_eq!(admin.read("fault").await, "Choose a file first.");
    let folder = TempDir::new().expect("a temporary folder");
    load(
        &admin,
        &folder,
        "wrong.csv",
        LIST.replace("moderate", "so so").as_bytes(),
    )
    .await;
    assert_eq!(
        admin.read("list-fault").await,
        "Line 3, severity: write minor, moderate, major or contraindicated."
    );
    if looks {
        gallery.state(&admin, "interactions-faults").await;
    }
    load(
        &admin,
        &folder,
        "latin.csv",
        &[LIST.as_bytes(), b"caf\xe9,x,minor,t,s\n"].concat(),
    )
    .await;
    let said = admin.read("list-fault").await;
    assert!(said.starts_with("Line 4: the file is not in UTF-8"), "{said}");
    assert_eq!(admin.count(r#"[data-test="interactions-pairs"]"#).await, 0);
    load(&admin, &folder, "right.csv", LIST.as_bytes()).await;
    assert_eq!(admin.read("interactions-pairs").await, "2 pairs of ingredients");
    let said = admin.read("interactions-loaded").await;
    assert!(said.starts_with("Loaded ") && said.ends_with(" by Bola Ade"), "{said}");
    admin.see("interactions-done").await;
    if looks {
        gallery.state(&admin, "interactions").await;
    }

    // A list that was loaded after the first medicine is here before the second.
    ada.press("tab-settings").await;
    ada.press("tab-today").await;
    let end = std::time::Instant::now() + NEXT_PULL;
    loop {
        enter_twice_daily(&ada, "Ibuprofen 400 mg").await;
        ada.see("preview-time").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        if ada.count(MAJOR).await > 0 {
            break;
        }
        assert!(std::time::Instant::now() < end, "no warning: {}", ada.text().await);
        ada.press("cancel").await;
        ada.press("tab-today").await;
    }
    let said = ada.read("interaction").await;
    for part in [
        "Ibuprofen 400 mg and Warfarin 3 mg: major",
        "Bleeding: avoid, or watch the INR.",
        "Source: Formulary of the clinic 2026",
    ] {
        assert!(said.contains(part), "{said}");
    }
    if looks {
        gallery.state_at(&ada, "interaction-added", Some(MAJOR)).await;
    }

    // It is added all the same, and told while both are taken.
    save_medicine(&ada).await;
    ada.find_within(MAJOR, WAIT).await;
    ada.press("tab-today").await;
    ada.find_within(NOTICE, WAIT).await;
    if looks {
        gallery.state_at(&ada, "interaction-today", Some(NOTICE)).await;
    }
    ada.press("interaction-known").await;
    ada.gone(NOTICE, WAIT).await;

    // The clinic reads it on the patient's page.
    admin.press("back").await;
    admin.press("open-patient").await;
    admin.screen("patient").await;
    admin.find_within(MAJOR, NEXT_PULL).await;
    if looks {
        gallery.state_at(&admin, "interaction-patient", Some(MAJOR)).await;
    }

    // Once the list is removed, nobody is warned by it.
    admin.press("back").await;
    admin.press("go-interactions").await;
    admin.press("interactions-remove").await;
    admin.press("interactions-remove-confirm").await;
    admin.see("interactions-none").await;
    ada.go(&backend.url()).await;
    ada.screen("today").await;
    ada.press("tab-medicines").await;
    ada.press_css(r#"[data-test="medicine-row"][data-name^="Ibuprofen"]"#)
        .await;
    ada.see("medicine-sentence").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(ada.count(MAJOR).await, 0);
    ada.held_its_tongue(&[]).await;
    admin.held_its_tongue(&["422", "404"]).await;
    gallery.assert_faultless();
}

/// A clinic's administrator, at the worklist.
async fn administrator(backend: &Backend) -> Browser {
    backend.found_clinic("Bola Ade", ADMIN).await;
    signed_in(backend, ADMIN, "clinic").await
}

/// A patient who has joined the clinic, at *Today*.
async fn patient(backend: &Backend) -> Browser {
    let account = Account::sign_up(backend, "Ada Obi", ADA, true).await;
    let admin = Account::sign_in(backend, ADMIN).await;
    let clinic = admin.session.me.staff[0].clinic;
    let invitation: Invitation = admin.post(INVITATIONS, &NewInvitation::JoinClinic { clinic }).await;
    let code = Code { code: invitation.code };
    let _: Redeemed = account.post(REDEEM, &code).await;
    signed_in(backend, ADA, "today").await
}

async fn signed_in(backend: &Backend, email: &str, screen: &str) -> Browser {
    let browser = Browser::start().await;
    browser.go(&backend.url()).await;
    browser.fill("sign-in-email", email).await;
    browser.fill("sign-in-password", PASSWORD).await;
    browser.press("sign-in-submit").await;
    browser.screen(screen).await;
    browser
}

/// Chooses a file and loads it.
async fn load(admin: &Browser, folder: &TempDir, name: &str, file: &[u8]) {
    let path = folder.path().join(name);
    fs::write(&path, file).expect("the folder is ours");
    let input = admin.see("interactions-file").await;
    let path = path.to_str().expect("a temporary folder has a plain name");
    input.send_keys(path).await.expect("a file can be chosen");
    admin.press("interactions-load").await;
}
