//! A fresh store on either engine, what the cases put into it, and a way to reach behind its back.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Duration, TimeZone, Utc};
use chrono_tz::Africa::Lagos;
use doseline_backend::{
    app::Clock,
    store::{
        Committed, Store, StoreConfig, StoreError, StoreKey, Tx,
        access::{self, Reader, System},
        change::{Cursor, Page, Pull, after, end},
        clinic::{self, Clinic},
        device,
        person::{self, Person},
        record::{self, Put, Writer},
    },
};
use doseline_shared::{
    access::StaffRole,
    api::account::NewDevice,
    dose::{DoseAct, DoseEvent},
    id::{ClinicId, DeviceId, DoseEventId, GrantId, MedicationId, PatientId, PersonId},
    record::{Colour, Form, Grant, Grantee, Look, Medication, MedicationStatus, Patient, Record, Scope, Version},
};
use tempfile::TempDir;
use tokio::sync::{OnceCell, broadcast};
use uuid::Uuid;

/// A clock that a case sets.
#[derive(Clone)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp_millis())))
    }

    pub fn set(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_millis(), Ordering::SeqCst);
    }

    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).expect("a time of the case")
    }

    pub fn clock(&self) -> Clock {
        let time = self.clone();
        Arc::new(move || time.now())
    }
}

