//! The key file: 32 random bytes in hexadecimal, readable by its owner only.
//!
//! Keys are derived from it (HKDF-SHA-256, RFC 5869), one for each purpose, so that none says anything about another.
//! Backends that share a PostgreSQL share the file.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use ring::hkdf;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::random;

/// What the file holds.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// The key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or made.
    #[error("the key file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner may read it.
    #[error("the key file {path} may be read by others (mode {mode:03o}): run `chmod 600 {path}`")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds something else.
    #[error("the key file {path} does not hold 64 hexadecimal digits; restore it from where it is kept safe")]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The store is there, but its key is not: making a new one would lock it for good.
    #[error("the store is there but its key file {path} is not; restore the key file from where it is kept safe")]
    Lost {
        /// The key file.
        path: PathBuf,
    },
    /// The store belongs to another key file.
    #[error(
        "the store belongs to another key file than {path}: restore that one, or copy it from another backend of this store"
    )]
    Other {
        /// The key file.
        path: PathBuf,
    },
}

impl MasterKey {
    /// Reads the key, or makes it where neither it nor a store that belongs to it is there.
    pub fn load_or_make(path: &Path, store_is_there: bool) -> Result<Self, KeyFileError> {
        match Self::load(path) {
            Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                if store_is_there {
                    return Err(KeyFileError::Lost { path: path.to_owned() });
                }
                Self::make(path)
            }
            other => other,
        }
    }

    /// Reads the key.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io {
            path: path.to_owned(),
            source,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyFileError::TooOpen {
                    path: path.to_owned(),
                    mode,
                });
            }
        }
        let mut text = fs::read_to_string(path).map_err(io)?;
        let key = parse(text.trim()).ok_or_else(|| KeyFileError::NotAKey { path: path.to_owned() });
        text.zeroize();
        key.map(Self)
    }

    /// Makes a new key. Fails where the file is there already.
    fn make(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io)?;
        }
        let key: [u8; 32] = random::bytes();
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(io)?;
        writeln!(file, "{}", random::hex(&key)).map_err(io)?;
        file.sync_all().map_err(io)?;
        Ok(Self(key))
    }

    /// The key that opens the embedded store.
    pub fn store_key(&self) -> [u8; 32] {
        self.derive(b"doseline store 1")
    }

    /// What tells this key from every other one, and nothing else of it.
    pub fn mark(&self) -> String {
        random::hex(&self.derive(b"doseline key mark 1"))
    }

    /// The seed of the Ed25519 key that signs access tokens.
    pub fn signing_seed(&self) -> [u8; 32] {
        self.derive(b"doseline access tokens 1")
    }

    /// The key from which the answer to a refresh that is asked twice is made twice.
    pub fn refresh_key(&self) -> [u8; 32] {
        self.derive(b"doseline refresh tokens 1")
    }

    /// The key that encrypts the keys of second factors in the store.
    pub fn second_factor_key(&self) -> [u8; 32] {
        self.derive(b"doseline second factors 1")
    }

    /// The key under which recovery codes are kept.
    pub fn recovery_code_key(&self) -> [u8; 32] {
        self.derive(b"doseline recovery codes 1")
    }

    /// The key that encrypts the secrets of webhooks in the store.
    pub fn webhook_key(&self) -> [u8; 32] {
        self.derive(b"doseline webhook secrets 1")
    }

    fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        let mut key = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"doseline")
            .extract(&self.0)
            .expand(&[purpose], hkdf::HKDF_SHA256)
            .and_then(|output| output.fill(&mut key))
            .expect("32 bytes are within what HKDF-SHA-256 can give");
        key
    }
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_missing_key_is_made_for_its_owner_only_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/doseline.key");
        let made = MasterKey::load_or_make(&path, false).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = MasterKey::load_or_make(&path, false).unwrap();
        assert_eq!(made.store_key(), read.store_key());
        assert_ne!(made.store_key(), made.signing_seed());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("doseline.key");
        MasterKey::load_or_make(&path, false).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = MasterKey::load(&path).err().unwrap().to_string();
        assert!(error.contains("644") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn no_new_key_is_made_beside_a_store_that_it_could_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("doseline.key");
        assert!(matches!(
            MasterKey::load_or_make(&path, true),
            Err(KeyFileError::Lost { .. })
        ));
        assert!(!path.exists());
    }
}
