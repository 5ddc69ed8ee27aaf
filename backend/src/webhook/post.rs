//! Sends a message, once, and says what became of it.
//!
//! The address that is checked is the one that is connected to: names are resolved by [`Names`], which gives only what may
//! be reached, and an address written as such is checked before. No proxy, no redirect, no second attempt; of the answer
//! only the status counts.

use std::{error::Error, fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use doseline_shared::api::webhook::{Failure, ID_HEADER, Outcome, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use reqwest::{
    Client, ClientBuilder, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
    retry,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::address::{Reach, literal};

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an attempt may take in all.
const WHOLE: Duration = Duration::from_secs(15);
/// How long a connection is kept for the next message.
const KEPT: Duration = Duration::from_secs(30);
/// How much of an answer is read, in bytes, so that the connection can be kept. What is longer is cut off.
const READ: usize = 16 * 1024;

/// Sends messages to what may be reached.
pub(super) struct Post {
    reach: Reach,
    encrypted: Client,
    plain: Client,
}

/// A message as it is sent.
pub(super) struct Parcel<'a> {
    pub url: &'a str,
    pub id: String,
    pub seconds: i64,
    pub signatures: String,
    pub body: String,
}

impl Post {
    /// To what is within reach. Receivers prove their names by what the system trusts.
    pub(super) fn new(reach: &Reach) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::trusting(reach, roots)
    }

    fn trusting(reach: &Reach, roots: RootCertStore) -> Self {
        let trust = trust(roots);
        Self {
            reach: reach.clone(),
            encrypted: client(reach, trust.clone(), true),
            plain: client(reach, trust, false),
        }
    }

    pub(super) async fn send(&self, parcel: Parcel<'_>) -> Outcome {
        // It was looked at when it was written down; but the networks may be others by now.
        let Ok(url) = self.reach.url(parcel.url) else {
            return Outcome::Failed(Failure::RefusedAddress);
        };
        let encrypted = url.scheme() == "https";
        if literal(&url).is_some_and(|address| !self.reach.allows(address, encrypted)) {
            return Outcome::Failed(Failure::RefusedAddress);
        }
        let client = if encrypted { &self.encrypted } else { &self.plain };
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, parcel.id)
            .header(TIMESTAMP_HEADER, parcel.seconds)
            .header(SIGNATURE_HEADER, parcel.signatures)
            .body(parcel.body);
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                drain(answer).await;
                Outcome::Status(status)
            }
            Err(error) => Outcome::Failed(failure(&error)),
        }
    }
}

fn client(reach: &Reach, trust: ClientConfig, encrypted: bool) -> Client {
    let names = Names {
        reach: reach.clone(),
        encrypted,
    };
    ClientBuilder::new()
        .tls_backend_preconfigured(trust)
        .dns_resolver(Arc::new(names))
        .no_proxy()
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        .http1_only()
        .https_only(encrypted)
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .pool_idle_timeout(KEPT)
        .user_agent(concat!("Doseline/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("the options are constant")
}

fn trust(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider speaks them")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Reads the answer as far as a connection that is used again needs it.
async fn drain(mut answer: Response) {
    let mut read = 0;
    while let Ok(Some(part)) = answer.chunk().await {
        read += part.len();
        if read > READ {
            return;
        }
    }
}

/// Resolves names to what may be reached, and to nothing else.
struct Names {
    reach: Reach,
    encrypted: bool,
}

/// A name stands for nothing that may be reached.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name stands for no address that is reached from here")
    }
}

impl Error for Refused {}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, encrypted) = (self.reach.clone(), self.encrypted);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip(), encrypted)).collect();
            if allowed.is_empty() {
                return Err(Refused.into());
            }
            Ok::<Addrs, _>(Box::new(allowed.into_iter()))
        })
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    if has::<Refused>(error) {
        Failure::RefusedAddress
    } else if error.is_timeout() {
        Failure::Timeout
    } else if has::<rustls::Error>(error) {
        Failure::Tls
    } else {
        Failure::Unreachable
    }
}

/// Whether an error comes of a `T`, which may be wrapped in one of input and output.
fn has<T: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<T>() || inner.is_some_and(|inner| has::<T>(inner)) {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(post: &Post, url: &str) -> Outcome {
        let parcel = Parcel {
            url,
            id: "1".to_owned(),
            seconds: 0,
            signatures: String::new(),
            body: "{}".to_owned(),
        };
        post.send(parcel).await
    }

    /// The name of this machine stands for an address that may not be reached: it shows only when it is resolved.
    #[tokio::test]
    async fn a_name_that_stands_for_an_inner_address_is_not_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let refused = Outcome::Failed(Failure::RefusedAddress);
        let post = Post::new(&Reach::default());
        for url in [
            format!("https://localhost:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("http://localhost:{port}/"),
        ] {
            assert_eq!(sent(&post, &url).await, refused, "{url}");
        }
        let elsewhere = Post::new(&Reach::new(vec!["10.2.0.0/16".parse().unwrap()]));
        assert_eq!(sent(&elsewhere, &format!("http://localhost:{port}/")).await, refused);
        let connected = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
        assert!(connected.is_err(), "nobody has come");
    }

    #[tokio::test]
    async fn a_receiver_has_to_prove_its_name() {
        let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(issued.cert.der().clone()).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(issued.signing_key.serialize_der().into());
        let mut server = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key)
            .unwrap();
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = axum_server::tls_rustls::RustlsConfig::from_config(Arc::new(server));
        let router = axum::Router::new().fallback(async || axum::http::StatusCode::ACCEPTED);
        let serving = axum_server::from_tcp_rustls(listener, config).unwrap();
        let serving = tokio::spawn(serving.serve(router.into_make_service()));

        let reach = Reach::new(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        let url = format!("https://localhost:{port}/");
        let trusting = Post::trusting(&reach, roots);
        assert_eq!(sent(&trusting, &url).await, Outcome::Status(202));
        let other_name = sent(&trusting, &format!("https://127.0.0.1:{port}/")).await;
        assert_eq!(other_name, Outcome::Failed(Failure::Tls));
        assert_eq!(sent(&Post::new(&reach), &url).await, Outcome::Failed(Failure::Tls));
        serving.abort();
    }

    #[tokio::test]
    async fn what_is_no_tls_and_what_is_not_there_are_told_apart() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n")
                .await
                .unwrap();
            // Kept open until the other side has read it.
            tokio::time::sleep(Duration::from_secs(1)).await;
        });
        let post = Post::new(&Reach::new(vec!["127.0.0.0/8".parse().unwrap()]));
        let no_tls = sent(&post, &format!("https://127.0.0.1:{port}/")).await;
        assert_eq!(no_tls, Outcome::Failed(Failure::Tls));
        answering.await.unwrap();
        let nobody = sent(&post, &format!("http://127.0.0.1:{port}/")).await;
        assert_eq!(nobody, Outcome::Failed(Failure::Unreachable));
    }
}
