//! Settings of this device.

use doseline_shared::api::account::Me;
use serde::{Deserialize, Serialize};

use super::{Attention, NetworkView};

/// Settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    /// Who is signed in.
    pub me: Me,
    /// The backend's address.
    pub server: String,
    /// The settings.
    pub preferences: Preferences,
    /// Whether this host can start with the computer.
    pub can_autostart: bool,
    /// Whether this host can remind with the window closed.
    pub can_remind: bool,
    /// The app's version.
    pub version: String,
    /// How it stands with the network.
    pub network: NetworkView,
    /// What needs a person.
    pub attention: Vec<Attention>,
}

/// Settings of this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// The theme.
    pub theme: Theme,
    /// Large letters, few screens.
    pub simple: bool,
    /// The locale, such as `en`.
    pub locale: String,
    /// Start when the computer starts.
    pub autostart: bool,
    /// Show reminders on this device.
    pub remind: bool,
}

/// The theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// High contrast.
    Contrast,
}
