//! A phone that is dead: the caregiver's browser shows the missed dose all the same, once, whatever the backend goes through.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use doseline_backend::{Running, config::Config, serve_with_clock};
use doseline_shared::{
    api::{
        invitation::{INVITATIONS, Invitation, NewInvitation},
        sync::{Operation, OperationBody, Outcome, PUSH, Push, Pushed},
    },
    dose::{DoseAct, DoseEvent},
    id::{DoseEventId, MedicationId, OperationId},
    quantity::Quantity,
    record::{Alert, Colour, Form, Look, Medication, MedicationStatus, Record, Revision, Scope},
    schedule::{Days, Dose, OccurrenceKey, Rule, Schedule, SlotTime, Window, Zone},
};
use doseline_tests::{account::Account, backend::Engine, browser::Browser, on_both_engines, place, postgres};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{beside_others, main_job::join_as_caregiver};

on_both_engines!(a_phone_is_dead_and_the_caregiver_is_told_once);

/// A backend in this process, whose clock the story sets forward.
struct Served {
    config: Config,
    shift: Arc<AtomicI64>,
    running: Option<Running>,
    _folder: TempDir,
}

impl Served {
    async fn start(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = folder.path().join("doseline.key");
        let store = match engine {
            Engine::Embedded => json!({"kind": "embedded", "path": folder.path().join("doseline.db"), "key_file": key}),
            Engine::Postgres => {
                json!({"kind": "postgres", "url": postgres::fresh_database().await, "key_file": key})
            }
        };
        let config = json!({"listen": "127.0.0.1:0", "web_dir": place::web_app(), "store": store});
        let mut served = Self {
            config: serde_json::from_value(config).expect("a configuration"),
            shift: Arc::default(),
            running: None,
            _folder: folder,
        };
        served.serve().await;
        served.config.listen = served.address();
        served
    }

    async fn serve(&mut self) {
        let shift = Arc::clone(&self.shift);
        let clock = move || Utc::now() + TimeDelta::seconds(shift.load(Ordering::SeqCst));
        let running = serve_with_clock(self.config.clone(), Arc::new(clock)).await;
        self.running = Some(running.expect("the backend serves"));
    }

    fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("it serves").address
    }

    async fn serve_again(&mut self) {
        self.running.take().expect("it serves").stop().await;
        self.serve().await;
    }

    /// Lets this much time have passed since the beginning.
    fn at(&self, since: TimeDelta) {
        self.shift.store(since.num_seconds(), Ordering::SeqCst);
    }
}

/// A dose every day, two minutes from now on the clock, missed a minute later.
pub(crate) fn medication(account: &Account) -> (Medication, OccurrenceKey) {
    let due = Utc::now() + TimeDelta::minutes(2);
    let (start, at) = (due.date_naive(), due.time());
    let schedule = Schedule {
        zone: Zone::Home { tz: chrono_tz::Tz::UTC },
        start,
        end: None,
        max_count: None,
        rule: Rule::Wall {
            times: vec![SlotTime {
                slot: "s".to_owned(),
                at: chrono::NaiveTime::parse_from_str(&at.format("%H:%M").to_string(), "%H:%M").expect("a time"),
            }],
            days: Days::Every {},
        },
        dose: Dose::Fixed {
            amount: Quantity::new(1, "tablet"),
        },
        window: Window {
            early_min: 60,
            late_min: 0,
            miss_after_min: Some(1),
        },
    };
    let medication = Medication {
        id: MedicationId::from_uuid(Uuid::now_v7()),
        patient: account.patient(),
        clinic: None,
        version: 0,
        name: "Warfarin".to_owned(),
        codes: Vec::new(),
        ingredients: Vec::new(),
        instruction: None,
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: true,
        plan: vec![Revision {
            number: 1,
            from: start,
            since: None,
            schedule,
        }],
        status: MedicationStatus::Active {},
        authored: None,
        stock: None,
    };
    let key = OccurrenceKey::Wall {
        date: start,
        slot: "s".to_owned(),
    };
    (medication, key)
}

