//! How a device comes by its cache: at once, after a PIN, or not at all.
//!
//! Owns the states before the cache is open. What is inside the cache is `cache`'s matter.

use crate::{ask::Fault, cache::Cache};

/// Opens the cache. The shells have one over the keychain and an encrypted file; a browser passes [`Ready`].
#[expect(
    async_fn_in_trait,
    reason = "the core runs on one thread on both hosts; no future has to be Send"
)]
pub trait Vault {
    /// What it opens.
    type Cache: Cache;
    /// Opens it with what the device holds: the keychain's key, where there is one.
    async fn open(&self) -> Opening<Self::Cache>;
    /// Chooses the PIN of a device without a keychain, and opens.
    async fn choose_pin(&self, pin: &str) -> Result<Opening<Self::Cache>, Fault>;
    /// Opens with the PIN.
    async fn unlock(&self, pin: &str) -> Result<Opening<Self::Cache>, Fault>;
    /// Puts the present file aside and opens a new cache that holds what could be saved.
    async fn start_over(&self) -> Result<Opening<Self::Cache>, Fault>;
}

/// What came of opening.
pub enum Opening<C> {
    /// It is open.
    Open(C),
    /// No keychain and no PIN yet.
    ChoosePin,
    /// No keychain; the PIN opens it.
    EnterPin,
    /// It does not open. It was left as it is.
    Trouble {
        /// Why.
        fault: Fault,
        /// Unsent entries that can still be read, and that a new cache will hold.
        saved: u32,
    },
}

/// A cache that needs no opening, such as a browser's.
pub struct Ready<C>(pub C);

impl<C: Cache + Clone> Vault for Ready<C> {
    type Cache = C;

    async fn open(&self) -> Opening<C> {
        Opening::Open(self.0.clone())
    }

    async fn choose_pin(&self, _pin: &str) -> Result<Opening<C>, Fault> {
        Ok(Opening::Open(self.0.clone()))
    }

    async fn unlock(&self, _pin: &str) -> Result<Opening<C>, Fault> {
        Ok(Opening::Open(self.0.clone()))
    }

    async fn start_over(&self) -> Result<Opening<C>, Fault> {
        Ok(Opening::Open(self.0.clone()))
    }
}
