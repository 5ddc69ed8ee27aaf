//! Push, pull and hints.

use doseline_backend::random;
use doseline_shared::id::{DispenseId, DoseEventId, MedicationId, OperationId, SideEffectEntryId, StockEntryId};
use serde_json::{Value, json};

use crate::world::{World, log_side_effect, log_stock, put_dispense, put_medication, taken, twice_daily};

#[tokio::test]
async fn the_same_operation_again_answers_the_same_and_happens_once() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let (now, event) = (world.now(), random::id(world.now(), DoseEventId::new));
    let body = taken(event, ada.patient(), medication, ada.person(), ada.device);
    let id = random::id(now, OperationId::new);
    let applied = json!({"kind": "applied", "version": 1});
    assert_eq!(world.push(&ada, id, &body).await, applied);
    let again = futures::future::join_all((0..5).map(|_| world.push(&ada, id, &body))).await;
    assert!(again.iter().all(|outcome| *outcome == applied));
    // The same event under another operation: the first answer was lost with a backup, say.
    assert_eq!(world.push_new(&ada, &body).await, applied);
    let doses = world.pull(&ada, ada.patient()).await;
    assert_eq!(doses.iter().filter(|record| record["type"] == "dose_event").count(), 1);

    let mut other = body.clone();
    other["event"]["zone"] = json!("Africa/Accra");
    let reused = json!({"kind": "refused", "code": "operation_reused", "field": "id"});
    assert_eq!(world.push(&ada, id, &other).await, reused);
    let chidi = world.sign_up("Chidi", false).await;
    assert_eq!(world.push(&chidi, id, &body).await, reused);
    // An event is never changed, under whatever operation.
    let refused = json!({"kind": "refused", "code": "invalid_field", "field": "body.event.id"});
    assert_eq!(world.push_new(&ada, &other).await, refused);
}

