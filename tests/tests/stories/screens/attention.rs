//! What needs a person: two changes at once, an entry that is refused, a clock set back, another version, records that
//! this version cannot read.

use std::time::Duration;

use doseline_shared::api::VERSION_HEADER;
use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
};

use super::{gallery::Gallery, signed_in};
use crate::{
    beside_others,
    main_job::{add_twice_daily, invite_caregiver, sign_up, take_next},
};

const METFORMIN: &str = r#"[data-test="medicine-row"][data-name^="Metformin"]"#;
/// The clock of every page that opens goes three hours behind.
const SET_BACK: &str = "const Real = Date; const behind = 3 * 3600 * 1000; globalThis.Date = class extends Real { \
                        constructor(...all) { if (all.length) { super(...all); } else { super(Real.now() - behind); } } \
                        static now() { return Real.now() - behind; } };";
/// Every allergy that comes in is of a kind that only a later version knows.
const LATER_VERSION: &str = "const real = window.fetch.bind(window); window.fetch = async (...all) => { \
                             const answer = await real(...all); \
                             if (!new URL(answer.url).pathname.startsWith('/v1/sync/')) return answer; \
                             const text = (await answer.text()).replaceAll('\"type\":\"allergy\"', '\"type\":\"allergy_of_2031\"'); \
                             return new Response(text, { status: answer.status, headers: answer.headers }); };";

fn attention(kind: &str) -> String {
    format!(r#"[data-test="attention"][data-kind="{kind}"]"#)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_medicine_that_is_changed_in_two_places_waits_for_a_person() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let (here, there) = (
        signed_in(&url, "ada@demo.example").await,
        signed_in(&url, "ada@demo.example").await,
    );
    here.press("tab-medicines").await;
    here.press_css(METFORMIN).await;
    here.press("edit-medicine").await;
    here.screen("medicine-form").await;
    here.see("medicine-name").await;
    here.offline(true).await;
    renamed(&here, "Metformin 850 mg").await;
    there.press("tab-medicines").await;
    there.press_css(METFORMIN).await;
    there.press("edit-medicine").await;
    renamed(&there, "Metformin 1000 mg").await;
    here.offline(false).await;
    here.press("tab-today").await;
    here.find_within(&attention("conflict"), Duration::from_secs(60)).await;
    gallery.state(&here, "conflict").await;
    here.press("settle-mine").await;
    here.gone(&attention("conflict"), Duration::from_secs(10)).await;
    there.press("tab-medicines").await;
    there
        .find_within(
            r#"[data-test="medicine-row"][data-name="Metformin 850 mg"]"#,
            Duration::from_secs(10),
        )
        .await;
    gallery.assert_faultless();
}

async fn renamed(browser: &Browser, name: &str) {
    browser.fill("medicine-name", name).await;
    browser.press("save-medicine").await;
    browser
        .gone(r#"[data-screen="medicine-form"]"#, Duration::from_secs(10))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_is_refused_is_told_to_who_made_it() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&url).await;
    sign_up(&ada, "Ada Obi", "ada@story.example", "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    let code = invite_caregiver(&ada).await;
    let chidi = Browser::start().await;
    chidi.go(&format!("{url}/join?code={code}")).await;
    sign_up(&chidi, "Chidi Eze", "chidi@story.example", "sign-up-carer").await;
    chidi.press("join-submit").await;
    chidi.press("join-on").await;
    chidi.screen("person").await;
    chidi.find(r#"[data-test="dose-row"][data-time="08:00"]"#).await;

    chidi.offline(true).await;
    chidi.press("row-taken").await;
    chidi.find(r#"[data-test="dose-row"][data-state="taken"]"#).await;
    ada.press("tab-people").await;
    ada.press("grant-end").await;
    ada.press("grant-end-confirm").await;
    ada.find(r#"[data-test="grant-row"][data-active="false"]"#).await;
    chidi.offline(false).await;
    chidi.press("tab-settings").await;
    chidi.find_within(&attention("refused"), Duration::from_secs(60)).await;
    gallery.state(&chidi, "refused").await;
    chidi.press("settle-theirs").await;
    chidi.gone(&attention("refused"), Duration::from_secs(10)).await;
    gallery.assert_faultless();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_set_back_another_version_and_unknown_records_are_told_and_nothing_is_lost() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let url = backend.url();
    let mut gallery = Gallery::default();
    let ada = signed_in(&url, "ada@demo.example").await;
    ada.press("as-needed-take").await;
    ada.find(r#"[data-test="network"][data-state="saved"]"#).await;
    ada.before_each_page(SET_BACK).await;
    ada.go(&format!("{url}/today")).await;
    ada.find(&attention("clock")).await;
    gallery.state(&ada, "clock-set-back").await;
    drop(ada);

    let ada = signed_in(&url, "ada@demo.example").await;
    ada.before_each_page(LATER_VERSION).await;
    ada.go(&format!("{url}/today")).await;
    ada.find(&attention("quarantined")).await;
    gallery.state(&ada, "quarantined").await;
    drop(ada);

    let ada = Browser::start().await;
    ada.go(&url).await;
    sign_up(&ada, "Ada Obi", "ada@story.example", "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-today").await;
    ada.find(r#"[data-test="network"][data-state="saved"]"#).await;
    ada.header(VERSION_HEADER, "99").await;
    take_next(&ada).await;
    ada.find_within(&attention("version"), Duration::from_secs(60)).await;
    gallery.state(&ada, "other-version").await;
    gallery.assert_faultless();
}
