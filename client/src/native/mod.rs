//! The desktop and mobile side of the core: an encrypted file, its key, HTTP and hints.

use std::{path::Path, rc::Rc};

use crate::core::Core;

mod cache;
mod host;
mod key;
mod migrations;
mod pin;
mod salvage;
mod vault;

pub use self::{
    cache::SqlCipherCache,
    host::NativeHost,
    key::{DatabaseKey, Secrets, SecretsError},
    vault::NativeVault,
};

/// The core as the shells run it.
pub type NativeCore<S> = Core<NativeHost, NativeVault<S>>;

/// What the shell knows of the device.
#[derive(Clone, Debug)]
pub struct Device {
    /// What its owner would call it.
    pub name: String,
    /// The backend's address, where it is not the person's to choose.
    pub server: Option<String>,
}

impl Device {
    /// This computer by its name, with the address in `DOSELINE_SERVER`, where there is one.
    pub fn this() -> Self {
        let name = std::fs::read_to_string("/etc/hostname")
            .ok()
            .or_else(|| std::env::var("COMPUTERNAME").ok());
        let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        Self {
            name: name.unwrap_or_else(|| std::env::consts::OS.to_owned()),
            server: std::env::var("DOSELINE_SERVER")
                .ok()
                .filter(|server| !server.is_empty()),
        }
    }
}

/// The core on the files in `dir`, opened where the device lets it be. `changed` is called whenever something may have
/// changed that a surface shows.
pub async fn open<S: Secrets>(dir: &Path, secrets: S, changed: impl Fn() + 'static) -> Rc<NativeCore<S>> {
    open_with(dir, secrets, Device::this(), changed).await
}

/// [`open`], with what the shell knows of the device.
pub async fn open_with<S: Secrets>(
    dir: &Path,
    secrets: S,
    device: Device,
    changed: impl Fn() + 'static,
) -> Rc<NativeCore<S>> {
    let (host, vault) = parts(dir, secrets, device, changed);
    Core::open(host, vault).await
}

/// Host and vault of a core on the files in `dir`, for who puts something between them and the core.
pub fn parts<S: Secrets>(
    dir: &Path,
    secrets: S,
    device: Device,
    changed: impl Fn() + 'static,
) -> (NativeHost, NativeVault<S>) {
    let vault = NativeVault::new(dir, secrets);
    let host = NativeHost::new(device, vault.shelf(), changed);
    (host, vault)
}