#[tokio::test]
async fn many_pushes_of_one_operation_side_by_side_happen_once() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let event = random::id(world.now(), DoseEventId::new);
    let body = taken(event, ada.patient(), medication, ada.person(), ada.device);
    let id = random::id(world.now(), OperationId::new);
    let outcomes = futures::future::join_all((0..8).map(|_| world.push(&ada, id, &body))).await;
    assert!(
        outcomes.iter().all(|outcome| outcome["kind"] == "applied"),
        "{outcomes:?}"
    );
    let doses = world.pull(&ada, ada.patient()).await;
    assert_eq!(doses.iter().filter(|record| record["type"] == "dose_event").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_pushes_at_once_each_gets_its_own_answer() {
    let world = World::new().await;
    let mut people = Vec::new();
    for number in 0..12 {
        let someone = world.sign_up(&format!("Person {number}"), true).await;
        let medication = world.medication(&someone, someone.patient()).await;
        people.push((someone, medication));
    }
    // The last has signed out, the one before pushes into another's record.
    let gone = people[11].0.clone();
    world.delete("/v1/sessions", &gone).await.done();
    let foreign = people[0].0.patient();
    let pushes = people.iter().enumerate().map(|(number, (someone, medication))| {
        let patient = if number == 10 { foreign } else { someone.patient() };
        let event = random::id(world.now(), DoseEventId::new);
        let body = taken(event, patient, *medication, someone.person(), someone.device);
        let operations: Vec<Value> = (0..3)
            .map(|place| {
                let body = if place == 1 {
                    json!({"kind": "dance"})
                } else {
                    body.clone()
                };
                json!({"id": random::id(world.now(), OperationId::new), "body": body})
            })
            .collect();
        let world = &world;
        async move {
            let reply = world
                .post("/v1/sync/push", someone, json!({"operations": operations.clone()}))
                .await;
            (operations, reply)
        }
    });
    let answers = futures::future::join_all(pushes).await;
    for (number, (operations, reply)) in answers.into_iter().enumerate() {
        if number == 11 {
            assert_eq!(reply.problem(), (401, "signed_out"));
            continue;
        }
        let pushed: Value = reply.ok();
        let ids =
            |list: &Value| -> Vec<Value> { list.as_array().unwrap().iter().map(|one| one["id"].clone()).collect() };
        assert_eq!(ids(&pushed["results"]), ids(&json!(operations)));
        let outcome = |place: usize| pushed["results"][place]["outcome"]["kind"].clone();
        let own = if number == 10 { "refused" } else { "applied" };
        assert_eq!([outcome(0), outcome(1), outcome(2)], [own, "refused", own], "{number}");
    }
    for (number, (someone, _)) in people.iter().enumerate().take(11) {
        let records = world.pull(someone, someone.patient()).await;
        let doses = records.iter().filter(|record| record["type"] == "dose_event").count();
        assert_eq!(doses, usize::from(number != 10), "{number}");
    }
}

#[tokio::test]
async fn an_entry_speaks_only_for_the_session_that_pushes_it() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let bola = world.sign_up("Bola", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let event = || random::id(world.now(), DoseEventId::new);
    let mine = |by, device| taken(event(), ada.patient(), medication, by, device);
    let cases = [
        (mine(bola.person(), ada.device), "body.event.by"),
        (mine(ada.person(), bola.device), "body.event.device"),
        (
            taken(
                event(),
                ada.patient(),
                random::id(world.now(), MedicationId::new),
                ada.person(),
                ada.device,
            ),
            "body.event.medication",
        ),
    ];
    for (body, field) in cases {
        let refused = json!({"kind": "refused", "code": "invalid_field", "field": field});
        assert_eq!(world.push_new(&ada, &body).await, refused);
    }
    let retract = |of: DoseEventId| {
        let mut body = mine(ada.person(), ada.device);
        body["event"]["what"] = json!({"kind": "retracted", "event": of});
        body
    };
    assert_eq!(
        world.push_new(&ada, &retract(event())).await["field"],
        "body.event.what.event"
    );
    let taken = mine(ada.person(), ada.device);
    assert_eq!(world.push_new(&ada, &taken).await["kind"], "applied");
    let id: DoseEventId = serde_json::from_value(taken["event"]["id"].clone()).unwrap();
    assert_eq!(world.push_new(&ada, &retract(id)).await["kind"], "applied");
}

#[tokio::test]
async fn an_edit_from_an_old_version_is_answered_with_the_record_as_it_stands() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let id = world.medication(&ada, ada.patient()).await;
    let mut edit = put_medication(id, ada.patient(), 1, Some(twice_daily()));
    edit["medication"]["name"] = json!("Metformin 850 mg");
    assert_eq!(
        world.push_new(&ada, &edit).await,
        json!({"kind": "applied", "version": 2})
    );
    edit["medication"]["name"] = json!("Metformin 1000 mg");
    let conflict = world.push_new(&ada, &edit).await;
    assert_eq!(conflict["kind"], "conflict");
    assert_eq!(conflict["current"]["name"], "Metformin 850 mg");
    assert_eq!(conflict["current"]["version"], 2);
}

#[tokio::test]
async fn a_stock_entry_is_never_changed_and_a_dispense_is_only_from_where_it_stands() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let nothing = random::id(world.now(), MedicationId::new);
    let applied = |version: u64| json!({"kind": "applied", "version": version});
    let refused = |field| json!({"kind": "refused", "code": "invalid_field", "field": field});

    let entry = random::id(world.now(), StockEntryId::new);
    let refill = log_stock(entry, ada.patient(), medication, ada.person(), ada.device);
    let astray = log_stock(entry, ada.patient(), nothing, ada.person(), ada.device);
    assert_eq!(world.push_new(&ada, &astray).await, refused("body.entry.medication"));
    for _ in 0..2 {
        assert_eq!(world.push_new(&ada, &refill).await, applied(1));
    }
    let mut other = refill.clone();
    other["entry"]["what"]["kind"] = json!("count");
    assert_eq!(world.push_new(&ada, &other).await, refused("body.entry.id"));

    let dispense = random::id(world.now(), DispenseId::new);
    let put = |medication, base| put_dispense(dispense, ada.patient(), medication, base);
    assert_eq!(
        world.push_new(&ada, &put(nothing, 0)).await,
        refused("body.dispense.medication")
    );
    assert_eq!(world.push_new(&ada, &put(medication, 0)).await, applied(1));
    let mut mistaken = put(medication, 1);
    mistaken["dispense"]["status"] = json!("entered_in_error");
    assert_eq!(world.push_new(&ada, &mistaken).await, applied(2));
    let conflict = world.push_new(&ada, &put(medication, 1)).await;
    assert_eq!(conflict["current"]["status"], "entered_in_error");

    let records = world.pull(&ada, ada.patient()).await;
    let of = |kind: &str| records.iter().filter(|record| record["type"] == kind).count();
    assert_eq!((of("stock_entry"), of("dispense")), (1, 2), "{records:?}");
}