/// Runs each case on both engines.
macro_rules! on_both_engines {
    ($($case:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case($crate::bench::Bench::embedded().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case($crate::bench::Bench::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) enum Place {
    File { path: PathBuf, _folder: TempDir },
    Server { url: String },
}

/// A store with nothing in it.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) place: Place,
    stranger: OnceCell<tokio_postgres::Client>,
}

impl Bench {
    pub(crate) async fn embedded() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("doseline.db");
        let store = open_file(&path).await.expect("a new file opens");
        Self::at(store, Place::File { path, _folder: folder })
    }

    pub(crate) async fn postgres() -> Self {
        let url = doseline_tests::postgres::fresh_database().await;
        let store = open_server(&url).await.expect("a new database opens");
        Self::at(store, Place::Server { url })
    }

    pub(crate) fn at(store: Store, place: Place) -> Self {
        Self {
            store,
            place,
            stranger: OnceCell::new(),
        }
    }

    /// The same store again, as another process would open it.
    pub(crate) async fn again(&self) -> Store {
        match &self.place {
            Place::File { path, .. } => open_file(path).await,
            Place::Server { url } => open_server(url).await,
        }
        .expect("it opens again")
    }

    pub(crate) fn path(&self) -> &PathBuf {
        match &self.place {
            Place::File { path, .. } => path,
            Place::Server { .. } => panic!("this case is about the file"),
        }
    }

    pub(crate) fn url(&self) -> &str {
        match &self.place {
            Place::File { .. } => panic!("this case is about the server"),
            Place::Server { url } => url,
        }
    }

    /// Runs SQL behind the store's back, without its foreign keys.
    pub(crate) async fn tamper(&self, sql: &str) {
        match &self.place {
            Place::File { path, .. } => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
                connection
                    .execute_batch(&format!("PRAGMA key = \"x'{key}'\"; PRAGMA foreign_keys = OFF; {sql}"))
                    .expect("the tampering runs");
            }
            Place::Server { url } => {
                let client = connect(url).await;
                client
                    .batch_execute(&format!("SET session_replication_role = replica; {sql}"))
                    .await
                    .expect("the tampering runs");
            }
        }
    }

    pub(crate) async fn a_person(&self, name: &str) -> PersonId {
        let person = Person {
            id: PersonId::from_uuid(Uuid::now_v7()),
            name: name.to_owned(),
            email: format!("{}@example.org", Uuid::now_v7()),
            password_hash: "$argon2id$x".to_owned(),
            created: noon(),
            first: None,
        };
        let id = person.id;
        self.write(async move |tx| person::insert(tx, &person).await).await;
        id
    }

    pub(crate) async fn a_device(&self, owner: PersonId) -> DeviceId {
        let new = NewDevice {
            id: DeviceId::from_uuid(Uuid::now_v7()),
            name: "Chrome on Linux".to_owned(),
        };
        let id = new.id;
        self.write(async move |tx| device::upsert(tx, owner, &new, noon()).await)
            .await;
        id
    }

    pub(crate) async fn a_clinic(&self, staff: &[(PersonId, StaffRole)]) -> ClinicId {
        let id = ClinicId::from_uuid(Uuid::now_v7());
        let staff = staff.to_vec();
        self.write(async move |tx| {
            let clinic = Clinic {
                id,
                name: "Harmony Clinic".to_owned(),
                created: noon(),
            };
            clinic::insert(tx, &clinic).await?;
            for (person, role) in &staff {
                clinic::add_staff(tx, id, *person, *role, noon()).await?;
            }
            Ok(())
        })
        .await;
        id
    }

    pub(crate) async fn a_patient(&self, name: &str, person: Option<PersonId>) -> PatientId {
        let patient = patient(name, person);
        let id = patient.id;
        self.put(0, Record::Patient(patient)).await;
        id
    }

    pub(crate) async fn grants(&self, patient: PatientId, to: Grantee) -> Grant {
        let mut grant = grant(patient, to);
        self.put(0, Record::Grant(grant.clone())).await;
        grant.version = 1;
        grant
    }

    pub(crate) async fn ends(&self, mut grant: Grant, at: DateTime<Utc>) {
        grant.ended_at = Some(at);
        let version = grant.version;
        self.put(version, Record::Grant(grant)).await;
    }

    pub(crate) async fn put(&self, base: Version, record: Record) -> Put {
        self.write(async move |tx| record::put(tx, &system(), base, record.clone()).await)
            .await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl AsyncFn(&mut Tx) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> T {
        let kept = self.store.write(job).await.expect("the write is kept");
        self.settle().await;
        kept
    }

    /// Waits until everything that is committed can be pulled. On PostgreSQL any transaction of the whole server holds
    /// the feed back while it runs, and other cases run on the same server.
    pub(crate) async fn settle(&self) {
        let Place::Server { url } = &self.place else { return };
        let client = self.stranger.get_or_init(|| connect(url)).await;
        loop {
            let held_back = client
                .query_one(
                    "SELECT EXISTS (SELECT 1 FROM change, store \
                     WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tx_base)",
                    &[],
                )
                .await
                .expect("the server answers");
            if !held_back.get::<_, bool>(0) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl AsyncFn(&mut Tx) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> T {
        self.store.read(job).await.expect("the store can be read")
    }

    pub(crate) async fn reader(&self, person: PersonId, now: DateTime<Utc>) -> Reader {
        #[expect(clippy::disallowed_methods, reason = "a test of the queries themselves")]
        let reader = async move |tx: &mut Tx| access::reader(tx, person, now).await;
        self.read(reader).await
    }

    pub(crate) async fn end(&self, reader: &Reader) -> Cursor {
        let reader = reader.clone();
        self.read(async move |tx| end(tx, &reader).await).await
    }

    pub(crate) async fn pull(&self, reader: &Reader, cursor: &Cursor, limit: usize) -> Pull {
        let (reader, cursor) = (reader.clone(), cursor.clone());
        self.read(async move |tx| after(tx, &reader, &cursor, limit).await)
            .await
    }

    pub(crate) async fn page(&self, reader: &Reader, cursor: &Cursor, limit: usize) -> Page {
        match self.pull(reader, cursor, limit).await {
            Pull::Page(page) => page,
            Pull::StartAfresh(_) => panic!("the cursor is good"),
        }
    }

    pub(crate) async fn records(&self, patient: PatientId) -> Vec<Record> {
        self.read(async move |tx| record::of_patient(tx, &System::new("a test looks"), patient).await)
            .await
    }
}

pub(crate) async fn open_file(path: &std::path::Path) -> Result<Store, StoreError> {
    Store::open(StoreConfig::Embedded {
        path: path.to_owned(),
        key: StoreKey::new(KEY),
    })
    .await
}

async fn open_server(url: &str) -> Result<Store, StoreError> {
    Store::open(StoreConfig::Postgres {
        url: url.to_owned(),
        ca_file: None,
        pool_size: 8,
    })
    .await
}

/// A connection to the server that knows nothing of the store.
pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .expect("the server answers");
    tokio::spawn(connection);
    client
}

/// What was committed, in order, until nothing has come for a while.
pub(crate) async fn heard(receiver: &mut broadcast::Receiver<Committed>) -> Vec<Committed> {
    let mut all = Vec::new();
    while let Ok(Ok(committed)) = tokio::time::timeout(std::time::Duration::from_millis(400), receiver.recv()).await {
        all.push(committed);
    }
    all
}

pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0)
        .single()
        .expect("noon exists")
}

pub(crate) fn minutes(count: i64) -> Duration {
    Duration::minutes(count)
}

pub(crate) fn system() -> Writer {
    Writer::system(noon(), "a test")
}

pub(crate) fn patient(name: &str, person: Option<PersonId>) -> Patient {
    Patient {
        id: PatientId::from_uuid(Uuid::now_v7()),
        version: 0,
        person,
        name: name.to_owned(),
        birth_date: None,
        zone: Lagos,
        travels: Vec::new(),
    }
}

pub(crate) fn grant(patient: PatientId, to: Grantee) -> Grant {
    Grant {
        id: GrantId::from_uuid(Uuid::now_v7()),
        patient,
        version: 0,
        to,
        name: "Chidi".to_owned(),
        scope: Scope::View,
        from: noon(),
        until: None,
        ended_at: None,
    }
}

pub(crate) fn medication(patient: PatientId, name: &str) -> Medication {
    Medication {
        id: MedicationId::from_uuid(Uuid::now_v7()),
        patient,
        clinic: None,
        version: 0,
        name: name.to_owned(),
        codes: Vec::new(),
        ingredients: Vec::new(),
        instruction: None,
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: false,
        plan: Vec::new(),
        status: MedicationStatus::Active {},
        authored: None,
        stock: None,
    }
}

pub(crate) fn dose(patient: PatientId) -> DoseEvent {
    DoseEvent {
        id: DoseEventId::from_uuid(Uuid::now_v7()),
        patient,
        medication: MedicationId::from_uuid(Uuid::now_v7()),
        occurrence: None,
        due: None,
        what: DoseAct::Taken {
            amount: None,
            override_reason: None,
        },
        at: noon().fixed_offset(),
        zone: Lagos,
        recorded_at: noon(),
        by: PersonId::from_uuid(Uuid::now_v7()),
        device: DeviceId::from_uuid(Uuid::now_v7()),
    }
}
