//! The watch over missed doses, on both engines: what is taken, by whom, and that nothing is raised twice.
#![expect(clippy::print_stdout, reason = "a case tells its seed")]

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use doseline_backend::{
    store::{
        Store,
        access::System,
        record::{self, Writer},
        watch::{self, Turn},
    },
    watch::{Pass, Watcher},
};
use doseline_shared::{
    dose::{Closing, DoseAct, DoseEvent, SYSTEM, SYSTEM_DEVICE, closing_id},
    id::PatientId,
    quantity::Quantity,
    record::{Alert, AlertFor, AlertRule, Grantee, Medication, Record, Revision, Tell},
    schedule::{Days, Dose, OccurrenceKey, Rule, Schedule, SlotTime, Window, Zone},
};
use doseline_tests::seed::Seed;
use uuid::Uuid;

use crate::bench::{Bench, Place, Time, dose, grant, medication, noon, on_both_engines, patient, system};

on_both_engines!(
    a_silent_phone_is_heard_by_whoever_cares,
    several_backends_share_the_patients_and_whichever_dies_each_miss_is_raised_once,
    a_turn_is_for_one_backend_at_a_time_and_the_dangerous_come_first,
    only_what_was_written_lately_is_read,
);

/// A watcher by the clock of the case.
fn watcher_by(time: &Time, store: &Store) -> Watcher {
    Watcher::new(store.clone(), time.clock())
}

/// Passes until there is nothing more to do; all of them together.
async fn watch(bench: &Bench, watcher: &Watcher) -> Pass {
    bench.settle().await;
    let mut all = Pass::default();
    loop {
        let pass = watcher.pass().await.expect("the store answers");
        all.looked += pass.looked;
        all.missed.extend(pass.missed);
        all.raised.extend(pass.raised);
        all.changed += pass.changed;
        if pass.looked == 0 && !pass.more {
            return all;
        }
    }
}

/// One tablet each day at these times of the home zone, from the day before noon on.
fn daily(patient: PatientId, times: &[(u32, u32)]) -> Medication {
    let times = times
        .iter()
        .enumerate()
        .map(|(number, (hour, minute))| SlotTime {
            slot: format!("s{number}"),
            at: NaiveTime::from_hms_opt(*hour, *minute, 0).expect("a time of day"),
        })
        .collect();
    let start = noon().date_naive();
    Medication {
        plan: vec![Revision {
            number: 1,
            from: start,
            since: None,
            schedule: Schedule {
                zone: Zone::Floating {},
                start,
                end: None,
                max_count: None,
                rule: Rule::Wall {
                    times,
                    days: Days::Every {},
                },
                dose: Dose::Fixed {
                    amount: Quantity::new(1, "tablet"),
                },
                window: Window {
                    early_min: 60,
                    late_min: 60,
                    miss_after_min: Some(60),
                },
            },
        }],
        ..medication(patient, "Metformin")
    }
}

fn taken(of: &Medication, key: &OccurrenceKey, at: DateTime<Utc>) -> DoseEvent {
    DoseEvent {
        medication: of.id,
        occurrence: Some(key.clone()),
        at: at.fixed_offset(),
        recorded_at: at,
        ..dose(of.patient)
    }
}

