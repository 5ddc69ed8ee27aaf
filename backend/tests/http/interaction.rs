//! A clinic's list of interactions: loaded as a whole or not at all, read by those for whom it stands, withdrawn.

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use doseline_shared::{id::ClinicId, safety::MAX_BYTES};
use serde_json::{Value, json};

use crate::world::{LIST, Reply, Someone, World};

struct Scene {
    world: World,
    clinic: ClinicId,
    admin: Someone,
    ada: Someone,
    /// Ada's grant to the clinic.
    grant: String,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (clinic, admin) = world.clinic("Harmony", "Admin").await;
        let ada = world.sign_up("Ada", true).await;
        let code = world
            .invite(&admin, json!({"kind": "join_clinic", "clinic": clinic}))
            .await;
        let redeemed: Value = world.redeem(&ada, &code).await.ok();
        let grant = redeemed["grant"]["id"].as_str().unwrap().to_owned();
        Self {
            world,
            clinic,
            admin,
            ada,
            grant,
        }
    }

    fn path(&self) -> String {
        format!("/v1/clinics/{}/interactions", self.clinic)
    }

    async fn load(&self, file: impl Into<Body>) -> Reply {
        self.world.load_list(self.clinic, Some(&self.admin), file).await
    }

    async fn read(&self, who: &Someone, known: Option<&str>) -> Reply {
        let mut request = Request::builder()
            .uri(self.path())
            .header("authorization", format!("Bearer {}", who.token));
        if let Some(known) = known {
            request = request.header("if-none-match", known);
        }
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    /// What stands for the lists that a pull tells of.
    async fn told(&self, who: &Someone) -> Value {
        let pulled: Value = self.world.get("/v1/sync/changes", who).await.ok();
        pulled["scope"]["lists"].clone()
    }
}

#[tokio::test]
async fn a_list_is_loaded_read_and_replaced_as_a_whole() {
    let scene = Scene::new().await;
    assert_eq!(scene.read(&scene.ada, None).await.problem(), (404, "not_found"));
    let loaded: Value = scene.load(LIST).await.ok();
    assert_eq!(loaded["pairs"], 1);

    let reply = scene.read(&scene.ada, None).await;
    let tag = reply.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(reply.headers["cache-control"], "private, no-cache");
    let list: Value = reply.ok();
    assert_eq!(list["clinic"], json!(scene.clinic));
    assert_eq!(list["revision"], loaded["revision"]);
    assert_eq!(list["loaded_by"], Value::Null, "staff are not named to patients");
    assert_eq!(
        list["pairs"],
        json!([{"a": "warfarin", "b": "ibuprofen", "severity": "major", "text": "Bleeding", "source": "Formulary"}])
    );
    let for_staff: Value = scene.read(&scene.admin, None).await.ok();
    assert_eq!(for_staff["loaded_by"], "Admin");

    for known in [tag.clone(), format!("\"else\", {tag}")] {
        let same = scene.read(&scene.ada, Some(&known)).await;
        assert_eq!((same.status.as_u16(), same.body), (304, json!("")));
    }
    let other = "a,b,severity,text,source\nx,y,minor,t,s\nx,z,minor,t,s\n";
    scene.load(other).await.ok::<Value>();
    let list: Value = scene.read(&scene.ada, Some(&tag)).await.ok();
    assert_eq!(list["pairs"].as_array().unwrap().len(), 2);

    scene.world.delete(&scene.path(), &scene.admin).await.done();
    assert_eq!(scene.read(&scene.ada, None).await.problem(), (404, "not_found"));
    let again = scene.world.delete(&scene.path(), &scene.admin).await;
    assert_eq!(again.problem(), (404, "not_found"));
}

