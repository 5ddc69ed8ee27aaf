//! A patient takes a copy of everything that is kept about them, in the browser and in the window.

use std::{fs, path::PathBuf, time::Duration};

use doseline_shared::api::export::{Export, FORMAT};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::Browser,
    desktop::Desk,
    on_both_engines,
    page::Page,
};

use crate::{
    alone, beside_others,
    main_job::{add_twice_daily, sign_up, take_next},
    report::downloaded,
    screens::gallery::Gallery,
    window::synced,
};

const ADA: &str = "ada@copy.example";
const FAULT: &str = r#"[data-test="fault"]"#;
const WAIT: Duration = Duration::from_secs(20);

on_both_engines!(a_patient_takes_a_copy_of_everything);

async fn a_patient_takes_a_copy_of_everything(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-today").await;
    take_next(&ada).await;
    ada.press("tab-settings").await;
    ada.offline(true).await;
    ada.press("copy-take").await;
    ada.find_within(FAULT, WAIT).await;
    ada.offline(false).await;
    ada.press("copy-take").await;
    let file = downloaded(&ada.downloads(), "json").await;
    ada.see("copy-file").await;
    if engine == Engine::Embedded {
        let mut gallery = Gallery::default();
        gallery.state_at(&ada, "settings-copy", Some("#copy")).await;
        gallery.assert_faultless();
    }
    let account = Account::sign_in(&backend, ADA).await;
    assert_holds_the_dose(&read(&file), &account);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_window_copy_and_report_lie_with_the_documents() {
    let _alone = alone().await;
    let backend = Backend::start(Engine::Embedded).await;
    let mut desk = Desk::set_up(&backend.url());
    let page = desk.open_window().await;
    sign_up(&page, "Ada Obi", ADA, "sign-up-patient").await;
    page.screen("today").await;
    add_twice_daily(&page, "Metformin 500 mg").await;
    page.press("tab-today").await;
    take_next(&page).await;
    synced(&page).await;
    page.press("tab-settings").await;
    page.press("copy-take").await;
    let copy = kept(&page, "copy-kept", "The copy is here: ").await;
    let account = Account::sign_in(&backend, ADA).await;
    assert_holds_the_dose(&read(&copy), &account);

    page.press("tab-medicines").await;
    page.press("report").await;
    page.press("report-make").await;
    let report = kept(&page, "report-kept", "The report is here: ").await;
    assert!(fs::read(&report).expect("the report is there").starts_with(b"%PDF-"));
    page.close().await;
}

/// The place that the app says a file lies in.
async fn kept(page: &Page, id: &str, before: &str) -> PathBuf {
    page.find_within(&format!(r#"[data-test="{id}"]"#), WAIT).await;
    let said = page.read(id).await;
    let path = said.strip_prefix(before).unwrap_or_else(|| panic!("it says: {said}"));
    // Blanks in sentences are set apart by marks that nobody sees.
    path.chars()
        .filter(|c| !matches!(c, '\u{2068}' | '\u{2069}'))
        .collect::<String>()
        .into()
}

fn read(file: &std::path::Path) -> Export {
    serde_json::from_slice(&fs::read(file).expect("the copy is there")).expect("the copy can be read")
}

fn assert_holds_the_dose(copy: &Export, account: &Account) {
    assert_eq!((copy.format.as_str(), copy.patient), (FORMAT, account.patient()));
    let kinds: Vec<&str> = copy.history.iter().map(|written| written.kind.as_str()).collect();
    assert_eq!(kinds[..2], ["patient", "medication"]);
    assert!(kinds.contains(&"dose_event"), "{kinds:?}");
    assert!(
        copy.history
            .iter()
            .all(|written| written.by == Some(account.session.me.person))
    );
}
