//! The way to PostgreSQL: encrypted, and only to a server that proves its name.

use std::path::Path;

use doseline_backend::store::{Store, StoreConfig, StoreError, Tx};
use doseline_tests::{authority::Authority, postgres};
use tempfile::NamedTempFile;

async fn open(url: String, ca_file: Option<&Path>) -> Result<Store, StoreError> {
    Store::open(StoreConfig::Postgres {
        url,
        ca_file: ca_file.map(Path::to_owned),
        pool_size: 2,
    })
    .await
}

fn file(authority: &str) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, authority).expect("it is ours");
    file
}

#[tokio::test]
async fn records_go_encrypted_to_a_server_that_proves_its_name() {
    let plain = postgres::fresh_database().await;
    let trusted = file(postgres::authority());
    let store = open(format!("{plain}?sslmode=require"), Some(trusted.path()))
        .await
        .expect("the server proves its name");
    // What the server says of every connection of the store: those of its pool, and the one that listens.
    store
        .read(async |tx: &mut Tx| doseline_backend::store::clinic::list(tx).await)
        .await
        .expect("it is read");
    let server = crate::bench::connect(&plain).await;
    let rows = server
        .query(
            "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
             WHERE a.datname = current_database() AND a.application_name = 'doseline'",
            &[],
        )
        .await
        .expect("the server tells");
    assert!(rows.len() >= 2, "{} connections", rows.len());
    assert!(rows.iter().all(|row| row.get::<_, bool>(0)), "all are encrypted");
}

#[tokio::test]
async fn a_server_that_cannot_prove_its_name_gets_nothing() {
    let url = format!("{}?sslmode=require", postgres::fresh_database().await);
    let stranger = file(&Authority::new().pem);
    let refused = open(url.clone(), Some(stranger.path())).await.err();
    assert!(
        matches!(refused, Some(StoreError::Unavailable(_) | StoreError::Failed(_))),
        "{refused:?}"
    );
    // It is vouched for as 127.0.0.1, and as nobody else.
    let trusted = file(postgres::authority());
    let other = url.replace("@127.0.0.1:", "@localhost:");
    assert!(open(other, Some(trusted.path())).await.is_err());
    assert!(open(url, Some(trusted.path())).await.is_ok());
}