fn key(text: &str) -> OccurrenceKey {
    text.parse().expect("an occurrence")
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

async fn alerts(bench: &Bench, patient: PatientId) -> Vec<Alert> {
    let records = bench.records(patient).await;
    let alert = |record| match record {
        Record::Alert(alert) => Some(alert),
        _ => None,
    };
    records.into_iter().filter_map(alert).collect()
}

async fn missed(bench: &Bench, patient: PatientId) -> Vec<DoseEvent> {
    let records = bench.records(patient).await;
    let missed = |record| match record {
        Record::DoseEvent(event) if matches!(event.what, DoseAct::Missed {}) => Some(event),
        _ => None,
    };
    records.into_iter().filter_map(missed).collect()
}

async fn a_silent_phone_is_heard_by_whoever_cares(bench: Bench) {
    let (ada, chidi) = (bench.a_person("Ada").await, bench.a_person("Chidi").await);
    let clinic = bench.a_clinic(&[]).await;
    let patient = bench.a_patient("Ada", Some(ada)).await;
    let (carer, harmony) = (Grantee::Caregiver { person: chidi }, Grantee::Clinic { clinic });
    bench.grants(patient, carer).await;
    bench.grants(patient, harmony).await;
    // Fourteen o'clock in Lagos is an hour after noon in UTC; it is missed an hour later.
    let metformin = daily(patient, &[(14, 0)]);
    bench.put(0, Record::Medication(metformin.clone())).await;
    let of = AlertFor::Medication {
        medication: metformin.id,
    };
    let rule = AlertRule {
        id: AlertRule::id_of(patient, harmony, of),
        patient,
        version: 0,
        to: harmony,
        of,
        tell: Tell::After { minutes: 240 },
    };
    bench.put(0, Record::AlertRule(rule)).await;
    let stranger = bench.a_patient("Bola", None).await;
    bench.put(0, Record::Medication(daily(stranger, &[(14, 0)]))).await;

    let time = Time::at(noon());
    let watcher = watcher_by(&time, &bench.store);
    assert_eq!(watch(&bench, &watcher).await.missed, []);
    time.set(noon() + hours(2));
    let mut committed = bench.store.committed();
    let over = watch(&bench, &watcher).await;
    assert_eq!(
        (over.looked, over.missed, over.raised),
        (1, vec![TimeDelta::zero()], vec![])
    );
    assert!(committed.recv().await.is_ok(), "whoever listens is told");
    let [entry] = &*missed(&bench, patient).await else {
        panic!("one entry")
    };
    assert_eq!(
        entry.id,
        closing_id(metformin.id, &key("2026-03-01/s0"), Closing::Missed)
    );
    assert_eq!((entry.by, entry.device), (SYSTEM, SYSTEM_DEVICE));

    // The caregiver after the usual hour, the clinic after what its rule says.
    time.set(noon() + hours(3));
    assert_eq!(watch(&bench, &watcher).await.raised.len(), 1);
    let told: Vec<_> = alerts(&bench, patient).await.iter().map(|alert| alert.to).collect();
    assert_eq!(told, [carer]);
    let again = watch(&bench, &watcher_by(&time, &bench.store)).await;
    assert_eq!(again, Pass::default(), "a backend that starts finds nothing to do");

    // The dose is logged at last: the clinic is not told any more, and the caregiver's alert is settled.
    bench
        .put(
            0,
            Record::DoseEvent(taken(&metformin, &key("2026-03-01/s0"), noon() + hours(3))),
        )
        .await;
    let late = watch(&bench, &watcher).await;
    assert_eq!((late.changed, late.raised.len()), (1, 0));
    time.set(noon() + hours(7));
    assert_eq!(watch(&bench, &watcher).await.raised, []);
    let [alert] = &*alerts(&bench, patient).await else {
        panic!("one alert")
    };
    assert_eq!((alert.answered_at, alert.version), (Some(noon() + hours(3)), 2));
    assert_eq!(
        missed(&bench, stranger).await,
        [],
        "nobody logs for whom there is no account"
    );
}

async fn several_backends_share_the_patients_and_whichever_dies_each_miss_is_raised_once(bench: Bench) {
    const PATIENTS: usize = 24;
    let (mut seed, number) = Seed::of_this_run();
    println!("seed {number}");
    let chidi = bench.a_person("Chidi").await;
    let mut medications = Vec::new();
    let mut expected = BTreeMap::new();
    for _ in 0..PATIENTS {
        let person = bench.a_person("Ada").await;
        let record = patient("Ada", Some(person));
        let id = record.id;
        let to = Grantee::Caregiver { person: chidi };
        let mut all = vec![Record::Patient(record), Record::Grant(grant(id, to))];
        for _ in 0..2 {
            let at = u32::try_from(seed.below(24 * 12)).expect("a day has few minutes");
            let medication = daily(id, &[(at / 12, at % 12 * 5)]);
            all.push(Record::Medication(medication.clone()));
            medications.push(medication);
        }
        bench
            .write(async move |tx| {
                for record in &all {
                    record::put(tx, &system(), 0, record.clone()).await?;
                }
                Ok(())
            })
            .await;
    }
    // One process owns the file; any number share a server.
    let stores = match bench.place {
        Place::File { .. } => [bench.store.clone(), bench.store.clone(), bench.store.clone()],
        Place::Server { .. } => [bench.store.clone(), bench.again().await, bench.again().await],
    };
    let time = Time::at(noon());
    // Everyone is looked at once, so that the watch over all of them begins now.
    watch(&bench, &watcher_by(&time, &bench.store)).await;
    let mut watchers: Vec<_> = stores.iter().map(|store| watcher_by(&time, store)).collect();
    let mut now = noon();
    let mut kills = 0;
    for _ in 0..2 * 24 * 3 {
        now += TimeDelta::minutes(20);
        time.set(now);
        bench.settle().await;
        let kill = seed.percent(30).then(|| Duration::from_micros(seed.below(6_000)));
        let first = &watchers[0];
        let killed = async {
            match kill {
                Some(after) => tokio::time::timeout(after, first.pass()).await.is_err(),
                None => first.pass().await.map(|_| false).expect("the store answers"),
            }
        };
        let (killed, one, other) = tokio::join!(killed, watchers[1].pass(), watchers[2].pass());
        one.and(other).expect("the store answers");
        if killed {
            kills += 1;
            // Another begins in its place, under another name.
            watchers[0] = watcher_by(&time, &stores[0]);
        }
    }
    // What a dead one held runs out.
    time.set(now + TimeDelta::minutes(1));
    watch(&bench, &watchers[0]).await;
    println!("{kills} of the passes were killed");
    assert!(kills > 0, "a case in which nobody dies shows nothing");

    for medication in &medications {
        for day in 0..4 {
            let date = noon().date_naive() + TimeDelta::days(day);
            let key = OccurrenceKey::Wall {
                date,
                slot: "s0".to_owned(),
            };
            let Rule::Wall { times, .. } = &medication.plan[0].schedule.rule else {
                panic!("by the clock")
            };
            let over = doseline_shared::zone::instant(chrono_tz::Africa::Lagos, date.and_time(times[0].at)) + hours(1);
            if noon() < over && over <= now + TimeDelta::minutes(1) {
                let told = over + hours(1) <= now + TimeDelta::minutes(1);
                expected.insert((medication.id, key.to_string()), told);
            }
        }
    }
    let mut found = BTreeMap::new();
    let patients: std::collections::BTreeSet<_> = medications.iter().map(|medication| medication.patient).collect();
    for patient in patients {
        for event in missed(&bench, patient).await {
            let key = event.occurrence.expect("a miss is of a due time").to_string();
            assert_eq!(found.insert((event.medication, key), false), None, "recorded twice");
        }
        for alert in alerts(&bench, patient).await {
            let told = found.get_mut(&(alert.medication, alert.occurrence.to_string()));
            let told = told.expect("an alert is of a miss");
            assert!(!std::mem::replace(told, true), "told twice");
            assert_eq!(alert.version, 1);
        }
    }
    assert_eq!(found, expected);
    let report = bench
        .read(async |tx| doseline_backend::store::change::verify(tx).await)
        .await;
    assert_eq!(report.broken, None);
}

async fn a_turn_is_for_one_backend_at_a_time_and_the_dangerous_come_first(bench: Bench) {
    let time = Time::at(noon());
    let mut patients = Vec::new();
    for (critical, hour) in [(false, 14), (true, 15), (false, 15)] {
        let person = bench.a_person("Ada").await;
        let patient = bench.a_patient("Ada", Some(person)).await;
        let medication = Medication {
            critical,
            ..daily(patient, &[(hour, 0)])
        };
        bench.put(0, Record::Medication(medication)).await;
        patients.push(patient);
    }
    watch(&bench, &watcher_by(&time, &bench.store)).await;
    let take = async |node: &'static str, now: DateTime<Utc>, limit| {
        let turns: Vec<Turn> = bench
            .write(async move |tx| watch::take(tx, node, now, now + watch::HOLD, limit).await)
            .await;
        turns.iter().map(|turn| turn.patient).collect::<Vec<_>>()
    };
    let now = noon() + hours(4);
    assert_eq!(take("one", now, 2).await, [patients[1], patients[0]]);
    assert_eq!(take("two", now, 2).await, [patients[2]]);
    assert_eq!(take("two", now, 2).await, []);
    // The first dies, the second lets go.
    bench.write(async |tx| watch::let_go(tx, "two").await).await;
    assert_eq!(take("three", now, 9).await, [patients[2]]);
    let later = now + watch::HOLD;
    assert_eq!(take("four", later, 9).await, [patients[1], patients[0], patients[2]]);

    // What changes while a patient is looked at brings another look.
    let watcher = watcher_by(&time, &bench.store);
    time.set(later + watch::HOLD);
    let looks = watch(&bench, &watcher).await.looked;
    assert_eq!(looks, 3);
    let medication = daily(patients[0], &[(14, 30)]);
    bench.put(0, Record::Medication(medication)).await;
    assert_eq!(watch(&bench, &watcher).await.looked, 1);
    // An entry for a dose that nobody was told of does not.
    let entry = dose(patients[0]);
    bench.put(0, Record::DoseEvent(entry)).await;
    assert_eq!(watch(&bench, &watcher).await.looked, 0);
}

async fn only_what_was_written_lately_is_read(bench: Bench) {
    let person = bench.a_person("Ada").await;
    let patient = bench.a_patient("Ada", Some(person)).await;
    for number in 0..130_i64 {
        let at = noon() + hours(number - 129);
        let event = DoseEvent {
            id: doseline_shared::id::DoseEventId::from_uuid(Uuid::now_v7()),
            ..dose(patient)
        };
        let writer = Writer { at, ..system() };
        let event = Record::DoseEvent(event);
        bench
            .write(async move |tx| record::put(tx, &writer, 0, event.clone()).await)
            .await;
    }
    let count = async |since: DateTime<Utc>| {
        let system = System::new("a test looks");
        let records = bench
            .read(async move |tx| watch::recent(tx, &system, patient, since).await)
            .await;
        records.len()
    };
    assert_eq!(count(noon() - hours(200)).await, 130);
    assert_eq!(count(noon() - hours(60)).await, 61);
    assert_eq!(count(noon() + hours(1)).await, 0);
}
