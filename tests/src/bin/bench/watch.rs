//! The watch over missed doses through a simulated week on the embedded store: how long after its moment a miss is
//! recorded and an alert raised, memory, processor time; and the same week again with the watch killed every hour.
//!
//! The time of day is simulated, the work is real: minutes with nothing to do are skipped, and while the watch is at work
//! the simulated clock runs with the real one. So a moment at which more patients wait than one node can look at in a
//! minute shows as a lag. Everyone lives in one zone, takes doses at the same habitual hours, and eight in a hundred doses
//! are not logged. Entries are written by the measurement itself and are not counted as the watch's time.

use std::{
    collections::HashSet,
    fs,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_backend::{
    store::{
        self, Store, StoreConfig, StoreError, StoreKey, Tx,
        access::System,
        person::Person,
        record::{self, Writer},
    },
    watch::Watcher,
};
use doseline_shared::{
    dose::{Closing, DoseAct, DoseEvent, closing_id},
    id::{DeviceId, DoseEventId, GrantId, MedicationId, PatientId, PersonId},
    quantity::Quantity,
    record::{
        Alert, Colour, Form, Grant, Grantee, Look, Medication, MedicationStatus, Patient, Record, RecordKind, Revision,
        Scope,
    },
    schedule::{Days, Dose, OccurrenceKey, Rule, Schedule, SlotTime, Window, Zone},
    zone,
};
use doseline_tests::seed::Seed;
use uuid::Uuid;

use crate::table::Row;

/// How many patients, unless `DOSELINE_BENCH_PATIENTS` says another number.
const PATIENTS: u64 = 20_000;
/// What one node is to hold, in patients.
const AIMED: u64 = 1_000_000;
const DAYS: i64 = 7;
const ZONE: Tz = Tz::Europe__Paris;
/// Of a hundred doses, those that nobody logs, and of a hundred medications, those that are dangerous to miss.
const FORGOTTEN: u64 = 8;
const CRITICAL: u64 = 10;
/// A dose counts as missed so many minutes after it was due.
const MISSED_AFTER: u32 = 240;
/// The backend looks each second whether something has come, which the simulated clock does not show.
const POLL: TimeDelta = TimeDelta::seconds(1);

/// One dose of the week.
struct DoseOfWeek {
    due: DateTime<Utc>,
    patient: u32,
    medication: MedicationId,
    key: OccurrenceKey,
    /// When it was logged; none where nobody did.
    logged: Option<DateTime<Utc>>,
    critical: bool,
}

/// The simulated clock: while it runs, it goes with the real one.
#[derive(Clone)]
struct Clock {
    base: Arc<AtomicI64>,
    since: Arc<std::sync::Mutex<Option<Instant>>>,
}

impl Clock {
    fn at(now: DateTime<Utc>) -> Self {
        Self {
            base: Arc::new(AtomicI64::new(now.timestamp_millis())),
            since: Arc::default(),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        let running = self
            .since
            .lock()
            .map(|since| since.map(|since| since.elapsed()))
            .ok()
            .flatten();
        let base = DateTime::from_timestamp_millis(self.base.load(Ordering::SeqCst)).unwrap_or_default();
        base + TimeDelta::from_std(running.unwrap_or_default()).unwrap_or_default()
    }

    /// Jumps to `now`, unless it is later already, and stands or runs from there.
    fn set(&self, now: DateTime<Utc>, runs: bool) {
        let now = now.max(self.now());
        if let Ok(mut since) = self.since.lock() {
            self.base.store(now.timestamp_millis(), Ordering::SeqCst);
            *since = runs.then(Instant::now);
        }
    }
}

/// What a week has shown.
#[derive(Default)]
struct Week {
    lags: Vec<TimeDelta>,
    /// Looks, and how long they took, of each minute that had some.
    minutes: Vec<(usize, Duration)>,
    processor: Duration,
    memory: u64,
    kills: u32,
}

/// Measures both weeks.
pub async fn measure() -> Result<Vec<Row>> {
    let given = std::env::var("DOSELINE_BENCH_PATIENTS")
        .ok()
        .and_then(|text| text.parse().ok());
    let patients = given.unwrap_or(PATIENTS);
    println!("  {patients} patients; DOSELINE_BENCH_PATIENTS sets another number");
    let mut rows = Vec::new();
    for kills in [false, true] {
        let begun = Instant::now();
        let week = run(patients, kills).await?;
        println!("  a week in {:.0?}, {} kills", begun.elapsed(), week.kills);
        rows.extend(rows_of(patients, week, kills));
    }
    Ok(rows)
}

fn rows_of(patients: u64, mut week: Week, kills: bool) -> Vec<Row> {
    week.lags.sort_unstable();
    let at = |share: usize| {
        week.lags
            .get(week.lags.len() * share / 100)
            .copied()
            .unwrap_or_default()
            + POLL
    };
    let seconds = |lag: TimeDelta| format!("{:.1} s", lag.as_seconds_f64());
    let p95 = at(95);
    let name = match kills {
        true => format!("killed {} times", week.kills),
        false => "left alone".to_owned(),
    };
    let who = format!("watch, {patients} patients, one week, {name}");
    let mut rows = vec![
        Row::new(format!("{who}: lag from moment to record, p50"), seconds(at(50))),
        Row::new(format!("{who}: the same, p95"), seconds(p95)).aim("60 s", p95 < TimeDelta::seconds(60)),
    ];
    if kills {
        rows.push(Row::new(
            format!("{who}: misses and alerts, each there once and no other"),
            week.lags.len().to_string(),
        ));
        return rows;
    }
    let day = week.processor.as_secs_f64() / DAYS as f64;
    // The rate where there is much to do at once: a look alone costs a commit of its own.
    let fullest = week.minutes.iter().map(|(looks, _)| *looks).max().unwrap_or_default();
    let full: Vec<_> = week.minutes.iter().filter(|(looks, _)| looks * 2 >= fullest).collect();
    let time: f64 = full.iter().map(|(_, time)| time.as_secs_f64()).sum();
    let looks = full.iter().map(|(looks, _)| *looks).sum::<usize>() as f64 / time.max(f64::EPSILON);
    let scale = AIMED as f64 / patients as f64;
    rows.push(Row::new(
        format!("{who}: memory of the process at most"),
        format!("{} MB", week.memory / 1_024),
    ));
    rows.push(Row::new(
        format!("{who}: processor time in a simulated day"),
        format!("{day:.1} s"),
    ));
    rows.push(Row::new(
        format!("{who}: looks per second in the fullest minutes"),
        format!("{looks:.0}"),
    ));
    if patients < AIMED {
        // Not measured: the numbers above, in proportion. The store is larger then, and its pages are less often at hand.
        let full = fullest as f64 * scale / looks;
        rows.push(Row::new(
            format!("in proportion, not measured, {AIMED} patients: processor time in a simulated day"),
            format!("{:.0} s", day * scale),
        ));
        rows.push(Row::new(
            format!("in proportion, not measured, {AIMED} patients: work at the fullest moment"),
            format!("{full:.0} s for {:.0} looks", fullest as f64 * scale),
        ));
    }
    rows
}

async fn run(patients: u64, kills: bool) -> Result<Week> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(StoreConfig::Embedded {
        path: folder.path().join("doseline.db"),
        key: StoreKey::new([7; 32]),
    })
    .await?;
    let monday = NaiveDate::from_ymd_opt(2026, 3, 2).context("a date")?;
    let begin = zone::day_start(ZONE, monday);
    let end = zone::day_start(ZONE, monday + TimeDelta::days(DAYS));
    let mut seed = Seed::new(20_260_302);
    let (ids, mut doses) = people(&store, patients, monday, begin, &mut seed).await?;
    let clock = Clock::at(begin);
    let watcher = || {
        let clock = clock.clone();
        Watcher::new(store.clone(), Arc::new(move || clock.now()))
    };
    let mut watching = watcher();
    // The watch begins with the week.
    while watching.pass().await?.more {}
    let mut week = Week::default();
    doses.sort_by_key(|dose| dose.logged.unwrap_or(end));
    let mut next = 0;
    let mut hour = 0;
    let mut minute = begin;
    while minute < end {
        minute += TimeDelta::minutes(1);
        let first = next;
        while doses
            .get(next)
            .is_some_and(|dose| dose.logged.is_some_and(|at| at < minute))
        {
            next += 1;
        }
        log(&store, &ids, doses.get(first..next).unwrap_or_default()).await?;
        clock.set(minute, true);
        let (begun, processor) = (Instant::now(), processor()?);
        let in_hour = (minute - begin).num_minutes();
        if kills && in_hour / 60 > hour && seed.percent(10) {
            // Somewhere in a pass, at whatever point of it, it is gone; another begins in its place.
            hour = in_hour / 60;
            week.kills += 1;
            let after = Duration::from_micros(seed.below(20_000));
            if let Ok(pass) = tokio::time::timeout(after, watching.pass()).await {
                week.add(pass?);
            }
            watching = watcher();
        }
        let mut looks = 0;
        loop {
            let pass = watching.pass().await?;
            let more = pass.more;
            looks += pass.looked;
            week.add(pass);
            if !more {
                break;
            }
        }
        if looks > 0 {
            week.minutes.push((looks, begun.elapsed()));
        }
        week.processor += self::processor()? - processor;
        clock.set(minute, false);
    }
    // What the last killed one held.
    clock.set(end + TimeDelta::minutes(1), true);
    loop {
        let pass = watching.pass().await?;
        let more = pass.more;
        week.add(pass);
        if !more {
            break;
        }
    }
    week.memory = memory()?;
    hold(&store, &ids, &doses, (begin, end, clock.now()), &week, kills).await?;
    Ok(week)
}

impl Week {
    fn add(&mut self, pass: doseline_backend::watch::Pass) {
        self.lags.extend(pass.missed);
        self.lags.extend(pass.raised);
    }
}

/// That what should be there is, each once, by count and by identity. A pass that was cut off has not told what it wrote.
async fn hold(
    store: &Store,
    ids: &[(PatientId, Grantee)],
    doses: &[DoseOfWeek],
    (begin, end, until): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
    week: &Week,
    kills: bool,
) -> Result<()> {
    // What was due by the end of the week has to be there; what came due while the last passes ran may be.
    let (mut expected, mut allowed) = (HashSet::new(), HashSet::new());
    for dose in doses {
        let over = dose.due + TimeDelta::minutes(i64::from(MISSED_AFTER));
        if dose.logged.is_some() || over <= begin {
            continue;
        }
        let missed = closing_id(dose.medication, &dose.key, Closing::Missed).uuid();
        let told = over + TimeDelta::minutes(if dose.critical { 5 } else { 60 });
        let (_, to) = ids.get(dose.patient as usize).context("a patient of the week")?;
        let alert = Alert::id_of(dose.medication, &dose.key, *to).uuid();
        for (moment, id) in [(over, missed), (told, alert)] {
            if moment <= end {
                expected.insert(id);
            }
            if moment <= until {
                allowed.insert(id);
            }
        }
    }
    let mut found = HashSet::new();
    for chunk in ids.chunks(500) {
        let chunk = chunk.to_vec();
        let records = store
            .read(async move |tx: &mut Tx| {
                let system = System::new("the measurement counts");
                let mut all = Vec::new();
                for (patient, _) in &chunk {
                    for kind in [RecordKind::DoseEvent, RecordKind::Alert] {
                        all.extend(record::of_kind(tx, &system, *patient, kind).await?);
                    }
                }
                Ok::<_, StoreError>(all)
            })
            .await?;
        for record in records {
            let raised = match &record {
                Record::DoseEvent(event) => matches!(event.what, DoseAct::Missed {}),
                Record::Alert(alert) => alert.version == 1,
                Record::Patient(_)
                | Record::Allergy(_)
                | Record::Condition(_)
                | Record::Medication(_)
                | Record::Grant(_)
                | Record::AlertRule(_) => false,
            };
            ensure!(!raised || found.insert(record.id()), "something was raised twice");
        }
    }
    let missing = expected.difference(&found).count();
    let too_many = found.difference(&allowed).count();
    ensure!(missing == 0, "{missing} of {} were not raised", expected.len());
    ensure!(too_many == 0, "{too_many} were raised that nobody expected");
    ensure!(
        kills || week.lags.len() == found.len(),
        "{} of {} were told of",
        week.lags.len(),
        found.len()
    );
    let report = store.read(async |tx: &mut Tx| store::change::verify(tx).await).await?;
    ensure!(report.broken.is_none(), "the chains do not hold");
    println!("  {} misses and alerts, none missing, none twice", found.len());
    Ok(())
}

/// The patients, each with someone who cares and two medications, and every dose of their week.
async fn people(
    store: &Store,
    patients: u64,
    monday: NaiveDate,
    begin: DateTime<Utc>,
    seed: &mut Seed,
) -> Result<(Vec<(PatientId, Grantee)>, Vec<DoseOfWeek>)> {
    let (mut ids, mut doses) = (Vec::new(), Vec::new());
    let mut left = patients;
    while left > 0 {
        let mut records = Vec::new();
        let mut persons = Vec::new();
        for _ in 0..left.min(200) {
            let person = person(begin);
            let patient = PatientId::from_uuid(Uuid::now_v7());
            let to = Grantee::Caregiver { person: person.id };
            let number = u32::try_from(ids.len())?;
            records.push(Record::Patient(Patient {
                id: patient,
                version: 0,
                person: Some(person.id),
                name: "Someone".to_owned(),
                birth_date: None,
                zone: ZONE,
            }));
            records.push(Record::Grant(grant(patient, to, begin)));
            for hours in [&[6, 18][..], &[7]] {
                let critical = seed.percent(CRITICAL);
                let medication = medication(patient, hours, critical, monday, seed)?;
                doses.extend(week_of(&medication, number, monday, seed));
                records.push(Record::Medication(medication));
            }
            ids.push((patient, to));
            persons.push(person);
        }
        left -= left.min(200);
        store
            .write(async move |tx: &mut Tx| {
                for person in &persons {
                    store::person::insert(tx, person).await?;
                }
                for record in &records {
                    record::put(tx, &writer(begin), 0, record.clone()).await?;
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
    Ok((ids, doses))
}

/// Writes what devices have logged in a minute.
async fn log(store: &Store, ids: &[(PatientId, Grantee)], doses: &[DoseOfWeek]) -> Result<()> {
    let mut events = Vec::new();
    for dose in doses {
        let (patient, _) = ids.get(dose.patient as usize).context("a patient of the week")?;
        let at = dose.logged.context("a dose that was logged")?;
        events.push(DoseEvent {
            id: DoseEventId::from_uuid(Uuid::now_v7()),
            patient: *patient,
            medication: dose.medication,
            occurrence: Some(dose.key.clone()),
            due: Some(dose.due),
            what: DoseAct::Taken {
                amount: None,
                override_reason: None,
            },
            at: zone::local(ZONE, at),
            zone: ZONE,
            recorded_at: at,
            by: PersonId::from_uuid(patient.uuid()),
            device: DeviceId::from_uuid(patient.uuid()),
        });
    }
    if events.is_empty() {
        return Ok(());
    }
    store
        .write(async move |tx: &mut Tx| {
            for event in &events {
                record::put(tx, &writer(event.recorded_at), 0, Record::DoseEvent(event.clone())).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

fn week_of(medication: &Medication, patient: u32, monday: NaiveDate, seed: &mut Seed) -> Vec<DoseOfWeek> {
    let mut doses = Vec::new();
    for revision in &medication.plan {
        let Rule::Wall { times, .. } = &revision.schedule.rule else {
            continue;
        };
        for day in 0..DAYS {
            for time in times {
                let date = monday + TimeDelta::days(day);
                let due = zone::instant(ZONE, date.and_time(time.at));
                let late = TimeDelta::seconds(i64::try_from(seed.below(45 * 60)).unwrap_or(0));
                doses.push(DoseOfWeek {
                    due,
                    patient,
                    medication: medication.id,
                    key: OccurrenceKey::Wall {
                        date,
                        slot: time.slot.clone(),
                    },
                    logged: (!seed.percent(FORGOTTEN)).then_some(due + late),
                    critical: medication.critical,
                });
            }
        }
    }
    doses
}

fn medication(
    patient: PatientId,
    hours: &[u32],
    critical: bool,
    from: NaiveDate,
    seed: &mut Seed,
) -> Result<Medication> {
    let mut times = Vec::new();
    for hour in hours {
        // Four hours of the day in steps of five minutes.
        let minutes = u32::try_from(seed.below(48))? * 5;
        times.push(SlotTime {
            slot: format!("h{hour}"),
            at: NaiveTime::from_hms_opt(hour + minutes / 60, minutes % 60, 0).context("a time of day")?,
        });
    }
    let schedule = Schedule {
        zone: Zone::Floating {},
        start: from,
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
            miss_after_min: Some(MISSED_AFTER),
        },
    };
    Ok(Medication {
        id: MedicationId::from_uuid(Uuid::now_v7()),
        patient,
        clinic: None,
        version: 0,
        name: "Metformin 500 mg".to_owned(),
        codes: Vec::new(),
        ingredients: vec!["metformin".to_owned()],
        instruction: None,
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical,
        plan: vec![Revision {
            number: 1,
            from,
            schedule,
        }],
        status: MedicationStatus::Active {},
        authored: None,
    })
}

fn grant(patient: PatientId, to: Grantee, from: DateTime<Utc>) -> Grant {
    Grant {
        id: GrantId::from_uuid(Uuid::now_v7()),
        patient,
        version: 0,
        to,
        name: "Someone who cares".to_owned(),
        scope: Scope::View,
        from,
        until: None,
        ended_at: None,
    }
}

fn person(created: DateTime<Utc>) -> Person {
    let id = PersonId::from_uuid(Uuid::now_v7());
    Person {
        id,
        name: "Someone".to_owned(),
        email: format!("{id}@bench.example"),
        password_hash: "none".to_owned(),
        created,
    }
}

const fn writer(at: DateTime<Utc>) -> Writer {
    Writer {
        actor: None,
        device: None,
        at,
    }
}

/// Processor time of this process so far: `utime` and `stime` of proc(5), in hundredths of a second.
fn processor() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(") ").next().unwrap_or_default().split_whitespace();
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum::<u64>();
    Ok(Duration::from_millis(ticks * 10))
}

/// The most memory that the process has held, in kilobytes.
fn memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = most
        .and_then(|most| most.split_whitespace().next())
        .context("no peak memory")?;
    Ok(number.parse()?)
}
