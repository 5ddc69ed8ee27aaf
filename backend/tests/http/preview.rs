//! The public preview of a schedule.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{Reply, World, twice_daily};

async fn preview(world: &World, schedule: Value, from: &str, to: &str) -> Reply {
    let body = json!({"schedule": schedule, "from": from, "to": to, "device_tz": "Europe/Paris", "taken": []});
    world.call("POST", "/v1/schedules/preview", None, Some(body)).await
}

fn floating(at: &str) -> Value {
    let mut schedule = twice_daily();
    schedule["zone"] = json!({"kind": "floating"});
    schedule["rule"]["times"] = json!([{"slot": "am", "at": at}]);
    schedule
}

#[tokio::test]
async fn a_gap_of_the_clock_moves_the_dose_forward() {
    let world = World::new().await;
    let reply = preview(
        &world,
        floating("02:30"),
        "2026-03-28T12:00:00Z",
        "2026-03-30T00:00:00Z",
    )
    .await;
    assert_eq!(reply.headers["doseline-api"], "1");
    let answer: Value = reply.ok();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "occurrences": [
        {
          "amount": {
            "unit": "tablet",
            "value": "1"
          },
          "due": "2026-03-29T01:30:00Z",
          "id": "2026-03-29/am",
          "local": "2026-03-29T03:30:00+02:00",
          "slot": "am"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_field_at_fault_is_named_by_its_path() {
    let world = World::new().await;
    type Spoil = fn(&mut Value);
    let cases: [(Spoil, &str); 9] = [
        (
            |s| s["rule"]["times"][1]["at"] = json!("8 o'clock"),
            "schedule.rule.times[1].at",
        ),
        (
            |s| s["rule"]["times"][1]["slot"] = json!("am"),
            "schedule.rule.times[1].slot",
        ),
        (|s| s["rule"]["times"] = json!([]), "schedule.rule.times"),
        (|s| s["rule"]["surprise"] = json!(1), "schedule.rule.surprise"),
        (|s| s["zone"]["tz"] = json!("Africa/Atlantis"), "schedule.zone.tz"),
        (|s| s["end"] = json!("2026-02-01"), "schedule.end"),
        (
            |s| s["dose"]["amount"]["value"] = json!(1.5),
            "schedule.dose.amount.value",
        ),
        (
            |s| s["rule"]["days"] = json!({"kind": "cycle", "on": 0, "off": 31, "anchor": "2026-03-01"}),
            "schedule.rule.days.on",
        ),
        (
            |s| {
                s["rule"] = json!({"kind": "elapsed", "every_min": 0, "anchor": "2026-03-01T06:00:00Z",
                    "from": "scheduled", "daily": null})
            },
            "schedule.rule.every_min",
        ),
    ];
    for (spoil, field) in cases {
        let mut schedule = twice_daily();
        spoil(&mut schedule);
        let reply = preview(&world, schedule, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z").await;
        assert_eq!(reply.problem(), (422, "invalid_field"));
        assert_eq!(reply.body["field"], field);
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_position() {
    let world = World::new().await;
    let send = |kind: &str, body: &'static str| {
        axum::http::Request::builder()
            .method("POST")
            .uri("/v1/schedules/preview")
            .header("content-type", kind)
            .body(axum::body::Body::from(body))
            .unwrap()
    };
    let reply = world.send(send("application/json", "{\"schedule\":\n  {,")).await;
    assert_eq!(reply.problem(), (400, "bad_request"));
    assert!(
        reply.body["title"].as_str().unwrap().contains("line 2, column 4"),
        "{}",
        reply.body
    );
    let reply = world.send(send("text/plain", "{}")).await;
    assert_eq!(reply.problem(), (400, "bad_request"));
}

#[tokio::test]
async fn more_than_one_answer_holds_is_refused() {
    let world = World::new().await;
    let long = preview(
        &world,
        floating("08:00"),
        "2026-01-01T00:00:00Z",
        "2037-01-01T00:00:00Z",
    )
    .await;
    assert_eq!(long.problem(), (422, "too_much"));
    assert_eq!(long.body["field"], "to");
    let mut often = twice_daily();
    often["rule"] = json!({"kind": "elapsed", "every_min": 60, "anchor": "2026-03-01T06:00:00Z", "from": "scheduled",
        "daily": null});
    let many = preview(&world, often.clone(), "2026-03-01T06:00:00Z", "2027-06-01T00:00:00Z").await;
    assert_eq!(many.problem(), (422, "too_much"));
    // 10,000 hours exactly.
    let all = preview(&world, often, "2026-03-01T06:00:00Z", "2027-04-21T22:00:00Z").await;
    let answer: Value = all.ok();
    assert_eq!(answer["occurrences"].as_array().unwrap().len(), 10_000);
}

#[tokio::test]
async fn an_address_previews_only_so_often() {
    let world = World::with(|config| config.limits.previews_per_minute = 2).await;
    for _ in 0..2 {
        preview(&world, twice_daily(), "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
            .await
            .ok::<Value>();
    }
    let reply = preview(&world, twice_daily(), "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z").await;
    assert_eq!(reply.problem(), (429, "too_many_attempts"));
    world.pass(TimeDelta::minutes(1));
    preview(&world, twice_daily(), "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
        .await
        .ok::<Value>();
}
