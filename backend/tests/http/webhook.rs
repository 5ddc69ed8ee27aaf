//! Webhooks of connected systems: what is sent, signed how, in which order, what becomes of what fails, and who manages them.

use chrono::TimeDelta;
use doseline_backend::random;
use doseline_shared::{
    api::{
        partner::{IssuedKey, PartnerSystem},
        webhook::{IssuedWebhook, Message, Messages, Webhook},
    },
    id::{ClinicId, DispenseId, DoseEventId, MedicationId, SideEffectEntryId, StockEntryId},
};
use serde_json::{Value, json};

use crate::{
    audit::told,
    receiver::{Answer, Receiver},
    world::{Someone, World, a_system, log_side_effect, log_stock, put_dispense, put_medication, taken},
};

const ALL: [&str; 7] = [
    "patient.joined",
    "patient.left",
    "patient.changed",
    "medication.changed",
    "dose.changed",
    "dose.missed",
    "dispense.changed",
];

struct Scene {
    world: World,
    clinic: ClinicId,
    admin: Someone,
    key: IssuedKey,
    receiver: Receiver,
}

impl Scene {
    /// Harmony with a connected system, and a receiver within reach.
    async fn new() -> Self {
        let world = World::with(|config| config.webhooks.networks = vec!["127.0.0.0/8".parse().unwrap()]).await;
        let (clinic, admin) = world.clinic("Harmony", "Admin").await;
        let path = format!("/v1/clinics/{clinic}/systems");
        let key = world.post(&path, &admin, a_system("Hospital records")).await.ok();
        Self {
            world,
            clinic,
            admin,
            key,
            receiver: Receiver::start().await,
        }
    }

    /// A patient who joins.
    async fn patient(&self, name: &str) -> Someone {
        let one = self.world.sign_up(name, true).await;
        let join = json!({"kind": "join_clinic", "clinic": self.clinic});
        let code = self.world.invite(&self.admin, join).await;
        self.world.redeem(&one, &code).await.ok::<Value>();
        one
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/clinics/{}/systems/{}/webhooks{rest}", self.clinic, self.key.system)
    }

    async fn webhook(&self, events: &[&str]) -> IssuedWebhook {
        let body = json!({"url": self.receiver.url("/events"), "events": events});
        self.world.post(&self.path(""), &self.admin, body).await.ok()
    }

    async fn act(&self, webhook: &Webhook, act: &str) -> crate::world::Reply {
        let path = self.path(&format!("/{}/{act}", webhook.id));
        self.world.call("POST", &path, Some(&self.admin), None).await
    }

    async fn messages(&self, webhook: &Webhook) -> Vec<Message> {
        let path = self.path(&format!("/{}/messages", webhook.id));
        let page: Messages = self.world.get(&path, &self.admin).await.ok();
        page.messages
    }

    async fn shown(&self) -> Webhook {
        let all: Vec<Webhook> = self.world.get(&self.path(""), &self.admin).await.ok();
        all.into_iter().next().unwrap()
    }

