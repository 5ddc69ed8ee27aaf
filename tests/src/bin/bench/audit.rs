//! What the audit costs: a record of a thousand entries read by many at once, each reading written down before it is
//! answered, beside the same reading that nobody writes down.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use doseline_backend::store::{
    Store, StoreConfig, StoreError, StoreKey, Tx,
    access::{self, Reader},
    audit::{self, Reading},
    record::{self, Writer},
};
use doseline_shared::{
    dose::{DoseAct, DoseEvent},
    id::{DeviceId, DoseEventId, MedicationId, PatientId, PersonId},
    record::{Grantee, Record},
    zone,
};
use doseline_tests::{postgres, seed::Seed};
use uuid::Uuid;

use crate::table::Row;
use crate::watch::people::{ZONE, people};

/// How many read at once, each another patient's record.
const READERS: u64 = 32;
/// Entries in each record.
const ENTRIES: usize = 1_000;
/// How long readings are counted.
const SPAN: Duration = Duration::from_secs(4);
/// How often each is measured, in turn; the round with the median ratio counts.
const ROUNDS: usize = 3;
/// What is left of the speed: the audit is to cost less than 15 %.
const AIM: f64 = 0.85;

/// Measures on both engines.
pub async fn measure() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let embedded = StoreConfig::Embedded {
        path: folder.path().join("doseline.db"),
        key: StoreKey::new([7; 32]),
    };
    let postgres = StoreConfig::Postgres {
        url: postgres::fresh_database().await,
        ca_file: None,
        pool_size: 8,
    };
    let mut rows = Vec::new();
    for (engine, config) in [("SQLite", embedded), ("PostgreSQL", postgres)] {
        let store = Store::open(config).await?;
        rows.push(on(engine, &store).await?);
    }
    Ok(rows)
}

async fn on(engine: &str, store: &Store) -> Result<Row> {
    let monday = NaiveDate::from_ymd_opt(2026, 3, 2).context("a date")?;
    let begin = zone::day_start(ZONE, monday);
    let (patients, _) = people(store, READERS, monday, begin, &mut Seed::new(20_260_302)).await?;
    let mut readings = Vec::new();
    for (patient, own) in patients {
        let Grantee::Caregiver { person } = own else { continue };
        fill(store, patient, person, begin).await?;
        readings.push((patient, person));
    }
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let plain = per_second(store, &readings, read_plainly).await?;
        let audited = per_second(store, &readings, read_audited).await?;
        rounds.push((audited / plain, audited, plain));
    }
    rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, audited, plain) = *rounds.get(ROUNDS / 2).context("a round")?;
    Ok(Row::new(
        format!("a record of 1,000 entries read by 32 at once, with the audit, {engine}"),
        format!("{audited:.0} a second"),
    )
    .beside(format!("without: {plain:.0}"), ratio)
    .aim("0.85", ratio >= AIM))
}

/// A thousand doses.
async fn fill(store: &Store, patient: PatientId, by: PersonId, from: DateTime<Utc>) -> Result<()> {
    let events = async move |tx: &mut Tx| {
        for day in 0..ENTRIES {
            let at = from + TimeDelta::hours(12 * i64::try_from(day).unwrap_or(0));
            let event = DoseEvent {
                id: DoseEventId::from_uuid(Uuid::now_v7()),
                patient,
                medication: MedicationId::from_uuid(patient.uuid()),
                occurrence: None,
                due: None,
                what: DoseAct::Taken {
                    amount: None,
                    override_reason: None,
                },
                at: zone::local(ZONE, at),
                zone: ZONE,
                recorded_at: at,
                by,
                device: DeviceId::from_uuid(patient.uuid()),
            };
            record::put(tx, &Writer::system(at, "the bench"), 0, Record::DoseEvent(event)).await?;
        }
        Ok::<_, StoreError>(())
    };
    Ok(store.write(events).await?)
}

async fn read_audited(store: Store, patient: PatientId, person: PersonId) -> Result<usize, StoreError> {
    let reading = Reading {
        person,
        device: DeviceId::from_uuid(patient.uuid()),
        origin: IpAddr::V4(Ipv4Addr::LOCALHOST),
        asked: format!("GET /api/patient/{patient}/medications"),
        at: Utc::now(),
    };
    let job = async move |tx: &mut Tx, reader: &Reader| {
        record::of_patient(tx, reader, patient)
            .await
            .map(|records| records.len())
    };
    audit::read(&store, reading, job).await
}

/// As much work as the other, but for what writes down.
async fn read_plainly(store: Store, patient: PatientId, person: PersonId) -> Result<usize, StoreError> {
    let job = async move |tx: &mut Tx| {
        #[expect(clippy::disallowed_methods, reason = "to measure what writing it down costs")]
        let reader = access::reader(tx, person, Utc::now()).await?;
        record::of_patient(tx, &reader, patient)
            .await
            .map(|records| records.len())
    };
    store.read(job).await
}

/// How many records are read a second, by everyone at once.
async fn per_second<F>(
    store: &Store,
    readings: &[(PatientId, PersonId)],
    read: impl Fn(Store, PatientId, PersonId) -> F + Copy + Send + Sync + 'static,
) -> Result<f64>
where
    F: Future<Output = Result<usize, StoreError>> + Send,
{
    let (over, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let readers = readings.iter().map(|(patient, person)| {
        let (patient, person, store) = (*patient, *person, store.clone());
        let (over, count) = (Arc::clone(&over), Arc::clone(&count));
        tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let records = read(store.clone(), patient, person).await?;
                ensure!(records > ENTRIES, "{records} records came");
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        })
    });
    let readers: Vec<_> = readers.collect();
    let begun = Instant::now();
    tokio::time::sleep(SPAN).await;
    let counted = count.load(Ordering::Relaxed);
    let took = begun.elapsed();
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await??;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
    let counted = counted as f64;
    Ok(counted / took.as_secs_f64())
}
