//! The key of the cache, and the system's keychain that holds it.

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The name of the key in the keychain.
pub(super) const KEY_SECRET: &str = "database-key";

/// The system's keychain, as the shell reaches it. Calls may block, and may succeed later where they failed before.
pub trait Secrets: 'static {
    /// Reads a secret; none where there is none of this name.
    ///
    /// # Errors
    /// See [`SecretsError`].
    fn get(&self, name: &str) -> Result<Option<String>, SecretsError>;
    /// Keeps a secret, or forgets it.
    ///
    /// # Errors
    /// See [`SecretsError`].
    fn set(&self, name: &str, value: Option<&str>) -> Result<(), SecretsError>;
}

/// Why the keychain does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// This device has none, or it is not up yet.
    #[error("there is no keychain")]
    NoKeychain,
    /// It is there, and locked.
    #[error("the keychain is locked")]
    Locked,
    /// Anything else.
    #[error("the keychain failed: {0}")]
    Failed(String),
}

/// The random key of the cache. Never shown, wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct DatabaseKey([u8; 32]);

impl std::fmt::Debug for DatabaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseKey(redacted)")
    }
}

impl DatabaseKey {
    /// A new key.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        fill(&mut bytes);
        Self(bytes)
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As 64 hexadecimal digits.
    pub(super) fn hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.0 {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text
    }

    /// Out of 64 hexadecimal digits; none where the text is not that.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: Zeroizing<Vec<u8>> = Zeroizing::new(
            text.trim()
                .chars()
                .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
                .collect::<Option<_>>()?,
        );
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Some(Self(bytes))
    }
}

/// Fills `bytes` from the system's randomness.
pub(super) fn fill(bytes: &mut [u8]) {
    SystemRandom::new()
        .fill(bytes)
        .expect("a system without randomness cannot run anything safely");
}
