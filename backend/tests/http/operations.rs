//! What an operator relies on: health, the web app, backup and restore, the demonstration.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, header},
};
use doseline_backend::{
    config::Config,
    demo,
    operations::{
        audit::{self, Verified},
        commands,
    },
    serve_demo,
};
use serde_json::{Value, json};

use crate::world::World;

fn get(path: &str) -> Request<Body> {
    Request::builder().uri(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn health_is_open_and_metrics_are_for_this_machine() {
    let world = World::new().await;
    assert_eq!(world.send(get("/healthz")).await.status, 200);
    assert_eq!(world.send(get("/readyz")).await.status, 200);
    world.sign_up("Ada", true).await;
    let metrics = world.send(get("/metrics")).await;
    let text = metrics.body.as_str().unwrap();
    for measured in [
        "doseline_http_requests_total",
        "doseline_http_request_seconds_bucket",
        "doseline_store_waiting 0",
    ] {
        assert!(text.contains(measured), "{text}");
    }
    assert!(!text.contains("ada"), "nothing of a person in a label");
    let mut afar = get("/metrics");
    let address: std::net::SocketAddr = "203.0.113.7:1234".parse().unwrap();
    afar.extensions_mut().insert(ConnectInfo(address));
    assert_eq!(world.send(afar).await.problem(), (404, "not_found"));
}

#[tokio::test]
async fn the_web_app_is_served_with_its_types_policy_and_compressed_files() {
    let world = World::new().await;
    let dist = &world.config.web_dir;
    std::fs::create_dir_all(dist).unwrap();
    for (name, text) in [
        ("index.html", "<!doctype html>"),
        ("doseline-0a1b2c3d4e5f.wasm", "\0asm"),
        ("doseline-0a1b2c3d4e5f.wasm.br", "brotli"),
        ("start.js", "js"),
    ] {
        std::fs::write(dist.join(name), text).unwrap();
    }
    let page = world.send(get("/today?code=1")).await;
    assert_eq!(page.body, "<!doctype html>");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    let mut wasm = get("/doseline-0a1b2c3d4e5f.wasm");
    wasm.headers_mut()
        .insert(header::ACCEPT_ENCODING, "br".parse().unwrap());
    let wasm = world.send(wasm).await;
    assert_eq!(wasm.headers[header::CONTENT_TYPE], "application/wasm");
    assert_eq!(wasm.headers[header::CONTENT_ENCODING], "br");
    assert_eq!(
        wasm.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(wasm.body, "brotli");
    let script = world.send(get("/start.js")).await;
    assert_eq!(script.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(script.headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    // A file that is not there is not answered with a page, and neither is the interface.
    for path in [
        "/missing.js",
        "/v1/nothing",
        "/../store/doseline.key",
        "/%2e%2e/store/doseline.key",
    ] {
        assert_eq!(world.send(get(path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_and_a_wrong_method_are_problems() {
    let world = World::with(|config| config.limits.body_bytes = 1_000).await;
    let large = json!({"refresh": "x".repeat(2_000)});
    let reply = world.call("POST", "/v1/sessions/refresh", None, Some(large)).await;
    assert_eq!(reply.problem(), (422, "too_much"));
    let reply = world.call("PUT", "/v1/me", None, Some(json!({}))).await;
    assert_eq!(reply.problem(), (404, "not_found"));
}

#[tokio::test]
async fn a_backup_comes_back_whole_and_devices_pull_afresh() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let pulled: Value = world.get("/v1/sync/changes", &ada).await.ok();
    let cursor = pulled["cursor"].as_str().unwrap().to_owned();
    world.pull(&ada, ada.patient()).await;
    let copy = world.folder.path().join("copy");
    commands::backup(&world.config, &copy).await.unwrap();
    let World {
        running,
        config,
        folder,
        ..
    } = world;
    running.stop().await;

    let bytes = std::fs::read(&copy).unwrap();
    for readable in [b"Metformin".as_slice(), b"test.example", b"SQLite format"] {
        assert!(!bytes.windows(readable.len()).any(|window| window == readable));
    }
    // Nothing is written over.
    let refused = commands::restore(&config, &copy).await.err().unwrap().to_string();
    assert!(refused.contains("is there already"), "{refused}");
    let mut config = Config { ..config };
    config.store.path = folder.path().join("restored/doseline.db");
    commands::restore(&config, &copy).await.unwrap();
    let Verified { changes, audit } = audit::verify(&config).await.unwrap();
    assert_eq!((changes.patients, changes.links, changes.broken), (1, 2, None));
    // She has signed up, and read.
    assert_eq!((audit.events, audit.broken), (2, None));

    let world = World::open(config, folder).await;
    let records = world.pull(&ada, ada.patient()).await;
    assert!(records.iter().any(|record| record["id"] == json!(medication)));
    let stale = world.get(&format!("/v1/sync/changes?after={cursor}"), &ada).await;
    assert_eq!(stale.problem(), (409, "conflict"));
    assert_eq!(stale.body["field"], "after");
}

#[tokio::test]
async fn the_demonstration_is_made_once_and_only_in_an_empty_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config {
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        ..Config::default()
    };
    config.store.path = folder.path().join("doseline.db");
    config.store.key_file = folder.path().join("doseline.key");
    for _ in 0..2 {
        let running = serve_demo(config.clone()).await.unwrap();
        let world = World {
            router: doseline_backend::http::service(&running.app, &config.web_dir, false),
            running,
            config: config.clone(),
            folder: tempfile::tempdir().unwrap(),
            shift: std::sync::Arc::default(),
        };
        for (email, name, _) in demo::ACCOUNTS {
            let body = json!({"email": email, "password": demo::PASSWORD,
                "device": {"id": world.device(), "name": "Test"}});
            let session: Value = world.call("POST", "/v1/sessions", None, Some(body)).await.ok();
            assert_eq!(session["me"]["name"], *name);
        }
        world.running.stop().await;
    }
    let changes = audit::verify(&config).await.unwrap().changes;
    assert!(changes.broken.is_none() && changes.links > 100, "{changes:?}");

    let other = World::new().await;
    other.clinic("Harmony", "Admin").await;
    let config = other.config.clone();
    other.running.stop().await;
    let refused = serve_demo(config).await.err().unwrap().to_string();
    assert!(refused.contains("empty store"), "{refused}");
}

#[tokio::test]
async fn what_is_over_is_forgotten_and_what_is_not_stays() {
    let world = World::with(|config| config.limits.sign_in_per_email = 2).await;
    let (ada, chidi) = (world.sign_up("Ada", true).await, world.sign_up("Chidi", false).await);
    let code = world
        .invite(&ada, json!({"kind": "caregiver", "scope": "view", "until": null}))
        .await;
    for _ in 0..2 {
        world.try_sign_in("Ada", "wrong horse", ada.device).await;
    }
    doseline_backend::operations::jobs::forget(&world.running.app)
        .await
        .unwrap();
    assert_eq!(world.try_sign_in("Ada", "wrong horse", ada.device).await.status, 429);
    let offer = world
        .post("/v1/invitations/lookup", &chidi, json!({"code": code}))
        .await;
    assert_eq!(offer.status, 200);
    world.pass(chrono::TimeDelta::days(10));
    doseline_backend::operations::jobs::forget(&world.running.app)
        .await
        .unwrap();
    // Sixty days pass between two refreshes at most: ten are no reason to sign in again.
    let body = json!({"refresh": chidi.refresh});
    let reply = world.call("POST", "/v1/sessions/refresh", None, Some(body)).await;
    assert_eq!(reply.status, 200);
}

/// The binary itself, as an operator starts it.
#[test]
fn the_binary_starts_says_where_stops_cleanly_and_logs_nothing_of_a_person() {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpStream,
        os::unix::fs::PermissionsExt,
        process::{Command, Stdio},
    };
    let folder = tempfile::tempdir().unwrap();
    let mut backend = Command::new(env!("CARGO_BIN_EXE_doseline-backend"))
        .args(["serve", "--demo"])
        .env("DOSELINE_LISTEN", "127.0.0.1:0")
        .env("DOSELINE_STORE__PATH", folder.path().join("doseline.db"))
        .env("DOSELINE_STORE__KEY_FILE", folder.path().join("doseline.key"))
        .env("DOSELINE_LOG__FORMAT", "json")
        .env("DOSELINE_LOG__FILTER", "warn,doseline_backend=trace")
        .env("DOSELINE_SERVER", "http://belongs.to.the.app")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(backend.stderr.take().unwrap());
    let mut lines = String::new();
    let address = loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended early: {lines}");
        lines.push_str(&line);
        let line: Value = serde_json::from_str(&line).unwrap();
        if line["message"] == "listening" {
            break line["address"].as_str().unwrap().to_owned();
        }
    };
    let ask = |head: &str, body: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let device = "01890000-0000-7000-8000-000000000001";
    let sign_in = |password: &str| {
        json!({"email": "ada@demo.example", "password": password, "device": {"id": device, "name": "Test"}}).to_string()
    };
    let session = ask("POST /v1/sessions", &sign_in(demo::PASSWORD));
    assert!(session.starts_with("HTTP/1.1 201"), "{session}");
    assert!(ask("POST /v1/sessions", &sign_in("wrong horse")).starts_with("HTTP/1.1 401"));
    assert!(ask("POST /v1/accounts", "{\"name\": \"Ada Obi").starts_with("HTTP/1.1 400"));
    assert!(ask("GET /v1/sync/changes?after=secretquery", "").starts_with("HTTP/1.1 401"));

    let mode = |name: &str| {
        std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("doseline.db"), mode("doseline.key")), (0o600, 0o600));
    let stopped = Command::new("kill")
        .args(["-TERM", &backend.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    assert!(backend.wait().unwrap().success(), "a graceful stop is no failure");
    log.read_to_string(&mut lines).unwrap();
    assert!(
        lines.contains("\"stopped\"") && lines.contains("/v1/sync/changes"),
        "{lines}"
    );
    for private in [
        "Ada",
        "Metformin",
        "demo.example",
        demo::PASSWORD,
        "wrong horse",
        "secretquery",
        "eyJ",
        device,
    ] {
        assert!(!lines.contains(private), "the log holds {private}: {lines}");
    }
}
