//! Where this device keeps its files, and that only one process works on them.
//!
//! Owns the choice of the data directory, its permissions, and the lock in it. Knows nothing of what lies there.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Names another data directory than the platform's, for tests and for a second person at one account.
const DATA_DIR: &str = "DOSELINE_DATA_DIR";

const LOCK: &str = "doseline.lock";

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Another process works on it.
    #[error("Doseline is already running on this data directory")]
    InUse,
    /// It cannot be made, or not be written to.
    #[error("the data directory cannot be used: {0}")]
    Unusable(#[from] io::Error),
}

/// The data directory of this process. While it lives, no other process gets it.
#[derive(Debug)]
pub struct Place {
    dir: PathBuf,
    chosen: bool,
    _lock: File,
}

impl Place {
    /// Takes the directory that the environment names, or else the platform's.
    ///
    /// # Errors
    ///
    /// [`PlaceError`]: the app cannot promise to keep anything, so it must not start.
    pub fn take(platform: PathBuf) -> Result<Self, PlaceError> {
        match std::env::var_os(DATA_DIR).filter(|dir| !dir.is_empty()) {
            Some(dir) => Self::take_dir(PathBuf::from(dir), true),
            None => Self::take_dir(platform, false),
        }
    }

    fn take_dir(dir: PathBuf, chosen: bool) -> Result<Self, PlaceError> {
        fs::create_dir_all(&dir)?;
        keep_to_the_owner(&dir)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                dir,
                chosen,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(PlaceError::InUse),
            Err(TryLockError::Error(error)) => Err(PlaceError::Unusable(error)),
        }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the keychain files the secrets of this directory under. A directory of one's own has secrets of its own.
    pub fn keychain_service(&self, identifier: &str) -> String {
        if self.chosen {
            let dir = fs::canonicalize(&self.dir).unwrap_or_else(|_| self.dir.clone());
            format!("{identifier}:{}", dir.display())
        } else {
            identifier.to_owned()
        }
    }
}

#[cfg(unix)]
fn keep_to_the_owner(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

/// On Windows the profile's own access list already keeps it to its owner.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
fn keep_to_the_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_does_not_get_the_same_directory() {
        let dir = tempfile::tempdir().unwrap();
        let first = Place::take_dir(dir.path().join("data"), true).unwrap();
        assert!(matches!(
            Place::take_dir(dir.path().join("data"), true),
            Err(PlaceError::InUse)
        ));
        drop(first);
        assert!(Place::take_dir(dir.path().join("data"), true).is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_on_the_computer_can_look_into_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let place = Place::take_dir(dir.path().join("data"), true).unwrap();
        let mode = fs::metadata(place.dir()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn two_directories_have_secrets_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let one = Place::take_dir(dir.path().join("one"), true).unwrap();
        let two = Place::take_dir(dir.path().join("two"), true).unwrap();
        let usual = Place::take_dir(dir.path().join("usual"), false).unwrap();
        assert_ne!(one.keychain_service("app"), two.keychain_service("app"));
        assert_eq!(usual.keychain_service("app"), "app");
    }
}
