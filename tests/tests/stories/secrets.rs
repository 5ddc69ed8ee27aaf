//! What lies on a disk says nothing to who has no key: not of the device, not of the backend, not in any log.

use std::{fs, path::Path};

use doseline_client::ask::{LogAct, LogDose, OpenToday, SaveMedicine, SyncNow};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    device::Device,
    on_both_engines,
    seed::Seed,
};
use rusqlite::Connection;

use crate::{
    DEVICE, beside_others,
    regimen::{daily, doses, medicine},
};

/// What must not be readable anywhere.
const HEALTH_DATA: [&str; 5] = ["Quetiapine", "Ngozi", "Adichie", "ngozi.adichie", "felt dizzy"];

on_both_engines!(nothing_on_any_disk_can_be_read_without_the_key);

async fn nothing_on_any_disk_can_be_read_without_the_key(engine: Engine) {
    let _beside = beside_others().await;
    let mut backend = Backend::start(engine).await;
    let (mut seed, _) = Seed::of_this_run();
    let mut device = Device::new(DEVICE, chrono_tz::Africa::Lagos, seed.split()).await;
    device
        .sign_up(&backend, "Ngozi Adichie", "ngozi.adichie@story.example", true)
        .await;
    let draft = medicine("Quetiapine 25 mg", daily(&["8:00", "20:00"]));
    device
        .ask(SaveMedicine {
            patient: None,
            medication: None,
            draft,
        })
        .await;
    let today = device.ask(OpenToday { patient: None }).await;
    let dose = doses(&today).next().expect("there are two").clone();
    let act = LogAct::Skipped {
        reason: Some("felt dizzy".to_owned()),
    };
    let (patient, medication, occurrence) = (today.patient, dose.medication, dose.occurrence);
    device
        .ask(LogDose {
            patient,
            medication,
            occurrence,
            act,
        })
        .await;
    device.ask(SyncNow {}).await;

    let account = Account::sign_in(&backend, "ngozi.adichie@story.example").await;
    let known = serde_json::to_string(&account.records(account.patient()).await).expect("records are JSON");
    let held = serde_json::to_string(&device.held().await).expect("records are JSON");
    for side in [known, held] {
        assert!(
            side.contains("Quetiapine") && side.contains("felt dizzy"),
            "both sides hold what is looked for"
        );
    }

    // First as a thief finds it in the middle of work, then as it is at rest.
    for _ in 0..2 {
        nothing_readable(device.folder());
        nothing_readable(backend.folder());
        does_not_open(&device.folder().join("doseline.db"));
        if engine == Engine::Embedded {
            does_not_open(&backend.store_file());
        }
        device.kill().await;
        backend.stop().await;
        nothing_readable(device.folder());
        nothing_readable(backend.folder());
        backend.start_again().await;
        device.start().await;
    }
    assert!(device.held().await.records.len() > 1, "with the key it opens");
}

/// Looks through every file under `folder`, in the encodings that a text may have there.
fn nothing_readable(folder: &Path) {
    let mut bytes_seen = 0;
    for file in files(folder) {
        // A log of the write-ahead kind may go while it is looked at.
        let Ok(content) = fs::read(&file) else { continue };
        bytes_seen += content.len();
        for word in HEALTH_DATA {
            let utf16: Vec<u16> = word.encode_utf16().collect();
            let encodings = [
                word.as_bytes().to_vec(),
                word.to_lowercase().into_bytes(),
                utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
                utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            ];
            for encoded in encodings {
                let found = content.windows(encoded.len()).any(|window| window == encoded);
                assert!(!found, "{word} can be read in {}", file.display());
            }
        }
    }
    assert!(
        bytes_seen > 10_000,
        "there is something to look through in {}",
        folder.display()
    );
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("the folder is there")
        .flatten()
        .map(|entry| entry.path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Neither without a key nor with another one, whatever SQLite or SQLCipher tries.
fn does_not_open(file: &Path) {
    let copy = tempfile::tempdir().expect("a temporary folder");
    let copied = copy.path().join("stolen.db");
    fs::copy(file, &copied).expect("the file is there");
    let content = fs::read(&copied).expect("just copied");
    assert!(
        content.len() >= 4096 && !content.starts_with(b"SQLite format 3"),
        "{} is no cipher text",
        file.display()
    );
    for key in [
        None,
        Some("PRAGMA key = \"a guess\""),
        Some(
            "PRAGMA key = \"x'00000000000000000000000000000000\
        00000000000000000000000000000000'\"",
        ),
    ] {
        let connection = Connection::open(&copied).expect("opening alone reads nothing");
        connection
            .execute_batch("PRAGMA cipher_log_level = NONE")
            .expect("SQLCipher knows it");
        if let Some(key) = key {
            connection.execute_batch(key).expect("any key is taken at first");
        }
        let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
        assert!(read.is_err(), "{} opens with {key:?}", file.display());
    }
}
