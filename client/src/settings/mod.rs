//! Settings of this device and account.

use doseline_shared::api::account::{DEVICES, Device, END_DEVICE, EndDevice};

use crate::{
    account::backend::written,
    ask::{ChangeSettings, Fault, RevokeDevice},
    cache::Batch,
    core::Core,
    host::Host,
    state::value,
    vault::Vault,
    view::SettingsView,
};

pub(crate) mod attention;

impl<H: Host, V: Vault> Core<H, V> {
    /// The settings.
    pub(crate) fn open_settings(&self) -> Result<SettingsView, Fault> {
        let me = self.me()?;
        let state = self.state.borrow();
        Ok(SettingsView {
            me,
            server: self.server().unwrap_or_default(),
            preferences: state.preferences.clone(),
            can_autostart: self.host.can_autostart(),
            can_remind: self.host.can_remind(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            network: self.network(),
            attention: self.attention(&state),
        })
    }

    /// Changes settings of this device.
    pub(crate) async fn change_settings(&self, ask: ChangeSettings) -> Result<SettingsView, Fault> {
        self.me()?;
        let settings = &ask.settings;
        if !settings.help_number.trim().is_empty() && settings.help_dialled().is_none() {
            return Err(Fault::field("help_number"));
        }
        self.commit(Batch {
            values: vec![(value::PREFERENCES.to_owned(), Some(written(&ask.settings)?))],
            ..Batch::default()
        })
        .await?;
        self.open_settings()
    }

    /// Devices with a live session.
    pub(crate) async fn open_devices(&self) -> Result<Vec<Device>, Fault> {
        self.get(DEVICES).await
    }

    /// Ends every session of a device. Ending this one signs out.
    pub(crate) async fn revoke_device(&self, ask: RevokeDevice) -> Result<Vec<Device>, Fault> {
        let path = END_DEVICE.replace("{device}", &ask.device.to_string());
        let body = EndDevice {
            password: ask.password.0,
        };
        self.send("POST", &path, Some(written(&body)?)).await?;
        if ask.device == self.device()? {
            self.session_ended().await?;
            return Ok(Vec::new());
        }
        self.open_devices().await
    }
}