    /// The messages of the webhook, once `is` holds of them.
    async fn once(&self, webhook: &Webhook, is: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        for _ in 0..300 {
            let messages = self.messages(webhook).await;
            if is(&messages) {
                return messages;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("not within half a minute: {:?}", self.messages(webhook).await)
    }

    /// Lets so much time pass that tokens are over, and signs the administrator in again.
    async fn pass(&mut self, time: TimeDelta) {
        self.world.pass(time);
        self.admin = self.world.sign_in("Admin").await;
    }

    fn kinds(&self) -> Vec<String> {
        self.receiver.got().iter().map(|got| got.kind()).collect()
    }
}

async fn leave(world: &World, one: &Someone) {
    let records = world.pull(one, one.patient()).await;
    let grant = records.iter().find(|record| record["to"]["kind"] == "clinic").unwrap();
    let grant = grant["id"].as_str().unwrap();
    world.delete(&format!("/v1/grants/{grant}"), one).await.done();
}

#[tokio::test]
async fn a_system_is_told_of_what_it_may_read_by_ids_alone_and_only_while_it_may() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let stranger = world.sign_up("Stranger", true).await;
    let mut events = ALL.to_vec();
    // Her signing up a moment before she joined may be told too.
    events.retain(|kind| *kind != "patient.changed");
    let hook = scene.webhook(&events).await;
    let ada = scene.patient("Ada").await;
    let medication = world.medication(&ada, ada.patient()).await;
    world.medication(&stranger, stranger.patient()).await;
    let dose = random::id(world.now(), DoseEventId::new);
    let entry = taken(dose, ada.patient(), medication, ada.person(), ada.device);
    world.push_new(&ada, &entry).await;
    // What no scope opens is no event.
    let stock = random::id(world.now(), StockEntryId::new);
    world
        .push_new(
            &ada,
            &log_stock(stock, ada.patient(), medication, ada.person(), ada.device),
        )
        .await;
    let felt = random::id(world.now(), SideEffectEntryId::new);
    world
        .push_new(
            &ada,
            &log_side_effect(felt, ada.patient(), Some(medication), ada.person(), ada.device),
        )
        .await;
    let supply = random::id(world.now(), DispenseId::new);
    world
        .push_new(&ada, &put_dispense(supply, ada.patient(), medication, 0))
        .await;
    let got = scene.receiver.wait(4).await;
    let expected = [
        "patient.joined",
        "medication.changed",
        "dose.changed",
        "dispense.changed",
    ];
    assert_eq!(scene.kinds(), expected);
    assert_eq!(
        got[2].json()["data"],
        json!({"patient": ada.patient(), "medication": medication, "dose": dose})
    );
    assert_eq!(
        got[3].json()["data"],
        json!({"patient": ada.patient(), "medication": medication, "dispense": supply})
    );
    for one in &got {
        assert!(one.verifies(&hook.secret), "{one:?}");
        assert_eq!(
            (one.path.as_str(), &one.json()["data"]["patient"]),
            ("/events", &json!(ada.patient()))
        );
        for word in ["Ada", "Metformin", "metformin", "taken", "Harmony", "nausea"] {
            assert!(!one.body.contains(word), "{word}: {}", one.body);
        }
    }

    // What Ada does after she has left is not told, nor what waits of her by then.
    scene.receiver.answers_all(Answer::Status(500));
    scene.act(&hook.webhook, "ping").await.ok::<Value>();
    scene.receiver.wait(5).await;
    world.medication(&ada, ada.patient()).await;
    scene.once(&hook.webhook, |messages| messages.len() == 2).await;
    leave(world, &ada).await;
    world.medication(&ada, ada.patient()).await;
    scene.once(&hook.webhook, |messages| messages.len() == 3).await;
    scene.receiver.answers_all(Answer::Status(200));
    world.pass(TimeDelta::minutes(1));
    let got = scene.receiver.wait(7).await;
    let told: Vec<String> = got.iter().skip(5).map(|one| one.kind()).collect();
    assert_eq!(told, ["webhook.ping", "patient.left"]);
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(scene.receiver.got().len(), 7);
    assert_eq!(scene.messages(&hook.webhook).await, []);
}

#[tokio::test]
async fn only_what_the_live_keys_open_is_told() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let ada = scene.patient("Ada").await;
    let keys = format!("/v1/clinics/{}/systems/{}/keys", scene.clinic, scene.key.system);
    let body = json!({"scopes": ["schedule:read"], "days": 1});
    world.post(&keys, &scene.admin, body).await.ok::<Value>();
    let first = format!("{keys}/{}", scene.key.key.id);
    world.delete(&first, &scene.admin).await.done();
    let hook = scene.webhook(&ALL).await;
    let medication = world.medication(&ada, ada.patient()).await;
    let dose = random::id(world.now(), DoseEventId::new);
    let entry = taken(dose, ada.patient(), medication, ada.person(), ada.device);
    world.push_new(&ada, &entry).await;
    world
        .push_new(&ada, &put_medication(medication, ada.patient(), 1, None))
        .await;
    scene.receiver.wait(2).await;
    assert_eq!(scene.kinds(), ["medication.changed", "medication.changed"]);

    // With no key that lives there is nothing to be read; a test goes through all the same.
    world.pass(TimeDelta::days(1));
    let (admin, ada) = (world.sign_in("Admin").await, world.sign_in("Ada").await);
    world.medication(&ada, ada.patient()).await;
    let path = scene.path(&format!("/{}/ping", hook.webhook.id));
    world.call("POST", &path, Some(&admin), None).await.ok::<Value>();
    scene.receiver.wait(3).await;
    assert_eq!(scene.kinds()[2], "webhook.ping");
}

