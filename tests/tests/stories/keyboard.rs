//! The main job with keys alone, on a narrow window: where the keyboard is can always be seen.

use doseline_tests::{
    account::{Account, PASSWORD},
    backend::{Backend, Engine},
    browser::Browser,
};
use serde_json::{Value, json};

use crate::beside_others;

const ADA: &str = "ada@story.example";
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";
/// More stops than any screen has on the way round.
const MOST_STOPS: usize = 80;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_medicine_is_added_and_a_dose_recorded_with_keys_alone() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    Account::sign_up(&backend, "Ada Obi", ADA, true).await;
    let browser = Browser::start().await;
    browser.size(390, 844).await;
    browser.go(&backend.url()).await;
    browser.screen("sign-in").await;
    go_to(&browser, "sign-in-email").await;
    browser.keys(ADA).await;
    go_to(&browser, "sign-in-password").await;
    browser.keys(PASSWORD).await;
    browser.keys(ENTER).await;

    browser.see("today-empty").await;
    go_to(&browser, "add-medicine").await;
    browser.keys(ENTER).await;
    browser.screen("medicine-form").await;
    browser.see("medicine-name").await;
    go_to(&browser, "medicine-name").await;
    browser.keys("Metformin 500 mg").await;
    go_to(&browser, "preset-once").await;
    browser.keys(DOWN).await;
    browser.find(r#"[data-test="preset-twice"]:checked"#).await;
    browser.see("time-1").await;
    go_to(&browser, "save-medicine").await;
    browser.keys(ENTER).await;
    browser.screen("medicine").await;

    go_to(&browser, "tab-today").await;
    browser.keys(ENTER).await;
    browser.screen("today").await;
    browser.see("dose-card").await;
    go_to(&browser, "dose-taken").await;
    browser.keys(ENTER).await;
    let taken = r#"[data-test="dose-row"][data-state^="taken"]"#;
    browser.find(taken).await;
    go_to(&browser, "undo").await;
    browser.keys(ENTER).await;
    browser.gone(taken, std::time::Duration::from_secs(5)).await;

    go_to(&browser, "go-feel").await;
    browser.keys(ENTER).await;
    browser.screen("feel").await;
    browser.see("feel-save").await;
    go_to(&browser, "symptom-0").await;
    browser.keys(DOWN).await;
    browser.find(r#"[data-test="symptom-1"]:checked"#).await;
    go_to(&browser, "severity-mild").await;
    browser.keys(DOWN).await;
    go_to(&browser, "feel-save").await;
    browser.keys(ENTER).await;
    browser.see("side-effect-row").await;
    go_to(&browser, "side-effect-end").await;
    browser.keys(ENTER).await;
    browser
        .find(r#"[data-test="side-effect-row"][data-state="ended"]"#)
        .await;
    browser.held_its_tongue(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_moves_where_the_system_asks_for_little_motion() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let browser = Browser::start().await;
    browser.go(&backend.url()).await;
    browser.screen("sign-in").await;
    // The two pieces that move: the bar that comes up, and the placeholder that comes in.
    let script = "const moving = ['undo', 'loading'].map(name => { \
                    const piece = document.createElement('div'); piece.className = name; document.body.append(piece); \
                    const named = getComputedStyle(piece).animationName; piece.remove(); return named; }); \
                  return moving.join(' ');";
    browser.still(false).await;
    assert_eq!(browser.run(script, vec![]).await, "rise appear");
    browser.still(true).await;
    assert_eq!(browser.run(script, vec![]).await, "none none");
}

/// Goes from stop to stop until the keyboard is on the element with this test id; every stop on the way can be seen.
async fn go_to(browser: &Browser, id: &str) {
    let script = "const at = document.activeElement; \
                  if (!at || at === document.body || at.id === 'main') return { id: '', seen: true }; \
                  const ring = at.closest('.tile') || at; const style = getComputedStyle(ring); \
                  const box = ring.getBoundingClientRect(); \
                  const on = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)); \
                  const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2; \
                  const shown = on !== null && (ring.contains(on) || on.contains(ring)) && box.top >= 0 && box.top < innerHeight; \
                  return { id: at.dataset.test || at.tagName, seen: drawn && shown, drawn, shown };";
    let mut way = Vec::new();
    for _ in 0..MOST_STOPS {
        browser.keys(TAB).await;
        let stop = browser.run(script, vec![]).await;
        assert_eq!(
            stop["seen"],
            json!(true),
            "where the keyboard is cannot be seen: {stop}"
        );
        if stop["id"] == id {
            return;
        }
        way.push(stop["id"].clone());
    }
    panic!("the keyboard does not come to {id}; it came to {}", Value::Array(way));
}
