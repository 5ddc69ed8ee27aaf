//! Webhooks on both engines: that nothing is lost, skipped or sent by two at once, whichever backend dies.
#![expect(clippy::print_stdout, reason = "a case tells its seed")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use doseline_backend::{
    store::{Store, access::System, partner, record, webhook},
    webhook::{Courier, Secrets},
};
use doseline_shared::{
    access::StaffRole,
    api::{
        partner::ApiScope,
        webhook::{EventKind, Webhook},
    },
    id::{ClinicId, KeyId, PatientId, PersonId, WebhookId},
    record::{Grantee, Record},
};
use doseline_tests::{
    receiver::{Answer, Receiver},
    seed::Seed,
};
use tokio::sync::watch;
use uuid::Uuid;

use crate::bench::{Bench, Place, Time, dose, medication, minutes, noon, on_both_engines, system};

on_both_engines!(
    of_two_that_read_the_same_news_one_keeps_it,
    several_backends_share_the_webhooks_and_whichever_dies_all_arrives_in_order,
    what_was_sent_but_not_noted_is_sent_again_under_its_id,
    a_webhook_is_held_by_one_until_it_lets_go_or_is_silent,
);

/// A courier by the clock of the case, to receivers on this machine.
fn courier_by(time: &Time, store: &Store) -> Courier {
    let networks = ["127.0.0.0/8".parse().expect("a network")];
    let (_, stopping) = watch::channel(false);
    let secrets = Arc::new(Secrets::new(&[5; 32]));
    Courier::new(store.clone(), time.clock(), secrets, &networks, stopping)
}

struct Connected {
    clinic: ClinicId,
    system: PersonId,
    admin: PersonId,
}

/// A system whose key opens everything.
async fn connected(bench: &Bench) -> Connected {
    let admin = bench.a_person("Admin").await;
    let clinic = bench.a_clinic(&[(admin, StaffRole::Administrator)]).await;
    let new = partner::NewSystem {
        id: PersonId::from_uuid(Uuid::now_v7()),
        name: "Hospital records".to_owned(),
        clinic,
        made_by: admin,
        created: noon(),
    };
    let key = partner::NewKey {
        id: KeyId::from_uuid(Uuid::now_v7()),
        system: new.id,
        hash: "hash".to_owned(),
        scopes: ApiScope::ALL.iter().copied().collect(),
        made_by: admin,
        created: noon(),
        expires: noon() + TimeDelta::days(30),
    };
    let system = new.id;
    bench
        .write(async move |tx| {
            partner::insert(tx, &new).await?;
            partner::insert_key(tx, &key).await
        })
        .await;
    Connected { clinic, system, admin }
}

async fn a_webhook(bench: &Bench, of: &Connected, url: String) -> WebhookId {
    let id = WebhookId::from_uuid(Uuid::now_v7());
    let new = webhook::NewWebhook {
        id,
        system: of.system,
        url,
        events: EventKind::CHOSEN.to_vec(),
        secret: Secrets::new(&[5; 32]).fresh(id).expect("a secret").kept,
        made_by: of.admin,
        created: noon(),
    };
    bench.write(async move |tx| webhook::insert(tx, &new).await).await;
    id
}

async fn a_patient(bench: &Bench, of: &Connected) -> PatientId {
    let patient = bench.a_patient("Ada", None).await;
    bench.grants(patient, Grantee::Clinic { clinic: of.clinic }).await;
    patient
}

async fn shown(bench: &Bench, of: &Connected) -> Vec<Webhook> {
    let clinic = of.clinic;
    let all = bench
        .read(async move |tx| webhook::of_clinic(tx, clinic, None).await)
        .await;
    all.into_iter().map(|(_, webhook)| webhook).collect()
}

async fn of_two_that_read_the_same_news_one_keeps_it(bench: Bench) {
    let of = connected(&bench).await;
    let patient = a_patient(&bench, &of).await;
    a_webhook(&bench, &of, "http://127.0.0.1:9/".to_owned()).await;
    for _ in 0..5 {
        bench.put(0, Record::DoseEvent(dose(patient))).await;
    }
    let news = async || {
        let system = System::new("a test looks");
        bench
            .read(async move |tx| webhook::news(tx, &system, noon(), 3).await)
            .await
    };
    let (one, other) = (news().await, news().await);
    assert_eq!(one, other);
    assert_eq!(
        (one[0].changes.len(), one[0].more),
        (3, true),
        "what was before it is none of its"
    );
    let keep = async |news: Vec<webhook::News>| {
        let message = webhook::NewMessage {
            id: doseline_shared::id::MessageId::from_uuid(Uuid::now_v7()),
            kind: EventKind::DoseChanged,
            patient: Some(patient),
            body: "{}".to_owned(),
        };
        let all: Vec<_> = news
            .into_iter()
            .map(|news| webhook::Advance::new(news, vec![message.clone()]))
            .collect();
        bench
            .write(async move |tx| webhook::advance(tx, &all, noon()).await)
            .await
    };
    assert_eq!((keep(one).await, keep(other).await), (1, 0));
    let rest = news().await;
    assert_eq!((rest[0].changes.len(), rest[0].more), (2, false));
    assert_eq!(keep(rest).await, 1);
    assert_eq!(news().await, []);
    assert_eq!(shown(&bench, &of).await[0].waiting, 2);
}

