//! A backend with a clock that the test sets, and people who talk to it.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use doseline_backend::{Running, app::Clock, clinic, config::Config, http, random, serve_with_clock};
use doseline_shared::{
    api::{
        account::{AddedStaff, FirstPassword, Me, Session},
        partner::{AccessToken, IssuedKey},
    },
    id::{
        ClinicId, DeviceId, DispenseId, DoseEventId, MedicationId, OperationId, PatientId, PersonId, SideEffectEntryId,
        StockEntryId,
    },
};
use futures::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;
use tower::ServiceExt;

use crate::openapi::described;

pub const PASSWORD: &str = "correct horse";

/// A clinic's list of interactions.
pub const LIST: &str = "a,b,severity,text,source\nwarfarin,ibuprofen,major,Bleeding,Formulary\n";

/// A system to be connected, whose key opens everything for a month.
pub fn a_system(name: &str) -> Value {
    json!({"name": name, "key": {"scopes": ["provider:read", "schedule:read", "adherence:read"], "days": 30}})
}

/// A backend and its clock.
pub struct World {
    pub running: Running,
    pub router: Router,
    pub config: Config,
    pub folder: TempDir,
    pub shift: Arc<AtomicI64>,
}

/// Someone with a session.
#[derive(Clone)]
pub struct Someone {
    pub token: String,
    pub refresh: String,
    pub device: DeviceId,
    pub me: Me,
}

impl Someone {
    pub fn person(&self) -> PersonId {
        self.me.person
    }

    pub fn patient(&self) -> PatientId {
        self.me.patient.expect("signed up as a patient")
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    #[track_caller]
    pub fn ok<T: DeserializeOwned>(self) -> T {
        assert!(self.status.is_success(), "{} {}", self.status, self.body);
        serde_json::from_value(self.body).unwrap()
    }

    #[track_caller]
    pub fn done(self) {
        assert_eq!(self.status, StatusCode::NO_CONTENT, "{}", self.body);
    }

    /// Status and code of a problem.
    #[track_caller]
    pub fn problem(&self) -> (u16, &str) {
        assert_eq!(
            self.headers.get("content-type").map(|kind| kind.as_bytes()),
            Some(b"application/problem+json".as_slice()),
            "{self:?}"
        );
        (self.status.as_u16(), self.body["code"].as_str().unwrap())
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            web_dir: folder.path().join("dist"),
            ..Config::default()
        };
        config.store.path = folder.path().join("store/doseline.db");
        config.store.key_file = folder.path().join("store/doseline.key");
        config.limits = config.limits.wide();
        change(&mut config);
        Self::open(config, folder).await
    }

