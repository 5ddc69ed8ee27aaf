//! The feed: what a pull gives, and that it never skips a change nor gives one twice, whoever writes meanwhile.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use doseline_backend::store::{
    Committed, Store, StoreError, Tx,
    access::{self, Reader},
    change::{self, Cursor, Pull},
    clinic,
    record::{self, Put},
};
use doseline_shared::{
    access::StaffRole,
    api::sync::Change,
    id::{PatientId, PersonId},
    record::{Grantee, Record},
};
use uuid::Uuid;

use crate::bench::{Bench, connect, dose, heard, medication, minutes, noon, on_both_engines, system};

on_both_engines!(
    pages_follow_each_other_without_a_seam,
    a_pull_gives_what_the_reader_sees_and_nothing_else,
    a_front_desk_pulls_names_and_grants,
    a_device_that_was_away_gets_the_same_as_one_that_was_not,
    a_change_of_role_starts_afresh,
    a_cursor_of_another_life_starts_afresh,
    writers_at_once_never_make_a_pull_skip_or_repeat,
    one_new_change_behind_a_long_history_is_quick,
);

fn names(changes: &[Change]) -> Vec<(PatientId, &'static str, u64)> {
    changes
        .iter()
        .map(|change| (change.patient, change.kind.name(), change.version))
        .collect()
}

async fn of_patient(store: &Store, reader: &Reader, patient: PatientId, cursor: Option<Cursor>, limit: usize) -> Pull {
    let reader = reader.clone();
    store
        .read(async move |tx: &mut Tx| change::of_patient(tx, &reader, patient, cursor.as_ref(), limit).await)
        .await
        .expect("it can be pulled")
}

/// Pulls the whole of one patient, `limit` at a time.
async fn whole(bench: &Bench, reader: &Reader, patient: PatientId, limit: usize) -> Vec<Change> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let Pull::Page(page) = of_patient(&bench.store, reader, patient, cursor, limit).await else {
            panic!("the cursor is good");
        };
        assert!(page.changes.len() <= limit);
        all.extend(page.changes);
        if !page.more {
            return all;
        }
        cursor = Some(page.cursor.to_string().parse().expect("it comes back from the wire"));
    }
}

/// A person with their own record and two entries in it.
async fn with_own_record(bench: &Bench, name: &str) -> (PersonId, PatientId) {
    let person = bench.a_person(name).await;
    let patient = bench.a_patient(name, Some(person)).await;
    bench.put(0, Record::Medication(medication(patient, "Metformin"))).await;
    bench.put(0, Record::DoseEvent(dose(patient))).await;
    (person, patient)
}

async fn pages_follow_each_other_without_a_seam(bench: Bench) {
    let (person, ada) = with_own_record(&bench, "Ada Obi").await;
    // Many changes in one transaction: a page may end in the middle of it.
    bench
        .write(async move |tx| {
            for _ in 0..17 {
                record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await?;
            }
            Ok(())
        })
        .await;
    let reader = bench.reader(person, noon()).await;
    let at_once = whole(&bench, &reader, ada, 1_000).await;
    assert_eq!(at_once.len(), 20);
    assert_eq!(
        names(&at_once)[..3],
        [(ada, "patient", 1), (ada, "medication", 1), (ada, "dose_event", 1)]
    );
    for limit in [1, 3, 7, 19, 20, 21] {
        assert_eq!(whole(&bench, &reader, ada, limit).await, at_once, "{limit} at a time");
    }
    let body: Record = serde_json::from_value(at_once[1].body.clone()).expect("a body is a record");
    assert_eq!(
        (body.kind().name(), body.version(), body.id()),
        ("medication", 1, at_once[1].record)
    );

    let cursor = bench.end(&reader).await;
    assert_eq!(bench.page(&reader, &cursor, 10).await.changes, []);
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    let first = bench.page(&reader, &cursor, 1).await;
    assert_eq!((first.changes.len(), first.more), (1, true));
    let second = bench.page(&reader, &first.cursor, 1).await;
    assert_eq!((second.changes.len(), second.more), (1, false));
    assert_ne!(first.changes, second.changes);
    assert_eq!(bench.page(&reader, &second.cursor, 1).await.changes, []);
}

