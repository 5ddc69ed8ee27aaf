//! The watch over missed doses behind the interface: who is told, who may say how soon, and who has seen it.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_backend::random;
use doseline_shared::{
    dose::{Closing, closing_id},
    id::{DoseEventId, MedicationId},
    record::{AlertFor, AlertRule, Grantee},
};
use serde_json::{Value, json};

use crate::world::{Someone, World, put_medication, taken};

/// Once a day, missed a minute after it was due at `due`.
fn due_at(due: DateTime<Utc>) -> Value {
    json!({
        "zone": {"kind": "home", "tz": "UTC"}, "start": due.date_naive(), "end": null, "max_count": null,
        "rule": {"kind": "wall", "days": {"kind": "every"}, "times": [{"slot": "s", "at": due.format("%H:%M").to_string()}]},
        "dose": {"kind": "fixed", "amount": {"value": "1", "unit": "tablet"}},
        "window": {"early_min": 60, "late_min": 0, "miss_after_min": 1},
    })
}

struct Told {
    world: World,
    ada: Someone,
    chidi: Someone,
    medication: MedicationId,
    due: DateTime<Utc>,
}

/// Ada has a dose in about two minutes, and Chidi cares for her. Nothing is logged.
async fn told() -> Told {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let chidi = world.sign_up("Chidi", false).await;
    world.care(&ada, &chidi, "view", None).await;
    let medication = random::id(world.now(), MedicationId::new);
    let due = world.now() + TimeDelta::minutes(2);
    let mut body = put_medication(medication, ada.patient(), 0, Some(due_at(due)));
    body["medication"]["plan"][0]["from"] = json!(due.date_naive());
    assert_eq!(world.push_new(&ada, &body).await["kind"], "applied");
    // The watch over Ada begins with its first look, a second from now at most. What was missed before is not told.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    Told {
        world,
        ada,
        chidi,
        medication,
        due,
    }
}

