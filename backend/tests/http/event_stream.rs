//! The stream of events: what is told, to whom, where it goes on, and when it ends.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    extract::ConnectInfo,
    http::Request,
};
use chrono::TimeDelta;
use doseline_backend::random;
use doseline_shared::{
    api::partner::IssuedKey,
    id::{DoseEventId, MedicationId},
};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{Someone, World, a_system, put_medication, taken};

/// What stands between two empty lines of the stream.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    id: String,
    kind: String,
    data: Value,
}

struct Stream(BodyDataStream, String);

impl Stream {
    async fn open(world: &World, token: &str, last: Option<&str>) -> Self {
        let mut request = Request::get("/v1/events").header("authorization", format!("Bearer {token}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let here = ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 50_000)));
        request.extensions_mut().insert(here);
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body().into_data_stream(), String::new())
    }

    /// What comes next; none at the end of the stream.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((told, rest)) = self.1.split_once("\n\n") {
                let (told, rest) = (told.to_owned(), rest.to_owned());
                self.1 = rest;
                let mut one = Told::default();
                for line in told.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => one.id = id.to_owned(),
                        Some(("event", kind)) => one.kind = kind.to_owned(),
                        Some(("data", data)) => one.data = serde_json::from_str(data).unwrap(),
                        _ => panic!("{line}"),
                    }
                }
                return Some(one);
            }
            let part = tokio::time::timeout(Duration::from_secs(30), self.0.next()).await;
            let part = part.expect("half a minute and nothing came")?;
            self.1.push_str(std::str::from_utf8(&part.unwrap()).unwrap());
        }
    }

    /// The next event.
    async fn event(&mut self) -> Told {
        loop {
            let told = self.next().await.expect("the stream goes on");
            if !told.kind.is_empty() {
                return told;
            }
        }
    }
}

/// Harmony with a connected system and a patient.
async fn scene() -> (World, Someone, Someone, IssuedKey) {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let path = format!("/v1/clinics/{clinic}/systems");
    let key = world.post(&path, &admin, a_system("Hospital records")).await.ok();
    let ada = world.sign_up("Ada", true).await;
    let code = world
        .invite(&admin, json!({"kind": "join_clinic", "clinic": clinic}))
        .await;
    world.redeem(&ada, &code).await.ok::<Value>();
    (world, admin, ada, key)
}

#[tokio::test]
async fn a_system_hears_of_its_patients_by_ids_and_goes_on_where_it_was_broken_off() {
    let (world, _, ada, key) = scene().await;
    let stranger = world.sign_up("Stranger", true).await;
    let token = world.system_token(&key, None).await;
    let mut stream = Stream::open(&world, &token, None).await;
    let begun = stream.next().await.unwrap();
    assert_eq!(
        (begun.kind.as_str(), &begun.data),
        ("", &Value::Null),
        "where it begins"
    );

    let medication = world.medication(&ada, ada.patient()).await;
    world.medication(&stranger, stranger.patient()).await;
    let first = stream.event().await;
    assert_eq!(first.kind, "medication.changed");
    assert_eq!(
        first.data["data"],
        json!({"patient": ada.patient(), "medication": medication})
    );
    assert_eq!(first.data["type"], "medication.changed");
    drop(stream);

    // What happens while nobody listens.
    let dose = random::id(world.now(), DoseEventId::new);
    let entry = taken(dose, ada.patient(), medication, ada.person(), ada.device);
    world.push_new(&ada, &entry).await;
    let mut stream = Stream::open(&world, &token, Some(&first.id)).await;
    let second = stream.event().await;
    assert_eq!(second.kind, "dose.changed");
    assert_eq!(second.data["data"]["dose"], json!(dose));
    assert!(!second.data.to_string().contains("etformin"));

    // With the id in the query, and from before: both again, in their order.
    let path = format!("/v1/events?after={}", begun.id);
    let system = Someone {
        token: token.clone(),
        ..ada.clone()
    };
    assert_eq!(world.get(&path, &system).await.status, 200);
    let mut again = Stream::open(&world, &token, Some(&begun.id)).await;
    assert_eq!([again.event().await, again.event().await], [first, second]);
}

#[tokio::test]
async fn a_token_hears_of_what_it_opens() {
    let (world, _, ada, key) = scene().await;
    let token = world.system_token(&key, Some("adherence:read")).await;
    let mut stream = Stream::open(&world, &token, None).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let dose = random::id(world.now(), DoseEventId::new);
    let entry = taken(dose, ada.patient(), medication, ada.person(), ada.device);
    world.push_new(&ada, &entry).await;
    assert_eq!(stream.event().await.kind, "dose.changed");
}

#[tokio::test]
async fn it_ends_with_its_token_and_with_its_key() {
    let (world, admin, ada, key) = scene().await;
    let token = world.system_token(&key, None).await;
    let mut over = Stream::open(&world, &token, None).await;
    world.pass(TimeDelta::minutes(16));
    assert_eq!(ends(&mut over).await, "over");

    let token = world.system_token(&key, None).await;
    let mut ended = Stream::open(&world, &token, None).await;
    let admin = world.sign_in(&admin.me.name).await;
    let clinic = admin.me.staff[0].clinic;
    let path = format!("/v1/clinics/{clinic}/systems/{}/keys/{}", key.system, key.key.id);
    world.delete(&path, &admin).await.done();
    assert_eq!(ends(&mut ended).await, "over");

    // Nobody but systems listens here.
    let ada = world.sign_in(&ada.me.name).await;
    assert_eq!(world.get("/v1/events", &ada).await.problem(), (403, "forbidden"));
}

/// Waits for the end of a stream to which nothing comes.
async fn ends(stream: &mut Stream) -> &'static str {
    while let Some(told) = stream.next().await {
        assert_eq!(told.kind, "", "{told:?}");
    }
    "over"
}

#[tokio::test]
async fn an_id_that_is_none_and_one_of_another_store_are_refused() {
    let (world, _, ada, key) = scene().await;
    let token = world.system_token(&key, None).await;
    let system = Someone { token, ..ada };
    let nonsense = world.get("/v1/events?after=nonsense", &system).await;
    assert_eq!(nonsense.problem(), (422, "invalid_field"));
    let elsewhere = world.get("/v1/events?after=0198-e.00000000.4.2", &system).await;
    assert_eq!(elsewhere.problem(), (409, "conflict"));
    let unknown = world.get("/v1/events?from=1", &system).await;
    assert_eq!(unknown.problem(), (400, "bad_request"));
}

/// More than one page of the feed lies behind the listener.
#[tokio::test]
async fn who_comes_back_late_hears_everything_once() {
    let (world, _, ada, key) = scene().await;
    let token = world.system_token(&key, None).await;
    let mut stream = Stream::open(&world, &token, None).await;
    let begun = stream.next().await.unwrap();
    drop(stream);
    let mut all = Vec::new();
    for _ in 0..3 {
        let some: Vec<MedicationId> = (0..300).map(|_| random::id(world.now(), MedicationId::new)).collect();
        let operations: Vec<Value> = some
            .iter()
            .map(|id| json!({"id": id, "body": put_medication(*id, ada.patient(), 0, None)}))
            .collect();
        let pushed: Value = world
            .post("/v1/sync/push", &ada, json!({"operations": operations}))
            .await
            .ok();
        assert_eq!(pushed["results"].as_array().unwrap().len(), 300);
        all.extend(some);
    }
    let mut stream = Stream::open(&world, &token, Some(&begun.id)).await;
    for id in all {
        assert_eq!(stream.event().await.data["data"]["medication"], json!(id));
    }
}
