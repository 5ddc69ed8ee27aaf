//! The audit: who has looked, who was refused, from where and why; that the patient reads it, and that it verifies outside.

use std::collections::HashMap;

use axum::{body::Body, extract::ConnectInfo, http::Request};
use doseline_backend::{
    account,
    operations::audit::{Verified, export, verify},
    random,
    store::{
        Tx,
        access::System,
        audit::{self, Stored},
    },
};
use doseline_shared::{
    api::{
        export::{Export, FORMAT},
        partner::IssuedKey,
        webhook::IssuedWebhook,
    },
    audit::Event,
    change::{Followed, Hash, Linked, Row},
    id::{DoseEventId, MedicationId, PatientId},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{LIST, PASSWORD, Someone, World, a_system, email, put_medication, taken, twice_daily};

/// The events of trails, each once: what has come since it was asked the last time.
#[derive(Default)]
pub struct Tail(HashMap<Uuid, u64>);

impl Tail {
    pub async fn news(&mut self, world: &World, trails: &[Uuid]) -> Vec<Stored> {
        let mut news = Vec::new();
        for trail in trails {
            let (trail, after) = (*trail, self.0.entry(*trail).or_default());
            let from = *after;
            let events = async move |tx: &mut Tx| audit::events(tx, &System::new("a test looks"), trail, from).await;
            let events = world.running.app.store.read(events).await.unwrap();
            *after = events.last().map_or(from, |event| event.link);
            news.extend(events);
        }
        news
    }
}

async fn seen_by(world: &World, patient: &Someone, query: &str) -> Value {
    let path = format!("/v1/patients/{}/audit{query}", patient.patient());
    world.get(&path, patient).await.ok()
}

fn field<'a>(audit: &'a Value, name: &str) -> Vec<&'a Value> {
    let events = audit["events"].as_array().unwrap();
    events.iter().map(|event| &event[name]).collect()
}

#[tokio::test]
async fn a_patient_sees_who_has_looked_as_what_and_who_was_not_let_in() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    world.medication(&ada, ada.patient()).await;
    let chidi = world.sign_up("Chidi", false).await;
    let stranger = world.sign_up("Stranger", true).await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await;
    let desk = world.staff(clinic, &admin, "Desk", "front_desk").await;
    world.care(&ada, &chidi, "view", None).await;
    let code = world
        .invite(&admin, json!({"kind": "join_clinic", "clinic": clinic}))
        .await;
    world.redeem(&ada, &code).await.ok::<Value>();

    // Her own reading, and a look that gives nothing, are none of others at her record.
    world.pull(&ada, ada.patient()).await;
    world.get("/v1/sync/changes", &chidi).await.ok::<Value>();
    assert_eq!(seen_by(&world, &ada, "").await["events"], json!([]));

    let medications = format!("/api/patient/{}/medications", ada.patient());
    world.pull(&chidi, ada.patient()).await;
    world.get(&medications, &nurse).await.ok::<Value>();
    assert_eq!(world.get(&medications, &desk).await.problem().0, 403);
    assert_eq!(world.get(&medications, &stranger).await.problem().0, 404);
    assert_eq!(world.call("GET", &medications, None, None).await.problem().0, 401);

    let audit = seen_by(&world, &ada, "").await;
    let null = Value::Null;
    assert_eq!(
        field(&audit, "name"),
        [
            &null,
            &json!("Stranger"),
            &json!("Desk"),
            &json!("Nurse"),
            &json!("Chidi")
        ]
    );
    assert_eq!(
        field(&audit, "way"),
        [&null, &null, &null, &json!("staff"), &json!("caregiver")]
    );
    assert_eq!(
        field(&audit, "clinic_name"),
        [&null, &null, &null, &json!("Harmony"), &null]
    );
    assert_eq!(
        field(&audit, "refused"),
        [
            &json!("signed_out"),
            &json!("not_found"),
            &json!("forbidden"),
            &null,
            &null
        ]
    );
    assert_eq!(audit["events"][3]["asked"], format!("GET {medications}"));
    assert_eq!(audit["before"], null);

    // Page by page it is the same.
    let first = seen_by(&world, &ada, "?limit=3").await;
    let second = seen_by(&world, &ada, &format!("?limit=3&before={}", first["before"])).await;
    let both = [
        first["events"].as_array().unwrap().clone(),
        second["events"].as_array().unwrap().clone(),
    ]
    .concat();
    assert_eq!(json!(both), audit["events"]);
    let path = format!("/v1/patients/{}/audit?limit=0", ada.patient());
    assert_eq!(world.get(&path, &ada).await.problem(), (422, "invalid_field"));
}