#[tokio::test]
async fn a_side_effect_ends_and_is_taken_back_by_entries_that_name_it() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let ben = world.sign_up("Ben", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let foreign = world.medication(&ben, ben.patient()).await;
    let applied = json!({"kind": "applied", "version": 1});
    let refused =
        |field: &str| json!({"kind": "refused", "code": "invalid_field", "field": format!("body.entry.{field}")});
    let fresh = || random::id(world.now(), SideEffectEntryId::new);
    let of_ada = |id, medication| log_side_effect(id, ada.patient(), medication, ada.person(), ada.device);
    let says = |what: Value| {
        let mut entry = of_ada(fresh(), None);
        entry["entry"]["what"] = what;
        entry
    };

    let reported = fresh();
    let report = of_ada(reported, Some(medication));
    for _ in 0..2 {
        assert_eq!(world.push_new(&ada, &report).await, applied);
    }
    let mut other = report.clone();
    other["entry"]["what"]["report"]["severity"] = json!("mild");
    assert_eq!(world.push_new(&ada, &other).await, refused("id"));
    let astray = of_ada(fresh(), Some(foreign));
    assert_eq!(world.push_new(&ada, &astray).await, refused("what.report.medication"));
    let bens = fresh();
    let theirs = log_side_effect(bens, ben.patient(), None, ben.person(), ben.device);
    assert_eq!(world.push_new(&ben, &theirs).await, applied);

    for of in [bens, fresh()] {
        for what in [
            json!({"kind": "ended", "entry": of, "on": "2026-03-01"}),
            json!({"kind": "retracted", "entry": of}),
        ] {
            assert_eq!(world.push_new(&ada, &says(what)).await, refused("what.entry"));
        }
    }
    let early = says(json!({"kind": "ended", "entry": reported, "on": "2026-02-27"}));
    assert_eq!(world.push_new(&ada, &early).await, refused("what.on"));
    let ended = says(json!({"kind": "ended", "entry": reported, "on": "2026-03-01"}));
    assert_eq!(world.push_new(&ada, &ended).await, applied);
    let of_an_end = says(json!({"kind": "ended", "entry": ended["entry"]["id"], "on": "2026-03-01"}));
    assert_eq!(world.push_new(&ada, &of_an_end).await, refused("what.entry"));
    let back = says(json!({"kind": "retracted", "entry": ended["entry"]["id"]}));
    assert_eq!(world.push_new(&ada, &back).await, applied);
    let twice = says(json!({"kind": "retracted", "entry": back["entry"]["id"]}));
    assert_eq!(world.push_new(&ada, &twice).await, refused("what.entry"));

    let records = world.pull(&ada, ada.patient()).await;
    let kept = records
        .iter()
        .filter(|record| record["type"] == "side_effect_entry")
        .count();
    assert_eq!(kept, 3, "{records:?}");
}

#[tokio::test]
async fn one_bad_operation_is_refused_by_its_path_and_the_others_stand() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let id = |n| random::id(world.now() + chrono::TimeDelta::seconds(n), OperationId::new);
    let mut late = twice_daily();
    late["rule"]["times"][1]["at"] = json!("25:00");
    let bad = put_medication(random::id(world.now(), MedicationId::new), ada.patient(), 0, Some(late));
    let good = put_medication(
        random::id(world.now(), MedicationId::new),
        ada.patient(),
        0,
        Some(twice_daily()),
    );
    let push = json!({"operations": [{"id": id(0), "body": bad}, {"id": id(1), "body": good}]});
    let pushed: Value = world.post("/v1/sync/push", &ada, push).await.ok();
    let outcomes: Vec<&Value> = pushed["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["outcome"])
        .collect();
    assert_eq!(
        outcomes[0]["field"],
        "body.medication.plan[0].schedule.rule.times[1].at"
    );
    assert_eq!(outcomes[1]["kind"], "applied");
    let nothing = world
        .post("/v1/sync/push", &ada, json!({"operations": [{"body": {}}]}))
        .await;
    assert_eq!(nothing.problem(), (422, "invalid_field"));
    assert_eq!(nothing.body["field"], "operations[0].id");
}

