//! A backend, and a desktop app, that are told to stop.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use doseline_tests::{
    backend::{Backend, Engine},
    desktop::Desk,
    process,
};

use crate::{alone, beside_others};

/// It ends by itself, without a crash on the way out, and leaves one whole file: the log is written back before the process
/// ends, not while it does. The backend's `stop` holds that it ends well.
#[tokio::test]
async fn a_backend_that_is_told_to_stop_writes_its_log_back_and_ends_well() {
    let _beside = beside_others().await;
    let mut backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    for round in 0..12 {
        backend.stop().await;
        let log = backend.store_file().with_extension("db-wal");
        let left = fs::metadata(&log).map_or(0, |log| log.len());
        assert_eq!(left, 0, "round {round}: bytes of the log that were not written back");
        backend.start_again().await;
    }
    backend.stop().await;
}

/// The same of the desktop app, at logout and by Ctrl-C.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_app_that_is_told_to_stop_writes_its_log_back_and_ends() {
    let _alone = alone().await;
    let backend = Backend::start(Engine::Embedded).await;
    for signal in ["TERM", "INT"] {
        let mut desk = Desk::set_up(&backend.url());
        desk.start_hidden();
        let begun = Instant::now();
        while logs(&desk.data()).is_empty() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the app opens its cache: {}",
                desk.logs()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        process::signal(signal, &desk.app());
        desk.app_ends(Duration::from_secs(10));
        assert_eq!(
            logs(&desk.data()),
            Vec::<u64>::new(),
            "bytes of the log that were not written back after {signal}"
        );
    }
}

/// The sizes of the write-ahead logs in a folder that hold anything.
fn logs(folder: &Path) -> Vec<u64> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter(|file| file.file_name().to_string_lossy().ends_with("-wal"))
        .filter_map(|file| Some(file.metadata().ok()?.len()))
        .filter(|bytes| *bytes > 0)
        .collect()
}