async fn a_pull_gives_what_the_reader_sees_and_nothing_else(bench: Bench) {
    let (ada_self, ada) = with_own_record(&bench, "Ada Obi").await;
    let (emeka_self, emeka) = with_own_record(&bench, "Emeka").await;
    let chidi = bench.a_person("Chidi").await;
    let nurse = bench.a_person("Ngozi").await;
    let clinic = bench.a_clinic(&[(nurse, StaffRole::Nurse)]).await;
    let grant = bench.grants(ada, Grantee::Caregiver { person: chidi }).await;
    bench.grants(emeka, Grantee::Clinic { clinic }).await;

    let mut cursors = HashMap::new();
    for person in [ada_self, emeka_self, chidi, nurse] {
        let reader = bench.reader(person, noon()).await;
        cursors.insert(person, bench.end(&reader).await);
    }
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    bench.put(0, Record::DoseEvent(dose(emeka))).await;
    bench.ends(grant, noon() + minutes(10)).await;

    let pulls = async |person: PersonId, at: i64| {
        let reader = bench.reader(person, noon() + minutes(at)).await;
        let page = bench.page(&reader, &cursors[&person], 100).await;
        page.changes
            .iter()
            .map(|change| (change.patient, change.kind.name()))
            .collect::<Vec<_>>()
    };
    assert_eq!(pulls(ada_self, 0).await, [(ada, "dose_event"), (ada, "grant")]);
    assert_eq!(pulls(emeka_self, 0).await, [(emeka, "dose_event")]);
    assert_eq!(pulls(nurse, 0).await, [(emeka, "dose_event")]);
    assert_eq!(pulls(chidi, 9).await, [(ada, "dose_event"), (ada, "grant")]);
    assert_eq!(pulls(chidi, 10).await, [], "the grant has ended");

    let ended = bench.reader(chidi, noon() + minutes(10)).await;
    let reader = bench.reader(chidi, noon()).await;
    assert_eq!(whole(&bench, &ended, ada, 100).await, []);
    assert_eq!(whole(&bench, &reader, emeka, 100).await, []);
    assert_eq!(whole(&bench, &reader, ada, 100).await.len(), 6);
}

async fn a_front_desk_pulls_names_and_grants(bench: Bench) {
    let desk = bench.a_person("Bola").await;
    let clinic = bench.a_clinic(&[(desk, StaffRole::FrontDesk)]).await;
    let reader = bench.reader(desk, noon()).await;
    let cursor = bench.end(&reader).await;
    let (_, ada) = with_own_record(&bench, "Ada Obi").await;
    bench.grants(ada, Grantee::Clinic { clinic }).await;
    let few = bench.page(&reader, &cursor, 100).await;
    assert_eq!(names(&few.changes), [(ada, "patient", 1), (ada, "grant", 1)]);
    assert_eq!(whole(&bench, &reader, ada, 1).await, few.changes);
}

