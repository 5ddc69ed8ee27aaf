//! What only the embedded engine has: a file and its key, one writer, and copies of the file.

use std::{fs, path::Path};

use doseline_backend::store::{
    Store, StoreConfig, StoreError, StoreKey, Tx, attempt,
    change::{Pull, verify},
    person, record, restore,
};
use doseline_shared::record::Record;

use crate::bench::{Bench, KEY, Place, dose, medication, noon, open_file, system};

async fn filled() -> Bench {
    let bench = Bench::embedded().await;
    let person = bench.a_person("Adaeze Okonkwo").await;
    let ada = bench.a_patient("Adaeze Okonkwo", Some(person)).await;
    bench
        .put(0, Record::Medication(medication(ada, "Metformin-hydrochloride")))
        .await;
    for _ in 0..20 {
        bench.put(0, Record::DoseEvent(dose(ada))).await;
    }
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_share_a_commit() {
    let bench = Bench::embedded().await;
    let ada = bench.a_patient("Ada Obi", None).await;
    let writers = (0..200).map(|_| {
        let store = bench.store.clone();
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await)
                .await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic").expect("it is written");
    }
    // Changes that were committed together carry the same number.
    let row = bench
        .read(async |tx| {
            tx.query_one("SELECT COUNT(*), COUNT(DISTINCT tx) FROM change", &[])
                .await
        })
        .await;
    let (changes, commits): (i64, i64) = (row.get(0).expect("a count"), row.get(1).expect("a count"));
    assert_eq!(changes, 201);
    assert!(commits < 100, "{commits} commits for {changes} changes");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_shows_nothing_and_opens_with_its_key_only() {
    let bench = filled().await;
    let mut bytes = 0;
    for suffix in ["", "-wal", "-shm"] {
        let file = fs::read(format!("{}{suffix}", bench.path().display())).expect("the file is there");
        bytes += file.len();
        for text in ["Adaeze", "Metformin", "example.org", "CREATE TABLE", "SQLite format 3"] {
            let found = file.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{text} can be read in the file{suffix}");
        }
    }
    assert!(bytes > 100_000, "the files hold the data");

    for key in [[0; 32], {
        let mut key = KEY;
        key[31] ^= 1;
        key
    }] {
        let refused = Store::open(StoreConfig::Embedded {
            path: bench.path().clone(),
            key: StoreKey::new(key),
        })
        .await;
        assert_eq!(refused.err(), Some(StoreError::WrongKey));
    }
    assert!(open_file(bench.path()).await.is_ok(), "the right key still opens it");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let bench = filled().await;
    for suffix in ["", "-wal"] {
        let meta = fs::metadata(format!("{}{suffix}", bench.path().display())).expect("the file is there");
        assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{suffix}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_newer_version_is_left_alone() {
    let bench = filled().await;
    bench
        .tamper(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) \
             SELECT 99, 'later', applied_on, '1' FROM refinery_schema_history WHERE version = 1",
        )
        .await;
    assert_eq!(open_file(bench.path()).await.err(), Some(StoreError::OtherVersion));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_to_one_file_in_turn() {
    let bench = filled().await;
    let ada = bench.a_patient("Ada Obi", None).await;
    let second = bench.again().await;
    let writers = (0..60).map(|writer| {
        let store = if writer % 2 == 0 {
            bench.store.clone()
        } else {
            second.clone()
        };
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await)
                .await
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic").expect("it is written");
    }
    let report = bench.read(async |tx| verify(tx).await).await;
    assert_eq!((report.broken, bench.records(ada).await.len()), (None, 61));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_harms_nothing() {
    let bench = filled().await;
    // The writer's connection may have a few more pages, no more.
    bench
        .write(async |tx| {
            let pages: i64 = tx.query_one("PRAGMA page_count", &[]).await?.get(0)?;
            assert!(pages < 200);
            tx.query("PRAGMA max_page_count = 200", &[]).await
        })
        .await;
    let fill = async |store: &Store| {
        store
            .write(async |tx: &mut Tx| {
                for _ in 0..20 {
                    attempt::record(tx, "a key that takes some room ".repeat(20).as_str(), noon()).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await
    };
    let mut kept = 0;
    let failure = loop {
        match fill(&bench.store).await {
            Ok(()) => kept += 20,
            Err(error) => break error,
        }
    };
    assert_eq!(failure, StoreError::Full);
    bench
        .write(async |tx| tx.query("PRAGMA max_page_count = 100000", &[]).await)
        .await;
    let count = bench
        .read(async |tx| tx.query_one("SELECT COUNT(*) FROM attempt", &[]).await?.get::<i64>(0))
        .await;
    assert_eq!(count, kept, "what was answered is there, what failed is not");
    fill(&bench.store).await.expect("it goes on where there is room again");
}

async fn number_of_changes(store: &Store) -> i64 {
    store
        .read(async |tx: &mut Tx| tx.query_one("SELECT COUNT(*) FROM change", &[]).await?.get(0))
        .await
        .expect("it can be counted")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_back_as_a_new_life_of_the_store() {
    let bench = filled().await;
    let person = bench.a_person("Bola").await;
    let ada = bench.a_patient("Bola", Some(person)).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (backup, restored) = (folder.path().join("backup.db"), folder.path().join("restored.db"));

    // While it is taken, others write.
    let store = bench.store.clone();
    let writing = tokio::spawn(async move {
        for _ in 0..100 {
            store
                .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await)
                .await
                .expect("it is written");
        }
    });
    let before = number_of_changes(&bench.store).await;
    bench.store.backup(&backup).await.expect("the backup is made");
    writing.await.expect("no failure");
    let after = number_of_changes(&bench.store).await;

    let bytes = fs::read(&backup).expect("the backup is there");
    assert!(
        !bytes.windows(6).any(|window| window == b"Adaeze"),
        "a name can be read in the backup"
    );
    assert_eq!(files(folder.path()), ["backup.db"], "nothing is left beside it");
    assert_eq!(bench.store.backup(&backup).await, Err(StoreError::TargetExists));

    restore(&backup, &StoreKey::new(KEY), &restored)
        .await
        .expect("the backup comes back");
    assert_eq!(files(folder.path()), ["backup.db", "restored.db"]);
    let again = open_file(&restored).await.expect("it opens with the same key");
    let kept = number_of_changes(&again).await;
    assert!((before..=after).contains(&kept), "{before} ≤ {kept} ≤ {after}");
    let report = again
        .read(async |tx: &mut Tx| verify(tx).await)
        .await
        .expect("it can be verified");
    assert_eq!((report.broken, i64::try_from(report.links)), (None, Ok(kept)));
    let found = again
        .read(async move |tx: &mut Tx| person::by_id(tx, person).await)
        .await
        .expect("it can be read");
    assert_eq!(found.map(|person| person.name), Some("Bola".to_owned()));

    // A device of the old life is told to begin anew.
    let reader = bench.reader(person, noon()).await;
    let cursor = bench.end(&reader).await;
    let life = Bench::at(again, bench.place);
    assert!(matches!(life.pull(&reader, &cursor, 10).await, Pull::StartAfresh(_)));
    life.put(0, Record::DoseEvent(dose(ada))).await;
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_takes_nothing_it_cannot_trust() {
    let bench = filled().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (backup, target) = (folder.path().join("backup.db"), folder.path().join("target.db"));
    bench.store.backup(&backup).await.expect("the backup is made");
    let key = StoreKey::new(KEY);

    assert_eq!(
        restore(&backup, &key, bench.path()).await,
        Err(StoreError::TargetExists)
    );
    assert_eq!(
        restore(&folder.path().join("none"), &key, &target).await,
        Err(StoreError::Missing)
    );
    assert_eq!(
        restore(&backup, &StoreKey::new([9; 32]), &target).await,
        Err(StoreError::WrongKey)
    );

    let whole = fs::read(&backup).expect("the backup is there");
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cut = &whole[..whole.len() - 4_096];
    for damaged in [&flipped[..], cut] {
        let path = folder.path().join("damaged.db");
        fs::write(&path, damaged).expect("a file can be written");
        let refused = restore(&path, &key, &target).await;
        assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    }

    // Whole pages, but someone with the key has rewritten a dose.
    let rewritten = folder.path().join("rewritten.db");
    restore(&backup, &key, &rewritten)
        .await
        .expect("a good backup comes back");
    let place = Place::File {
        path: rewritten.clone(),
        _folder: tempfile::tempdir().expect("a temporary folder"),
    };
    let copy = Bench::at(open_file(&rewritten).await.expect("it opens"), place);
    copy.tamper("UPDATE change SET body = replace(body, 'Lagos', 'Accra') WHERE link = 3")
        .await;
    let second = folder.path().join("second.db");
    assert!(matches!(copy.store.backup(&second).await, Err(StoreError::Damaged(_))));
    assert!(
        !second.exists() && !target.exists(),
        "nothing untrusted was put in place"
    );
}
