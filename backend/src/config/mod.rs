//! The configuration: a TOML file, then the environment over it.
//!
//! Every setting has a default that is safe on one machine; `docs/doseline.example.toml` documents each of them.
//! Refuses unknown settings, so that a misspelt one is an error and not silence.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use chrono_tz::Tz;
use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use ipnet::IpNet;
use serde::Deserialize;

pub mod key_file;

/// Everything that an operator can set.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address under which others reach the backend, such as `https://doseline.clinic.example`: who signs access
    /// tokens, and where OAuth clients are sent. None takes the address to listen on.
    pub public_url: Option<PublicUrl>,
    /// The certificate of the backend, where it speaks HTTPS itself.
    pub tls: Option<TlsSection>,
    /// Whether the last address in `X-Forwarded-For` is the client's: only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// Whether `/metrics` answers anyone; otherwise only this machine.
    pub metrics_open: bool,
    /// The folder of the built web app.
    pub web_dir: PathBuf,
    /// The home zone of imported patients where the command names none.
    pub zone: Tz,
    /// The store.
    pub store: StoreSection,
    /// Logs.
    pub log: LogSection,
    /// Limits.
    pub limits: Limits,
    /// Webhooks of connected systems.
    pub webhooks: WebhookSection,
}

/// An address of HTTP or HTTPS, with no slash at its end, no query and no fragment (RFC 8414, section 2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl TryFrom<String> for PublicUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_plain = |host: &str| !host.is_empty() && !host.ends_with('/') && !host.contains(['?', '#', ' ', '@']);
        if host.is_some_and(is_plain) {
            Ok(Self(text))
        } else {
            Err("is an address such as https://doseline.clinic.example, with no slash at its end")
        }
    }
}

/// The certificate that the backend presents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSection {
    /// The certificate and those between it and its authority, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// Where the records are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSection {
    /// The engine.
    pub kind: StoreKind,
    /// The file of the embedded store.
    pub path: PathBuf,
    /// The file of the key: opens the embedded store and signs access tokens. Made where it is missing.
    pub key_file: PathBuf,
    /// The address of the PostgreSQL server. Holds a password: never logged.
    pub url: Option<Secret>,
    /// Certificates that PostgreSQL may prove its name with, beside those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// Connections to PostgreSQL.
    pub pool_size: usize,
}

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// One encrypted file.
    Embedded,
    /// A PostgreSQL server.
    Postgres,
}

/// How logs are written.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSection {
    /// The form of a line.
    pub format: LogFormat,
    /// What is logged, such as `info` or `info,doseline_backend=debug`.
    pub filter: String,
}

/// The forms of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For eyes.
    Text,
}

/// Limits against mistakes and attacks.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Longest time for one request, in seconds.
    pub request_seconds: u64,
    /// Password checks at the same time; each takes 19 MiB and a core. 0 takes one for each core.
    pub password_checks: usize,
    /// Sign-in attempts per e-mail in a quarter of an hour.
    pub sign_in_per_email: u32,
    /// Sign-in attempts per address in a quarter of an hour.
    pub sign_in_per_address: u32,
    /// New accounts per address in an hour.
    pub sign_up_per_address: u32,
    /// Wrong invitation codes per person in a quarter of an hour, and ten times as many per address.
    pub codes_per_person: u32,
    /// Previews per address in a minute.
    pub previews_per_minute: u32,
    /// Refused requests per address in a minute, each of which is written to the audit; those beyond are turned away.
    pub refusals_per_minute: u32,
    /// Requests of one person or one system in a minute, on all their devices together.
    pub requests_per_minute: u32,
    /// Open hint connections per person.
    pub hints_per_person: usize,
    /// Hours after which a sign-in of someone who works for a clinic ends, however it is used.
    pub staff_session_hours: u32,
    /// Hours after which it ends if no device of it was heard of.
    pub staff_idle_hours: u32,
    /// The same of everyone else, in days.
    pub session_days: u32,
    /// The same of everyone else, in days.
    pub idle_days: u32,
    /// Days for which a first password opens an account.
    pub first_password_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8700)),
            public_url: None,
            tls: None,
            trust_forwarded_for: false,
            metrics_open: false,
            web_dir: PathBuf::from("dist"),
            zone: Tz::UTC,
            store: StoreSection::default(),
            log: LogSection::default(),
            limits: Limits::default(),
            webhooks: WebhookSection::default(),
        }
    }
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            kind: StoreKind::Embedded,
            path: PathBuf::from("data/doseline.db"),
            key_file: PathBuf::from("data/doseline.key"),
            url: None,
            ca_file: None,
            pool_size: 8,
        }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info,refinery_core=warn,tokio_postgres=warn".to_owned(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 * 1024 * 1024,
            request_seconds: 30,
            password_checks: 0,
            sign_in_per_email: 10,
            sign_in_per_address: 100,
            sign_up_per_address: 20,
            codes_per_person: 10,
            previews_per_minute: 60,
            refusals_per_minute: 120,
            requests_per_minute: 1_200,
            hints_per_person: 20,
            staff_session_hours: 30 * 24,
            staff_idle_hours: 72,
            session_days: 400,
            idle_days: 60,
            first_password_days: 7,
        }
    }
}

