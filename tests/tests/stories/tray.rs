//! The icon in the tray, in a real panel: what it says, and that it acts while the window is closed.

use std::time::{Duration, Instant};

use doseline_client::words::Words;
use doseline_tests::{
    backend::{Backend, Engine},
    desktop::Desk,
};

use crate::{
    alone,
    main_job::{add_twice_daily, sign_up},
    window::synced,
};

/// A menu has a meaning of its own for the sign in it.
const NAME: &str = "Vitamin A & D";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tray_names_the_next_dose_opens_the_closed_window_and_quits() {
    let _alone = alone().await;
    let words = Words::new("en");
    let (open, quit) = (words.say("tray-open", &[]), words.say("tray-quit", &[]));
    let backend = Backend::start(Engine::Embedded).await;
    let mut desk = Desk::set_up(&backend.url());
    desk.start_panel();
    let page = desk.open_window().await;
    let tray = desk.tray().await;
    let icon = desk.tray_icon(&tray);
    assert!(
        icon.contains("'Status': <'Active'>") && icon.contains(".png'>"),
        "the icon is shown: {icon}"
    );
    assert_eq!(
        labels(&desk, &tray),
        [words.say("tray-nothing", &[]), open.clone(), quit.clone()]
    );

    sign_up(&page, "Ada Obi", "ada@story.example", "sign-up-patient").await;
    page.screen("today").await;
    add_twice_daily(&page, NAME).await;
    synced(&page).await;
    let next = words.say("tray-next", &[("time", "08:00"), ("name", NAME)]);
    until("the tray names the next dose", || labels(&desk, &tray)[0] == next).await;

    desk.close_window().await;
    assert!(!desk.app().is_empty(), "the app runs on");
    desk.choose_in_tray(&tray, &open);
    until("the tray opens the window", || desk.shows_window()).await;

    desk.close_window().await;
    desk.choose_in_tray(&tray, &quit);
    until("the tray ends the app", || desk.app().is_empty()).await;
}

fn labels(desk: &Desk, tray: &doseline_tests::desktop::Tray) -> Vec<String> {
    desk.tray_menu(tray).into_iter().map(|(_, label)| label).collect()
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "not within 20 s: {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