/// The two ways by which a pull finds what is new must give the same.
async fn a_device_that_was_away_gets_the_same_as_one_that_was_not(bench: Bench) {
    let nurse = bench.a_person("Ngozi").await;
    let desk = bench.a_person("Bola").await;
    let clinic = bench
        .a_clinic(&[(nurse, StaffRole::Nurse), (desk, StaffRole::FrontDesk)])
        .await;
    let mut patients = Vec::new();
    for number in 0..6 {
        let patient = bench.a_patient("Ada Obi", None).await;
        if number % 2 == 0 {
            bench.grants(patient, Grantee::Clinic { clinic }).await;
        }
        patients.push(patient);
    }
    for person in [nurse, desk] {
        let reader = bench.reader(person, noon()).await;
        let away = bench.end(&reader).await;
        let (mut cursor, mut step_by_step) = (away.clone(), Vec::new());
        for round in 0..12 {
            let patients = patients.clone();
            bench
                .write(async move |tx| {
                    for patient in patients.iter().cycle().take(60) {
                        record::put(tx, &system(), 0, Record::DoseEvent(dose(*patient))).await?;
                    }
                    record::put(
                        tx,
                        &system(),
                        0,
                        Record::Medication(medication(patients[round % 6], "M")),
                    )
                    .await
                })
                .await;
            let page = bench.page(&reader, &cursor, 1_000).await;
            step_by_step.extend(page.changes);
            cursor = page.cursor;
        }
        let (mut cursor, mut at_once) = (away, Vec::new());
        loop {
            let page = bench.page(&reader, &cursor, 100).await;
            at_once.extend(page.changes);
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        assert_eq!(at_once, step_by_step);
        assert_eq!(at_once.len(), if person == nurse { 12 * 30 + 6 } else { 0 });
    }
}

async fn a_change_of_role_starts_afresh(bench: Bench) {
    let desk = bench.a_person("Bola").await;
    let clinic = bench.a_clinic(&[(desk, StaffRole::FrontDesk)]).await;
    let (_, ada) = with_own_record(&bench, "Ada Obi").await;
    bench.grants(ada, Grantee::Clinic { clinic }).await;
    let reader = bench.reader(desk, noon()).await;
    let cursor = bench.end(&reader).await;
    bench
        .write(async move |tx| clinic::add_staff(tx, clinic, desk, StaffRole::Nurse, noon()).await)
        .await;
    let nurse = bench.reader(desk, noon()).await;
    let Pull::StartAfresh(fresh) = bench.pull(&nurse, &cursor, 10).await else {
        panic!("what the front desk did not see lies before the cursor");
    };
    assert_eq!(bench.page(&nurse, &fresh, 10).await.changes, []);
    assert!(matches!(
        of_patient(&bench.store, &nurse, ada, Some(cursor), 10).await,
        Pull::StartAfresh(_)
    ));
    assert_eq!(whole(&bench, &nurse, ada, 10).await.len(), 4);
}

async fn a_cursor_of_another_life_starts_afresh(bench: Bench) {
    let (person, ada) = with_own_record(&bench, "Ada Obi").await;
    let reader = bench.reader(person, noon()).await;
    let cursor = bench.end(&reader).await;
    // A cursor from behind the end of the feed is of another life too, whatever it says.
    let text = cursor.to_string();
    let (head, _) = text
        .rsplit_once('.')
        .and_then(|(head, _)| head.rsplit_once('.'))
        .expect("four parts");
    let ahead: Cursor = format!("{head}.999999999.1").parse().expect("a cursor");
    assert!(matches!(bench.pull(&reader, &ahead, 10).await, Pull::StartAfresh(_)));

    bench.write(async |tx| change::new_epoch(tx).await).await;
    assert!(matches!(bench.pull(&reader, &cursor, 10).await, Pull::StartAfresh(_)));
    assert!(matches!(
        of_patient(&bench.store, &reader, ada, Some(cursor), 10).await,
        Pull::StartAfresh(_)
    ));
    let fresh = bench.end(&reader).await;
    assert_eq!(bench.page(&reader, &fresh, 10).await.changes, []);
}

/// Pulls on and on until it has seen `expected` entries; panics where one comes twice.
async fn pull_until(store: Store, person: PersonId, mut cursor: Cursor, expected: usize) -> HashSet<Uuid> {
    let mut seen = HashSet::new();
    let end = Instant::now() + Duration::from_secs(120);
    while seen.len() < expected {
        assert!(Instant::now() < end, "{} of {expected} changes came", seen.len());
        let from = cursor.clone();
        let page = store
            .read(async move |tx: &mut Tx| {
                #[expect(clippy::disallowed_methods, reason = "a test of the queries themselves")]
                let reader = access::reader(tx, person, noon()).await?;
                match change::after(tx, &reader, &from, 7).await? {
                    Pull::Page(page) => Ok::<_, StoreError>(page),
                    Pull::StartAfresh(_) => panic!("the cursor is good"),
                }
            })
            .await
            .expect("it can be pulled");
        for change in &page.changes {
            assert!(seen.insert(change.record), "a change came twice");
        }
        cursor = page.cursor;
        tokio::task::yield_now().await;
    }
    seen
}

/// Writes doses of random patients, several in a transaction, until it has written `count`; their ids.
async fn keep_writing(store: Store, patients: Vec<PatientId>, count: usize) -> Vec<Uuid> {
    let mut written = Vec::new();
    while written.len() < count {
        let doses: Vec<_> = (0..1 + written.len() % 3)
            .map(|_| dose(patients[Uuid::now_v7().as_u128() as usize % patients.len()]))
            .collect();
        written.extend(doses.iter().map(|dose| dose.id.uuid()));
        store
            .write(async move |tx: &mut Tx| {
                for dose in &doses {
                    let put = record::put(tx, &system(), 0, Record::DoseEvent(dose.clone())).await?;
                    assert_eq!(put, Put::Written(1));
                }
                Ok::<_, StoreError>(())
            })
            .await
            .expect("it is written");
    }
    written
}

async fn writers_at_once_never_make_a_pull_skip_or_repeat(bench: Bench) {
    let nurse = bench.a_person("Ngozi").await;
    let clinic = bench.a_clinic(&[(nurse, StaffRole::Nurse)]).await;
    let mut patients = Vec::new();
    for _ in 0..5 {
        let patient = bench.a_patient("Ada Obi", None).await;
        bench.grants(patient, Grantee::Clinic { clinic }).await;
        patients.push(patient);
    }
    let reader = bench.reader(nurse, noon()).await;
    let cursor = bench.end(&reader).await;
    // Half of the writers sit in another backend.
    let other = bench.again().await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = if writer % 2 == 0 {
                bench.store.clone()
            } else {
                other.clone()
            };
            tokio::spawn(keep_writing(store, patients.clone(), 60))
        })
        .collect();
    // The last words of each writer may be one or two more than it was asked for.
    let pulling = tokio::spawn(pull_until(other.clone(), nurse, cursor.clone(), 8 * 60));
    let mut written = HashSet::new();
    for writer in writers {
        written.extend(writer.await.expect("no failure"));
    }
    let seen = pulling.await.expect("nothing came twice, and enough came");
    assert!(seen.is_subset(&written));
    assert_eq!(
        pull_until(bench.store.clone(), nurse, cursor, written.len()).await,
        written
    );
    let report = bench.read(async |tx| change::verify(tx).await).await;
    assert_eq!(report.broken, None);
}