#[tokio::test]
async fn a_missed_dose_is_told_once_the_watch_has_seen_it() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let ada = scene.patient("Ada").await;
    let hook = scene.webhook(&["dose.missed"]).await;
    let due = world.now() + TimeDelta::minutes(2);
    let schedule = json!({
        "zone": {"kind": "home", "tz": "UTC"}, "start": due.date_naive(), "end": null, "max_count": null,
        "rule": {"kind": "wall", "days": {"kind": "every"},
            "times": [{"slot": "s", "at": due.format("%H:%M").to_string()}]},
        "dose": {"kind": "fixed", "amount": {"value": "1", "unit": "tablet"}},
        "window": {"early_min": 60, "late_min": 0, "miss_after_min": 1},
    });
    let medication = random::id(world.now(), MedicationId::new);
    let mut body = put_medication(medication, ada.patient(), 0, Some(schedule));
    body["medication"]["plan"][0]["from"] = json!(due.date_naive());
    world.push_new(&ada, &body).await;
    // The watch over Ada begins with its first look.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    world.pass(TimeDelta::minutes(4));
    let got = scene.receiver.wait(1).await;
    assert_eq!(got[0].kind(), "dose.missed");
    assert_eq!(got[0].json()["data"]["medication"], json!(medication));
    assert!(got[0].is_signed_with(&hook.secret));
}

#[tokio::test]
async fn a_secret_is_shown_once_and_signs_along_for_a_day_after_a_new_one() {
    let mut scene = Scene::new().await;
    let hook = scene.webhook(&["dose.changed"]).await;
    let list = scene.world.get(&scene.path(""), &scene.admin).await;
    assert!(!list.body.to_string().contains("whsec_"), "{list:?}");
    let renewed: IssuedWebhook = scene.act(&hook.webhook, "secret").await.ok();
    assert_ne!(renewed.secret, hook.secret);
    let until = renewed.webhook.old_secret_until.unwrap();
    assert!((until - scene.world.now() - TimeDelta::days(1)).num_seconds().abs() < 60);
    scene.act(&hook.webhook, "ping").await.ok::<Value>();
    let got = scene.receiver.wait(1).await;
    assert!(got[0].verifies(&renewed.secret) && got[0].verifies(&hook.secret));
    let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert!(!got[0].verifies(other));

    scene.pass(TimeDelta::hours(25)).await;
    scene.act(&hook.webhook, "ping").await.ok::<Value>();
    let got = scene.receiver.wait(2).await;
    assert!(got[1].is_signed_with(&renewed.secret) && !got[1].is_signed_with(&hook.secret));
}

#[tokio::test]
async fn what_fails_holds_back_what_comes_after_it_and_keeps_its_id() {
    let scene = Scene::new().await;
    let ada = scene.patient("Ada").await;
    let hook = scene.webhook(&["medication.changed", "dose.changed"]).await;
    scene.receiver.answers_all(Answer::Status(503));
    let medication = scene.world.medication(&ada, ada.patient()).await;
    let dose = random::id(scene.world.now(), DoseEventId::new);
    let entry = taken(dose, ada.patient(), medication, ada.person(), ada.device);
    scene.world.push_new(&ada, &entry).await;
    scene.act(&hook.webhook, "ping").await.ok::<Value>();
    let waits = scene
        .once(&hook.webhook, |messages| {
            messages.len() == 3 && messages[0].attempts > 0
        })
        .await;
    let again: Message = scene.act(&hook.webhook, "ping").await.ok();
    let ping = waits.iter().find(|one| one.kind.name() == "webhook.ping").unwrap();
    assert_eq!(again.id, ping.id, "one test waits already");
    assert_eq!(json!(waits[0])["outcome"], 503);
    let next = waits[0].next.unwrap();
    assert!(next > waits[0].made && waits[1].next.is_none() && waits[2].next.is_none());
    assert_eq!((waits[1].attempts, waits[1].outcome), (0, None));
    let shown = scene.shown().await;
    assert_eq!((shown.waiting, shown.dead), (3, 0));
    assert_eq!(shown.failing.map(|failing| failing.next), Some(next));

    scene.world.pass(TimeDelta::minutes(1));
    scene.receiver.wait(2).await;
    scene.once(&hook.webhook, |messages| messages[0].attempts == 2).await;
    scene.receiver.answers_all(Answer::Long(202, 200_000));
    scene.world.pass(TimeDelta::minutes(2));
    let got = scene.receiver.wait(5).await;
    let ids: Vec<&str> = got.iter().map(|one| one.id()).collect();
    let known: Vec<String> = waits.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(ids, [&known[0], &known[0], &known[0], &known[1], &known[2]]);
    let bodies: std::collections::BTreeSet<&str> = got.iter().take(3).map(|one| one.body.as_str()).collect();
    assert_eq!(bodies.len(), 1, "the same at every attempt");
    let none = scene.once(&hook.webhook, <[_]>::is_empty).await;
    assert_eq!(none, []);
    let shown = scene.shown().await;
    assert!(shown.waiting == 0 && shown.failing.is_none() && shown.delivered.is_some());

    // A receiver that takes its time is sent one after another.
    scene.receiver.answers_all(Answer::Slow(200, 300));
    for _ in 0..3 {
        scene.world.medication(&ada, ada.patient()).await;
    }
    scene.receiver.wait(8).await;
    assert_eq!(scene.receiver.most_at_once(), 1);
}

