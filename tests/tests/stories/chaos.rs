//! Whatever is lost, repeated, reordered or killed: an entry that the app has confirmed is never lost, and never counts
//! twice.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use doseline_client::{
    ask::{DraftWhen, LogAct, LogAsNeeded, LogDose, OpenToday, Retract, SaveMedicine, Start, SyncNow},
    view::StartView,
};
use doseline_shared::{
    dose::{DoseAct, DoseEvent, fold},
    id::DoseEventId,
    record::Record,
};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    device::Device,
    network::{Faults, Weather},
    seed::Seed,
};

use crate::{
    DEVICE, beside_others,
    regimen::{daily, doses, medicine},
};

const EMAIL: &str = "chaos@story.example";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_rounds_on_the_embedded_store() {
    chaos(Engine::Embedded, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_rounds_on_postgres() {
    chaos(Engine::Postgres, 40).await;
}

struct Story {
    backend: Backend,
    running: bool,
    devices: Vec<Device>,
    seed: Seed,
    /// Every entry that a device has confirmed.
    confirmed: BTreeSet<DoseEventId>,
    told: BTreeMap<&'static str, u32>,
}

async fn chaos(engine: Engine, rounds: u32) {
    let _beside = beside_others().await;
    let (mut seed, number) = Seed::of_this_run();
    println!("{engine:?}, {rounds} rounds; the same again with DOSELINE_TEST_SEED={number}");
    let backend = Backend::start(engine).await;
    let mut devices = Vec::new();
    for _ in 0..2 {
        devices.push(Device::new(DEVICE, chrono_tz::Africa::Lagos, seed.split()).await);
    }
    devices[0].sign_up(&backend, "Chaos Obi", EMAIL, true).await;
    devices[1].sign_in(&backend, EMAIL).await;
    let often: Vec<String> = (0..24).map(|hour| format!("{hour}:15")).collect();
    let often: Vec<&str> = often.iter().map(String::as_str).collect();
    let as_needed = DraftWhen::AsNeeded {
        gap_hours: 4,
        max_per_day: Some(4),
        max_amount: None,
    };
    let scheduled = [
        "Metformin",
        "Warfarin",
        "Ramipril",
        "Bisoprolol",
        "Furosemide",
        "Levodopa",
    ];
    let regimen = scheduled
        .iter()
        .map(|name| (*name, daily(&often)))
        .chain([("Paracetamol", as_needed)]);
    for (name, when) in regimen {
        devices[0]
            .ask(SaveMedicine {
                patient: None,
                medication: None,
                draft: medicine(name, when),
            })
            .await;
    }
    devices[0].ask(SyncNow {}).await;
    devices[1]
        .until(Duration::from_secs(10), OpenToday { patient: None }, |today| {
            doses(today).count() == 24 * scheduled.len() && today.as_needed.len() == 1
        })
        .await;
    let mut story = Story {
        backend,
        running: true,
        devices,
        seed,
        confirmed: BTreeSet::new(),
        told: BTreeMap::new(),
    };
    let start = Instant::now();
    for _ in 0..rounds {
        story.round().await;
    }
    println!(
        "{:?} for the rounds; {:?}; {} entries confirmed",
        start.elapsed(),
        story.told,
        story.confirmed.len()
    );
    assert!(
        story.confirmed.len() > rounds as usize,
        "the story confirmed too little to say anything"
    );
    story.end().await;
}

impl Story {
    fn tell(&mut self, what: &'static str) {
        *self.told.entry(what).or_default() += 1;
    }

    async fn round(&mut self) {
        for place in 0..self.devices.len() {
            if self.seed.percent(30) {
                let weather = self.weather();
                self.devices[place].weather(weather).await;
            }
        }
        if !self.running && self.seed.percent(60) {
            self.backend.start_again().await;
            self.running = true;
        }
        // Both may answer the same dose in the same moment.
        let place = usize::from(self.seed.percent(50));
        let both = self.seed.percent(30);
        let kill_device = self.seed.percent(20);
        let kill_backend = self.running && self.seed.percent(15);
        let dose = self.seed.below(1 << 32);
        let acts = 1 + self.seed.below(6);
        let mut begun = Vec::new();
        for act in 0..acts {
            let device = if both { usize::from(act % 2 == 0) } else { place };
            let dose = if both { dose } else { self.seed.below(1 << 32) };
            begun.extend(self.begin(device, dose).await);
        }
        if kill_backend {
            tokio::time::sleep(Duration::from_millis(self.seed.below(30))).await;
            self.backend.kill().await;
            self.running = false;
            self.tell("backend killed");
        }
        if kill_device {
            tokio::time::sleep(Duration::from_micros(self.seed.below(6_000))).await;
            self.devices[place].kill().await;
            self.tell("device killed");
        }
        for answer in begun {
            match answer.await {
                Some(Ok(logged)) => {
                    self.confirmed.insert(logged);
                    self.tell("confirmed");
                }
                Some(Err(())) => self.tell("refused"),
                None => self.tell("cut off"),
            }
        }
        if kill_device {
            self.devices[place].start().await;
        }
        self.stay_signed_in(place).await;
    }

    /// Starts something on a device; what comes of it is the entry that the device has confirmed, if it lives to.
    async fn begin(
        &mut self,
        device: usize,
        dose: u64,
    ) -> Option<impl Future<Output = Option<Result<DoseEventId, ()>>> + use<>> {
        let device = &self.devices[device];
        let today = device.try_ask(OpenToday { patient: None }).await.ok()?;
        let all: Vec<_> = doses(&today).collect();
        let dose = all[usize::try_from(dose).expect("small") % all.len()];
        let (patient, medication, occurrence) = (today.patient, dose.medication, dose.occurrence.clone());
        let log = |act| LogDose {
            patient,
            medication,
            occurrence,
            act,
        };
        let asked: std::pin::Pin<Box<dyn Future<Output = _> + Send>> = match self.seed.below(10) {
            0..=4 => Box::pin(device.begin(log(LogAct::Taken { at: None, amount: None })).await),
            5 => Box::pin(
                device
                    .begin(log(LogAct::Skipped {
                        reason: Some("felt sick".to_owned()),
                    }))
                    .await,
            ),
            6 => Box::pin(device.begin(log(LogAct::Snoozed { minutes: 10 })).await),
            7 if dose.entry.is_some() => {
                let event = dose.entry.expect("just looked");
                Box::pin(device.begin(Retract { patient, event }).await)
            }
            7 | 8 => {
                let medication = today.as_needed[0].medication;
                let override_reason = Some("the story needs it".to_owned());
                Box::pin(
                    device
                        .begin(LogAsNeeded {
                            patient,
                            medication,
                            amount: None,
                            override_reason,
                        })
                        .await,
                )
            }
            _ => {
                let syncing = device.begin(SyncNow {}).await;
                tokio::spawn(syncing);
                return None;
            }
        };
        Some(async move {
            asked
                .await
                .map(|answer| answer.map(|logged| logged.event).map_err(drop))
        })
    }

    fn weather(&mut self) -> Weather {
        let mut chance = |most| self.seed.below(most);
        let faults = Faults {
            lose_request: chance(30),
            lose_answer: chance(30),
            repeat: chance(60),
            delay: chance(60),
            deaf: chance(3) == 0,
        };
        Weather { faults, clock_ahead: 0 }
    }

    /// A lost answer to a refresh looks to the backend like a copied token: it ends the session. The person then signs
    /// in again, and nothing of theirs is lost.
    async fn stay_signed_in(&mut self, place: usize) {
        let device = &self.devices[place];
        if self.running && matches!(device.ask(Start {}).await, StartView::SignedOut { .. }) {
            device.weather(Weather::default()).await;
            device.sign_in(&self.backend, EMAIL).await;
            self.tell("signed in again");
        }
    }

    /// Waits until nothing is left to send on a device.
    async fn everything_sent(&mut self, place: usize) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let network = self.devices[place].try_ask(SyncNow {}).await;
            if network
                .as_ref()
                .is_ok_and(|network| network.online && network.unsent == 0)
            {
                return;
            }
            assert!(Instant::now() < end, "a device cannot send what it holds: {network:?}");
            self.stay_signed_in(place).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets everything arrive, and looks at all sides.
    async fn end(mut self) {
        if !self.running {
            self.backend.start_again().await;
            self.running = true;
        }
        for place in 0..self.devices.len() {
            self.devices[place].weather(Weather::default()).await;
        }
        // Late copies of pushes may still be on their way.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for place in 0..self.devices.len() {
            self.everything_sent(place).await;
        }
        for device in &self.devices {
            device.ask(SyncNow {}).await;
        }
        let account = Account::sign_in(&self.backend, EMAIL).await;
        let on_backend = self.each_once("the backend", account.entries(account.patient()).await);
        for device in &self.devices {
            let held = device.held().await;
            assert!(
                held.outbox.is_empty(),
                "{} operations were never acknowledged",
                held.outbox.len()
            );
            let entries = held.records.into_iter().filter_map(|record| match record {
                Record::DoseEvent(event) => Some(event),
                _ => None,
            });
            let on_device = self.each_once("a device", entries.collect());
            assert_eq!(on_device, on_backend, "a device and the backend differ");
        }
        one_taken_stands(on_backend.values());
        self.backend.stop().await;
        let verified = self.backend.succeed(&["audit", "verify"]).await;
        assert!(verified.contains("hold"), "{verified}");
        println!("{}", verified.trim());
    }

    /// The entries by id: none twice, and none that was confirmed missing.
    fn each_once(&self, side: &str, entries: Vec<DoseEvent>) -> HashMap<DoseEventId, DoseEvent> {
        let count = entries.len();
        let by_id: HashMap<_, _> = entries.into_iter().map(|event| (event.id, event)).collect();
        assert_eq!(by_id.len(), count, "{side} holds an entry twice");
        let missing: Vec<_> = self.confirmed.iter().filter(|id| !by_id.contains_key(id)).collect();
        assert!(
            missing.is_empty(),
            "{side} has lost {} confirmed entries: {missing:?}",
            missing.len()
        );
        by_id
    }
}

/// Of each dose at most one *taken* counts, whatever two devices have recorded.
fn one_taken_stands<'a>(entries: impl Iterator<Item = &'a DoseEvent>) {
    let mut by_dose: HashMap<_, Vec<&DoseEvent>> = HashMap::new();
    for event in entries {
        if let Some(occurrence) = &event.occurrence {
            by_dose.entry((event.medication, occurrence)).or_default().push(event);
        }
    }
    let mut twice_taken = 0;
    for events in by_dose.values() {
        let retracted: BTreeSet<_> = events
            .iter()
            .filter_map(|event| {
                if let DoseAct::Retracted { event } = event.what {
                    Some(event)
                } else {
                    None
                }
            })
            .collect();
        let taken = events
            .iter()
            .filter(|event| matches!(event.what, DoseAct::Taken { .. }) && !retracted.contains(&event.id))
            .count();
        twice_taken += usize::from(taken > 1);
        let later = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        let mut backwards = events.clone();
        backwards.reverse();
        assert_eq!(
            fold(events, later),
            fold(&backwards, later),
            "the order of arrival matters"
        );
    }
    println!(
        "{} doses answered, {twice_taken} of them by both devices at once",
        by_dose.len()
    );
}