#[tokio::test]
async fn a_list_with_faults_is_refused_by_line_and_column_and_the_one_before_stays() {
    let scene = Scene::new().await;
    scene.load(LIST).await.ok::<Value>();
    let reply = scene
        .load("a,b,severity,text,source\nx,y,grave,t,s\nx,z,minor,,s\n\"x\",y\n")
        .await;
    assert_eq!(reply.problem(), (422, "invalid_field"));
    assert_eq!(
        reply.body["list"],
        json!({"first": [
            {"line": 2, "column": "severity", "problem": {"kind": "severity"}},
            {"line": 3, "column": "text", "problem": {"kind": "empty"}},
            {"line": 4, "column": null, "problem": {"kind": "columns"}},
        ], "more": 0})
    );
    assert!(!reply.body.to_string().contains("grave"), "no cell is repeated");
    let list: Value = scene.read(&scene.ada, None).await.ok();
    assert_eq!(list["pairs"][0]["a"], "warfarin");
}

#[tokio::test]
async fn a_file_that_is_too_large_or_of_another_kind_says_so() {
    let scene = Scene::new().await;
    let reply = scene.load(vec![b'a'; MAX_BYTES + 1]).await;
    assert_eq!(reply.problem(), (422, "invalid_field"));
    assert_eq!(reply.body["list"]["first"][0]["problem"]["kind"], "large");
    // As much as other requests may hold is not the limit here.
    let text = "x".repeat(1_900);
    let rows: String = (0..2_000).map(|row| format!("a{row},b,minor,{text},s\n")).collect();
    let large = format!("a,b,severity,text,source\n{rows}");
    assert!(large.len() > scene.world.config.limits.body_bytes);
    let loaded: Value = scene.load(large).await.ok();
    assert_eq!(loaded["pairs"], 2_000);

    let json = scene
        .world
        .call("PUT", &scene.path(), Some(&scene.admin), Some(json!({})))
        .await;
    assert_eq!(json.problem(), (400, "bad_request"));
    assert!(json.body["title"].as_str().unwrap().contains("text/csv"));
}

#[tokio::test]
async fn a_pull_tells_which_lists_stand_for_what_the_caller_sees() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let stranger = world.sign_up("Stranger", true).await;
    let carer = world.sign_up("Carer", false).await;
    world.care(&scene.ada, &carer, "view", None).await;
    let desk = world.staff(scene.clinic, &scene.admin, "Desk", "front_desk").await;
    let nurse = world.staff(scene.clinic, &scene.admin, "Nurse", "nurse").await;
    assert_eq!(scene.told(&scene.ada).await, json!([]));
    let loaded: Value = scene.load(LIST).await.ok();
    let told = json!([{"clinic": scene.clinic, "revision": loaded["revision"]}]);
    for who in [&scene.ada, &carer, &nurse, &scene.admin] {
        assert_eq!(scene.told(who).await, told);
    }
    for who in [&stranger, &desk] {
        assert_eq!(scene.told(who).await, json!([]));
    }

    // Told again only where something is new.
    let pulled: Value = world.get("/v1/sync/changes", &scene.ada).await.ok();
    let (cursor, tag) = (
        pulled["cursor"].as_str().unwrap(),
        pulled["scope"]["tag"].as_str().unwrap(),
    );
    let path = format!("/v1/sync/changes?after={cursor}&scope={tag}");
    let same: Value = world.get(&path, &scene.ada).await.ok();
    assert_eq!(same["scope"], Value::Null);
    scene.load(LIST).await.ok::<Value>();
    let other: Value = world.get(&path, &scene.ada).await.ok();
    assert_ne!(other["scope"]["lists"], told);

    // Who leaves the clinic leaves its list.
    world.pass(TimeDelta::seconds(1));
    world
        .delete(&format!("/v1/grants/{}", scene.grant), &scene.ada)
        .await
        .done();
    for who in [&scene.ada, &carer] {
        assert_eq!(scene.told(who).await, json!([]));
        assert_eq!(scene.read(who, None).await.problem(), (404, "not_found"));
    }
}
