//! Every screen in every size and theme: pictures to look at, and nothing in the way of who reads, hears or enlarges it.

use std::fs;

use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
    place,
};
use serde_json::{Value, json};

use crate::beside_others;

/// The password of the demonstration's accounts.
const PASSWORD: &str = "demo-doseline";
const SIZES: [(u32, u32); 3] = [(390, 844), (820, 1180), (1440, 900)];

/// How a screen looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Light,
    Dark,
    Simple,
}

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
    let mut faults = Vec::new();

    let browser = Browser::start().await;
    browser.go(&url).await;
    let screens = [Screen {
        name: "sign-in",
        address: url.clone(),
    }];
    for look in [Look::Light, Look::Dark] {
        looked_at(&browser, &screens, look, &mut faults).await;
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
            name: "people",
            address: format!("{url}/people"),
        },
        Screen {
            name: "settings",
            address: format!("{url}/settings"),
        },
    ];
    all_looks(&ada, &url, &screens, &mut faults).await;
    ada.held_its_tongue(&[]).await;
    drop(ada);

    let chidi = signed_in(&url, "chidi@demo.example").await;
    let screens = [Screen {
        name: "caregiver",
        address: format!("{url}/caregiver"),
    }];
    all_looks(&chidi, &url, &screens, &mut faults).await;
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
    all_looks(&nurse, &url, &screens, &mut faults).await;
    nurse.held_its_tongue(&[]).await;

    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
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

async fn all_looks(browser: &Browser, url: &str, screens: &[Screen], faults: &mut Vec<String>) {
    for look in [Look::Light, Look::Dark] {
        looked_at(browser, screens, look, faults).await;
    }
    browser.go(&format!("{url}/settings")).await;
    browser.choose("simple").await;
    looked_at(browser, screens, Look::Simple, faults).await;
}

/// Draws each screen in each size, keeps a picture, and notes every fault.
async fn looked_at(browser: &Browser, screens: &[Screen], look: Look, faults: &mut Vec<String>) {
    let look_name = match look {
        Look::Light => "light",
        Look::Dark => "dark",
        Look::Simple => "simple",
    };
    browser.scheme(if look == Look::Dark { "dark" } else { "light" }).await;
    let folder = place::screenshots();
    fs::create_dir_all(&folder).expect("the target folder is ours");
    for screen in screens {
        browser.go(&screen.address).await;
        browser.screen(screen.name).await;
        for (width, height) in SIZES {
            browser.size(width, height).await;
            let named = format!("{}-{width}x{height}-{look_name}", screen.name);
            settled(browser).await;
            fs::write(folder.join(format!("{named}.png")), browser.picture(false).await).expect("the folder is ours");
            faults.extend(
                violations(browser)
                    .await
                    .into_iter()
                    .map(|fault| format!("{named}: {fault}")),
            );
            faults.extend(overflow(browser).await.map(|fault| format!("{named}: {fault}")));
        }
        let (width, height) = SIZES[0];
        browser.size(width, height).await;
        browser
            .run("document.documentElement.style.fontSize = '200%'", vec![])
            .await;
        settled(browser).await;
        let named = format!("{}-{width}x{height}-{look_name}-200-percent", screen.name);
        fs::write(folder.join(format!("{named}.png")), browser.picture(false).await).expect("the folder is ours");
        faults.extend(overflow(browser).await.map(|fault| format!("{named}: {fault}")));
        browser
            .run("document.documentElement.style.fontSize = ''", vec![])
            .await;
    }
}

/// Waits until fonts are there and what was changed is drawn.
async fn settled(browser: &Browser) {
    let script = "const done = arguments[0]; document.fonts.ready.then(() => \
                  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))));";
    browser.run_async(script, vec![]).await;
}

/// What axe-core finds against the screen.
async fn violations(browser: &Browser) -> Vec<String> {
    if browser.run("return typeof axe", vec![]).await == "undefined" {
        let axe = fs::read_to_string(place::tool("node_modules/axe-core/axe.min.js")).expect("axe-core is text");
        browser.run(&axe, vec![]).await;
    }
    let script = "const done = arguments[0]; axe.run(document).then(\
                  found => done(found.passes.length < 10 ? ['axe-core looked at too little'] : found.violations.map(v => v.id + ': ' + v.help + ' at ' \
                    + v.nodes.map(n => n.target.join(' ') + ' ' + n.any.map(a => a.message).join('; ')).join(' | '))), \
                  error => done(['axe-core itself failed: ' + error]));";
    match browser.run_async(script, vec![]).await {
        Value::Array(found) => found
            .into_iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect(),
        other => vec![format!("axe-core answered {other}")],
    }
}

/// What sticks out of the width of the screen.
async fn overflow(browser: &Browser) -> Option<String> {
    let script = "const root = document.documentElement; if (root.scrollWidth <= root.clientWidth) return null; \
                  const out = [...document.querySelectorAll('body *')].filter(e => \
                    e.getBoundingClientRect().right > root.clientWidth + 1); \
                  return root.scrollWidth + ' > ' + root.clientWidth + ' by ' + \
                    out.slice(-4).map(e => e.outerHTML.slice(0, 120)).join(' | ');";
    let found = browser.run(script, vec![json!(null)]).await;
    found.as_str().map(|text| format!("sticks out: {text}"))
}