#[tokio::test]
async fn staff_write_in_the_name_of_their_own_clinic_only() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let (other, _) = world.clinic("Elsewhere", "Other Admin").await;
    let doctor = world.staff(clinic, &admin, "Doctor", "doctor").await;
    let ada = world.sign_up("Ada", true).await;
    let code = world
        .invite(&admin, json!({"kind": "join_clinic", "clinic": clinic}))
        .await;
    world.redeem(&ada, &code).await.ok::<Value>();
    let write = |who_clinic: Value| {
        let id = random::id(world.now(), MedicationId::new);
        let mut body = put_medication(id, ada.patient(), 0, None);
        body["medication"]["clinic"] = who_clinic;
        body
    };
    assert_eq!(world.push_new(&doctor, &write(json!(clinic))).await["kind"], "applied");
    assert_eq!(
        world.push_new(&doctor, &write(json!(other))).await["field"],
        "body.clinic"
    );
    assert_eq!(
        world.push_new(&ada, &write(json!(clinic))).await["field"],
        "body.clinic"
    );
}

#[tokio::test]
async fn someone_without_a_record_begins_their_own_and_nobody_elses() {
    let world = World::new().await;
    let chidi = world.sign_up("Chidi", false).await;
    let ada = world.sign_up("Ada", true).await;
    let id = random::id(world.now(), doseline_shared::id::PatientId::new);
    let body = json!({"kind": "put_patient", "base": 0, "patient": {"id": id, "version": 0, "person": ada.person(),
        "name": "Chidi", "birth_date": null, "zone": "Africa/Lagos"}});
    assert_eq!(world.push_new(&ada, &body).await["code"], "not_found");
    assert_eq!(
        world.push_new(&chidi, &body).await,
        json!({"kind": "applied", "version": 1})
    );
    let me: Value = world.get("/v1/me", &chidi).await.ok();
    assert_eq!(me["patient"], json!(id));
}