async fn a_webhook_is_held_by_one_until_it_lets_go_or_is_silent(bench: Bench) {
    let of = connected(&bench).await;
    let patient = a_patient(&bench, &of).await;
    let hook = a_webhook(&bench, &of, "http://127.0.0.1:9/".to_owned()).await;
    let take = async |holder: &'static str, now: DateTime<Utc>| {
        bench
            .write(async move |tx| webhook::take(tx, holder, now, 9).await)
            .await
    };
    assert_eq!(take("one", noon()).await, [], "nothing waits");
    bench.put(0, Record::DoseEvent(dose(patient))).await;
    let time = Time::at(noon());
    bench.settle().await;
    courier_by(&time, &bench.store).pass().await.expect("the store answers");
    let retried = noon() + minutes(1);
    assert_eq!(take("one", retried).await, [hook]);
    assert_eq!(take("two", retried).await, []);
    bench
        .write(async move |tx| webhook::let_go(tx, hook, "one", None).await)
        .await;
    assert_eq!(take("two", retried).await, [hook]);
    let later = retried + webhook::HOLD;
    assert_eq!(take("three", later).await, [hook], "the second has died");
    let begun = bench
        .write(async move |tx| webhook::begin(tx, hook, "two", later).await)
        .await;
    assert!(begun == webhook::Begun::Lost);
    let begun = bench
        .write(async move |tx| webhook::begin(tx, hook, "three", later).await)
        .await;
    assert!(matches!(begun, webhook::Begun::Send(_)));
}

async fn what_was_sent_but_not_noted_is_sent_again_under_its_id(bench: Bench) {
    let of = connected(&bench).await;
    let patient = a_patient(&bench, &of).await;
    let receiver = Receiver::start().await;
    a_webhook(&bench, &of, receiver.url("/")).await;
    for _ in 0..3 {
        bench.put(0, Record::DoseEvent(dose(patient))).await;
    }
    bench.settle().await;
    // The second message arrives, but the backend dies before it hears so.
    let time = Time::at(noon());
    let first = Arc::new(std::sync::Mutex::new(None::<String>));
    let seen = Arc::clone(&first);
    receiver.answers(move |got| {
        let mut first = seen.lock().expect("nobody panics with it");
        let id = first.get_or_insert_with(|| got.id().to_owned());
        if id == got.id() {
            Answer::Status(200)
        } else {
            Answer::Never
        }
    });
    let courier = courier_by(&time, &bench.store);
    let dying = tokio::spawn(async move { courier.pass().await });
    receiver.wait(2).await;
    dying.abort();
    assert!(dying.await.is_err_and(|end| end.is_cancelled()));

    receiver.answers_all(Answer::Status(200));
    let next = courier_by(&time, &bench.store);
    next.pass().await.expect("the store answers");
    assert_eq!(receiver.got().len(), 2, "it is the dead one's yet");
    time.pass(webhook::HOLD);
    next.pass().await.expect("the store answers");
    let got = receiver.got();
    let ids: Vec<&str> = got.iter().map(|one| one.id()).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids[0] != ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    assert_eq!(got[1].body, got[2].body);
    assert_eq!(shown(&bench, &of).await[0].waiting, 0);
}