async fn one_new_change_behind_a_long_history_is_quick(bench: Bench) {
    let (person, ada) = with_own_record(&bench, "Ada Obi").await;
    let (_, emeka) = with_own_record(&bench, "Emeka").await;
    // Two hundred thousand changes, as a clinic has after years; half of them hers.
    for patient in [ada, emeka] {
        bench
            .tamper(&format!(
                "INSERT INTO change (patient, link, tx, n, kind, record, version, body, actor, device, at, prev, hash) \
                 WITH RECURSIVE numbers (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM numbers WHERE k < 100000) \
                 SELECT c.patient, c.link + k, c.tx, c.n + k, c.kind, c.record, c.version, c.body, c.actor, c.device, \
                        c.at, c.prev, c.hash FROM numbers CROSS JOIN change c \
                 WHERE c.patient = '{patient}' AND c.link = 3; \
                 UPDATE patient SET link = 100003 WHERE id = '{patient}'"
            ))
            .await;
    }
    let reader = bench.reader(person, noon()).await;
    let cursor = bench.end(&reader).await;
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    // The quickest of many: what it costs, not what else this machine is doing.
    let mut quickest = [Duration::MAX; 2];
    for _ in 0..60 {
        let began = Instant::now();
        let page = bench.page(&reader, &cursor, 1_000).await;
        quickest[0] = quickest[0].min(began.elapsed());
        assert_eq!((page.changes.len(), page.more), (1, false));
        let began = Instant::now();
        let Pull::Page(page) = of_patient(&bench.store, &reader, ada, Some(cursor.clone()), 1_000).await else {
            panic!("the cursor is good");
        };
        quickest[1] = quickest[1].min(began.elapsed());
        assert_eq!((page.changes.len(), page.more), (1, false));
    }
    assert!(
        quickest.iter().all(|took| *took < Duration::from_millis(5)),
        "{quickest:?}"
    );
}

const NOTHING: [Uuid; 0] = [];

// What only PostgreSQL has: transactions that commit late, and other backends.

struct Late {
    bench: Bench,
    person: PersonId,
    ada: PatientId,
    emeka: PatientId,
    reader: Reader,
    cursor: Cursor,
}