#[tokio::test]
async fn a_token_that_has_ended_opens_nothing_but_says_whose_it_was() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let chidi = world.sign_up("Chidi", false).await;
    world.pass(chrono::TimeDelta::minutes(16));
    let medications = format!("/api/patient/{}/medications", ada.patient());
    for who in [&ada, &chidi] {
        assert_eq!(world.get(&medications, who).await.problem(), (401, "signed_out"));
    }
    let again = world.sign_in("Ada").await;
    assert_eq!(field(&seen_by(&world, &again, "").await, "name"), [&json!("Chidi")]);
}

#[tokio::test]
async fn a_patient_takes_a_copy_of_everything_and_the_audit_proves_it() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let mut edited = put_medication(medication, ada.patient(), 1, Some(twice_daily()));
    edited["medication"]["name"] = json!("Metformin 850 mg");
    world.push_new(&ada, &edited).await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await;
    let code = world
        .invite(&admin, json!({"kind": "join_clinic", "clinic": clinic}))
        .await;
    world.redeem(&ada, &code).await.ok::<Value>();
    world.pull(&nurse, ada.patient()).await;

    let path = format!("/v1/patients/{}/export", ada.patient());
    let copy: Export = world.get(&path, &ada).await.ok();
    assert_eq!((copy.format.as_str(), copy.patient), (FORMAT, ada.patient()));
    let kinds: Vec<(&str, u64, bool)> = copy
        .history
        .iter()
        .map(|written| (written.kind.as_str(), written.version, written.stands))
        .collect();
    let expected = [
        ("patient", 1, true),
        ("medication", 1, false),
        ("medication", 2, true),
        ("grant", 1, true),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(copy.history[2].record["name"], "Metformin 850 mg");
    assert_eq!(copy.history[2].by, Some(ada.person()));
    assert_eq!(copy.history[2].why.as_deref(), Some("the patient's own record"));
    assert_eq!(copy.people[&nurse.person().to_string()], "Nurse");
    assert_eq!(copy.clinics[&clinic.to_string()], "Harmony");
    assert!(
        copy.audit
            .iter()
            .any(|looked| looked.by == Some(nurse.person()) && looked.outcome == "read")
    );

    // The next copy has the proof of this one, to the millisecond.
    let asked = format!("GET {path}");
    assert!(copy.audit.iter().all(|looked| looked.asked != asked));
    let next: Export = world.get(&path, &ada).await.ok();
    let proof: Vec<_> = next.audit.iter().filter(|looked| looked.asked == asked).collect();
    assert_eq!(proof.len(), 1);
    let taken = copy.made_at.timestamp_millis();
    assert_eq!(
        (proof[0].by, proof[0].at.timestamp_millis()),
        (Some(ada.person()), taken)
    );
}

#[tokio::test]
async fn a_code_shows_a_name_and_says_so() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let chidi = world.sign_up("Chidi", false).await;
    let body = json!({"kind": "caregiver", "scope": "view", "until": null});
    let code = world.invite(&ada, body).await;
    let body = json!({"code": code});
    world.post("/v1/invitations/lookup", &chidi, body).await.ok::<Value>();
    let audit = seen_by(&world, &ada, "").await;
    assert_eq!(field(&audit, "way"), [&json!("code")]);
    assert_eq!(field(&audit, "name"), [&json!("Chidi")]);
}

