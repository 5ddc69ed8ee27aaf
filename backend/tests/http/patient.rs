//! What other systems read of a patient: the medications as they stand, and measures of adherence.

use chrono::TimeDelta;
use doseline_backend::random;
use doseline_shared::id::{DispenseId, DoseEventId, MedicationId};
use serde_json::{Value, json};

use crate::world::{Someone, World, put_dispense, taken};

/// Three days in March with six doses, of which one was taken, one left out, and one recorded as missed; and one taken
/// beside its times.
async fn march(world: &World) -> (Someone, MedicationId) {
    let ada = world.sign_up("Ada", true).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let entries = [
        (
            "2026-03-02/am",
            json!({"kind": "taken", "amount": null, "override_reason": null}),
        ),
        ("2026-03-02/pm", json!({"kind": "skipped", "reason": null})),
        ("2026-03-03/am", json!({"kind": "missed"})),
    ];
    for (occurrence, what) in entries {
        let id = random::id(world.now(), DoseEventId::new);
        let mut body = taken(id, ada.patient(), medication, ada.person(), ada.device);
        body["event"]["occurrence"] = json!(occurrence);
        body["event"]["what"] = what;
        assert_eq!(world.push_new(&ada, &body).await["kind"], "applied");
    }
    let id = random::id(world.now(), DoseEventId::new);
    let mut beside = taken(id, ada.patient(), medication, ada.person(), ada.device);
    beside["event"]["occurrence"] = Value::Null;
    beside["event"]["due"] = Value::Null;
    beside["event"]["at"] = json!("2026-03-03T11:00:00+01:00");
    beside["event"]["recorded_at"] = json!("2026-03-03T10:00:00Z");
    assert_eq!(world.push_new(&ada, &beside).await["kind"], "applied");
    (ada, medication)
}

async fn ask(world: &World, who: &Someone, query: &str) -> Value {
    let path = format!("/api/patient/{}/adherence{query}", who.patient());
    world.get(&path, who).await.ok()
}

fn counts(share: &Value) -> (u64, u64) {
    (
        share["numerator"].as_u64().unwrap(),
        share["denominator"].as_u64().unwrap(),
    )
}

/// Without the identities, which differ from run to run.
fn anonymous(mut answer: Value) -> Value {
    answer["patient"] = json!("(patient)");
    for medication in answer["medications"].as_array_mut().unwrap() {
        medication["medication"] = json!("(medication)");
    }
    answer
}

#[tokio::test]
async fn taking_comes_with_its_bounds_and_what_they_mean() {
    let world = World::new().await;
    let (ada, _) = march(&world).await;
    let answer = ask(&world, &ada, "?from=2026-03-01&to=2026-03-03").await;
    for figure in [&answer["overall"], &answer["medications"][0]["figure"]] {
        assert_eq!(counts(figure), (2, 6), "with the one beside");
        assert_eq!(counts(&figure["bounds"]["lower"]), (1, 6));
        assert_eq!(counts(&figure["bounds"]["upper"]), (1, 3));
        assert_eq!(counts(&figure["bounds"]["completeness"]), (2, 6));
    }
    insta::assert_json_snapshot!("taking", anonymous(answer));
}

#[tokio::test]
async fn each_other_measure_of_the_record_of_doses_counts_what_it_says() {
    let world = World::new().await;
    let (ada, _) = march(&world).await;
    for (measure, expected) in [("correct_dosing", (0, 3)), ("timing", (0, 0)), ("persistence", (2, 2))] {
        let answer = ask(
            &world,
            &ada,
            &format!("?from=2026-03-01&to=2026-03-03&measure={measure}"),
        )
        .await;
        assert_eq!(counts(&answer["overall"]), expected, "{measure}");
        assert_eq!(counts(&answer["medications"][0]["figure"]), expected, "{measure}");
        assert_eq!(answer["source"], "dose_log");
        let definition = answer["overall"]["definition"].as_str().unwrap();
        assert!(definition.contains("from the record of doses"), "{definition}");
        assert_eq!(answer["overall"]["reason"].is_null(), expected.1 > 0, "{measure}");
    }
}

