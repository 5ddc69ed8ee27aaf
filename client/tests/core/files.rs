//! The encrypted file: its key, its damage, a full disk, a sudden end.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    rc::Rc,
    time::Duration as Time,
};

use doseline_client::{
    ask::{ChoosePin, Start, StartOver, Unlock},
    cache::{Batch, Cache, CacheError},
    native::{DatabaseKey, SqlCipherCache},
    view::StartView,
};
use doseline_shared::api::ErrorCode;
use futures::executor::block_on;

use crate::world::{Phone, World, daily};

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Twenty medicines and as many doses that never reached the backend.
fn a_full_phone(world: &World) -> Phone {
    let phone = world.phone_of("ada@example.org");
    for number in 0..20 {
        phone.add(daily(&format!("Medicine-{number}-Rivaroxaban"), &["08:00"]));
    }
    phone.sync();
    world.server.borrow_mut().offline = true;
    for dose in phone.doses() {
        phone.take(&dose);
    }
    phone
}

#[test]
fn nothing_of_it_can_be_read_in_the_file_and_another_key_does_not_open_it() {
    let world = World::new();
    let mut phone = a_full_phone(&world);
    for file in files(phone.dir.path()) {
        let content = fs::read(&file).unwrap();
        for word in ["Rivaroxaban", "ada@example.org", "medication", "SQLite format"] {
            assert!(
                !content.windows(word.len()).any(|window| window == word.as_bytes()),
                "{word} in {file:?}"
            );
        }
    }
    let right = phone.keychain.held.borrow().clone();
    let wrong = "00".repeat(32);
    phone
        .keychain
        .held
        .borrow_mut()
        .insert("database-key".to_owned(), wrong);
    phone.restart();
    let before = fs::read(phone.dir.path().join("doseline.db")).unwrap();
    phone.restart();
    let StartView::Trouble { fault, saved: 0 } = phone.ask(Start {}).unwrap() else {
        panic!("it does not open");
    };
    assert_eq!(fault.code, ErrorCode::WrongKey);
    let after = fs::read(phone.dir.path().join("doseline.db")).unwrap();
    assert!(after == before, "it is left as it is");

    *phone.keychain.held.borrow_mut() = right;
    phone.restart();
    assert_eq!(phone.today().network.unsent, 20);
}

#[test]
fn a_keychain_that_is_late_is_waited_for_and_never_replaced() {
    let world = World::new();
    let mut phone = a_full_phone(&world);
    phone.keychain.missing.set(true);
    phone.restart();
    let StartView::Trouble { fault, .. } = phone.ask(Start {}).unwrap() else {
        panic!("the file waits for its key");
    };
    assert!(fault.retry_after.is_some());
    phone.keychain.missing.set(false);
    assert!(matches!(phone.ask(Start {}).unwrap(), StartView::SignedIn { .. }));
    assert_eq!(phone.today().network.unsent, 20);
}

#[test]
fn a_locked_keychain_is_called_that_with_a_record_and_without_one() {
    let world = World::new();
    let mut phone = a_full_phone(&world);
    let mut fresh = world.device();
    fresh.dir = tempfile::tempdir().unwrap();
    fresh.keychain.held.borrow_mut().clear();
    for device in [&mut phone, &mut fresh] {
        device.keychain.locked.set(true);
        device.restart();
        let StartView::Trouble { fault, saved: 0 } = device.ask(Start {}).unwrap() else {
            panic!("nothing opens without the keychain");
        };
        assert_eq!(fault.code, ErrorCode::KeychainLocked);
        assert!(fault.retry_after.is_some());
        device.keychain.locked.set(false);
    }
    assert!(files(fresh.dir.path()).is_empty(), "nothing was made that has no key");
    assert!(matches!(phone.ask(Start {}).unwrap(), StartView::SignedIn { .. }));
    assert!(matches!(fresh.ask(Start {}).unwrap(), StartView::SignedOut { .. }));
    assert_eq!(phone.today().network.unsent, 20);
}

