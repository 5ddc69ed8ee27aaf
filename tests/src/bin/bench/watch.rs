//! The watch over missed doses through a simulated week on the embedded store: how long after its moment a miss is
//! recorded and an alert raised, memory, processor time; and the same week again with the watch killed every hour.
//!
//! The time of day is simulated, the work is real: of each minute only the work is waited for, and while the watch is at it
//! the simulated clock runs with the real one. So a moment at which more patients wait than one node can look at in a
//! minute shows as a lag. Everyone lives in one zone, takes doses at the same habitual hours, and eight in a hundred doses
//! are not logged. Entries are written by the measurement itself and are not counted as the watch's time.

pub(crate) mod people;

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
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use doseline_backend::{
    store::{self, Store, StoreConfig, StoreError, StoreKey, Tx, access::System, record},
    watch::Watcher,
};
use doseline_shared::{
    dose::{Closing, DoseAct, closing_id},
    id::PatientId,
    record::{Alert, Grantee, Record, RecordKind},
    zone,
};
use doseline_tests::seed::Seed;

use self::people::{DAYS, DoseOfWeek, MISSED_AFTER, ZONE, log, people};
use crate::table::Row;

/// How many patients, unless `DOSELINE_BENCH_PATIENTS` says another number.
const PATIENTS: u64 = 20_000;
/// What one node is to hold, in patients.
const AIMED: u64 = 1_000_000;
/// The backend looks each second whether something has come, which the simulated clock does not show.
const POLL: TimeDelta = TimeDelta::seconds(1);

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
                | Record::AlertRule(_)
                | Record::Dispense(_)
                | Record::StockEntry(_)
                | Record::SideEffectEntry(_) => false,
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
