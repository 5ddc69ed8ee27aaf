//! A journey: the patient's device finds itself on another clock, asks, and holds a dose that would come too soon or too
//! late; the caregiver at home sees the same times.

use std::time::Duration;

use chrono::Utc;
use chrono_tz::Tz;
use doseline_shared::{dose::DoseAct, zone};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::{Browser, morning_zone},
    on_both_engines,
};

use crate::{
    beside_others,
    main_job::{enter_twice_daily, save_medicine, sign_up, take_next},
    screens::gallery::Gallery,
};

const ADA: &str = "ada@story.example";
const QUESTION: &str = r#"[data-test="attention"][data-kind="travel"]"#;
const HELD: &str = r#"[data-test="attention"][data-kind="held"]"#;
const WAIT: Duration = Duration::from_secs(20);

/// A zone seven hours from the morning's, to the east where there is one. So far away a dose twelve hours after the last
/// comes after five or after nineteen.
fn far_away() -> Tz {
    let hours = zone::offset_at(morning_zone(), Utc::now()).local_minus_utc() / 3600;
    let there = if hours + 7 <= 14 { hours + 7 } else { hours - 7 };
    // The names count westwards.
    let name = if there < 0 {
        format!("Etc/GMT+{}", -there)
    } else {
        format!("Etc/GMT-{there}")
    };
    name.parse().expect("every whole hour has a zone")
}

on_both_engines!(a_journey_asks_and_moves_nothing_by_itself);

async fn a_journey_asks_and_moves_nothing_by_itself(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&url).await;
    sign_up(&ada, "Ada Obi", ADA, "sign-up-patient").await;
    enter_twice_daily(&ada, "Metformin 500 mg").await;
    ada.choose("travels").await;
    save_medicine(&ada).await;
    ada.press("tab-today").await;
    take_next(&ada).await;
    ada.find_within(r#"[data-test="network"][data-state="saved"]"#, WAIT)
        .await;
    assert_eq!(ada.count(QUESTION).await, 0, "at home nobody is asked");

    ada.in_zone(far_away()).await;
    ada.go(&url).await;
    ada.find_within(QUESTION, WAIT).await;
    ada.find(r#"[data-test="dose-row"][data-time="20:00"]"#).await;
    if engine == Engine::Embedded {
        gallery.state(&ada, "travel").await;
    }
    ada.press("travel-keep").await;
    ada.gone(r#"[data-test="travel-keep"]"#, WAIT).await;
    ada.find(QUESTION).await;

    ada.press("travel-move").await;
    ada.gone(QUESTION, WAIT).await;
    ada.find_within(HELD, WAIT).await;
    if engine == Engine::Embedded {
        gallery.state(&ada, "held").await;
    }
    ada.find_within(r#"[data-test="network"][data-state="saved"]"#, WAIT)
        .await;
    let account = Account::sign_in(&backend, ADA).await;
    let held = account.entries(account.patient()).await;
    let held: Vec<_> = held
        .iter()
        .filter(|entry| matches!(entry.what, DoseAct::Held {}))
        .collect();
    assert_eq!(held.len(), 1, "the first dose there, and no other");

    ada.press("let-go").await;
    ada.gone(HELD, WAIT).await;
    ada.go(&url).await;
    ada.find_within(r#"[data-test="dose-row"][data-time="20:00"]"#, WAIT)
        .await;
    assert_eq!(
        ada.count(QUESTION).await + ada.count(HELD).await,
        0,
        "what was answered stays answered"
    );
    gallery.assert_faultless();
}
