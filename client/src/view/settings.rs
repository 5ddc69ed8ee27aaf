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
    /// Whom to call for help; empty where nobody is named.
    #[serde(default)]
    pub help_name: String,
    /// Their telephone number as it was typed; empty where there is none.
    #[serde(default)]
    pub help_number: String,
}

impl Preferences {
    /// The number to call for help as a telephone dials it: digits, with a plus before them where it was typed.
    ///
    /// None where there is no number, and where what was typed is none: it holds 3 to 15 digits, and beside them only
    /// what people write between digits.
    pub fn help_dialled(&self) -> Option<String> {
        let typed = self.help_number.trim();
        let between = |letter: char| matches!(letter, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')');
        let (plus, rest) = typed.strip_prefix('+').map_or(("", typed), |rest| ("+", rest));
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let number = (3..=15).contains(&digits.len()) && rest.chars().all(|one| one.is_ascii_digit() || between(one));
        number.then(|| format!("{plus}{digits}"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn with(number: &str) -> Preferences {
        Preferences {
            theme: Theme::System,
            simple: true,
            locale: "en".to_owned(),
            autostart: false,
            remind: true,
            help_name: "Chidi".to_owned(),
            help_number: number.to_owned(),
        }
    }

    #[test]
    fn a_number_to_call_is_dialled_as_it_was_meant() {
        for (typed, dialled) in [
            ("+234 803 555 0100", Some("+2348035550100")),
            (" (0803) 555-0100 ", Some("08035550100")),
            ("112", Some("112")),
            ("", None),
            ("12", None),
            ("my son", None),
            ("0803 555 ext 12", None),
            ("0803+555", None),
            ("1234567890123456", None),
        ] {
            assert_eq!(with(typed).help_dialled().as_deref(), dialled, "{typed}");
        }
    }

    #[test]
    fn settings_of_before_there_was_a_number_are_read() {
        let old = r#"{"theme":"dark","simple":true,"locale":"en","autostart":false,"remind":true}"#;
        let read: Preferences = serde_json::from_str(old).unwrap();
        assert_eq!((read.theme, read.help_number.as_str()), (Theme::Dark, ""));
    }
}

/// What an authenticator app is to know. A secret: shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentView {
    /// The key in groups of four, for typing.
    pub key: String,
    /// The same as a QR code: an SVG path of its dark modules.
    pub qr_path: String,
    /// The modules on a side, with the quiet zone.
    pub qr_size: u32,
}
