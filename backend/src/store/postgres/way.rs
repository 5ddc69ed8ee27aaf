//! The way to the server: encrypted wherever it leaves this machine, and then only to a server that proves its name.
//!
//! `sslmode` in the address decides: `disable` never encrypts, `require` always does. PostgreSQL's own default, `prefer`,
//! goes on in the clear where a server, or whoever sits between, says that it has no TLS: here it is `require` for any
//! host but this machine.

use std::{net::IpAddr, path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres::{
    Client, Config, Connection, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PATIENCE;
use crate::store::StoreError;

/// Where the server is, and how to get there.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

impl Way {
    /// The way to `url`, trusting the system's certificates and those in `ca_file`.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for an address or a file that cannot be read, or where nothing is trusted.
    pub(super) fn new(url: &str, ca_file: Option<&Path>) -> Result<Self, StoreError> {
        let mut config: Config = url
            .parse()
            .map_err(|_| StoreError::Failed("the address of PostgreSQL cannot be read".to_owned()))?;
        config.application_name("doseline").connect_timeout(PATIENCE);
        let mode = mode(&config);
        if mode == SslMode::Disable && !is_here(&config) {
            tracing::warn!("records go to PostgreSQL unencrypted, for its address says sslmode=disable");
        }
        config.ssl_mode(mode);
        let roots = match mode {
            SslMode::Require => trusted(ca_file)?,
            _ => RootCertStore::empty(),
        };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| StoreError::Failed("TLS cannot be set up".to_owned()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            config,
            tls: MakeRustlsConnect::new(tls),
        })
    }

    /// One connection, outside the pool.
    pub(super) async fn connect(&self) -> Result<(Client, Connection<Socket, Stream>), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }
}

fn mode(config: &Config) -> SslMode {
    match config.get_ssl_mode() {
        SslMode::Prefer if is_here(config) => SslMode::Disable,
        SslMode::Prefer => SslMode::Require,
        asked => asked,
    }
}

/// Whether the way never leaves this machine.
fn is_here(config: &Config) -> bool {
    let loopback = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    config.get_hosts().iter().all(loopback) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn trusted(ca_file: Option<&Path>) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        let unreadable =
            |why: String| StoreError::Failed(format!("the certificates in store.ca_file, {}: {why}", file.display()));
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.to_string()))? {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
        }
    }
    // Some systems keep certificates that cannot be read; those are none that our server can have.
    let system = rustls_native_certs::load_native_certs().certs;
    roots.add_parsable_certificates(system);
    match roots.is_empty() {
        true => Err(StoreError::Failed(
            "nothing is trusted to be PostgreSQL: name its certificate authority in store.ca_file".to_owned(),
        )),
        false => Ok(roots),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_off_this_machine_is_encrypted_unless_the_address_says_otherwise() {
        for (url, expected) in [
            ("postgres://u@127.0.0.1/d", SslMode::Disable),
            ("postgres://u@[::1]/d", SslMode::Disable),
            ("postgres://u@localhost/d", SslMode::Disable),
            ("host=/run/postgresql user=u", SslMode::Disable),
            ("postgres://u@127.0.0.1/d?sslmode=require", SslMode::Require),
            ("postgres://u@db.example/d", SslMode::Require),
            ("postgres://u@10.0.0.4/d?sslmode=prefer", SslMode::Require),
            ("host=localhost hostaddr=10.0.0.4 user=u", SslMode::Require),
            ("postgres://u@127.0.0.1,db.example/d", SslMode::Require),
            ("postgres://u@db.example/d?sslmode=disable", SslMode::Disable),
        ] {
            assert_eq!(mode(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n").unwrap();
        for path in [file.path(), Path::new("/nowhere/ca.pem")] {
            let refused = Way::new("postgres://u@db.example/d", Some(path)).err().unwrap();
            assert!(refused.to_string().contains("store.ca_file"), "{refused}");
        }
    }
}
