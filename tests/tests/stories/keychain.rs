//! A keychain that is locked when somebody opens Doseline for the first time.

use doseline_tests::{
    backend::{Backend, Engine},
    desktop::Desk,
};

use crate::alone;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_keychain_on_a_new_device_is_called_that_and_opens_once_it_is_unlocked() {
    let _alone = alone().await;
    let backend = Backend::start(Engine::Embedded).await;
    let mut desk = Desk::set_up(&backend.url());
    desk.lock_keychain();
    let refusing = desk.refuse_keychain();
    let page = desk.open_window().await;
    page.screen("trouble").await;
    assert_eq!(
        page.read("fault").await,
        "Your keychain, where this computer keeps its passwords, is locked. Unlock it, then try again."
    );
    assert_eq!(page.count("button").await, 1, "there is one thing to do");
    drop(refusing);

    page.press("try-again").await;
    desk.answer_keychain().await;
    page.see("go-sign-up").await;
    page.close().await;
}