/// A reader of two patients, at the end of the feed.
async fn late() -> Late {
    let bench = Bench::postgres().await;
    let (person, ada) = with_own_record(&bench, "Ada Obi").await;
    let emeka = bench.a_patient("Emeka", None).await;
    bench.grants(emeka, Grantee::Caregiver { person }).await;
    let reader = bench.reader(person, noon()).await;
    let cursor = bench.end(&reader).await;
    Late {
        bench,
        person,
        ada,
        emeka,
        reader,
        cursor,
    }
}

impl Late {
    /// Writes a dose of the patient in a transaction that holds still between its write and its commit.
    fn slowly(&self, patient: PatientId, seconds: f64) -> tokio::task::JoinHandle<Uuid> {
        let (store, event) = (self.bench.store.clone(), dose(patient));
        tokio::spawn(async move {
            let id = event.id.uuid();
            let millis = (seconds * 1_000.0) as i64;
            store
                .write(async move |tx: &mut Tx| {
                    record::put(tx, &system(), 0, Record::DoseEvent(event.clone())).await?;
                    tx.query("SELECT pg_sleep(CAST($1 AS BIGINT) / 1000.0)::text", &[millis.into()])
                        .await?;
                    Ok::<_, StoreError>(())
                })
                .await
                .expect("it is written");
            id
        })
    }

