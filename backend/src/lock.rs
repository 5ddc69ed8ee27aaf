//! Locks small secrets that have to come back: AES-256-GCM under a key of their kind, each bound to what it belongs to, so
//! that a row which is copied over another opens nothing.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{fault::Fault, random};

/// See the module.
pub struct Lock {
    key: LessSafeKey,
    /// What is locked, for the log.
    of: &'static str,
}

impl Lock {
    /// With this key, for secrets of this kind.
    pub fn new(key: &[u8; 32], of: &'static str) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes");
        Self {
            key: LessSafeKey::new(key),
            of,
        }
    }

    /// The secret as it is kept: nonce and ciphertext, bound to `owner`.
    pub fn locked(&self, owner: Uuid, secret: &[u8]) -> Result<String, Fault> {
        let nonce: [u8; NONCE_LEN] = random::bytes();
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound(owner), &mut text)
            .map_err(|_| Fault::Internal)?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &text, tag.as_ref()].concat()))
    }

    /// The secret that is kept.
    pub fn open(&self, owner: Uuid, kept: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut bytes = STANDARD_NO_PAD.decode(kept).map_err(|_| Fault::Internal)?;
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(Fault::Internal)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Fault::Internal)?;
        let secret = self.key.open_in_place(nonce, bound(owner), text).map_err(|_| {
            tracing::error!(
                lock.of = self.of,
                "a secret does not open: is the key file another one?"
            );
            Fault::Internal
        })?;
        let opened = Zeroizing::new(secret.to_vec());
        secret.fill(0);
        Ok(opened)
    }
}

fn bound(owner: Uuid) -> Aad<[u8; 16]> {
    Aad::from(*owner.as_bytes())
}
