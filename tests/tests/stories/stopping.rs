//! A backend that is told to stop.

use doseline_tests::backend::{Backend, Engine};

use crate::beside_others;

/// It ends by itself, without a crash on the way out, and leaves one whole file: the log is written back before the process
/// ends, not while it does. The backend's `stop` holds that it ends well.
#[tokio::test]
async fn a_backend_that_is_told_to_stop_writes_its_log_back_and_ends_well() {
    let _beside = beside_others().await;
    let mut backend = Backend::start_with(Engine::Embedded, &["--demo"]).await;
    for round in 0..12 {
        backend.stop().await;
        let log = backend.store_file().with_extension("db-wal");
        let left = std::fs::metadata(&log).map_or(0, |log| log.len());
        assert_eq!(left, 0, "round {round}: bytes of the log that were not written back");
        backend.start_again().await;
    }
    backend.stop().await;
}
