//! The desktop window under a display without a screen: with a real keychain, real notifications, and a real kill.

use std::time::Duration;

use chrono::{TimeDelta, Timelike, Utc};
use doseline_shared::dose::{DoseAct, DoseEvent};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    desktop::Desk,
    on_both_engines,
    page::Page,
};

use crate::{
    alone,
    main_job::{add_twice_daily, sign_up, take_next},
};

const ADA: &str = "ada@story.example";
const MORNING: &str = r#"[data-test="dose-row"][data-time="08:00"]"#;
const MORNING_TAKEN: &str = r#"[data-test="dose-row"][data-time="08:00"][data-state^="taken"]"#;

on_both_engines!(a_dose_tapped_offline_outlives_a_kill_and_arrives_once);

async fn a_dose_tapped_offline_outlives_a_kill_and_arrives_once(engine: Engine) {
    let _alone = alone().await;
    let mut backend = Backend::start(engine).await;
    let mut desk = Desk::set_up(&backend.url());
    let page = desk.open_window().await;
    sign_up(&page, "Ada Obi", ADA, "sign-up-patient").await;
    page.screen("today").await;
    add_twice_daily(&page, "Metformin 500 mg").await;
    page.press("tab-today").await;
    page.find(MORNING).await;
    synced(&page).await;

    backend.stop().await;
    take_next(&page).await;
    page.find_within(MORNING_TAKEN, Duration::from_secs(5)).await;
    desk.kill_app();
    drop(page);

    let page = desk.open_window().await;
    page.screen("today").await;
    page.find(MORNING_TAKEN).await;
    page.find(r#"[data-test="network"][data-state="offline"], [data-test="network"][data-state="unsent"]"#)
        .await;

    backend.start_again().await;
    let account = Account::sign_in(&backend, ADA).await;
    let entries = arrived(&account, Duration::from_secs(90)).await;
    synced(&page).await;
    // Whatever is sent once more must not count once more.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(taken(&account).await, entries, "it arrived once and stays once");
    page.close().await;
}

on_both_engines!(a_reminder_with_the_window_closed_records_the_dose);

async fn a_reminder_with_the_window_closed_records_the_dose(engine: Engine) {
    let _alone = alone().await;
    let backend = Backend::start(engine).await;
    let mut desk = Desk::set_up(&backend.url());
    let page = desk.open_window().await;
    sign_up(&page, "Ada Obi", ADA, "sign-up-patient").await;
    page.screen("today").await;
    page.press("add-medicine").await;
    page.fill("medicine-name", "Warfarin 3 mg").await;
    page.fill("amount-value", "1").await;
    page.choose("preset-once").await;
    let zone = desk.zone();
    let soon = (Utc::now() + TimeDelta::seconds(65)).with_timezone(&zone);
    page.set("time-0", &format!("{:02}:{:02}", soon.hour(), soon.minute()))
        .await;
    page.see("preview-time").await;
    page.press("save-medicine").await;
    page.gone(r#"[data-screen="medicine-form"]"#, Duration::from_secs(20))
        .await;
    synced(&page).await;

    desk.close_window().await;
    // The first close is explained in a notification of its own, which may come a moment later.
    desk.notified(Duration::from_secs(20)).await;
    desk.silence();
    let before = Utc::now();
    desk.notified(Duration::from_secs(100)).await;
    let at = Utc::now();
    let due = soon
        .with_timezone(&Utc)
        .with_second(0)
        .and_then(|due| due.with_nanosecond(0))
        .expect("a whole minute");
    assert!(
        at + TimeDelta::seconds(1) >= due,
        "the reminder came at {at}, before the dose was due at {due}"
    );
    assert!(
        at - before.max(due) < TimeDelta::seconds(5),
        "the reminder came at {at}, the dose was due at {due}"
    );
    let account = Account::sign_in(&backend, ADA).await;
    assert_eq!(taken(&account).await, [], "nothing is recorded before the tap");

    desk.press("Taken");
    let entries = arrived(&account, Duration::from_secs(20)).await;
    assert_eq!(entries[0].due, Some(due));
    assert_eq!(desk.standing(), 0, "the notification is gone with the dose");
    assert!(!desk.app().is_empty(), "the app goes on reminding");
}

/// Waits until everything has reached the backend.
pub async fn synced(page: &Page) {
    page.find_within(r#"[data-test="network"][data-state="saved"]"#, Duration::from_secs(60))
        .await;
}

/// Waits until the backend holds a taken dose: exactly one.
pub async fn arrived(account: &Account, time: Duration) -> Vec<DoseEvent> {
    let end = std::time::Instant::now() + time;
    loop {
        let entries = taken(account).await;
        if !entries.is_empty() {
            assert_eq!(entries.len(), 1, "it arrived once");
            return entries;
        }
        assert!(
            std::time::Instant::now() < end,
            "the dose does not arrive within {time:?}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The taken doses that the backend holds.
pub async fn taken(account: &Account) -> Vec<DoseEvent> {
    let mut entries = account.entries(account.patient()).await;
    entries.retain(|entry| matches!(entry.what, DoseAct::Taken { .. }));
    entries
}