#[tokio::test]
async fn after_three_days_a_message_is_given_up_the_rest_goes_on_and_it_can_go_again() {
    let mut scene = Scene::new().await;
    let hook = scene.webhook(&["medication.changed"]).await;
    scene.receiver.answers(|got| match got.kind().as_str() {
        "webhook.ping" => Answer::Status(500),
        _ => Answer::Status(200),
    });
    scene.act(&hook.webhook, "ping").await.ok::<Value>();
    for attempts in 0..3 {
        scene
            .once(&hook.webhook, |messages| messages[0].attempts > attempts)
            .await;
        scene.pass(TimeDelta::hours(23)).await;
    }
    let ada = scene.patient("Ada").await;
    scene.world.medication(&ada, ada.patient()).await;
    scene.pass(TimeDelta::hours(4)).await;
    let dead = scene
        .once(&hook.webhook, |messages| {
            messages.len() == 1 && messages[0].dead.is_some()
        })
        .await;
    assert_eq!((dead[0].next, json!(dead[0])["outcome"].clone()), (None, json!(500)));
    for _ in 0..100 {
        if scene.kinds().last().is_some_and(|kind| kind == "medication.changed") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(scene.kinds().last().map(String::as_str), Some("medication.changed"));
    assert_eq!(scene.shown().await.dead, 1);

    scene.receiver.answers_all(Answer::Status(200));
    let path = format!("messages/{}/replay", dead[0].id);
    let again: Message = scene.act(&hook.webhook, &path).await.ok();
    assert_eq!((again.id, again.attempts, again.dead), (dead[0].id, 0, None));
    scene.once(&hook.webhook, <[_]>::is_empty).await;
    let got = scene.receiver.got();
    assert_eq!(got.last().unwrap().id(), dead[0].id.to_string());
    let twice = scene.act(&hook.webhook, &path).await;
    assert_eq!(twice.problem(), (404, "not_found"));
    let acts = told(&scene.world, scene.clinic.uuid()).await;
    let what = format!("{} {} {}", scene.key.system, hook.webhook.id, dead[0].id);
    assert!(acts.contains(&("message_replayed".to_owned(), what)), "{acts:?}");
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_sent_nothing_more() {
    let scene = Scene::new().await;
    let ada = scene.patient("Ada").await;
    let hook = scene.webhook(&["medication.changed"]).await;
    scene.receiver.answers_all(Answer::Status(410));
    scene.world.medication(&ada, ada.patient()).await;
    scene.world.medication(&ada, ada.patient()).await;
    let dead = scene
        .once(&hook.webhook, |messages| messages.iter().any(|one| one.dead.is_some()))
        .await;
    assert_eq!(json!(dead[0])["outcome"], 410);
    let shown = scene.shown().await;
    assert!(shown.gone.is_some() && shown.waiting == 0, "{shown:?}");
    scene.world.medication(&ada, ada.patient()).await;
    scene.world.pass(TimeDelta::hours(1));
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(scene.receiver.got().len(), 1);
    let admin = scene.world.sign_in("Admin").await;
    for act in ["ping".to_owned(), format!("messages/{}/replay", dead[0].id)] {
        let path = scene.path(&format!("/{}/{act}", hook.webhook.id));
        let refused = scene.world.call("POST", &path, Some(&admin), None).await;
        assert_eq!(refused.problem(), (409, "conflict"), "{act}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_silence_ends_an_attempt() {
    let scene = Scene::new().await;
    let hook = scene.webhook(&["medication.changed"]).await;
    scene.receiver.answers_all(Answer::Redirect);
    scene.act(&hook.webhook, "ping").await.ok::<Value>();
    let failed = scene.once(&hook.webhook, |messages| messages[0].attempts > 0).await;
    assert_eq!(json!(failed[0])["outcome"], 307);
    assert!(scene.receiver.got().iter().all(|got| got.path == "/events"));

    scene.receiver.answers_all(Answer::Never);
    scene.world.pass(TimeDelta::minutes(1));
    let silent = scene.once(&hook.webhook, |messages| messages[0].attempts > 1).await;
    assert_eq!(json!(silent[0])["outcome"], "timeout");
}

#[tokio::test]
async fn inner_addresses_are_refused_where_they_are_written_and_where_a_name_stands_for_one() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let systems = format!("/v1/clinics/{clinic}/systems");
    let key: IssuedKey = world.post(&systems, &admin, a_system("Records")).await.ok();
    let path = format!("{systems}/{}/webhooks", key.system);
    for url in [
        "http://records.hospital.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://me:secret@records.hospital.example/",
        "records.hospital.example",
        &format!("https://records.hospital.example/{}", "x".repeat(1_000)),
    ] {
        let body = json!({"url": url, "events": ["dose.missed"]});
        let refused = world.post(&path, &admin, body).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.body["field"]),
            (422, &json!("url")),
            "{url}"
        );
    }
    let receiver = Receiver::start().await;
    let url = receiver.url("/").replace("http://127.0.0.1", "https://localhost");
    let body = json!({"url": url, "events": ["dose.missed"]});
    let hook: IssuedWebhook = world.post(&path, &admin, body).await.ok();
    let hook = format!("{path}/{}", hook.webhook.id);
    world
        .call("POST", &format!("{hook}/ping"), Some(&admin), None)
        .await
        .ok::<Value>();
    for _ in 0..100 {
        let page: Value = world.get(&format!("{hook}/messages"), &admin).await.ok();
        if page["messages"][0]["attempts"] != 0 {
            assert_eq!(page["messages"][0]["outcome"], "refused_address");
            assert!(receiver.got().is_empty());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it was not tried within ten seconds")
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_said_and_there_are_five_at_most() {
    let scene = Scene::new().await;
    let url = scene.receiver.url("/");
    for (events, field) in [
        (json!([]), "events"),
        (json!(["webhook.ping"]), "events"),
        (json!(["dose.taken"]), "events[0]"),
    ] {
        let body = json!({"url": url, "events": events});
        let refused = scene.world.post(&scene.path(""), &scene.admin, body).await;
        assert_eq!((refused.status.as_u16(), &refused.body["field"]), (422, &json!(field)));
    }
    for _ in 0..5 {
        scene.webhook(&["dose.missed", "dose.missed"]).await;
    }
    assert_eq!(json!(scene.shown().await.events), json!(["dose.missed"]));
    let body = json!({"url": url, "events": ["dose.missed"]});
    let sixth = scene.world.post(&scene.path(""), &scene.admin, body).await;
    assert_eq!(sixth.problem(), (409, "conflict"));
    let systems = format!("/v1/clinics/{}/systems", scene.clinic);
    let systems: Vec<PartnerSystem> = scene.world.get(&systems, &scene.admin).await.ok();
    assert_eq!(systems[0].webhooks.len(), 5);
}

#[tokio::test]
async fn messages_are_listed_page_by_page_and_a_webhook_ends_with_them_or_with_its_system() {
    let scene = Scene::new().await;
    let ada = scene.patient("Ada").await;
    let hook = scene.webhook(&["medication.changed"]).await;
    scene.receiver.answers_all(Answer::Status(500));
    for _ in 0..3 {
        scene.world.medication(&ada, ada.patient()).await;
    }
    let all = scene.once(&hook.webhook, |messages| messages.len() == 3).await;
    let mut ids = Vec::new();
    let mut after = String::new();
    loop {
        let path = scene.path(&format!("/{}/messages?limit=2{after}", hook.webhook.id));
        let page: Messages = scene.world.get(&path, &scene.admin).await.ok();
        ids.extend(page.messages.iter().map(|one| one.id));
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(ids, all.iter().map(|one| one.id).collect::<Vec<_>>());
    for wrong in ["limit=0", "limit=101", "after=x", "more=1"] {
        let path = scene.path(&format!("/{}/messages?{wrong}", hook.webhook.id));
        let status = scene.world.get(&path, &scene.admin).await.status.as_u16();
        assert!(matches!(status, 400 | 422), "{wrong}: {status}");
    }

    let other = scene.webhook(&["medication.changed"]).await;
    let path = scene.path(&format!("/{}", hook.webhook.id));
    scene.world.delete(&path, &scene.admin).await.done();
    assert_eq!(
        scene.world.delete(&path, &scene.admin).await.problem(),
        (404, "not_found")
    );
    assert_eq!(scene.shown().await.id, other.webhook.id);
    let before = scene.receiver.got().len();
    scene.world.pass(TimeDelta::minutes(1));
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(scene.receiver.got().len(), before, "nothing of it is sent any more");

    let system = format!("/v1/clinics/{}/systems/{}", scene.clinic, scene.key.system);
    scene.world.delete(&system, &scene.admin).await.done();
    scene.world.medication(&ada, ada.patient()).await;
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(scene.receiver.got().len(), before);
    let gone = scene.world.get(&scene.path(""), &scene.admin).await;
    assert_eq!(gone.problem(), (404, "not_found"));
}