    /// Writes a dose of the patient without waiting until it can be pulled.
    async fn at_once(&self, patient: PatientId) -> Uuid {
        let event = dose(patient);
        let id = event.id.uuid();
        self.bench
            .store
            .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::DoseEvent(event.clone())).await)
            .await
            .expect("it is written");
        id
    }

    async fn pull(&mut self) -> Vec<Uuid> {
        let page = self.bench.page(&self.reader, &self.cursor, 100).await;
        self.cursor = page.cursor;
        page.changes.iter().map(|change| change.record).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_committed_late_is_not_skipped() {
    let mut late = late().await;
    let slow = late.slowly(late.ada, 1.0);
    tokio::time::sleep(Duration::from_millis(300)).await;
    // A later transaction commits before it.
    let quick_id = late.at_once(late.emeka).await;
    let before = late.pull().await;
    let slow_id = slow.await.expect("it is written");
    late.bench.settle().await;
    let after = late.pull().await;
    let all: Vec<_> = before.iter().chain(&after).copied().collect();
    assert_eq!(
        HashSet::from_iter(all.iter().copied()),
        HashSet::from([slow_id, quick_id])
    );
    assert_eq!(all.len(), 2, "neither twice");
    assert_eq!(late.pull().await, NOTHING);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_opened_before_and_committed_after_is_not_skipped() {
    let mut late = late().await;
    // It has its number before anyone else writes, and writes its change only afterwards.
    let (store, event) = (late.bench.store.clone(), dose(late.ada));
    let old_id = event.id.uuid();
    let old = tokio::spawn(async move {
        store
            .write(async move |tx: &mut Tx| {
                tx.query("SELECT pg_current_xact_id()::text", &[]).await?;
                tx.query("SELECT pg_sleep(0.8)::text", &[]).await?;
                record::put(tx, &system(), 0, Record::DoseEvent(event.clone())).await
            })
            .await
            .expect("it is written");
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let newer_id = late.at_once(late.ada).await;
    let mut all = late.pull().await;
    old.await.expect("it is written");
    late.bench.settle().await;
    all.extend(late.pull().await);
    assert_eq!(all, [old_id, newer_id], "in the order of the feed, each once");
    let report = late.bench.read(async |tx| change::verify(tx).await).await;
    assert_eq!(report.broken, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_writers_among_quick_ones_never_make_a_pull_skip_or_repeat() {
    let late = late().await;
    let patients = vec![late.ada, late.emeka];
    let slow: Vec<_> = (0..10)
        .map(|number| late.slowly(patients[number % 2], 0.05 * number as f64))
        .collect();
    let quick = tokio::spawn(keep_writing(late.bench.store.clone(), patients, 100));
    let pulling = tokio::spawn(pull_until(
        late.bench.store.clone(),
        late.person,
        late.cursor.clone(),
        110,
    ));
    let mut written: HashSet<Uuid> = quick.await.expect("no failure").into_iter().collect();
    for slow in slow {
        written.insert(slow.await.expect("no failure"));
    }
    let seen = pulling.await.expect("nothing came twice, and enough came");
    assert!(seen.is_subset(&written));
    let everything = pull_until(late.bench.store.clone(), late.person, late.cursor, written.len()).await;
    assert_eq!(everything, written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_comes_to_every_backend_and_never_before_its_change_can_be_pulled() {
    let mut late = late().await;
    let other = late.bench.again().await;
    heard(&mut late.bench.store.committed()).await;
    heard(&mut other.committed()).await;
    let (mut here, mut there) = (late.bench.store.committed(), other.committed());
    // An unrelated transaction of someone else holds the horizon back.
    let stranger = connect(late.bench.url()).await;
    stranger
        .batch_execute("BEGIN; SELECT pg_current_xact_id()")
        .await
        .expect("it begins");
    let id = late.at_once(late.ada).await;
    assert_eq!(late.pull().await, NOTHING, "behind the horizon");
    assert_eq!(
        (heard(&mut here).await, heard(&mut there).await),
        (vec![], vec![]),
        "no hint yet"
    );
    let held_back = async |late: &Late| late.bench.store.health().await.expect("it is well").held_back;
    assert_eq!(held_back(&late).await, 1);
    stranger.batch_execute("COMMIT").await.expect("it ends");
    let hint = Committed::Changed {
        patient: late.ada,
        scope_changed: false,
    };
    for listener in [&mut here, &mut there] {
        let heard = tokio::time::timeout(Duration::from_secs(10), listener.recv()).await;
        assert_eq!(heard.expect("soon").expect("the channel stands"), hint);
    }
    assert_eq!(late.pull().await, [id]);
    late.bench.settle().await;
    assert_eq!(held_back(&late).await, 0);
    assert_eq!(
        (heard(&mut here).await, heard(&mut there).await),
        (vec![], vec![]),
        "once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_listening_connection_costs_no_hint() {
    let late = late().await;
    heard(&mut late.bench.store.committed()).await;
    let mut committed = late.bench.store.committed();
    let stranger = connect(late.bench.url()).await;
    stranger
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = 'doseline' AND datname = current_database() AND query LIKE '%change%'",
            &[],
        )
        .await
        .expect("the connection is cut");
    // The pool may have lost connections as well; writing goes on all the same.
    let (store, event) = (late.bench.store.clone(), dose(late.ada));
    let mut attempt = 0;
    loop {
        let event = event.clone();
        let written = store
            .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::DoseEvent(event.clone())).await)
            .await;
        match written {
            Ok(_) => break,
            Err(StoreError::Unavailable(_)) if attempt < 20 => attempt += 1,
            Err(error) => panic!("{error}"),
        }
    }
    let end = Instant::now() + Duration::from_secs(10);
    let hint = Committed::Changed {
        patient: late.ada,
        scope_changed: false,
    };
    while Instant::now() < end {
        if let Ok(Ok(heard)) = tokio::time::timeout(Duration::from_secs(1), committed.recv()).await
            && heard == hint
        {
            return;
        }
    }
    panic!("the change was never told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_came_back_from_a_backup_starts_a_new_epoch_behind_the_newest_change() {
    let mut late = late().await;
    let epoch = late.bench.store.health().await.expect("it is well").epoch;
    // As in a dump that was loaded into another server: another identity, and changes with numbers far ahead of its own.
    late.bench
        .tamper("UPDATE store SET cluster = 'another'; UPDATE change SET tx = tx + 5000000")
        .await;
    let moved = late.bench.again().await;
    assert_ne!(moved.health().await.expect("it is well").epoch, epoch);
    let old = late.cursor.clone();
    late.bench.store = moved;
    let Pull::StartAfresh(fresh) = late.bench.pull(&late.reader, &old, 10).await else {
        panic!("a cursor of the life before");
    };
    late.cursor = fresh;
    let written = dose(late.ada);
    let id = written.id.uuid();
    late.bench.put(0, Record::DoseEvent(written)).await;
    assert_eq!(late.pull().await, [id]);
    let all = whole(&late.bench, &late.reader, late.ada, 100).await;
    assert_eq!(
        all.last().map(|change| change.record),
        Some(id),
        "the newest comes last"
    );
    assert_eq!(all.len(), 4);
}