/// Logs a dose as taken at `now`: one that was due then, or one beside those that are. The entry.
pub(crate) async fn log_taken(
    account: &Account,
    medication: MedicationId,
    dose: Option<(OccurrenceKey, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> DoseEventId {
    let id = DoseEventId::from_uuid(Uuid::now_v7());
    let (occurrence, due) = dose.unzip();
    let event = DoseEvent {
        id,
        patient: account.patient(),
        medication,
        occurrence,
        due,
        what: DoseAct::Taken {
            amount: None,
            override_reason: None,
        },
        at: now.fixed_offset(),
        zone: chrono_tz::Tz::UTC,
        recorded_at: now,
        by: account.session.me.person,
        device: account.device,
    };
    push(account, OperationBody::LogDose { event }).await;
    id
}

pub(crate) async fn push(account: &Account, body: OperationBody) {
    let operation = Operation {
        id: OperationId::from_uuid(Uuid::now_v7()),
        body,
    };
    let push = Push {
        operations: vec![operation],
    };
    let pushed: Pushed = account.post(PUSH, &push).await;
    let outcome = pushed.results.into_iter().next().expect("a result").outcome;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}

/// The misses and the alerts of the account's record, once there are as many as wanted.
async fn wait(account: &Account, misses: usize, alerts: impl Fn(&[Alert]) -> bool) -> Vec<Alert> {
    for _ in 0..150 {
        let (mut found, mut missed) = (Vec::new(), 0);
        for record in account.records(account.patient()).await {
            match record {
                Record::Alert(alert) => found.push(alert),
                Record::DoseEvent(event) if matches!(event.what, DoseAct::Missed {}) => missed += 1,
                _ => {}
            }
        }
        assert!(
            missed <= misses && found.len() <= 1,
            "{missed} misses, {} alerts",
            found.len()
        );
        if missed == misses && alerts(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within fifteen seconds")
}

async fn a_phone_is_dead_and_the_caregiver_is_told_once(engine: Engine) {
    let _beside = beside_others().await;
    let mut backend = Served::start(engine).await;
    let url = format!("http://{}", backend.address());
    let ada = Account::sign_up_at(&url, "Ada Obi", "ada@watch.example").await;
    let (warfarin, key) = medication(&ada);
    let id = warfarin.id;
    let what = NewInvitation::Caregiver {
        scope: Scope::Log,
        until: None,
    };
    let code: Invitation = ada.post(INVITATIONS, &what).await;
    let chidi = Browser::start().await;
    chidi.size(390, 844).await;
    let code = code.code.replace([' ', '-'], "");
    join_as_caregiver(&chidi, &url, &code, "chidi@watch.example").await;
    push(
        &ada,
        OperationBody::PutMedication {
            base: 0,
            medication: warfarin,
        },
    )
    .await;
    chidi.go(&format!("{url}/caregiver")).await;
    let row = |need: &str| format!(r#"[data-test="caregiver-row"][data-name="Ada Obi"][data-need="{need}"]"#);
    chidi.find(&row("none")).await;

    // Ada's phone is dead from here on. The dose passes, and the backend is started again in between.
    backend.at(TimeDelta::minutes(4));
    wait(&ada, 1, <[_]>::is_empty).await;
    backend.serve_again().await;
    backend.at(TimeDelta::minutes(9));
    let raised = std::time::Instant::now();
    chidi.find_within(&row("alert"), Duration::from_secs(40)).await;
    println!(
        "{engine:?}: the caregiver saw the alert {:?} after its moment",
        raised.elapsed()
    );
    let text = chidi.text().await;
    assert!(text.contains("Warfarin"), "{text}");
    backend.serve_again().await;
    chidi.find(&row("alert")).await;
    chidi.press("alert-seen").await;
    chidi.gone(&row("alert"), Duration::from_secs(10)).await;
    let alert = wait(&ada, 1, |alerts| alerts.iter().any(|alert| alert.seen.is_some())).await;
    assert_eq!((alert[0].occurrence.clone(), alert[0].critical), (key.clone(), true));

    // It is logged late, from another phone.
    let now = Utc::now() + TimeDelta::minutes(9);
    log_taken(&ada, id, Some((key, alert[0].due)), now).await;
    wait(&ada, 1, |alerts| alerts[0].answered_at.is_some()).await;
    backend.running.take().expect("it serves").stop().await;
}
