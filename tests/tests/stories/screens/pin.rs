//! The desktop window before anything opens: a PIN is chosen, entered, entered wrongly; a record that is damaged.

use std::{fs, path::Path, time::Duration};

use doseline_tests::{
    backend::{Backend, Engine},
    desktop::Desk,
};

use super::{
    PASSWORD,
    gallery::{Gallery, Window},
};
use crate::beside_others;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_computer_without_a_keychain_asks_for_a_pin() {
    let _beside = beside_others().await;
    let backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let mut gallery = Gallery::default();
    let mut desk = Desk::set_up_without_keychain(&backend.url());
    let page = desk.open_window().await;
    page.screen("choose-pin").await;
    gallery.state(&Window(&page), "choose-pin").await;
    page.fill("pin", "271828").await;
    page.fill("pin-again", "314159").await;
    page.press("pin-submit").await;
    page.see("pin-differ").await;
    gallery.state(&Window(&page), "choose-pin-differ").await;
    page.fill("pin", "123").await;
    page.fill("pin-again", "123").await;
    page.press("pin-submit").await;
    page.see("field-fault").await;
    gallery.state(&Window(&page), "choose-pin-too-short").await;
    page.fill("pin", "271828").await;
    page.fill("pin-again", "271828").await;
    page.press("pin-submit").await;
    page.screen("sign-in").await;
    gallery.state(&Window(&page), "window-sign-in").await;
    desk.kill_app();
    drop(page);

    let page = desk.open_window().await;
    page.screen("enter-pin").await;
    gallery.state(&Window(&page), "enter-pin").await;
    page.fill("pin", "314159").await;
    page.press("pin-submit").await;
    page.see("fault").await;
    gallery.state(&Window(&page), "enter-pin-wrong").await;
    page.fill("pin", "271828").await;
    page.press("pin-submit").await;
    page.screen("sign-in").await;
    page.close().await;
    gallery.assert_faultless();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_record_says_what_is_safe_and_carries_over_what_can_be_read() {
    let _beside = beside_others().await;
    let mut backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    let mut gallery = Gallery::default();
    let mut desk = Desk::set_up(&backend.url());
    let page = desk.open_window().await;
    page.fill("sign-in-email", "ada@demo.example").await;
    page.fill("sign-in-password", PASSWORD).await;
    page.press("sign-in-submit").await;
    page.screen("today").await;
    page.find_within(r#"[data-test="network"][data-state="saved"]"#, Duration::from_secs(60))
        .await;
    gallery.state(&Window(&page), "window-today").await;
    page.press("tab-settings").await;
    page.see("remind").await;
    gallery.state(&Window(&page), "window-settings").await;
    page.press("tab-today").await;
    backend.stop().await;
    page.press("as-needed-take").await;
    page.find(r#"[data-test="network"][data-state="unsent"]"#).await;
    desk.kill_app();
    drop(page);

    damage(&desk.data().join("doseline.db"));
    let page = desk.open_window().await;
    page.screen("trouble").await;
    gallery.state(&Window(&page), "damaged").await;
    let said = page.text().await;
    assert!(
        said.contains("1 entry that is not sent yet can still be read"),
        "{said}"
    );
    page.press("start-over").await;
    page.screen("today").await;
    backend.start_again().await;
    page.find_within(r#"[data-test="network"][data-state="saved"]"#, Duration::from_secs(90))
        .await;
    page.close().await;
    gallery.assert_faultless();
}

/// Hits two pages of the record, after what the log holds of it has gone into the file: a page that the log holds too is
/// read from there. The log's format is SQLite's: a head of 32 bytes, then frames of 24 bytes and a page.
fn damage(file: &Path) {
    let log = file.with_extension("db-wal");
    let mut content = fs::read(file).expect("the record is there");
    let frames = fs::read(&log).expect("a record that was not closed has a log");
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes")) as usize;
    let size = number(&frames[8..12]);
    for frame in frames[32..].chunks_exact(24 + size) {
        // Frames of an earlier round of the log carry another salt.
        if frame[8..16] != frames[16..24] {
            break;
        }
        let start = (number(&frame[0..4]) - 1) * size;
        content.resize(content.len().max(start + size), 0);
        content[start..start + size].copy_from_slice(&frame[24..]);
    }
    assert!(content.len() > 12 * size, "the record has pages to be damaged");
    for page in [5, 9] {
        content[page * size + 100..page * size + 200].fill(0xff);
    }
    fs::write(file, &content).expect("the record is ours");
    fs::remove_file(&log).expect("the log is ours");
    // The log's index may be there or not.
    let _ = fs::remove_file(file.with_extension("db-shm"));
}
