//! Transactions: all or nothing, alone or beside others.

use std::time::Duration;

use doseline_backend::store::{
    Store, StoreError, Tx, attempt,
    person::{self, Person},
    record,
};
use doseline_shared::{id::PersonId, record::Record};
use uuid::Uuid;

use crate::bench::{Bench, dose, noon, on_both_engines, system};

on_both_engines!(
    one_that_fails_harms_no_other,
    one_that_panics_harms_no_other,
    a_failure_passed_over_fails_the_job,
    whoever_leaves_halfway_leaves_nothing_behind,
    a_reader_writes_nothing,
    writers_of_two_patients_in_turn_do_not_lock_each_other_out,
);

async fn count(store: &Store) -> i64 {
    store
        .read(async |tx: &mut Tx| tx.query_one("SELECT COUNT(*) FROM attempt", &[]).await?.get(0))
        .await
        .expect("it can be counted")
}

async fn one_that_fails_harms_no_other(bench: Bench) {
    let jobs = (0..300).map(|job| {
        let store = bench.store.clone();
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| {
                    attempt::record(tx, "key", noon()).await?;
                    attempt::record(tx, "key", noon()).await?;
                    match job % 10 {
                        0 => Err(StoreError::Missing),
                        1 => {
                            tx.execute(
                                "INSERT INTO store (id, epoch, cluster, tx_base) VALUES (2, '', '', 0)",
                                &[],
                            )
                            .await
                        }
                        _ => Ok(1),
                    }
                })
                .await
        })
    });
    let mut kept = 0;
    for (job, done) in jobs.collect::<Vec<_>>().into_iter().enumerate() {
        let result = done.await.expect("no panic");
        assert_eq!(result.is_ok(), job % 10 > 1, "job {job}: {result:?}");
        kept += i64::from(result.is_ok());
    }
    assert_eq!(kept, 240);
    assert_eq!(count(&bench.store).await, 480);
}

async fn one_that_panics_harms_no_other(bench: Bench) {
    let broken = bench.store.clone();
    let broken = tokio::spawn(async move {
        broken
            .write(async |tx: &mut Tx| -> Result<(), StoreError> {
                attempt::record(tx, "key", noon()).await?;
                panic!("a fault of the program")
            })
            .await
    });
    let reading = bench.store.clone();
    let reading = tokio::spawn(async move {
        reading
            .read(async |tx: &mut Tx| -> Result<(), StoreError> {
                tx.query("SELECT id FROM attempt", &[]).await?;
                panic!("a fault of the program")
            })
            .await
    });
    // Whether the panic reaches the caller or is answered as a failure, it is no success.
    assert!(!matches!(broken.await, Ok(Ok(()))));
    assert!(!matches!(reading.await, Ok(Ok(()))));
    for _ in 0..10 {
        bench.write(async |tx| attempt::record(tx, "key", noon()).await).await;
        count(&bench.store).await;
    }
    assert_eq!(count(&bench.store).await, 10);
}

async fn a_failure_passed_over_fails_the_job(bench: Bench) {
    let result = bench
        .store
        .write(async |tx: &mut Tx| {
            attempt::record(tx, "key", noon()).await?;
            let refused = tx
                .execute("INSERT INTO attempt (id, key, at) VALUES ('1', NULL, 0)", &[])
                .await;
            assert!(refused.is_err());
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(result.is_err());
    assert_eq!(count(&bench.store).await, 0);

    // A conflict that is no failed statement can be passed over, where the function says so.
    let twice = Person {
        id: PersonId::from_uuid(Uuid::now_v7()),
        name: "Ada Obi".to_owned(),
        email: "ada@example.org".to_owned(),
        password_hash: String::new(),
        created: noon(),
        first: None,
    };
    bench
        .write(async move |tx| {
            person::insert(tx, &twice).await?;
            assert_eq!(person::insert(tx, &twice).await, Err(StoreError::Conflict));
            attempt::record(tx, "key", noon()).await
        })
        .await;
    assert_eq!(count(&bench.store).await, 1);
}

async fn whoever_leaves_halfway_leaves_nothing_behind(bench: Bench) {
    for wait in 0..30 {
        let store = bench.store.clone();
        let asking = tokio::spawn(async move {
            store
                .write(async |tx: &mut Tx| {
                    for _ in 0..50 {
                        attempt::record(tx, "key", noon()).await?;
                    }
                    Ok::<_, StoreError>(())
                })
                .await
        });
        tokio::time::sleep(Duration::from_micros(wait * 300)).await;
        asking.abort();
        let _ = asking.await;
    }
    // All of a job or none of it, and the store goes on.
    bench.write(async |tx| attempt::record(tx, "last", noon()).await).await;
    assert_eq!((count(&bench.store).await - 1) % 50, 0);
}

async fn a_reader_writes_nothing(bench: Bench) {
    let result = bench
        .store
        .read(async |tx: &mut Tx| attempt::record(tx, "key", noon()).await)
        .await;
    assert!(result.is_err());
    assert_eq!(count(&bench.store).await, 0);
}

async fn writers_of_two_patients_in_turn_do_not_lock_each_other_out(bench: Bench) {
    let (ada, emeka) = (
        bench.a_patient("Ada Obi", None).await,
        bench.a_patient("Emeka", None).await,
    );
    let writers = (0..12).map(|writer| {
        let store = bench.store.clone();
        let (first, second) = if writer % 2 == 0 { (ada, emeka) } else { (emeka, ada) };
        tokio::spawn(async move {
            for _ in 0..5 {
                store
                    .write(async move |tx: &mut Tx| {
                        record::put(tx, &system(), 0, Record::DoseEvent(dose(first))).await?;
                        record::put(tx, &system(), 0, Record::DoseEvent(dose(second))).await?;
                        Ok::<_, StoreError>(())
                    })
                    .await
                    .expect("it is run again until it passes");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no failure");
    }
    assert_eq!(
        (bench.records(ada).await.len(), bench.records(emeka).await.len()),
        (61, 61)
    );
}