impl Told {
    /// The newest state of the one alert, as soon as `is` holds of it.
    async fn alert(&self, who: &Someone, is: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..100 {
            let records = self.world.pull(who, self.ada.patient()).await;
            let alert = records.into_iter().rfind(|record| record["type"] == "alert");
            if let Some(alert) = alert.filter(|alert| is(alert)) {
                return alert;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("no such alert within ten seconds")
    }

    fn occurrence(&self) -> String {
        format!("{}/s", self.due.date_naive())
    }
}

fn ack(alert: &Value, by: &Someone, at: DateTime<Utc>) -> Value {
    let mut seen = alert.clone();
    seen.as_object_mut().unwrap().remove("type");
    seen["seen"] = json!({"at": at, "by": by.person()});
    json!({"kind": "ack_alert", "base": alert["version"], "alert": seen})
}

#[tokio::test]
async fn whoever_cares_is_told_with_no_phone_and_the_first_to_see_it_has_seen_it() {
    let told = told().await;
    let (world, ada, chidi) = (&told.world, &told.ada, &told.chidi);
    let bisi = world.sign_up("Bisi", false).await;
    world.care(ada, &bisi, "log", None).await;
    let rule = |to: Grantee, minutes: u32| {
        let of = AlertFor::Others {};
        let id = AlertRule::id_of(ada.patient(), to, of);
        json!({"kind": "put_alert_rule", "base": 0, "rule": {"id": id, "patient": ada.patient(), "version": 0,
            "to": to, "of": of, "tell": {"kind": "after", "minutes": minutes}}})
    };
    let carer = Grantee::Caregiver { person: chidi.person() };
    let refused = |code: &str, field: Value| json!({"kind": "refused", "code": code, "field": field});
    assert_eq!(
        world.push_new(chidi, &rule(carer, 5)).await,
        refused("forbidden", Value::Null)
    );
    let nobody = Grantee::Caregiver { person: ada.person() };
    assert_eq!(
        world.push_new(ada, &rule(nobody, 5)).await,
        refused("invalid_field", json!("body.rule.to"))
    );
    assert_eq!(
        world.push_new(ada, &rule(carer, 4)).await,
        refused("invalid_field", json!("body.rule.tell.minutes"))
    );
    assert_eq!(
        world.push_new(ada, &rule(carer, 5)).await,
        json!({"kind": "applied", "version": 1})
    );

    let mut hints = world.listen(chidi).await;
    world.pass(TimeDelta::minutes(9));
    // The miss, and the alert.
    assert_eq!(hints.next().await["kind"], "changed");
    let alert = told.alert(chidi, |_| true).await;
    assert_eq!(alert["to"], json!(carer));
    assert_eq!(alert["occurrence"], json!(told.occurrence()));

    let stranger = world.sign_up("Dayo", false).await;
    assert_eq!(
        world.push_new(&stranger, &ack(&alert, &stranger, world.now())).await,
        refused("not_found", Value::Null)
    );
    assert_eq!(
        world.push_new(&bisi, &ack(&alert, &bisi, world.now())).await,
        refused("forbidden", Value::Null)
    );
    assert_eq!(
        world.push_new(chidi, &ack(&alert, &bisi, world.now())).await,
        refused("invalid_field", json!("body.alert.seen.by"))
    );
    let mut settled = ack(&alert, chidi, world.now());
    settled["alert"]["answered_at"] = json!(world.now());
    assert_eq!(
        world.push_new(chidi, &settled).await,
        refused("invalid_field", json!("body.alert"))
    );
    let seen = ack(&alert, chidi, world.now());
    assert_eq!(
        world.push_new(chidi, &seen).await,
        json!({"kind": "applied", "version": 2})
    );
    let late = ack(&alert, chidi, world.now());
    let outcome = world.push_new(chidi, &late).await;
    assert_eq!(outcome["kind"], "conflict");
    // What the device makes of it is what is there, and that is done.
    let current = outcome["current"].clone();
    let mut merged = ack(&current, chidi, world.now());
    merged["alert"]["seen"] = current["seen"].clone();
    assert_eq!(
        world.push_new(chidi, &merged).await,
        json!({"kind": "applied", "version": 2})
    );

    // The dose is logged at last.
    let event = random::id(world.now(), DoseEventId::new);
    let mut entry = taken(event, ada.patient(), told.medication, ada.person(), ada.device);
    entry["event"]["occurrence"] = json!(told.occurrence());
    entry["event"]["due"] = json!(told.due);
    for at in ["at", "recorded_at"] {
        entry["event"][at] = json!(world.now());
    }
    assert_eq!(world.push_new(ada, &entry).await["kind"], "applied");
    let settled = told.alert(chidi, |alert| !alert["answered_at"].is_null()).await;
    assert_eq!(settled["version"], 3);
    assert_eq!(settled["seen"]["by"], json!(chidi.person()));
}

#[tokio::test]
async fn a_device_that_closes_a_dose_after_the_watch_takes_the_watchs_entry() {
    let told = told().await;
    let (world, ada) = (&told.world, &told.ada);
    world.pass(TimeDelta::minutes(4));
    let key = told.occurrence().parse().unwrap();
    let id = closing_id(told.medication, &key, Closing::Missed);
    let mut entry = taken(id, ada.patient(), told.medication, ada.person(), ada.device);
    entry["event"]["occurrence"] = json!(key);
    entry["event"]["what"] = json!({"kind": "missed"});
    let mut found = Vec::new();
    for _ in 0..100 {
        found = world.pull(ada, ada.patient()).await;
        found.retain(|record| record["id"] == json!(id));
        if !found.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let [there] = &*found else {
        panic!("the watch records the miss")
    };
    let outcome = world.push_new(ada, &entry).await;
    assert_eq!(outcome, json!({"kind": "conflict", "current": there}));
    // Under that name nothing else can be said.
    entry["event"]["what"] = json!({"kind": "skipped", "reason": null});
    let refused = json!({"kind": "refused", "code": "invalid_field", "field": "body.event.id"});
    assert_eq!(world.push_new(ada, &entry).await, refused);
}
