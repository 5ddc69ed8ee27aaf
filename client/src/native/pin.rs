//! A PIN in place of a keychain: Argon2id makes a key of it, and that wraps the random key of the cache.
//!
//! Owns `key.pin`, the wrapped key, and `key.tries`, the count of wrong PINs. A wrong PIN costs time: from the third on
//! the wait doubles, and it outlives a restart.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, Duration, Utc};
use doseline_shared::api::ErrorCode;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key::{DatabaseKey, fill};
use crate::ask::Fault;

/// Memory of Argon2id, in KiB: 64 MiB.
const MEMORY: u32 = 64 * 1024;
/// Passes of Argon2id.
const PASSES: u32 = 3;
/// Says what the wrapped key is, so that it cannot stand for anything else.
const PURPOSE: &[u8] = b"doseline cache key, wrapped by a PIN, 1";
/// Wrong PINs that cost no wait.
const FREE: u32 = 2;
/// The longest wait, in seconds.
const LONGEST_S: u32 = 3_600;

/// The two files.
pub(super) struct Pin {
    wrapped: PathBuf,
    tries: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    version: u32,
    memory_kib: u32,
    passes: u32,
    salt: Vec<u8>,
    nonce: [u8; 12],
    key: Vec<u8>,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Tries {
    wrong: u32,
    last_ms: i64,
}

impl Pin {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            wrapped: dir.join("key.pin"),
            tries: dir.join("key.tries"),
        }
    }

    /// Whether a PIN was chosen on this device.
    pub(super) fn exists(&self) -> bool {
        self.wrapped.exists()
    }

    /// Wraps `key` by a new PIN.
    pub(super) fn choose(&self, pin: &str, key: &DatabaseKey) -> Result<(), Fault> {
        if !(6..=32).contains(&pin.chars().count()) {
            return Err(Fault::field("pin"));
        }
        let mut salt = vec![0; 16];
        fill(&mut salt);
        let mut nonce = [0; 12];
        fill(&mut nonce);
        let wrapping = wrapping_key(pin, &salt, MEMORY, PASSES)?;
        let mut sealed = key.bytes().to_vec();
        wrapping
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(PURPOSE), &mut sealed)
            .map_err(|_| Fault::of(ErrorCode::Internal))?;
        let wrapped = Wrapped {
            version: 1,
            memory_kib: MEMORY,
            passes: PASSES,
            salt,
            nonce,
            key: sealed,
        };
        let text = serde_json::to_vec(&wrapped).map_err(|_| Fault::of(ErrorCode::Internal))?;
        write_privately(&self.wrapped, &text).map_err(io_fault)?;
        Ok(())
    }

    /// Unwraps the key.
    ///
    /// # Errors
    /// `WrongPin`, with the seconds to wait before the next attempt; `TooManyAttempts` where that wait is not over.
    pub(super) fn unwrap(&self, pin: &str, now: DateTime<Utc>) -> Result<DatabaseKey, Fault> {
        let tries = self.tries();
        if let Some(seconds) = wait(tries, now) {
            return Err(Fault {
                retry_after: Some(seconds),
                ..Fault::of(ErrorCode::TooManyAttempts)
            });
        }
        let text = fs::read(&self.wrapped).map_err(io_fault)?;
        let wrapped: Wrapped = serde_json::from_slice(&text).map_err(|_| Fault::of(ErrorCode::CacheDamaged))?;
        let wrapping = wrapping_key(pin, &wrapped.salt, wrapped.memory_kib, wrapped.passes)?;
        let mut sealed = Zeroizing::new(wrapped.key);
        let nonce = Nonce::assume_unique_for_key(wrapped.nonce);
        let Ok(opened) = wrapping.open_in_place(nonce, Aad::from(PURPOSE), &mut sealed) else {
            let tries = Tries {
                wrong: tries.wrong.saturating_add(1),
                last_ms: now.timestamp_millis(),
            };
            let text = serde_json::to_vec(&tries).map_err(|_| Fault::of(ErrorCode::Internal))?;
            write_privately(&self.tries, &text).map_err(io_fault)?;
            return Err(Fault {
                retry_after: wait(tries, now),
                ..Fault::of(ErrorCode::WrongPin)
            });
        };
        let bytes = <[u8; 32]>::try_from(&*opened).map_err(|_| Fault::of(ErrorCode::CacheDamaged))?;
        if self.tries.exists()
            && let Err(error) = fs::remove_file(&self.tries)
        {
            tracing::warn!(pin.error = %error, "the count of wrong PINs could not be cleared");
        }
        Ok(DatabaseKey::from_bytes(bytes))
    }

    fn tries(&self) -> Tries {
        fs::read(&self.tries)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }
}

/// Seconds still to wait. A clock that was set back does not shorten the wait, and cannot make it longer than its whole.
fn wait(tries: Tries, now: DateTime<Utc>) -> Option<u32> {
    let doublings = tries.wrong.checked_sub(FREE + 1)?;
    let whole = 5u32.checked_shl(doublings.min(12)).unwrap_or(LONGEST_S).min(LONGEST_S);
    let last = DateTime::from_timestamp_millis(tries.last_ms)?;
    let since = (now - last).max(Duration::zero()).num_seconds();
    let left = i64::from(whole) - since;
    u32::try_from(left).ok().filter(|left| *left > 0)
}

fn wrapping_key(pin: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Result<LessSafeKey, Fault> {
    let internal = || Fault::of(ErrorCode::Internal);
    let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| internal())?;
    let mut bytes = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut *bytes)
        .map_err(|_| internal())?;
    UnboundKey::new(&AES_256_GCM, &*bytes)
        .map(LessSafeKey::new)
        .map_err(|_| internal())
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_privately(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn io_fault(error: io::Error) -> Fault {
    Fault::of(match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
        _ => ErrorCode::Internal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_pins_cost_more_and_more_time_and_a_restart_does_not_help() {
        let dir = tempfile::tempdir().unwrap();
        let pin = Pin::new(dir.path());
        let key = DatabaseKey::random();
        let mut now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(pin.choose("12345", &key).unwrap_err().field.as_deref(), Some("pin"));
        pin.choose("correct horse", &key).unwrap();

        let wrong = |now| pin.unwrap("battery staple", now).unwrap_err();
        assert_eq!(wrong(now).code, ErrorCode::WrongPin);
        assert_eq!(wrong(now).retry_after, None);
        let third = wrong(now);
        assert_eq!((third.code, third.retry_after), (ErrorCode::WrongPin, Some(5)));
        let again = Pin::new(dir.path());
        assert_eq!(
            again.unwrap("correct horse", now).unwrap_err().code,
            ErrorCode::TooManyAttempts
        );
        assert_eq!(
            again
                .unwrap("correct horse", now - Duration::days(1))
                .unwrap_err()
                .retry_after,
            Some(5)
        );
        now += Duration::seconds(5);
        assert_eq!(wrong(now).retry_after, Some(10));
        now += Duration::seconds(10);
        assert!(again.unwrap("correct horse", now).unwrap() == key);
        assert_eq!(wrong(now).retry_after, None, "the right PIN clears the count");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_wrapped_key_and_it_is_not_in_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let key = DatabaseKey::random();
        Pin::new(dir.path()).choose("correct horse", &key).unwrap();
        let path = dir.path().join("key.pin");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let content = fs::read(&path).unwrap();
        assert!(!content.windows(8).any(|window| window == &key.bytes()[..8]));
    }
}