#[test]
fn without_a_keychain_a_pin_opens_the_file_and_a_wrong_one_does_not() {
    let world = World::new();
    let mut phone = world.device();
    drop(phone.dir);
    phone.dir = tempfile::tempdir().unwrap();
    phone.keychain.held.borrow_mut().clear();
    phone.keychain.missing.set(true);
    phone.restart();
    assert_eq!(phone.ask(Start {}).unwrap(), StartView::ChoosePin {});
    assert_eq!(
        phone
            .ask(ChoosePin { pin: "1234".to_owned() })
            .unwrap_err()
            .field
            .as_deref(),
        Some("pin")
    );
    assert!(matches!(
        phone
            .ask(ChoosePin {
                pin: "314159".to_owned()
            })
            .unwrap(),
        StartView::SignedOut { .. }
    ));
    phone.sign_up("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    phone.restart();
    assert_eq!(phone.ask(Start {}).unwrap(), StartView::EnterPin {});
    assert_eq!(
        phone.ask(doseline_client::ask::OpenPeople {}).unwrap_err().code,
        ErrorCode::PinNeeded
    );
    assert_eq!(
        phone
            .ask(Unlock {
                pin: "271828".to_owned()
            })
            .unwrap_err()
            .code,
        ErrorCode::WrongPin
    );
    assert!(matches!(
        phone
            .ask(Unlock {
                pin: "314159".to_owned()
            })
            .unwrap(),
        StartView::SignedIn { .. }
    ));
    assert_eq!(phone.doses().len(), 1);
}

#[test]
fn of_a_damaged_file_every_unsent_entry_that_can_be_read_is_carried_over() {
    let world = World::new();
    let mut phone = a_full_phone(&world);
    let path = phone.dir.path().join("doseline.db");
    // Everything out of the log and into the file, then the connection goes.
    phone.restart();
    // Pages of records are hit, and of those that hold the outbox perhaps one.
    let mut content = fs::read(&path).unwrap();
    let pages = content.len() / 4096;
    assert!(pages > 10, "{pages}");
    let mut damaged = Vec::new();
    for page in [5, 9] {
        content[page * 4096 + 100..page * 4096 + 200].fill(0xff);
        damaged.push(page);
    }
    fs::write(&path, &content).unwrap();
    phone.restart();
    let StartView::Trouble { fault, saved } = phone.ask(Start {}).unwrap() else {
        panic!("the damage is seen at the start");
    };
    assert_eq!(fault.code, ErrorCode::CacheDamaged);
    assert!((1..=20).contains(&saved), "{saved} entries of 20 were read");
    assert!(fs::read(&path).unwrap() == content, "looking does not touch it");

    let started = phone.ask(StartOver {}).unwrap();
    let StartView::SignedIn { me, .. } = started else {
        panic!("the new cache knows whose it is: {started:?}");
    };
    assert_eq!(me.email, "ada@example.org");
    let aside: Vec<_> = files(phone.dir.path())
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".aside.db"))
        .collect();
    assert_eq!(aside.len(), 1);
    assert!(fs::read(&aside[0]).unwrap() == content, "the damaged file is kept");
    world.server.borrow_mut().offline = false;
    phone.sync();
    assert_eq!(world.server.borrow().events().len(), saved as usize);
    assert_eq!(phone.doses().len(), 20, "the records came back from the backend");
}

#[test]
fn on_a_full_disk_nothing_is_called_confirmed_and_nothing_confirmed_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let key = DatabaseKey::random();
    let path = dir.path().join("cache.db");
    let cache = SqlCipherCache::open(&path, &key).unwrap();
    cache.limit_pages(cache.pages().unwrap() + 6).unwrap();
    let mut confirmed = Vec::new();
    let full = loop {
        let name = format!("value-{}", confirmed.len());
        let batch = Batch {
            values: vec![(name.clone(), Some("x".repeat(1_000)))],
            ..Batch::default()
        };
        match block_on(cache.commit(batch)) {
            Ok(()) => confirmed.push(name),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, CacheError::Full), "{full}");
    assert!(confirmed.len() > 2);
    drop(cache);
    let cache = SqlCipherCache::open(&path, &key).unwrap();
    let stored = block_on(cache.load()).unwrap();
    assert_eq!(stored.values.len(), confirmed.len());
}

