//! Every screen in every size and theme: pictures to look at, and nothing in the way of who reads, hears or enlarges it.
//!
//! Here the screens as they are on most days; the folder's other files bring about what is rare, each for real.

mod attention;
mod codes;
mod doses;
mod entry;
pub mod gallery;
mod pin;
mod without;

use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
};
use serde_json::json;

use self::gallery::{Gallery, Look, SIZES};
use crate::beside_others;

/// The password of the demonstration's accounts.
const PASSWORD: &str = "demo-doseline";
/// The screens that are also looked at in high contrast.
const MAIN: [&str; 4] = ["today", "medicines", "caregiver", "clinic"];

/// A screen by the name that it says of itself, at an address.
struct Screen {
    name: &'static str,
    address: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_screen_can_be_read_by_everyone_in_every_size_and_theme() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let url = backend.url();
    let mut gallery = Gallery::default();

    let browser = Browser::start().await;
    browser.go(&url).await;
    let screens = [Screen {
        name: "sign-in",
        address: url.clone(),
    }];
    for look in [Look::Light, Look::Dark] {
        looked_at(&browser, &screens, look, &mut gallery).await;
    }

    let ada = signed_in(&url, "ada@demo.example").await;
    ada.go(&format!("{url}/medicines")).await;
    // The longest word that stands on a screen.
    ada.press_css(r#"[data-test="medicine-row"][data-name^="Nitrofurantoin"]"#)
        .await;
    ada.screen("medicine").await;
    let medicine = ada.client().current_url().await.expect("it is somewhere").to_string();
    let screens = [
        Screen {
            name: "today",
            address: format!("{url}/today"),
        },
        Screen {
            name: "medicines",
            address: format!("{url}/medicines"),
        },
        Screen {
            name: "medicine",
            address: medicine,
        },
        Screen {
            name: "medicine-form",
            address: format!("{url}/medicines/new"),
        },
        Screen {
            name: "feel",
            address: format!("{url}/feel"),
        },
        Screen {
            name: "people",
            address: format!("{url}/people"),
        },
        Screen {
            name: "audit",
            address: format!("{url}/people/audit"),
        },
        Screen {
            name: "help",
            address: format!("{url}/help"),
        },
        Screen {
            name: "settings",
            address: format!("{url}/settings"),
        },
    ];
    all_looks(&ada, &url, &screens, &mut gallery).await;
    three_sizes_up(&ada, &url).await;
    ada.held_its_tongue(&[]).await;
    drop(ada);

    let chidi = signed_in(&url, "chidi@demo.example").await;
    let screens = [Screen {
        name: "caregiver",
        address: format!("{url}/caregiver"),
    }];
    all_looks(&chidi, &url, &screens, &mut gallery).await;
    chidi.held_its_tongue(&[]).await;
    drop(chidi);

    let nurse = signed_in(&url, "nurse@demo.example").await;
    nurse.press("tab-clinic").await;
    nurse.screen("clinic").await;
    let worklist = nurse.client().current_url().await.expect("it is somewhere").to_string();
    nurse.press("open-patient").await;
    nurse.screen("patient").await;
    let patient = nurse.client().current_url().await.expect("it is somewhere").to_string();
    let screens = [
        Screen {
            name: "clinic",
            address: worklist,
        },
        Screen {
            name: "patient",
            address: patient,
        },
    ];
    all_looks(&nurse, &url, &screens, &mut gallery).await;
    nurse.held_its_tongue(&[]).await;

    gallery.assert_faultless();
}

async fn signed_in(url: &str, email: &str) -> Browser {
    let browser = Browser::start().await;
    browser.go(url).await;
    browser.fill("sign-in-email", email).await;
    browser.fill("sign-in-password", PASSWORD).await;
    browser.press("sign-in-submit").await;
    browser
        .gone(r#"[data-screen="sign-in"]"#, std::time::Duration::from_secs(20))
        .await;
    browser
}

async fn all_looks(browser: &Browser, url: &str, screens: &[Screen], gallery: &mut Gallery) {
    for look in [Look::Light, Look::Dark] {
        looked_at(browser, screens, look, gallery).await;
    }
    browser.go(&format!("{url}/settings")).await;
    browser.choose("simple").await;
    looked_at(browser, screens, Look::Simple, gallery).await;
}

/// Simple mode takes 14, 16 and 18 to 22, 28 and 36, on a phone as anywhere.
async fn three_sizes_up(browser: &Browser, url: &str) {
    browser.size(390, 844).await;
    browser.go(&format!("{url}/today")).await;
    browser.see("dose-row").await;
    let script =
        "return ['nav a', '.row-how', 'main'].map(css => getComputedStyle(document.querySelector(css)).fontSize);";
    assert_eq!(browser.run(script, vec![]).await, json!(["22px", "28px", "36px"]));
}

/// Draws each screen in each size, keeps a picture, and notes every fault.
async fn looked_at(browser: &Browser, screens: &[Screen], look: Look, gallery: &mut Gallery) {
    browser.scheme(if look == Look::Dark { "dark" } else { "light" }).await;
    for screen in screens {
        browser.go(&screen.address).await;
        browser.screen(screen.name).await;
        for (width, height) in SIZES {
            browser.size(width, height).await;
            let named = format!("{}-{width}x{height}-{}", screen.name, look.name());
            gallery.picture(browser, &named).await;
        }
        let (width, height) = SIZES[0];
        browser.size(width, height).await;
        let named = format!("{}-{width}x{height}-{}", screen.name, look.name());
        gallery.twice_as_large(browser, &named, None).await;
        if look == Look::Light && MAIN.contains(&screen.name) {
            gallery.in_place(browser, screen.name, Look::Contrast, None).await;
        }
    }
}
