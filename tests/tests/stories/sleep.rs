//! A computer that sleeps, and a clock that is set while the app runs.
//!
//! Nothing here needs the network: the backend is stopped before the app's clock leaves the right time.

use std::time::Duration;

use chrono::{TimeDelta, Timelike, Utc};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    desktop::Desk,
    page::Page,
};

use crate::{
    alone,
    main_job::sign_up,
    window::{arrived, synced, taken},
};

const ADA: &str = "ada@story.example";
/// The longest nap of the timer, and a moment for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_due_in_sleep_is_reminded_of_and_what_passed_in_it_is_no_miss_of_the_patient() {
    let _alone = alone().await;
    let (mut backend, desk, page) = at_a_desk_with_a_clock().await;
    add_daily(&desk, &page, "Warfarin 3 mg", TimeDelta::minutes(30)).await;
    add_daily(&desk, &page, "Metformin 500 mg", TimeDelta::hours(2)).await;
    synced(&page).await;
    backend.stop().await;
    desk.silence();

    desk.sleep_until(TimeDelta::minutes(31));
    desk.notified(AT_ONCE).await;
    assert_eq!(desk.standing(), 1, "only one dose is due");
    // That it was shown is written down a moment later.
    tokio::time::sleep(Duration::from_secs(1)).await;

    desk.sleep_until(TimeDelta::hours(8));
    page.find_within(&row("Metformin 500 mg", "not-notified"), AT_ONCE)
        .await;
    // Of this one the patient was told, and did not answer.
    page.find_within(&row("Warfarin 3 mg", "missed"), AT_ONCE).await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_set_forward_reminds_at_once_and_one_set_back_is_told_and_doubles_nothing() {
    let _alone = alone().await;
    let (mut backend, desk, page) = at_a_desk_with_a_clock().await;
    add_daily(&desk, &page, "Warfarin 3 mg", TimeDelta::minutes(30)).await;
    synced(&page).await;
    backend.stop().await;
    desk.silence();

    desk.set_clock(TimeDelta::minutes(31));
    desk.notified(AT_ONCE).await;
    desk.press("Taken");
    let done = r#"[data-test="dose-row"][data-name="Warfarin 3 mg"][data-state^="taken"]"#;
    page.find_within(done, AT_ONCE).await;

    desk.set_clock(-TimeDelta::minutes(20));
    page.find_within(r#"[data-test="attention"][data-kind="clock"]"#, AT_ONCE)
        .await;
    page.find(done).await;

    // The same moment comes a second time, and the dose is not due a second time.
    desk.set_clock(TimeDelta::minutes(31));
    page.gone(r#"[data-test="attention"][data-kind="clock"]"#, AT_ONCE)
        .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(desk.standing(), 0, "what was taken is not reminded of again");

    desk.set_clock(TimeDelta::zero());
    backend.start_again().await;
    let account = Account::sign_in(&backend, ADA).await;
    let entries = arrived(&account, Duration::from_secs(90)).await;
    synced(&page).await;
    assert_eq!(taken(&account).await, entries, "it arrived once and stays once");
    page.close().await;
}

/// A patient at the app's window, whose clock the story can set.
async fn at_a_desk_with_a_clock() -> (Backend, Desk, Page) {
    let backend = Backend::start(Engine::Embedded).await;
    let mut desk = Desk::set_up(&backend.url());
    desk.take_own_clock();
    let page = desk.open_window().await;
    sign_up(&page, "Ada Obi", ADA, "sign-up-patient").await;
    page.screen("today").await;
    (backend, desk, page)
}

/// Adds a medicine that is taken once a day, today after `from_now`.
async fn add_daily(desk: &Desk, page: &Page, name: &str, from_now: TimeDelta) {
    page.press("tab-today").await;
    page.press("add-medicine").await;
    page.fill("medicine-name", name).await;
    page.fill("amount-value", "1").await;
    page.choose("preset-once").await;
    let due = (Utc::now() + from_now).with_timezone(&desk.zone());
    page.set("time-0", &format!("{:02}:{:02}", due.hour(), due.minute()))
        .await;
    page.see("preview-time").await;
    page.press("save-medicine").await;
    page.gone(r#"[data-screen="medicine-form"]"#, Duration::from_secs(20))
        .await;
    page.press("tab-today").await;
}

fn row(name: &str, state: &str) -> String {
    format!(r#"[data-test="dose-row"][data-name="{name}"][data-state="{state}"]"#)
}
