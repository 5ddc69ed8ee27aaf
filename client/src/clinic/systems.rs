//! The systems that a clinic has connected, and their keys. All of it is the backend's; nothing is kept on the device.

use doseline_shared::{
    api::partner::{IssuedKey, KEY, KEYS, NewSystem, PartnerSystem, SYSTEM, SYSTEMS},
    id::{ClinicId, PersonId},
};

use crate::{
    ask::{ConnectSystem, DisconnectSystem, EndKey, Fault, MakeKey},
    core::Core,
    host::Host,
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// A clinic's systems.
    pub(crate) async fn open_systems(&self, clinic: ClinicId) -> Result<Vec<PartnerSystem>, Fault> {
        self.get(&SYSTEMS.replace("{clinic}", &clinic.to_string())).await
    }

    /// Connects a system. The key in the answer is shown once.
    pub(crate) async fn connect_system(&self, ask: ConnectSystem) -> Result<IssuedKey, Fault> {
        let body = NewSystem {
            name: ask.name.trim().to_owned(),
            key: ask.key,
        };
        let path = SYSTEMS.replace("{clinic}", &ask.clinic.to_string());
        self.post(&path, &body).await
    }

    /// Makes one more key. It is shown once too.
    pub(crate) async fn make_key(&self, ask: MakeKey) -> Result<IssuedKey, Fault> {
        self.post(&path(KEYS, ask.clinic, ask.system), &ask.key).await
    }

    /// Ends a key.
    pub(crate) async fn end_key(&self, ask: EndKey) -> Result<Vec<PartnerSystem>, Fault> {
        let key = path(KEY, ask.clinic, ask.system).replace("{key}", &ask.key.to_string());
        self.delete(&key).await?;
        self.open_systems(ask.clinic).await
    }

    /// Ends a system.
    pub(crate) async fn disconnect_system(&self, ask: DisconnectSystem) -> Result<Vec<PartnerSystem>, Fault> {
        self.delete(&path(SYSTEM, ask.clinic, ask.system)).await?;
        self.open_systems(ask.clinic).await
    }
}

fn path(pattern: &str, clinic: ClinicId, system: PersonId) -> String {
    pattern
        .replace("{clinic}", &clinic.to_string())
        .replace("{system}", &system.to_string())
}
