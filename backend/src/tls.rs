//! HTTPS by the backend itself: its certificate and key from files, read anew when they change.
//!
//! Owns when they are read. A pair that does not fit together, as while one file has been replaced and the other has not,
//! is told once and the one before stays; so a renewal needs no restart and interrupts nobody.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum_server::tls_rustls::RustlsConfig;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::sync::watch;

use crate::config::TlsSection;

/// How often it is looked whether the files have changed.
const EVERY: Duration = Duration::from_secs(2);

/// The certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("{setting}, {file}: {why}")]
    File {
        /// The setting that names it.
        setting: &'static str,
        /// The file.
        file: PathBuf,
        /// Why it cannot be read.
        why: String,
    },
    /// Both are read, and do not go together.
    #[error("tls.certificate and tls.key do not go together: {0}")]
    Pair(rustls::Error),
}

/// What the files hold; equal means that nothing has changed.
#[derive(PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    async fn read(section: &TlsSection) -> Result<Self, TlsError> {
        let read = async |setting, file: &PathBuf| {
            tokio::fs::read(file)
                .await
                .map_err(|error| unreadable(setting, file, &error))
        };
        Ok(Self {
            certificate: read("tls.certificate", &section.certificate).await?,
            key: read("tls.key", &section.key).await?,
        })
    }

    fn config(&self, section: &TlsSection) -> Result<ServerConfig, TlsError> {
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unreadable("tls.certificate", &section.certificate, &error))?;
        let key =
            PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| unreadable("tls.key", &section.key, &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// What the listener presents.
pub(crate) struct Certificate {
    section: TlsSection,
    standing: Files,
    /// Shared with the listener.
    pub(crate) config: RustlsConfig,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) async fn read(section: TlsSection) -> Result<Self, TlsError> {
        let standing = Files::read(&section).await?;
        let config = standing.config(&section)?;
        Ok(Self {
            section,
            standing,
            config: RustlsConfig::from_config(Arc::new(config)),
        })
    }

    /// Presents what the files hold, as they change, until the backend stops.
    pub(crate) async fn follow(mut self, mut stopping: watch::Receiver<bool>) {
        let mut told = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
            match self.renew().await {
                Ok(true) => {
                    told = None;
                    tracing::info!("a new certificate is presented");
                }
                Ok(false) => told = None,
                Err(error) => {
                    let said = Some(error.to_string());
                    if told != said {
                        tracing::warn!(tls.error = %error, "the certificate stays the one before");
                    }
                    told = said;
                }
            }
        }
    }

    async fn renew(&mut self) -> Result<bool, TlsError> {
        let files = Files::read(&self.section).await?;
        if files == self.standing {
            return Ok(false);
        }
        let config = files.config(&self.section)?;
        self.config.reload_from_config(Arc::new(config));
        self.standing = files;
        Ok(true)
    }
}

fn unreadable(setting: &'static str, file: &Path, error: &dyn std::error::Error) -> TlsError {
    TlsError::File {
        setting,
        file: file.to_owned(),
        why: error.to_string(),
    }
}
