//! How soon a caregiver is told of missed doses: of all, and of one medicine otherwise. Chosen by the patient, and kept.

use std::time::{Duration, Instant};

use doseline_shared::{
    api::invitation::{Code, REDEEM, Redeemed},
    record::{AlertFor, AlertRule, Record, Tell},
};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};

use crate::{
    beside_others,
    main_job::{add_twice_daily, invite_caregiver, sign_up},
    screens::gallery::Gallery,
};

const ADA: &str = "ada@telling.example";
const CHIDI: &str = "chidi@telling.example";
const ONE: &str = r#"[data-test="tell-one"]"#;
const SAVED: &str = r#"[data-test="network"][data-state="saved"]"#;
const WAIT: Duration = Duration::from_secs(20);

on_both_engines!(one_medicine_is_told_sooner_than_the_others);

async fn one_medicine_is_told_sooner_than_the_others(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let people = format!("{}/people", backend.url());
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-medicines").await;
    add_twice_daily(&ada, "Warfarin 5 mg").await;
    let code = invite_caregiver(&ada).await;
    let chidi = Account::sign_up(&backend, "Chidi Eze", CHIDI, false).await;
    let _: Redeemed = chidi.post(REDEEM, &Code { code }).await;

    ada.go(&people).await;
    ada.press("tell-more").await;
    let value = format!("return [...document.querySelectorAll('{ONE}')].map((one) => one.value)");
    let chosen = async || ada.run(&value, vec![]).await;
    assert_eq!(chosen().await, serde_json::json!(["as-others", "as-others"]));
    // By name, Metformin is the first.
    ada.set("tell-one", "15").await;
    ada.find_within(SAVED, WAIT).await;
    if engine == Engine::Embedded {
        let mut gallery = Gallery::default();
        gallery.state_at(&ada, "people-telling", Some(ONE)).await;
        gallery.assert_faultless();
        ada.size(390, 844).await;
    }
    let account = Account::sign_in(&backend, ADA).await;
    assert_eq!(rules(&account).await, [Tell::After { minutes: 15 }]);

    // It is open where something was chosen, also when the page is opened again; and it can be taken back.
    ada.go(&people).await;
    ada.find(r#"details[open] [data-test="tell-one"]"#).await;
    assert_eq!(chosen().await, serde_json::json!(["15", "as-others"]));
    ada.set("tell-one", "as-others").await;
    // The page has said that all is saved since it was opened, so here only the backend tells.
    let end = Instant::now() + WAIT;
    while rules(&account).await != [Tell::AsOthers {}] {
        assert!(Instant::now() < end, "it was not taken back within {WAIT:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What holds for single medicines.
async fn rules(account: &Account) -> Vec<Tell> {
    let records = account.records(account.patient()).await;
    records
        .into_iter()
        .filter_map(|record| match record {
            Record::AlertRule(AlertRule { of, tell, .. }) => matches!(of, AlertFor::Medication { .. }).then_some(tell),
            _ => None,
        })
        .collect()
}
