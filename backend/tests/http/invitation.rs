//! Invitations and grants: who comes to see a patient, and when that ends.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_caregiver_comes_in_by_a_code_and_goes_at_once_when_the_grant_ends() {
    let world = World::new().await;
    let (ada, chidi) = (world.sign_up("Ada", true).await, world.sign_up("Chidi", false).await);
    let code = world
        .invite(&ada, json!({"kind": "caregiver", "scope": "log", "until": null}))
        .await;
    let typed = json!({"code": code.to_lowercase().replace('-', " ")});
    let offer: Value = world.post("/v1/invitations/lookup", &chidi, typed).await.ok();
    assert_eq!(
        offer,
        json!({"what": "caregiver", "from": "Ada", "scope": "log", "until": null})
    );
    let mut hints = world.listen(&chidi).await;
    let redeemed: Value = world.redeem(&chidi, &code).await.ok();
    assert_eq!(redeemed["patient"], json!(ada.patient()));
    assert_eq!(hints.next().await, json!({"kind": "scope"}));
    assert_eq!(hints.next().await, json!({"kind": "changed", "patient": ada.patient()}));
    assert!(world.pull(&chidi, ada.patient()).await.len() >= 2);

    let grant = redeemed["grant"]["id"].as_str().unwrap();
    world.delete(&format!("/v1/grants/{grant}"), &ada).await.done();
    let path = format!("/v1/sync/patients/{}/changes", ada.patient());
    assert_eq!(world.get(&path, &chidi).await.problem(), (404, "not_found"));
    let mut told = hints.next().await;
    if told == json!({"kind": "changed", "patient": ada.patient()}) {
        told = hints.next().await;
    }
    assert_eq!(told, json!({"kind": "scope"}));
    let pulled: Value = world.get("/v1/sync/changes", &chidi).await.ok();
    assert_eq!(pulled["scope"]["patients"], json!([]));
    // Ending what has ended changes nothing.
    world.delete(&format!("/v1/grants/{grant}"), &ada).await.done();
}

#[tokio::test]
async fn of_many_who_use_one_code_at_once_exactly_one_succeeds() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(world.sign_up(&format!("Carer {number}"), false).await);
    }
    let code = world
        .invite(&ada, json!({"kind": "caregiver", "scope": "view", "until": null}))
        .await;
    let replies = futures::future::join_all(people.iter().map(|who| world.redeem(who, &code))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    for lost in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(lost.problem(), (404, "code_invalid"));
    }
    let grants = world.pull(&ada, ada.patient()).await;
    assert_eq!(grants.iter().filter(|record| record["type"] == "grant").count(), 1);
}

#[tokio::test]
async fn a_code_works_for_two_days() {
    let world = World::new().await;
    let (ada, chidi) = (world.sign_up("Ada", true).await, world.sign_up("Chidi", false).await);
    let invitation = json!({"kind": "caregiver", "scope": "view", "until": null});
    let code = world.invite(&ada, invitation).await;
    world.pass(TimeDelta::hours(48));
    let chidi = world.sign_in(&chidi.me.name).await;
    assert_eq!(world.redeem(&chidi, &code).await.problem(), (404, "code_invalid"));
}

#[tokio::test]
async fn wrong_codes_are_limited() {
    let world = World::with(|config| config.limits.codes_per_person = 3).await;
    let (ada, mallory) = (world.sign_up("Ada", true).await, world.sign_up("Mallory", false).await);
    let code = world
        .invite(&ada, json!({"kind": "caregiver", "scope": "view", "until": null}))
        .await;
    for _ in 0..3 {
        let reply = world.redeem(&mallory, "2222-2222-2222").await;
        assert_eq!(reply.problem(), (404, "code_invalid"));
    }
    assert_eq!(
        world.redeem(&mallory, &code).await.problem(),
        (429, "too_many_attempts")
    );
    let lookup = world
        .post("/v1/invitations/lookup", &mallory, json!({"code": code}))
        .await;
    assert_eq!(lookup.problem(), (429, "too_many_attempts"));
    let chidi = world.sign_up("Chidi", false).await;
    world.redeem(&chidi, &code).await.ok::<Value>();
}