    pub async fn open(config: Config, folder: TempDir) -> Self {
        let shift = Arc::new(AtomicI64::new(0));
        let clock: Clock = {
            let shift = Arc::clone(&shift);
            Arc::new(move || Utc::now() + TimeDelta::milliseconds(shift.load(Ordering::SeqCst)))
        };
        let running = serve_with_clock(config.clone(), clock).await.unwrap();
        let router = http::service(&running.app, &config.web_dir, false);
        Self {
            running,
            router,
            config,
            folder,
            shift,
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.running.app.now()
    }

    /// Lets time pass.
    pub fn pass(&self, time: TimeDelta) {
        self.shift.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let app = self.running.app.clone();
        Arc::new(move || app.now())
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let mut request = request;
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            let here = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 50_000)));
            request.extensions_mut().insert(here);
        }
        let (parts, body) = request.into_parts();
        let asked = to_bytes(body, usize::MAX).await.unwrap();
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let request = Request::from_parts(parts, Body::from(asked.clone()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        // A stream has no end to wait for.
        let streams = headers
            .get("content-type")
            .is_some_and(|media| media == "text/event-stream");
        let body = if streams { Body::empty() } else { response.into_body() };
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        let reply = Reply { status, headers, body };
        described(&method, &uri, &asked, &reply);
        reply
    }

    pub async fn call(&self, method: &str, path: &str, who: Option<&Someone>, body: Option<Value>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(who) = who {
            request = request.header("authorization", format!("Bearer {}", who.token));
        }
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    /// Sends a form, as OAuth has it; `basic` is client id and secret.
    pub async fn form(&self, path: &str, basic: Option<(&str, &str)>, form: &str) -> Reply {
        let mut request = Request::builder()
            .method("POST")
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some((client, secret)) = basic {
            let encoded = STANDARD.encode(format!("{client}:{secret}"));
            request = request.header("authorization", format!("Basic {encoded}"));
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// An access token of a connected system.
    pub async fn system_token(&self, key: &IssuedKey, scope: Option<&str>) -> String {
        let body = json!({"api_key": key.secret, "scope": scope});
        let token: AccessToken = self.call("POST", "/api/auth/token", None, Some(body)).await.ok();
        token.access_token
    }

    /// Hands a list of interactions over, as CSV.
    pub async fn load_list(&self, clinic: ClinicId, who: Option<&Someone>, file: impl Into<Body>) -> Reply {
        let mut request = Request::builder()
            .method("PUT")
            .uri(format!("/v1/clinics/{clinic}/interactions"))
            .header("content-type", "text/csv; charset=utf-8");
        if let Some(who) = who {
            request = request.header("authorization", format!("Bearer {}", who.token));
        }
        self.send(request.body(file.into()).unwrap()).await
    }

    pub async fn get(&self, path: &str, who: &Someone) -> Reply {
        self.call("GET", path, Some(who), None).await
    }

    pub async fn post(&self, path: &str, who: &Someone, body: Value) -> Reply {
        self.call("POST", path, Some(who), Some(body)).await
    }

    pub async fn delete(&self, path: &str, who: &Someone) -> Reply {
        self.call("DELETE", path, Some(who), None).await
    }

    pub async fn sign_up(&self, name: &str, as_patient: bool) -> Someone {
        let device = self.device();
        let body = json!({
            "name": name, "email": email(name), "password": PASSWORD, "zone": "Africa/Lagos", "as_patient": as_patient,
            "device": {"id": device, "name": "Test"},
        });
        someone(self.call("POST", "/v1/accounts", None, Some(body)).await.ok(), device)
    }

    pub async fn sign_in(&self, name: &str) -> Someone {
        let device = self.device();
        let reply = self.try_sign_in(name, PASSWORD, device).await;
        someone(reply.ok(), device)
    }

    pub async fn try_sign_in(&self, name: &str, password: &str, device: DeviceId) -> Reply {
        let body = json!({"email": email(name), "password": password, "device": {"id": device, "name": "Test"}});
        self.call("POST", "/v1/sessions", None, Some(body)).await
    }

    /// Ends the sessions of a device, with the password of every test.
    pub async fn end_device(&self, who: &Someone, device: DeviceId) -> Reply {
        let path = format!("/v1/devices/{device}/end");
        self.post(&path, who, json!({"password": PASSWORD})).await
    }

    pub fn device(&self) -> DeviceId {
        random::id(self.now(), DeviceId::new)
    }

    /// A clinic and its administrator.
    pub async fn clinic(&self, name: &str, admin: &str) -> (ClinicId, Someone) {
        let app = &self.running.app;
        let request = clinic::NewClinic {
            name: name.to_owned(),
            admin_name: admin.to_owned(),
            admin_email: email(admin),
            existing_account: false,
        };
        let founded = clinic::found(&app.store, &app.passwords, &app.limits, &self.clock(), request)
            .await
            .unwrap();
        self.choose(admin, founded.first_password).await;
        (founded.clinic, self.sign_in(admin).await)
    }

    /// A member of staff, with a password of their own.
    pub async fn staff(&self, clinic: ClinicId, admin: &Someone, name: &str, role: &str) -> Someone {
        let added = self.hire(clinic, admin, name, role).await;
        self.choose(name, added.first_password).await;
        self.sign_in(name).await
    }

    /// A member of staff as an administrator adds them.
    pub async fn hire(&self, clinic: ClinicId, admin: &Someone, name: &str, role: &str) -> AddedStaff {
        let body = json!({"name": name, "email": email(name), "role": role});
        let reply = self.post(&format!("/v1/clinics/{clinic}/staff"), admin, body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.ok()
    }

    /// Signs in with a first password.
    pub async fn begin(&self, name: &str, first: &FirstPassword) -> Someone {
        let device = self.device();
        someone(self.try_sign_in(name, &first.password, device).await.ok(), device)
    }

    /// Chooses the password of every test in place of a first one, where there is one, and signs out.
    pub async fn choose(&self, name: &str, first: Option<FirstPassword>) {
        let Some(first) = first else { return };
        let who = self.begin(name, &first).await;
        let body = json!({"password": first.password, "new": PASSWORD});
        self.post("/v1/me/password", &who, body).await.done();
        self.delete("/v1/sessions", &who).await.done();
    }

    pub async fn invite(&self, who: &Someone, body: Value) -> String {
        let reply = self.post("/v1/invitations", who, body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.body["code"].as_str().unwrap().to_owned()
    }

    pub async fn redeem(&self, who: &Someone, code: &str) -> Reply {
        self.post("/v1/invitations/redeem", who, json!({"code": code})).await
    }

    /// Lets `carer` care for `patient`; the grant's id.
    pub async fn care(&self, patient: &Someone, carer: &Someone, scope: &str, until: Option<DateTime<Utc>>) -> String {
        let code = self
            .invite(patient, json!({"kind": "caregiver", "scope": scope, "until": until}))
            .await;
        let redeemed: Value = self.redeem(carer, &code).await.ok();
        redeemed["grant"]["id"].as_str().unwrap().to_owned()
    }

    /// The outcome of one operation.
    pub async fn push(&self, who: &Someone, id: OperationId, body: &Value) -> Value {
        let reply = self
            .post("/v1/sync/push", who, json!({"operations": [{"id": id, "body": body}]}))
            .await;
        let pushed: Value = reply.ok();
        pushed["results"][0]["outcome"].clone()
    }

    pub async fn push_new(&self, who: &Someone, body: &Value) -> Value {
        self.push(who, random::id(self.now(), OperationId::new), body).await
    }

    /// A medication of `patient`, written by `who`.
    pub async fn medication(&self, who: &Someone, patient: PatientId) -> MedicationId {
        let id = random::id(self.now(), MedicationId::new);
        let body = put_medication(id, patient, 0, Some(twice_daily()));
        assert_eq!(
            self.push_new(who, &body).await,
            json!({"kind": "applied", "version": 1})
        );
        id
    }

    /// All records of `patient` as `who` pulls them.
    pub async fn pull(&self, who: &Someone, patient: PatientId) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let page: Value = self
                .get(&format!("/v1/sync/patients/{patient}/changes?limit=50{after}"), who)
                .await
                .ok();
            all.extend(
                page["changes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|change| change["body"].clone()),
            );
            after = format!("&after={}", page["cursor"].as_str().unwrap());
            if page["more"] == false {
                return all;
            }
        }
    }

    /// Listens to hints as `who`, said hello and ready.
    pub async fn listen(&self, who: &Someone) -> Hints {
        let mut hints = self.hello(&who.token).await;
        assert_eq!(hints.next().await, json!({"kind": "ready"}));
        hints
    }

    /// Says hello with an access token.
    pub async fn hello(&self, token: &str) -> Hints {
        let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{}/v1/sync/hints", self.running.address))
            .await
            .unwrap();
        let hello = json!({"access": token}).to_string();
        socket.send(Message::text(hello)).await.unwrap();
        Hints(socket)
    }
}

/// A stream of hints.
pub struct Hints(pub tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>);

impl Hints {
    /// The next hint, or the code that the connection was closed with, within two seconds.
    pub async fn next(&mut self) -> Value {
        self.within(std::time::Duration::from_secs(2))
            .await
            .expect("a hint within two seconds")
    }

    pub async fn within(&mut self, time: std::time::Duration) -> Option<Value> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(text.as_str()).unwrap(),
                    Some(Ok(Message::Close(frame))) => {
                        return json!({"closed": frame.map(|frame| u16::from(frame.code))});
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return json!({"closed": null}),
                }
            }
        };
        tokio::time::timeout(time, next).await.ok()
    }
}

fn someone(session: Session, device: DeviceId) -> Someone {
    Someone {
        token: session.access,
        refresh: session.refresh,
        device,
        me: session.me,
    }
}

pub fn email(name: &str) -> String {
    format!("{}@test.example", name.to_lowercase().replace(' ', "."))
}

/// Each a different one, so that two in the same millisecond differ.
pub fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

pub fn twice_daily() -> Value {
    json!({
        "zone": {"kind": "home", "tz": "Africa/Lagos"}, "start": "2026-03-01", "end": null, "max_count": null,
        "rule": {"kind": "wall", "days": {"kind": "every"},
            "times": [{"slot": "am", "at": "08:00"}, {"slot": "pm", "at": "20:00"}]},
        "dose": {"kind": "fixed", "amount": {"value": "1", "unit": "tablet"}},
        "window": {"early_min": 60, "late_min": 60, "miss_after_min": null},
    })
}

pub fn put_medication(id: MedicationId, patient: PatientId, base: u64, schedule: Option<Value>) -> Value {
    let plan: Vec<Value> = schedule
        .into_iter()
        .map(|schedule| json!({"number": 1, "from": "2026-03-01", "schedule": schedule}))
        .collect();
    json!({"kind": "put_medication", "base": base, "medication": {
        "id": id, "patient": patient, "clinic": null, "version": 0, "name": "Metformin 500 mg", "codes": [],
        "ingredients": ["metformin"], "instruction": null, "look": {"form": "tablet", "colour": "white"},
        "critical": false, "plan": plan, "status": {"kind": "active"}, "authored": null,
    }})
}

pub fn put_dispense(id: DispenseId, patient: PatientId, medication: MedicationId, base: u64) -> Value {
    json!({"kind": "put_dispense", "base": base, "dispense": {
        "id": id, "patient": patient, "medication": medication, "clinic": null, "version": 0, "on": "2026-03-01",
        "quantity": {"value": "60", "unit": "tablet"}, "days_supply": 30, "class": "other", "status": "completed"}})
}

pub fn log_stock(
    id: StockEntryId,
    patient: PatientId,
    medication: MedicationId,
    by: PersonId,
    device: DeviceId,
) -> Value {
    json!({"kind": "log_stock", "entry": {
        "id": id, "patient": patient, "medication": medication, "by": by, "device": device,
        "what": {"kind": "refill", "amount": {"value": "60", "unit": "tablet"}},
        "at": "2026-03-01T08:00:00+01:00", "recorded_at": "2026-03-01T07:00:00Z"}})
}

pub fn log_side_effect(
    id: SideEffectEntryId,
    patient: PatientId,
    medication: Option<MedicationId>,
    by: PersonId,
    device: DeviceId,
) -> Value {
    json!({"kind": "log_side_effect", "entry": {
        "id": id, "patient": patient, "by": by, "device": device, "recorded_at": "2026-03-01T08:00:00+01:00",
        "what": {"kind": "reported", "report": {"symptom": "nausea", "severity": "severe", "from": "2026-02-28",
            "medication": medication, "note": null}}}})
}

pub fn taken(id: DoseEventId, patient: PatientId, medication: MedicationId, by: PersonId, device: DeviceId) -> Value {
    json!({"kind": "log_dose", "event": {
        "id": id, "patient": patient, "medication": medication, "occurrence": "2026-03-02/am",
        "due": "2026-03-02T07:00:00Z", "what": {"kind": "taken", "amount": null, "override_reason": null},
        "at": "2026-03-02T08:03:00+01:00", "zone": "Africa/Lagos", "recorded_at": "2026-03-02T07:03:00Z",
        "by": by, "device": device,
    }})
}

/// The bundles of real input, beside the repository.
pub fn synthea() -> Vec<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/synthea"));
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| {
            panic!("the test data is missing: put it into ../shared/data/synthea beside the repository ({error})")
        })
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "json"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 3, "../shared/data/synthea should hold three bundles");
    files
}