#[tokio::test]
async fn the_feed_gives_every_change_once_and_names_the_patients() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let start: Value = world.get("/v1/sync/changes", &ada).await.ok();
    assert_eq!(
        (start["changes"].as_array().unwrap().len(), &start["more"]),
        (0, &json!(false))
    );
    for _ in 0..5 {
        world.medication(&ada, ada.patient()).await;
    }
    let (mut after, mut seen) = (start["cursor"].as_str().unwrap().to_owned(), Vec::new());
    let tag = start["scope"]["tag"].as_str().unwrap();
    loop {
        let page: Value = world
            .get(&format!("/v1/sync/changes?after={after}&limit=2&scope={tag}"), &ada)
            .await
            .ok();
        assert_eq!(page["scope"], Value::Null);
        seen.extend(
            page["changes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|change| change["record"].clone()),
        );
        page["cursor"].as_str().unwrap().clone_into(&mut after);
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    for (query, field) in [
        ("after=nonsense", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
    ] {
        let reply = world.get(&format!("/v1/sync/changes?{query}"), &ada).await;
        assert_eq!(reply.problem(), (422, "invalid_field"));
        assert_eq!(reply.body["field"], field);
    }
}

#[tokio::test]
async fn another_device_hears_of_a_dose_and_a_stranger_does_not() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let bola = world.sign_up("Bola", true).await;
    let tablet = world.sign_in("Ada").await;
    let (mut hers, mut strangers) = (world.listen(&tablet).await, world.listen(&bola).await);
    let medication = world.medication(&ada, ada.patient()).await;
    let changed = json!({"kind": "changed", "patient": ada.patient()});
    assert_eq!(hers.next().await, changed);
    let event = random::id(world.now(), DoseEventId::new);
    let body = taken(event, ada.patient(), medication, ada.person(), ada.device);
    let began = std::time::Instant::now();
    world.push_new(&ada, &body).await;
    assert_eq!(hers.next().await, changed);
    assert!(began.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(strangers.within(std::time::Duration::from_millis(300)).await, None);
    world.delete("/v1/sessions", &tablet).await.done();
    assert_eq!(hers.next().await, json!({"closed": 4401}));
}

#[tokio::test]
async fn a_connection_without_a_live_session_is_closed() {
    use futures::SinkExt;
    use tokio_tungstenite::tungstenite::Message;
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    world.delete("/v1/sessions", &ada).await.done();
    for hello in [json!({"access": ada.token}), json!({"access": "x"}), json!("hello")] {
        let url = format!("ws://{}/v1/sync/hints", world.running.address);
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        socket.send(Message::text(hello.to_string())).await.unwrap();
        let mut hints = crate::world::Hints(socket);
        let closed = hints.next().await;
        let code = closed["closed"].as_u64().unwrap();
        assert_eq!(code, if hello.is_object() { 4401 } else { 1008 });
    }
}

#[tokio::test]
async fn a_page_of_somebody_else_opens_no_connection() {
    use tokio_tungstenite::tungstenite::{Error, client::IntoClientRequest};
    let world = World::with(|config| {
        config.public_url = Some("https://doseline.clinic.example/app".to_owned().try_into().unwrap());
    })
    .await;
    let here = world.running.address;
    let url = format!("ws://{here}/v1/sync/hints");
    let connect = async |origin: Option<&str>| {
        let mut request = url.as_str().into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok(_) => 101,
            Err(Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    // The app on a computer or a phone says nothing; a page is ours by the address that it came to, or by that of the proxy.
    for ours in [
        None,
        Some(format!("http://{here}").as_str()),
        Some("https://doseline.clinic.example"),
    ] {
        assert_eq!(connect(ours).await, 101, "{ours:?}");
    }
    for others in [
        "https://evil.example",
        "http://doseline.clinic.example",
        "https://doseline.clinic.example.evil.example",
        "https://doseline.clinic.example:8443",
        "http://127.0.0.1:1",
        "tauri://localhost",
        "null",
    ] {
        assert_eq!(connect(Some(others)).await, 403, "{others}");
    }
}

#[tokio::test]
async fn a_person_has_only_so_many_connections() {
    let world = World::with(|config| config.limits.hints_per_person = 2).await;
    let ada = world.sign_up("Ada", true).await;
    let _one = world.listen(&ada).await;
    let two = world.listen(&ada).await;
    use futures::SinkExt;
    use tokio_tungstenite::tungstenite::Message;
    let url = format!("ws://{}/v1/sync/hints", world.running.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    socket
        .send(Message::text(json!({"access": ada.token}).to_string()))
        .await
        .unwrap();
    assert_eq!(crate::world::Hints(socket).next().await, json!({"closed": 4429}));
    drop(two);
    for _ in 0..50 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        if world.running.app.open_hints(ada.person()).is_some() {
            return;
        }
    }
    panic!("a closed connection still counts");
}

#[tokio::test]
async fn stopping_closes_the_connections_and_ends_in_time() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let mut hints = world.listen(&ada).await;
    let began = std::time::Instant::now();
    let World { running, folder, .. } = world;
    let stop = tokio::spawn(running.stop());
    assert_eq!(hints.next().await, json!({"closed": 1001}));
    stop.await.unwrap();
    assert!(began.elapsed() < std::time::Duration::from_secs(5));
    drop(folder);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told_only_to_a_session_that_lives() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let unreadable = json!({"operations": "none"});
    let told = world
        .call("POST", "/v1/sync/push", Some(&ada), Some(unreadable.clone()))
        .await;
    assert_eq!(told.status, 422);
    world.delete("/v1/sessions", &ada).await.done();
    let ended = world.call("POST", "/v1/sync/push", Some(&ada), Some(unreadable)).await;
    assert_eq!(ended.status, 401);
}