async fn several_backends_share_the_webhooks_and_whichever_dies_all_arrives_in_order(bench: Bench) {
    const HOOKS: usize = 4;
    const ROUNDS: usize = 40;
    let (mut seed, number) = Seed::of_this_run();
    println!("seed {number}");
    let of = connected(&bench).await;
    let receiver = Receiver::start().await;
    let mut patients = Vec::new();
    for _ in 0..3 {
        patients.push(a_patient(&bench, &of).await);
    }
    for hook in 0..HOOKS {
        a_webhook(&bench, &of, receiver.url(&format!("/{hook}"))).await;
    }
    // Now and then one fails.
    let (count, failures) = (AtomicI64::new(0), Arc::new(AtomicI64::new(0)));
    let failed = Arc::clone(&failures);
    receiver.answers(move |_| match count.fetch_add(1, Ordering::SeqCst) % 11 {
        7 => {
            failed.fetch_add(1, Ordering::SeqCst);
            Answer::Status(503)
        }
        _ => Answer::Status(200),
    });
    // One process owns the file; any number share a server.
    let stores = match bench.place {
        Place::File { .. } => [bench.store.clone(), bench.store.clone(), bench.store.clone()],
        Place::Server { .. } => [bench.store.clone(), bench.again().await, bench.again().await],
    };
    let time = Time::at(noon());
    let mut couriers: Vec<_> = stores.iter().map(|store| courier_by(&time, store)).collect();
    let mut written = Vec::new();
    let mut kills = 0;
    for round in 0..ROUNDS {
        if round < ROUNDS / 2 {
            for patient in &patients {
                let entry = medication(*patient, "Metformin");
                written.push(entry.id.to_string());
                let put = async move |tx: &mut doseline_backend::store::Tx| {
                    record::put(tx, &system(), 0, Record::Medication(entry.clone())).await
                };
                bench.store.write(put).await.expect("the write is kept");
            }
        }
        time.pass(TimeDelta::seconds(20));
        let kill = seed.percent(40).then(|| Duration::from_micros(seed.below(20_000)));
        let dying = couriers[0].clone();
        let mut dying = tokio::spawn(async move { dying.pass().await });
        let killed = async {
            match kill {
                Some(after) => match tokio::time::timeout(after, &mut dying).await {
                    Ok(ended) => ended
                        .expect("it does not panic")
                        .map(|()| false)
                        .expect("the store answers"),
                    Err(_) => {
                        dying.abort();
                        true
                    }
                },
                None => (&mut dying)
                    .await
                    .expect("it does not panic")
                    .map(|()| false)
                    .expect("the store answers"),
            }
        };
        let (killed, one, other) = tokio::join!(killed, couriers[1].pass(), couriers[2].pass());
        one.and(other).expect("the store answers");
        if killed {
            kills += 1;
            couriers[0] = courier_by(&time, &stores[0]);
        }
    }
    println!("{kills} of the passes were killed");
    assert!(kills > 0, "a case in which nobody dies shows nothing");
    for _ in 0..200 {
        bench.settle().await;
        time.pass(TimeDelta::hours(1));
        couriers[1].pass().await.expect("the store answers");
        if shown(&bench, &of).await.iter().all(|hook| hook.waiting == 0) {
            break;
        }
    }

    let repeated = in_order(&receiver, HOOKS, &written);
    let failures = usize::try_from(failures.load(Ordering::SeqCst)).expect("few fail");
    println!("{repeated} came again, of {failures} that failed");
    assert!((failures..=failures + kills * HOOKS).contains(&repeated));
    assert!(shown(&bench, &of).await.iter().all(|hook| hook.dead == 0));

    // Where nobody dies and nothing fails, all comes once, one at a time to each.
    receiver.answers_all(Answer::Slow(200, 5));
    for _ in 0..20 {
        let entry = medication(patients[0], "Metformin");
        written.push(entry.id.to_string());
        bench.put(0, Record::Medication(entry)).await;
    }
    loop {
        time.pass(TimeDelta::seconds(1));
        let passes = couriers.iter().map(Courier::pass);
        for passed in futures::future::join_all(passes).await {
            passed.expect("the store answers");
        }
        if shown(&bench, &of).await.iter().all(|hook| hook.waiting == 0) {
            break;
        }
    }
    assert_eq!(in_order(&receiver, HOOKS, &written), repeated);
    assert_eq!(receiver.most_at_once(), 1);
}

/// Holds that each webhook was told of all these medications in order, but for what came again at once and under the same
/// id; how often that was.
fn in_order(receiver: &Receiver, hooks: usize, written: &[String]) -> usize {
    let mut by_hook: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut repeated = 0;
    for got in receiver.got() {
        let medication = got.json()["data"]["medication"].as_str().map(str::to_owned);
        let one = (got.id().to_owned(), medication.expect("only medications have changed"));
        let told = by_hook.entry(got.path.clone()).or_default();
        if told.last() == Some(&one) {
            repeated += 1;
        } else {
            told.push(one);
        }
    }
    assert_eq!(by_hook.len(), hooks);
    for (hook, told) in by_hook {
        let told: Vec<&String> = told.iter().map(|(_, medication)| medication).collect();
        assert_eq!(told, written.iter().collect::<Vec<_>>(), "{hook}");
    }
    repeated
}