#[test]
fn a_dose_that_finds_the_disk_full_is_told_and_can_be_logged_when_there_is_room() {
    use doseline_client::{
        ask::Fault,
        core::Core,
        vault::{Opening, Vault},
    };

    /// Opens the file with room for a few pages, as on a disk that is nearly full.
    struct Tight(PathBuf, DatabaseKey, Rc<RefCell<Option<SqlCipherCache>>>);
    impl Vault for Tight {
        type Cache = SqlCipherCache;
        async fn open(&self) -> Opening<SqlCipherCache> {
            let cache = SqlCipherCache::open(&self.0, &self.1).unwrap();
            *self.2.borrow_mut() = Some(cache.clone());
            Opening::Open(cache)
        }
        async fn choose_pin(&self, _: &str) -> Result<Opening<SqlCipherCache>, Fault> {
            Ok(self.open().await)
        }
        async fn unlock(&self, _: &str) -> Result<Opening<SqlCipherCache>, Fault> {
            Ok(self.open().await)
        }
        async fn start_over(&self) -> Result<Opening<SqlCipherCache>, Fault> {
            Ok(self.open().await)
        }
    }

    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let opened = Rc::default();
    let vault = Tight(dir.path().join("cache.db"), DatabaseKey::random(), Rc::clone(&opened));
    let core = block_on(Core::open(world.host(), vault));
    let ask = doseline_client::ask::SignUp {
        server: None,
        name: "Ada".to_owned(),
        email: "ada@example.org".to_owned(),
        password: doseline_client::ask::Secret("correct horse".to_owned()),
        as_patient: true,
        keep: true,
    };
    block_on(core.ask(ask)).unwrap();
    let times: Vec<String> = (0..24).map(|hour| format!("{hour:02}:00")).collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    let draft = daily("Metformin", &times);
    block_on(core.ask(doseline_client::ask::SaveMedicine {
        patient: None,
        medication: None,
        draft,
    }))
    .unwrap();
    world.server.borrow_mut().offline = true;

    let cache = opened.borrow().clone().unwrap();
    cache.limit_pages(cache.pages().unwrap()).unwrap();
    let today = || block_on(core.ask(doseline_client::ask::OpenToday { patient: None })).unwrap();
    let patient = today().patient;
    let doses: Vec<_> = today().parts.into_iter().flat_map(|part| part.doses).collect();
    let log = |place: usize| {
        let dose = &doses[place];
        block_on(core.ask(doseline_client::ask::LogDose {
            patient,
            medication: dose.medication,
            occurrence: dose.occurrence.clone(),
            act: crate::world::TAKEN,
        }))
    };
    let refused = (0..24)
        .map(|place| (place, log(place)))
        .find_map(|(place, done)| Some((place, done.err()?)));
    let (place, fault) = refused.expect("the disk fills up");
    assert_eq!(fault.code, ErrorCode::DiskFull);
    let unsent = today().network.unsent;
    let entry = |place: usize| {
        today()
            .parts
            .into_iter()
            .flat_map(|part| part.doses)
            .nth(place)
            .unwrap()
            .entry
    };
    assert_eq!(entry(place), None, "what was not confirmed is not shown as taken");

    cache.limit_pages(1_000_000).unwrap();
    log(place).unwrap();
    assert!(entry(place).is_some());
    assert_eq!(today().network.unsent, unsent + 1);
}

/// What the killed process does: commits one value after another and says so after each.
#[test]
fn a_process_that_is_killed_loses_nothing_that_it_has_confirmed() {
    const ROLE: &str = "DOSELINE_CLIENT_TEST_WRITES_TO";
    const NAME: &str = "files::a_process_that_is_killed_loses_nothing_that_it_has_confirmed";
    if let Ok(dir) = std::env::var(ROLE) {
        return write_for_ever(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    for round in 0..5u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(ROLE, dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Time::from_millis(250 + 83 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let confirmed = fs::read(dir.path().join("confirmed"))
            .map(|bytes| bytes.len())
            .unwrap_or(0);
        let stored = reopened(dir.path());
        assert!(
            stored >= confirmed,
            "round {round}: {confirmed} were confirmed, {stored} are there"
        );
        assert!(
            stored <= confirmed + 1 + round as usize,
            "and at most one more for each kill"
        );
    }
    assert!(reopened(dir.path()) > 5, "the rounds wrote something");
}

/// The same key in every process of the test.
fn one_key() -> DatabaseKey {
    DatabaseKey::from_hex(&"5a".repeat(32)).unwrap()
}

fn reopened(dir: &Path) -> usize {
    let cache = SqlCipherCache::open(&dir.join("cache.db"), &one_key()).unwrap();
    block_on(cache.load()).unwrap().values.len()
}

fn write_for_ever(dir: &Path) {
    use std::io::Write;
    let cache = SqlCipherCache::open(&dir.join("cache.db"), &one_key()).unwrap();
    let mut number = block_on(cache.load()).unwrap().values.len();
    let mut confirmed = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(dir.join("confirmed"))
        .unwrap();
    loop {
        let batch = Batch {
            values: vec![(format!("value-{number}"), Some("taken".to_owned()))],
            ..Batch::default()
        };
        block_on(cache.commit(batch)).unwrap();
        confirmed.write_all(b".").unwrap();
        number += 1;
    }
}
