//! The page without its backend: it opens all the same, says what is safe, and what was recorded arrives once.

use std::{fs, time::Duration};

use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::Browser,
    place,
};

use crate::{
    beside_others,
    main_job::{add_twice_daily, sign_up, take_next},
};

const ADA: &str = "ada@offline.example";
const MORNING_TAKEN: &str = r#"[data-test="dose-row"][data-time="08:00"][data-state="taken"]"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_opens_without_its_backend_and_what_waits_arrives_once() {
    let _beside = beside_others().await;
    let mut backend = Backend::start(Engine::Embedded).await;
    let ada = Browser::start().await;
    ada.size(390, 844).await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    ada.screen("today").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-today").await;
    ada.screen("today").await;
    let kept = kept_paths(&ada).await;
    assert!(
        kept.iter().any(|path| path.ends_with(".wasm")) && kept.contains(&"/index.html".to_owned()),
        "the app is not kept: {kept:?}"
    );

    backend.stop().await;
    take_next(&ada).await;
    ada.find(MORNING_TAKEN).await;

    let today = format!("{}/today", backend.url());
    ada.go(&today).await;
    ada.find(r#"[data-test="offline"][data-unsent="1"]"#).await;
    let safe = ada.read("offline-safe").await;
    assert!(safe.starts_with("1 entry is kept on this device"), "it says: {safe}");
    let text = ada.text().await;
    assert!(!text.contains("Metformin"), "medicines lie in the browser: {text}");
    pictures(&ada).await;

    backend.start_again().await;
    ada.press("try-again").await;
    ada.find_within(MORNING_TAKEN, Duration::from_secs(20)).await;
    let account = Account::sign_in(&backend, ADA).await;
    assert_eq!(account.entries(account.patient()).await.len(), 1, "it arrived once");
    ada.go(&today).await;
    ada.find(MORNING_TAKEN).await;
    assert_eq!(account.entries(account.patient()).await.len(), 1, "and once only");

    let kept = kept_paths(&ada).await;
    assert!(
        kept.iter().all(|path| !path.starts_with("/v1")),
        "what the backend says is kept: {kept:?}"
    );
    // The console repeats each request that found no backend.
    ada.held_its_tongue(&[
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "WebSocket",
    ])
    .await;
}

/// The paths of everything that the service worker keeps, once it is in charge.
async fn kept_paths(browser: &Browser) -> Vec<String> {
    let script = "const done = arguments[0]; navigator.serviceWorker.ready.then(async () => { \
                  const paths = []; for (const name of await caches.keys()) { \
                    for (const kept of await (await caches.open(name)).keys()) paths.push(new URL(kept.url).pathname); } \
                  done(paths); });";
    let paths = browser.run_async(script, vec![]).await;
    let paths = paths.as_array().cloned().unwrap_or_default();
    paths
        .into_iter()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect()
}

/// For people to look at.
async fn pictures(browser: &Browser) {
    let folder = place::screenshots();
    fs::create_dir_all(&folder).expect("the target folder is ours");
    for scheme in ["light", "dark"] {
        browser.scheme(scheme).await;
        for (width, height) in [(390, 844), (1440, 900)] {
            browser.size(width, height).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            let picture = browser.picture(false).await;
            fs::write(folder.join(format!("offline-{width}x{height}-{scheme}.png")), picture)
                .expect("the folder is ours");
        }
    }
    browser.scheme("light").await;
    browser.size(390, 844).await;
}