#[tokio::test]
async fn an_edit_that_comes_too_late_has_shown_what_stands() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let chidi = world.sign_up("Chidi", false).await;
    world.care(&ada, &chidi, "manage", None).await;
    let late = put_medication(medication, ada.patient(), 999, Some(twice_daily()));
    let result = world.push_new(&chidi, &late).await;
    assert_eq!(result["kind"], "conflict");
    let audit = seen_by(&world, &ada, "").await;
    assert_eq!(field(&audit, "asked"), [&json!("POST /v1/sync/push put_medication")]);
    assert_eq!(field(&audit, "refused"), [&Value::Null]);
}

#[tokio::test]
async fn an_address_that_is_refused_too_often_waits_and_is_not_written_down_again() {
    let world = World::with(|config| config.limits.refusals_per_minute = 3).await;
    let ada = world.sign_up("Ada", true).await;
    let stranger = world.sign_up("Stranger", true).await;
    let medications = format!("/api/patient/{}/medications", ada.patient());
    for _ in 0..3 {
        assert_eq!(world.get(&medications, &stranger).await.problem().0, 404);
    }
    for _ in 0..2 {
        let reply = world.get(&medications, &stranger).await;
        assert_eq!(reply.problem(), (429, "too_many_attempts"));
        assert_eq!(reply.headers["retry-after"], "20");
    }
    assert_eq!(field(&seen_by(&world, &ada, "").await, "refused").len(), 3);
}

/// A line of the export, of either half.
#[derive(Deserialize)]
struct Line {
    chain: String,
    of: Uuid,
    link: u64,
    at: chrono::DateTime<chrono::Utc>,
    actor: Option<Uuid>,
    device: Option<Uuid>,
    origin: Option<String>,
    why: Option<String>,
    kind: Option<String>,
    record: Option<Uuid>,
    version: Option<u64>,
    body: Option<String>,
    asked: Option<String>,
    outcome: Option<String>,
    clinic: Option<Uuid>,
    prev: String,
    hash: String,
}

impl Line {
    fn hashes(&self) -> (Hash, Hash) {
        (self.prev.parse().unwrap(), self.hash.parse().unwrap())
    }

    fn change(&self) -> Linked<Row<'_>> {
        let (prev, hash) = self.hashes();
        let row = Row {
            patient: PatientId::from_uuid(self.of),
            link: self.link,
            kind: self.kind.as_deref().unwrap(),
            record: self.record.unwrap(),
            version: self.version.unwrap(),
            body: self.body.as_deref().unwrap(),
            actor: self.actor.map(doseline_shared::id::PersonId::from_uuid),
            device: self.device.map(doseline_shared::id::DeviceId::from_uuid),
            at: self.at,
            origin: self.origin.as_deref(),
            why: self.why.as_deref(),
        };
        Linked { row, prev, hash }
    }

    fn event(&self) -> Linked<Event<'_>> {
        let (prev, hash) = self.hashes();
        let row = Event {
            trail: self.of,
            link: self.link,
            at: self.at,
            actor: self.actor.map(doseline_shared::id::PersonId::from_uuid),
            device: self.device.map(doseline_shared::id::DeviceId::from_uuid),
            origin: self.origin.as_deref(),
            asked: self.asked.as_deref().unwrap(),
            outcome: self.outcome.as_deref().unwrap(),
            why: self.why.as_deref().unwrap(),
            clinic: self.clinic.map(doseline_shared::id::ClinicId::from_uuid),
        };
        Linked { row, prev, hash }
    }
}

