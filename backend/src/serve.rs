//! Starting and stopping the backend.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, serve::ListenerExt};
use axum_server::{Handle, accept::NoDelayAcceptor, tls_rustls::RustlsAcceptor};
use chrono::Utc;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    app::{App, Clock},
    config::{
        Config, StoreKind,
        key_file::{KeyFileError, MasterKey},
    },
    demo::{self, DemoError},
    http,
    operations::{jobs, metrics},
    store::{self, Store, StoreConfig, StoreError, StoreKey, Tx},
    tls::{Certificate, TlsError},
};

/// How long requests that have begun may take after the backend was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The backend cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The key file.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of the store cannot be made.
    #[error("the folder of the store: {0}")]
    Folder(io::Error),
    /// The demonstration.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A backend that serves.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it serves with.
    pub app: App,
    stop: watch::Sender<bool>,
    serving: JoinHandle<io::Result<()>>,
    jobs: JoinHandle<()>,
    watching: JoinHandle<()>,
    sending: JoinHandle<()>,
}

impl Running {
    /// Stops: takes nothing new, lets what has begun end, closes open connections.
    pub async fn stop(self) {
        // The receiver lives in `app`, so this cannot fail.
        let _ = self.stop.send(true);
        let mut serving = self.serving;
        if tokio::time::timeout(DRAIN, &mut serving).await.is_err() {
            tracing::warn!("some connections did not end in time");
            serving.abort();
        }
        self.jobs.abort();
        for (mut job, what) in [
            (self.watching, "the watch over missed doses"),
            (self.sending, "what was sent to webhooks"),
        ] {
            if tokio::time::timeout(DRAIN, &mut job).await.is_err() {
                tracing::warn!(job.name = what, "a job did not end in time");
                job.abort();
            }
        }
        tracing::info!("stopped");
    }
}

/// Opens the key file and the store, making each where it is missing.
pub async fn open_store(config: &Config) -> Result<(Store, MasterKey), ServeError> {
    let section = &config.store;
    let (store, key) = match (section.kind, &section.url) {
        (StoreKind::Postgres, Some(url)) => {
            let store = Store::open(StoreConfig::Postgres {
                url: url.reveal().to_owned(),
                ca_file: section.ca_file.clone(),
                pool_size: section.pool_size,
            })
            .await?;
            let mark = store.read(async |tx: &mut Tx| store::key_mark::read(tx).await).await?;
            (store, MasterKey::load_or_make(&section.key_file, mark.is_some())?)
        }
        (StoreKind::Embedded | StoreKind::Postgres, _) => {
            let path = &section.path;
            let key = MasterKey::load_or_make(&section.key_file, path.exists())?;
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(ServeError::Folder)?;
            }
            let key_of_store = StoreKey::new(key.store_key());
            let store = Store::open(StoreConfig::Embedded {
                path: path.clone(),
                key: key_of_store,
            });
            (store.await?, key)
        }
    };
    let mark = key.mark();
    let keep = async move |tx: &mut Tx| store::key_mark::keep(tx, &mark).await;
    if !store.write(keep).await? {
        let path = section.key_file.clone();
        return Err(KeyFileError::Other { path }.into());
    }
    Ok((store, key))
}

/// Serves `config` until it is stopped.
pub async fn serve(config: Config) -> Result<Running, ServeError> {
    start(config, Arc::new(Utc::now), false).await
}

/// Serves by another clock.
pub async fn serve_with_clock(config: Config, clock: Clock) -> Result<Running, ServeError> {
    start(config, clock, false).await
}

/// Serves the demonstration, with limits that many people at one address do not meet.
pub async fn serve_demo(mut config: Config) -> Result<Running, ServeError> {
    config.limits = config.limits.wide();
    start(config, Arc::new(Utc::now), true).await
}

async fn start(config: Config, clock: Clock, demo: bool) -> Result<Running, ServeError> {
    metrics::record();
    let (store, key) = open_store(&config).await?;
    let (stop, stopping) = watch::channel(false);
    let app = App::new(store, &key, &config, stopping.clone(), clock);
    if demo {
        demo::seed(&app).await?;
    }
    let certificate = match &config.tls {
        Some(section) => Some(Certificate::read(section.clone()).await?),
        None => None,
    };
    let listener = TcpListener::bind(config.listen)
        .await
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)));
    let (listener, address) = listener.map_err(|source| ServeError::Listen {
        address: config.listen,
        source,
    })?;
    let secure = certificate.is_some();
    let service = http::service(&app, &config.web_dir, secure);
    let serving = match certificate {
        Some(certificate) => tokio::spawn(encrypted(listener, service, certificate, stopping)),
        None => tokio::spawn(plain(listener, service, stopping)),
    };
    let jobs = tokio::spawn(jobs::run(app.clone()));
    let watching = tokio::spawn(crate::watch::run(app.clone()));
    let sending = tokio::spawn(crate::webhook::run(app.clone()));
    if !secure && !address.ip().is_loopback() {
        tracing::warn!(
            "without TLS, whoever is on the way reads records and passwords: let this be reached by a proxy that speaks TLS \
             alone, or set [tls]"
        );
    }
    tracing::info!(address = %address, tls = secure, store.engine = ?config.store.kind, "listening");
    Ok(Running {
        address,
        app,
        stop,
        serving,
        jobs,
        watching,
        sending,
    })
}

/// Serves on this machine, or behind a proxy that speaks TLS.
async fn plain(listener: TcpListener, service: Router, mut stopping: watch::Receiver<bool>) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        // Answers are small and written whole; waiting to fill a packet would only delay them.
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, service.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
        })
        .await
}

/// Serves by HTTPS.
async fn encrypted(
    listener: TcpListener,
    service: Router,
    certificate: Certificate,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let handle = Handle::new();
    let acceptor = RustlsAcceptor::new(certificate.config.clone()).acceptor(NoDelayAcceptor::new());
    let serving = axum_server::from_tcp(listener.into_std()?)?
        .acceptor(acceptor)
        .handle(handle.clone())
        .serve(service.into_make_service_with_connect_info::<SocketAddr>());
    let following = tokio::spawn(certificate.follow(stopping.clone()));
    let until = async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
        handle.graceful_shutdown(Some(DRAIN));
    };
    let (served, ()) = tokio::join!(serving, until);
    following.abort();
    served
}
