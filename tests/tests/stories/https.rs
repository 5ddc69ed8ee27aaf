//! The backend speaks HTTPS itself, and takes a renewed certificate with no restart.

use std::{fs, path::Path, time::Duration};

use doseline_backend::{Running, ServeError, config::Config, serve};
use doseline_tests::authority::{Authority, Issued};
use reqwest::{Certificate, Client, StatusCode};
use serde_json::json;
use tempfile::TempDir;

const HOST: &str = "127.0.0.1";

/// A client that trusts this authority and no other.
fn client(authority: &Authority) -> Client {
    doseline_tests::account::client();
    let root = Certificate::from_pem(authority.pem.as_bytes()).expect("it is a certificate");
    Client::builder()
        .tls_certs_only([root])
        .pool_max_idle_per_host(0)
        .build()
        .expect("a client")
}

fn put(folder: &Path, issued: &Issued) {
    fs::write(folder.join("chain.pem"), &issued.certificate).expect("the folder is ours");
    fs::write(folder.join("key.pem"), &issued.key).expect("the folder is ours");
}

async fn start(folder: &TempDir) -> Result<Running, ServeError> {
    let at = |name: &str| folder.path().join(name);
    let config: Config = serde_json::from_value(json!({
        "listen": format!("{HOST}:0"),
        "tls": {"certificate": at("chain.pem"), "key": at("key.pem")},
        "store": {"kind": "embedded", "path": at("doseline.db"), "key_file": at("doseline.key")},
    }))
    .expect("a configuration");
    serve(config).await
}

#[tokio::test]
async fn a_renewed_certificate_is_presented_with_no_restart() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (first, second) = (Authority::new(), Authority::new());
    put(folder.path(), &first.issue(HOST));
    let running = start(&folder).await.expect("it serves");
    let url = format!("https://{}/healthz", running.address);
    let asked = async |authority: &Authority| client(authority).get(&url).send().await;

    let answer = asked(&first).await.expect("its name is proven");
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers().get("strict-transport-security");
    assert_eq!(policy.expect("browsers come back by TLS"), "max-age=63072000");
    assert!(asked(&second).await.is_err(), "nobody vouches for it there");
    let plain = format!("http://{}/healthz", running.address);
    assert!(client(&first).get(&plain).send().await.is_err(), "it speaks no HTTP");

    // Half a renewal: the pair does not go together, so the one before stays.
    let renewed = second.issue(HOST);
    fs::write(folder.path().join("chain.pem"), &renewed.certificate).expect("the folder is ours");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(asked(&first).await.is_ok());

    put(folder.path(), &renewed);
    let mut waited = 0;
    while asked(&second).await.is_err() {
        waited += 1;
        assert!(waited < 40, "the renewed certificate is not presented");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(asked(&first).await.is_err(), "the one before is gone");
    running.stop().await;
    assert!(asked(&second).await.is_err(), "it has stopped");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named_at_the_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = start(&folder).await.err().expect("there is no certificate").to_string();
    assert!(
        missing.contains("tls.certificate") && missing.contains("chain.pem"),
        "{missing}"
    );
    let authority = Authority::new();
    let (one, other) = (authority.issue(HOST), authority.issue(HOST));
    put(
        folder.path(),
        &Issued {
            certificate: one.certificate,
            key: other.key,
        },
    );
    let apart = start(&folder).await.err().expect("they are not a pair").to_string();
    assert!(apart.contains("do not go together"), "{apart}");
}