#[tokio::test]
async fn without_dispensing_records_there_is_no_pdc_and_the_answer_says_so() {
    let world = World::new().await;
    let (ada, medication) = march(&world).await;
    for measure in ["pdc", "mpr"] {
        let answer = ask(
            &world,
            &ada,
            &format!("?from=2026-03-01&to=2026-04-29&measure={measure}"),
        )
        .await;
        assert_eq!(counts(&answer["medications"][0]["figure"]), (0, 0));
        assert_eq!(
            answer["medications"][0]["figure"]["reason"],
            "there are no dispensing records of this medication"
        );
        assert!(answer["overall"]["percent"].is_null() && answer["overall"]["reason"].is_string());
    }
    for (on, days) in [("2026-03-01", 30), ("2026-04-10", 10)] {
        let id = random::id(world.now(), DispenseId::new);
        let mut body = put_dispense(id, ada.patient(), medication, 0);
        body["dispense"]["on"] = json!(on);
        body["dispense"]["days_supply"] = json!(days);
        assert_eq!(world.push_new(&ada, &body).await["kind"], "applied");
    }
    // 60 days from 1 March to 29 April; 30 of them covered by the first supply and 10 by the second.
    let answer = ask(&world, &ada, "?from=2026-03-01&to=2026-04-29&measure=pdc").await;
    assert_eq!(counts(&answer["medications"][0]["figure"]), (40, 60));
    assert_eq!(answer["medications"][0]["figure"]["adherent"], false);
    assert_eq!(
        (&answer["source"], counts(&answer["overall"])),
        (&json!("dispensing"), (40, 60))
    );
    let answer = ask(&world, &ada, "?from=2026-03-01&to=2026-04-29&measure=mpr").await;
    assert_eq!(counts(&answer["overall"]), (40, 60));
}

#[tokio::test]
async fn the_range_is_the_last_28_local_dates_unless_asked_and_a_field_at_fault_is_named() {
    let world = World::new().await;
    let (ada, _) = march(&world).await;
    let answer = ask(&world, &ada, "").await;
    let today = (world.now() + TimeDelta::hours(1)).date_naive();
    assert_eq!(answer["to"], json!(today), "Lagos is an hour ahead");
    assert_eq!(answer["from"], json!(today - TimeDelta::days(27)));
    assert_eq!(answer["measure"], "taking");
    for (query, path, code) in [
        ("?from=yesterday", "from", "invalid_field"),
        ("?to=2026-02-30", "to", "invalid_field"),
        ("?from=2026-03-02&to=2026-03-01", "from", "invalid_field"),
        ("?measure=morisky", "measure", "invalid_field"),
        ("?from=2023-03-01&to=2026-03-01", "from", "too_much"),
    ] {
        let reply = world
            .get(&format!("/api/patient/{}/adherence{query}", ada.patient()), &ada)
            .await;
        assert_eq!(reply.status, 422, "{query}");
        assert_eq!(reply.headers["content-type"], "application/problem+json");
        assert_eq!(
            (&reply.body["field"], &reply.body["code"]),
            (&json!(path), &json!(code)),
            "{query}"
        );
    }
    ask(&world, &ada, "?from=2023-03-02&to=2026-03-01").await;
}

#[tokio::test]
async fn a_medication_is_told_with_its_plan_and_its_next_dose() {
    let world = World::new().await;
    let (ada, medication) = march(&world).await;
    let stopped = random::id(world.now(), MedicationId::new);
    let mut body = crate::world::put_medication(stopped, ada.patient(), 0, Some(crate::world::twice_daily()));
    body["medication"]["status"] = json!({"kind": "stopped", "from": "2026-04-01"});
    assert_eq!(world.push_new(&ada, &body).await["kind"], "applied");
    let mut answer: Value = world
        .get(&format!("/api/patient/{}/medications", ada.patient()), &ada)
        .await
        .ok();
    let told = &mut answer["medications"];
    assert_eq!(told[0]["medication"], json!(medication));
    let next: chrono::DateTime<chrono::Utc> = told[0]["next_due"]["due"].as_str().unwrap().parse().unwrap();
    let now = world.now();
    // Twelve hours lie between two doses, and one stays open for four.
    assert!(
        now - TimeDelta::hours(4) < next && next <= now + TimeDelta::hours(12),
        "{next} at {now}"
    );
    told[0]["next_due"] = json!("(an occurrence)");
    assert_eq!(
        (&told[1]["active"], &told[1]["next_due"]),
        (&json!(false), &Value::Null)
    );
    insta::assert_json_snapshot!("medications", anonymous(answer));
}