#[tokio::test]
async fn the_export_can_be_computed_again_outside_and_says_who_from_where_and_why() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let chidi = world.sign_up("Chidi", false).await;
    world.care(&ada, &chidi, "log", None).await;
    let id = random::id(world.now(), DoseEventId::new);
    let dose = taken(id, ada.patient(), medication, chidi.person(), chidi.device);
    let push = json!({"operations": [{"id": Uuid::now_v7(), "body": dose}]});
    let mut afar = Request::builder()
        .method("POST")
        .uri("/v1/sync/push")
        .header("authorization", format!("Bearer {}", chidi.token))
        .header("content-type", "application/json")
        .body(Body::from(push.to_string()))
        .unwrap();
    let address: std::net::SocketAddr = "203.0.113.7:1234".parse().unwrap();
    afar.extensions_mut().insert(ConnectInfo(address));
    let pushed: Value = world.send(afar).await.ok();
    assert_eq!(pushed["results"][0]["outcome"]["kind"], "applied");
    world.pull(&chidi, ada.patient()).await;
    let new = put_medication(random::id(world.now(), MedicationId::new), ada.patient(), 0, None);
    world.push_new(&chidi, &new).await;
    doseline_backend::operations::jobs::seal(&world.running.app)
        .await
        .unwrap();

    let export_of = async |of, records| {
        let mut out = Vec::new();
        export(&world.config, of, records, &mut out).await.unwrap();
        String::from_utf8(out).unwrap()
    };
    let text = export_of(None, true).await;
    let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut ends: HashMap<(&str, Uuid), Followed> = HashMap::new();
    for line in &lines {
        let end = ends.entry((&line.chain, line.of)).or_default();
        match line.chain.as_str() {
            "change" => end.on_to(&line.change()).unwrap(),
            _ => end.on_to(&line.event()).unwrap(),
        }
    }
    let logged = lines.iter().find(|line| line.record == Some(id.uuid())).unwrap();
    assert_eq!(logged.actor, Some(chidi.person().uuid()));
    assert_eq!(logged.origin.as_deref(), Some("203.0.113.7"));
    assert_eq!(logged.why.as_deref(), Some("caregiver, within the scope of the grant"));
    let refused = lines
        .iter()
        .find(|line| line.outcome.as_deref() == Some("forbidden"))
        .unwrap();
    assert_eq!(refused.of, ada.patient().uuid());
    assert_eq!(refused.asked.as_deref(), Some("POST /v1/sync/push put_medication"));
    assert_eq!(refused.why.as_deref(), Some("beyond the scope of the grant"));

    // Without the records there is no health data in it; of one patient it is hers alone.
    assert!(text.contains("Metformin") && !export_of(None, false).await.contains("Metformin"));
    let hers = export_of(Some(ada.patient().uuid()), true).await;
    let of_her = lines.iter().filter(|line| line.of == ada.patient().uuid()).count();
    assert!(of_her > 5 && hers.lines().count() == of_her);

    let Verified { changes, audit } = verify(&world.config).await.unwrap();
    let changed = lines.iter().filter(|line| line.chain == "change").count() as u64;
    assert_eq!((changes.links, changes.broken), (changed, None));
    assert_eq!((audit.events, audit.broken), (lines.len() as u64 - changed, None));
    // The one made above, and perhaps one of the job that makes one each minute.
    assert!(changes.seals >= 1 && audit.seals >= 1);
}

/// The outcomes in a trail, with what each concerns.
pub async fn told(world: &World, trail: Uuid) -> Vec<(String, String)> {
    let events = Tail::default().news(world, &[trail]).await;
    events.into_iter().map(|event| (event.outcome, event.asked)).collect()
}

