//! What is at home: counted on the medicine's page, used up by doses, and told when it is time to ask for more.

use std::time::Duration;

use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};

use crate::{
    beside_others,
    main_job::{add_twice_daily, sign_up, take_next},
    screens::gallery::Gallery,
};

const WAIT: Duration = Duration::from_secs(20);
const METFORMIN: &str = r#"[data-test="medicine-row"][data-name^="Metformin"]"#;
const REFILL: &str = r#"[data-test="attention"][data-kind="refill"]"#;

on_both_engines!(a_stock_is_counted_used_up_and_filled);

async fn a_stock_is_counted_used_up_and_filled(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&url).await;
    sign_up(&ada, "Ada Obi", "ada@story.example", "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-medicines").await;
    ada.press_css(METFORMIN).await;
    ada.press("stock-count").await;
    ada.fill("stock-value", "a few").await;
    ada.press("stock-save").await;
    ada.find_within(r#"[data-test="fault"]"#, WAIT).await;
    ada.fill("stock-value", "9").await;
    ada.press("stock-save").await;
    ada.gone(r#"[data-test="stock-save"]"#, WAIT).await;
    let said = ada.read("stock-sentence").await;
    assert!(said.starts_with("You have 9 tablets, enough until"), "{said}");
    if engine == Engine::Embedded {
        gallery.state(&ada, "stock").await;
    }

    ada.press("tab-today").await;
    ada.find_within(REFILL, WAIT).await;
    take_next(&ada).await;
    ada.press("refill-open").await;
    ada.see("stock-sentence").await;
    let said = ada.read("stock-sentence").await;
    assert!(said.starts_with("You have 8 tablets"), "a dose takes from it: {said}");
    ada.press("stock-add").await;
    ada.fill("stock-value", "60").await;
    ada.press("stock-save").await;
    ada.gone(r#"[data-test="stock-save"]"#, WAIT).await;
    ada.find_within(r#"[data-test="network"][data-state="saved"]"#, WAIT)
        .await;

    // What is at home is in the record, not in this page.
    ada.go(&url).await;
    ada.screen("today").await;
    assert_eq!(ada.count(REFILL).await, 0);
    ada.press("tab-medicines").await;
    ada.press_css(METFORMIN).await;
    ada.see("stock-sentence").await;
    let said = ada.read("stock-sentence").await;
    assert!(said.starts_with("You have 68 tablets, enough until"), "{said}");
    gallery.assert_faultless();
}
