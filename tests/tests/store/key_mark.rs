//! A store belongs to one key file, and is not served with another one or with none.

use std::{fs, path::Path};

use doseline_backend::{
    ServeError,
    config::{Config, StoreKind, key_file::KeyFileError},
    open_store,
    store::StoreError,
};
use doseline_tests::postgres;

fn config(folder: &Path, url: Option<String>) -> Config {
    let mut config = Config::default();
    config.store.path = folder.join("doseline.db");
    config.store.key_file = folder.join("doseline.key");
    if let Some(url) = url {
        config.store.kind = StoreKind::Postgres;
        config.store.url = Some(url.into());
    }
    config
}

async fn opens(config: &Config) -> Result<(), ServeError> {
    open_store(config).await.map(drop)
}

/// Puts the key file of another store in this place.
async fn put_another(key: &Path) {
    let other = tempfile::tempdir().expect("a folder");
    let elsewhere = config(other.path(), None);
    opens(&elsewhere).await.expect("a store with another key");
    fs::copy(&elsewhere.store.key_file, key).expect("it is copied");
}

#[tokio::test]
async fn a_store_on_postgresql_is_not_served_with_another_key_file_or_with_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), Some(postgres::fresh_database().await));
    let (key, kept) = (&config.store.key_file, folder.path().join("kept"));
    opens(&config).await.expect("a new store makes its key");
    fs::rename(key, &kept).expect("it is moved");
    let lost = opens(&config).await;
    assert!(
        matches!(lost, Err(ServeError::Key(KeyFileError::Lost { .. }))),
        "{lost:?}"
    );
    assert!(!key.exists(), "none was made in its place");

    put_another(key).await;
    let wrong = opens(&config).await;
    assert!(
        matches!(wrong, Err(ServeError::Key(KeyFileError::Other { .. }))),
        "{wrong:?}"
    );

    fs::rename(&kept, key).expect("it is brought back");
    opens(&config).await.expect("it opens with its own");
}

#[tokio::test]
async fn an_embedded_store_is_not_served_with_another_key_file_or_with_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(folder.path(), None);
    let key = &config.store.key_file;
    opens(&config).await.expect("a new store makes its key");
    let own = fs::read(key).expect("it is there");
    fs::remove_file(key).expect("it is removed");
    let lost = opens(&config).await;
    assert!(
        matches!(lost, Err(ServeError::Key(KeyFileError::Lost { .. }))),
        "{lost:?}"
    );
    put_another(key).await;
    let wrong = opens(&config).await;
    assert!(
        matches!(wrong, Err(ServeError::Store(StoreError::WrongKey))),
        "{wrong:?}"
    );
    fs::write(key, own).expect("it is brought back");
    opens(&config).await.expect("it opens with its own");
}