#[tokio::test]
async fn a_grant_with_an_end_ends_by_itself() {
    let world = World::new().await;
    let (ada, chidi) = (world.sign_up("Ada", true).await, world.sign_up("Chidi", false).await);
    let until = world.now() + TimeDelta::minutes(10);
    world.care(&ada, &chidi, "view", Some(until)).await;
    world.pull(&chidi, ada.patient()).await;
    world.pass(TimeDelta::minutes(11));
    let path = format!("/v1/sync/patients/{}/changes", ada.patient());
    assert_eq!(world.get(&path, &chidi).await.problem(), (404, "not_found"));
    let past = json!({"kind": "caregiver", "scope": "view", "until": "2020-01-01T00:00:00Z"});
    let reply = world.post("/v1/invitations", &ada, past).await;
    assert_eq!(reply.problem(), (422, "invalid_field"));
}

#[tokio::test]
async fn a_new_grant_to_the_same_takes_the_place_of_the_old() {
    let world = World::new().await;
    let (ada, chidi) = (world.sign_up("Ada", true).await, world.sign_up("Chidi", false).await);
    world.care(&ada, &chidi, "manage", None).await;
    world.care(&ada, &chidi, "view", None).await;
    let medication = crate::world::put_medication(
        doseline_backend::random::id(world.now(), doseline_shared::id::MedicationId::new),
        ada.patient(),
        0,
        None,
    );
    assert_eq!(world.push_new(&chidi, &medication).await["code"], "forbidden");
}

#[tokio::test]
async fn a_patient_joins_a_clinic_and_leaves_it() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let desk = world.staff(clinic, &admin, "Desk", "front_desk").await;
    let (ada, nobody) = (world.sign_up("Ada", true).await, world.sign_up("Chidi", false).await);
    let join = json!({"kind": "join_clinic", "clinic": clinic});
    let code = world.invite(&desk, join.clone()).await;
    // Someone without a record has nothing to join with, and the code is not used up by trying.
    assert_eq!(world.redeem(&nobody, &code).await.problem(), (409, "conflict"));
    let redeemed: Value = world.redeem(&ada, &code).await.ok();
    assert_eq!(redeemed["grant"]["name"], "Harmony");
    world.medication(&ada, ada.patient()).await;
    let kinds = |records: Vec<Value>| {
        let mut kinds: Vec<String> = records
            .iter()
            .map(|record| record["type"].as_str().unwrap().to_owned())
            .collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds(world.pull(&desk, ada.patient()).await), ["patient", "grant"]);
    assert_eq!(
        kinds(world.pull(&admin, ada.patient()).await),
        ["patient", "grant", "medication"]
    );
    let grant = redeemed["grant"]["id"].as_str().unwrap();
    world.delete(&format!("/v1/grants/{grant}"), &ada).await.done();
    let path = format!("/v1/sync/patients/{}/changes", ada.patient());
    assert_eq!(world.get(&path, &admin).await.status, 404);
}

#[tokio::test]
async fn an_imported_record_is_claimed_by_an_account_whose_own_is_empty() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let file = &crate::world::synthea()[0];
    let store = &world.running.app.store;
    doseline_backend::import::import_fhir(store, &world.clock(), file, clinic, chrono_tz::Tz::UTC)
        .await
        .unwrap();
    let pulled: Value = world.get("/v1/sync/changes", &admin).await.ok();
    let patient = pulled["scope"]["patients"][0].clone();
    let claim = json!({"kind": "claim_record", "clinic": clinic, "patient": patient});

    // An account with entries of its own is refused, and the code still works for the right one.
    let busy = world.sign_up("Busy", true).await;
    world.medication(&busy, busy.patient()).await;
    let code = world.invite(&admin, claim.clone()).await;
    assert_eq!(world.redeem(&busy, &code).await.problem(), (409, "conflict"));

    let dennis = world.sign_up("Dennis", true).await;
    let empty = dennis.patient();
    let second = world.invite(&admin, claim.clone()).await;
    let redeemed: Value = world.redeem(&dennis, &code).await.ok();
    assert_eq!((&redeemed["patient"], &redeemed["grant"]), (&patient, &Value::Null));
    let me: Value = world.get("/v1/me", &dennis).await.ok();
    assert_eq!(me["patient"], patient);
    let pulled: Value = world.get("/v1/sync/changes", &dennis).await.ok();
    assert_eq!(pulled["scope"]["patients"], json!([patient]));
    assert_eq!(
        world
            .get(&format!("/v1/sync/patients/{empty}/changes"), &dennis)
            .await
            .status,
        404
    );

    // A record that has its person is handed to nobody else.
    let other = world.sign_up("Other", false).await;
    assert_eq!(world.redeem(&other, &second).await.problem(), (404, "code_invalid"));
    let reply = world.post("/v1/invitations", &admin, claim).await;
    assert_eq!(reply.problem(), (403, "forbidden"));
}
