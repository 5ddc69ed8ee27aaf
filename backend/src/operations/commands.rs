//! Commands over the store: backup and restore.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    config::{Config, StoreKind, key_file::MasterKey},
    serve::{ServeError, open_store},
    store::{self, StoreError, StoreKey},
};

/// A command that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Key file or store.
    #[error(transparent)]
    Open(#[from] ServeError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A command for the embedded store only.
    #[error("this command is for the embedded store; for PostgreSQL use its own tools, such as pg_dump and pg_restore")]
    NotEmbedded,
    /// What is to be written out.
    #[error("writing the export: {0}")]
    Write(#[from] io::Error),
    /// The store that is to be restored is there already.
    #[error("{0} is there already; move it away first, so that nothing is written over")]
    StoreExists(PathBuf),
}

/// Writes an encrypted, verified copy of the embedded store to `target`, while it may be in use.
pub async fn backup(config: &Config, target: &Path) -> Result<(), CommandError> {
    if config.store.kind != StoreKind::Embedded {
        return Err(CommandError::NotEmbedded);
    }
    let (store, _) = open_store(config).await?;
    Ok(store.backup(target).await?)
}

/// Brings a backup back as the embedded store, which must not exist. The backend must not be running.
pub async fn restore(config: &Config, from: &Path) -> Result<(), CommandError> {
    if config.store.kind != StoreKind::Embedded {
        return Err(CommandError::NotEmbedded);
    }
    if config.store.path.exists() {
        return Err(CommandError::StoreExists(config.store.path.clone()));
    }
    if let Some(folder) = config
        .store
        .path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(ServeError::Folder)?;
    }
    // Only the key that the backup was made with opens it: a missing key is an error here, never a new one.
    let key = MasterKey::load(&config.store.key_file).map_err(ServeError::from)?;
    Ok(store::restore(from, &StoreKey::new(key.store_key()), &config.store.path).await?)
}