impl Limits {
    /// Wide enough that a demonstration or a test by many people at one address meets none of them but the one on
    /// attempts per e-mail.
    pub fn wide(mut self) -> Self {
        self.sign_in_per_address = self.sign_in_per_address.max(10_000);
        self.sign_up_per_address = self.sign_up_per_address.max(10_000);
        self.previews_per_minute = self.previews_per_minute.max(100_000);
        self.refusals_per_minute = self.refusals_per_minute.max(100_000);
        self.requests_per_minute = self.requests_per_minute.max(1_000_000);
        self
    }
}

/// Webhooks of connected systems.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSection {
    /// Inner networks that messages may be sent to, by plain HTTP too. Otherwise they go to public addresses by HTTPS alone.
    pub networks: Vec<IpNet>,
}

/// A text that is not to be shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named on the command line is not there.
    #[error("there is no configuration file {0}")]
    NoFile(PathBuf),
    /// A setting is unknown or holds what it must not.
    #[error("the configuration: {0}")]
    Setting(#[from] Box<figment::Error>),
    /// PostgreSQL without its address.
    #[error("store.kind is \"postgres\", so store.url must say where it is, as postgres://user:password@host/database")]
    NoUrl,
}

/// The settings that the environment may hold; other `DOSELINE_…` variables belong to the app.
const SECTIONS: &[&str] = &[
    "listen",
    "public_url",
    "tls",
    "trust_forwarded_for",
    "metrics_open",
    "web_dir",
    "zone",
    "store",
    "log",
    "limits",
    "webhooks",
];

impl Config {
    /// The address under which others reach the backend.
    pub fn public_url(&self) -> String {
        match (&self.public_url, &self.tls) {
            (Some(PublicUrl(url)), _) => url.clone(),
            (None, Some(_)) => format!("https://{}", self.listen),
            (None, None) => format!("http://{}", self.listen),
        }
    }

    /// Reads `file`, if any, and the environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError::NoFile(file.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let environment = Env::prefixed("DOSELINE_")
            .filter(|key| SECTIONS.contains(&key.as_str().to_lowercase().split("__").next().unwrap_or_default()))
            .split("__");
        let config: Self = figment.merge(environment).extract().map_err(Box::new)?;
        if config.store.kind == StoreKind::Postgres && config.store.url.is_none() {
            return Err(ConfigError::NoUrl);
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_example_is_read_and_says_the_defaults() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/doseline.example.toml");
        let read: Config = Figment::new().merge(Toml::file_exact(example)).extract().unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_its_name() {
        let read: Result<Config, _> = Figment::new()
            .merge(Toml::string("[store]\nkindd = \"embedded\""))
            .extract();
        assert!(read.unwrap_err().to_string().contains("kindd"));
    }

    #[test]
    fn networks_are_read_as_they_are_written() {
        let read = |networks: &str| {
            let text = format!("[webhooks]\nnetworks = {networks}");
            let read: Result<Config, _> = Figment::new().merge(Toml::string(&text)).extract();
            read.ok().map(|config| config.webhooks.networks.len())
        };
        assert_eq!(read(r#"["10.2.0.0/16", "fd00:7::/32"]"#), Some(2));
        assert_eq!(read(r#"["10.2.0.0"]"#), None);
    }

    #[test]
    fn the_public_address_is_one_that_paths_can_be_put_behind() {
        let read = |url: &str| PublicUrl::try_from(url.to_owned());
        assert!(read("https://doseline.clinic.example").is_ok() && read("http://10.0.0.7:8700/doseline").is_ok());
        for wrong in [
            "doseline.clinic.example",
            "https://",
            "https://a/",
            "https://a?b",
            "ftp://a",
            "https://me@a",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_address_of_the_database_is_not_shown() {
        let store = StoreSection {
            url: Some(Secret::from("postgres://user:hunter2@host/db".to_owned())),
            ..StoreSection::default()
        };
        assert!(!format!("{store:?}").contains("hunter2"));
    }
}