#[tokio::test]
async fn what_is_done_to_an_account_is_in_its_trail() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", false).await;
    let again = world.sign_in("Ada").await;
    let other = world.sign_in("Ada").await;
    let wrong = world.try_sign_in("Ada", "a lamp that hums", world.device()).await;
    assert_eq!(wrong.problem(), (401, "wrong_credentials"));
    world.delete("/v1/sessions", &again).await.done();
    world.end_device(&ada, other.device).await.done();
    let body = json!({"password": PASSWORD, "new": "a lamp that sings"});
    world.post("/v1/me/password", &ada, body).await.done();
    let app = &world.running.app;
    account::change_password::reset(&app.store, &app.passwords, &app.limits, &email("Ada"), world.now())
        .await
        .unwrap();
    let device = other.device.to_string();
    let events = told(&world, ada.person().uuid()).await;
    let events: Vec<(&str, &str)> = events.iter().map(|(what, of)| (what.as_str(), of.as_str())).collect();
    assert_eq!(
        events,
        [
            ("signed_up", ""),
            ("signed_in", ""),
            ("signed_in", ""),
            ("wrong_credentials", "POST /v1/sessions"),
            ("session_ended", ""),
            ("device_ended", device.as_str()),
            ("password_changed", ""),
            ("password_reset", ""),
        ]
    );
    let unknown = world.try_sign_in("Nobody", PASSWORD, world.device()).await;
    assert_eq!(unknown.problem(), (401, "wrong_credentials"));
    let nobodys = told(&world, Uuid::nil()).await;
    assert_eq!(
        nobodys,
        [("wrong_credentials".to_owned(), "POST /v1/sessions".to_owned())]
    );
}

#[tokio::test]
async fn what_is_done_to_a_clinic_and_its_systems_is_in_their_trails() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await.person();
    world
        .delete(&format!("/v1/clinics/{clinic}/staff/{nurse}"), &admin)
        .await
        .done();
    let path = format!("/v1/clinics/{clinic}/second-factor");
    let asked = world
        .call("PUT", &path, Some(&admin), Some(json!({"roles": ["nurse", "doctor"]})))
        .await;
    asked.ok::<Value>();
    let list: Value = world.load_list(clinic, Some(&admin), LIST).await.ok();
    world
        .delete(&format!("/v1/clinics/{clinic}/interactions"), &admin)
        .await
        .done();
    let systems = format!("/v1/clinics/{clinic}/systems");
    let key: IssuedKey = world.post(&systems, &admin, a_system("Records")).await.ok();
    let (system, first) = (key.system, key.key.id);
    world.system_token(&key, Some("provider:read")).await;
    let body = json!({"scopes": ["schedule:read"], "days": 1});
    let second: IssuedKey = world.post(&format!("{systems}/{system}/keys"), &admin, body).await.ok();
    let second = second.key.id;
    world
        .delete(&format!("{systems}/{system}/keys/{first}"), &admin)
        .await
        .done();
    let hooks = format!("{systems}/{system}/webhooks");
    let body = json!({"url": "https://records.invalid/", "events": ["dose.missed"]});
    let hook: IssuedWebhook = world.post(&hooks, &admin, body).await.ok();
    let hook = hook.webhook.id;
    for act in ["ping", "secret"] {
        let path = format!("{hooks}/{hook}/{act}");
        world.call("POST", &path, Some(&admin), None).await.ok::<Value>();
    }
    world.delete(&format!("{hooks}/{hook}"), &admin).await.done();
    world.delete(&format!("{systems}/{system}"), &admin).await.done();

    let own = |what: &str, of: String| (what.to_owned(), of);
    assert_eq!(
        told(&world, clinic.uuid()).await,
        [
            own("clinic_founded", admin.person().to_string()),
            own("staff_added", nurse.to_string()),
            own("staff_removed", nurse.to_string()),
            own("second_factor_asked", "doctor nurse".to_owned()),
            own("list_loaded", list["revision"].as_str().unwrap().to_owned()),
            own("list_withdrawn", String::new()),
            own(
                "system_connected",
                format!("{system} {first}: provider:read schedule:read adherence:read")
            ),
            own("key_made", format!("{system} {second}: schedule:read")),
            own("key_ended", format!("{system} {first}")),
            own("webhook_made", format!("{system} {hook}")),
            own("webhook_pinged", format!("{system} {hook}")),
            own("webhook_secret_renewed", format!("{system} {hook}")),
            own("webhook_ended", format!("{system} {hook}")),
            own("system_disconnected", system.to_string()),
        ]
    );
    assert_eq!(
        told(&world, system.uuid()).await,
        [own("token_made", "provider:read".to_owned())]
    );
}
