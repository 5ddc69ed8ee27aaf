//! A backend as its own process, and patients that talk to it over HTTP.

use std::env;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::api::account::{ACCOUNTS, NewDevice, Session, SignUp};
use doseline_shared::api::sync::{Operation, OperationBody, Outcome, PUSH, Push, Pushed};
use doseline_shared::api::{API_VERSION, VERSION_HEADER};
use doseline_shared::dose::{DoseAct, DoseEvent};
use doseline_shared::id::{DeviceId, DoseEventId, MedicationId, OperationId, PatientId, PersonId};
use doseline_shared::quantity::Quantity;
use doseline_shared::record::{Colour, Form, Look, Medication, MedicationStatus, Revision};
use doseline_shared::schedule::{OccurrenceKey, Schedule};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

/// The password of every account that a measurement makes.
pub const PASSWORD: &str = "measured-not-guessed";

/// A backend in a process of its own. Ends with this value.
pub struct Backend {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its data.
    folder: TempDir,
}

impl Backend {
    /// Starts one on its embedded store, or on the PostgreSQL at `url`.
    pub async fn start(url: Option<&str>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let mut command = Command::new(program("doseline-backend")?);
        command
            .arg("serve")
            .env("DOSELINE_LISTEN", address.to_string())
            .env("DOSELINE_STORE__KEY_FILE", folder.path().join("doseline.key"))
            .env("DOSELINE_LOG__FILTER", "warn")
            .env("DOSELINE_LIMITS__SIGN_UP_PER_ADDRESS", "100000")
            .env("DOSELINE_WEB_DIR", dist()?)
            .stdin(Stdio::null());
        match url {
            Some(url) => command
                .env("DOSELINE_STORE__KIND", "postgres")
                .env("DOSELINE_STORE__URL", url)
                .env("DOSELINE_STORE__POOL_SIZE", "16"),
            None => command
                .env("DOSELINE_STORE__KIND", "embedded")
                .env("DOSELINE_STORE__PATH", folder.path().join("doseline.db")),
        };
        let process = command.spawn().context("the backend could not be started")?;
        let mut backend = Self {
            process,
            address,
            folder,
        };
        backend.await_ready().await?;
        Ok(backend)
    }

    async fn await_ready(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(30);
        let client = reqwest::Client::new();
        while Instant::now() < end {
            if let Some(status) = self.process.try_wait()? {
                bail!("the backend ended ({status})");
            }
            let answer = client.get(format!("http://{}/readyz", self.address)).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the backend did not become ready")
    }

    /// Its process, for a look at its memory.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The embedded store's file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("doseline.db")
    }

    /// The file of its key.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("doseline.key")
    }

    /// Stops the process as an operator would and keeps the data.
    pub fn stop(&mut self) -> Result<()> {
        let status = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        ensure!(status.success(), "the backend could not be told to stop");
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // One that has been stopped already is no fault.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The path of a program under measurement.
pub fn program(name: &str) -> Result<PathBuf> {
    let folder = env::var_os("DOSELINE_TEST_BIN_DIR").context("run this as `cargo xtask bench`")?;
    Ok(Path::new(&folder).join(name))
}

/// The built web app.
pub fn dist() -> Result<PathBuf> {
    Ok(env::var_os("DOSELINE_TEST_DIST")
        .context("run this as `cargo xtask bench`")?
        .into())
}

/// A patient with an account, a device, and one medicine.
#[derive(Clone)]
pub struct Account {
    client: reqwest::Client,
    base: String,
    access: String,
    /// The e-mail that signs in.
    pub email: String,
    /// Whose record.
    pub patient: PatientId,
    person: PersonId,
    device: DeviceId,
    medication: MedicationId,
}

impl Account {
    /// Signs up and prescribes one medicine, twice daily since `start`.
    pub async fn sign_up(backend: &Backend, schedule: &Schedule) -> Result<Self> {
        let client = reqwest::Client::builder().tcp_nodelay(true).build()?;
        let base = format!("http://{}", backend.address);
        let device = DeviceId::from_uuid(Uuid::now_v7());
        let email = format!("{}@bench.example", Uuid::now_v7());
        let sign_up = SignUp {
            name: "Measured Patient".to_owned(),
            email: email.clone(),
            password: PASSWORD.to_owned(),
            zone: Tz::Africa__Lagos,
            as_patient: true,
            device: NewDevice {
                id: device,
                name: "Bench".to_owned(),
            },
        };
        let answer = client
            .post(format!("{base}{ACCOUNTS}"))
            .header(VERSION_HEADER, API_VERSION)
            .json(&sign_up)
            .send()
            .await?
            .error_for_status()?;
        let session: Session = answer.json().await?;
        let patient = session.me.patient.context("the account has no record of its own")?;
        let medication = MedicationId::from_uuid(Uuid::now_v7());
        let account = Self {
            client,
            base,
            access: session.access.clone(),
            email,
            patient,
            person: session.me.person,
            device,
            medication,
        };
        account.push(vec![account.prescription(schedule)]).await?;
        Ok(account)
    }

    fn prescription(&self, schedule: &Schedule) -> Operation {
        let medication = Medication {
            id: self.medication,
            patient: self.patient,
            clinic: None,
            version: 0,
            name: "Metformin 500 mg".to_owned(),
            codes: Vec::new(),
            ingredients: vec!["metformin".to_owned()],
            instruction: Some("with food".to_owned()),
            look: Look {
                form: Form::Tablet,
                colour: Colour::White,
            },
            critical: false,
            plan: vec![Revision {
                number: 1,
                from: schedule.start,
                schedule: schedule.clone(),
            }],
            status: MedicationStatus::Active {},
            authored: None,
            stock: None,
        };
        Operation {
            id: OperationId::from_uuid(Uuid::now_v7()),
            body: OperationBody::PutMedication { base: 0, medication },
        }
    }

    /// The entry that the dose due at `due` was taken.
    pub fn taken(&self, due: DateTime<Utc>, slot: &str) -> Operation {
        let local = due.with_timezone(&Tz::Africa__Lagos);
        let event = DoseEvent {
            id: DoseEventId::from_uuid(Uuid::now_v7()),
            patient: self.patient,
            medication: self.medication,
            occurrence: Some(OccurrenceKey::Wall {
                date: local.date_naive(),
                slot: slot.to_owned(),
            }),
            due: Some(due),
            what: DoseAct::Taken {
                amount: None::<Quantity>,
                override_reason: None,
            },
            at: local.fixed_offset(),
            zone: Tz::Africa__Lagos,
            recorded_at: due,
            by: self.person,
            device: self.device,
        };
        Operation {
            id: OperationId::from_uuid(Uuid::now_v7()),
            body: OperationBody::LogDose { event },
        }
    }

    /// A request in the account's name.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .header(VERSION_HEADER, API_VERSION)
            .bearer_auth(&self.access)
    }

    /// Pushes and holds that everything was applied.
    pub async fn push(&self, operations: Vec<Operation>) -> Result<()> {
        let count = operations.len();
        let answer = self
            .request(Method::POST, PUSH)
            .json(&Push { operations })
            .send()
            .await?
            .error_for_status()?;
        let pushed: Pushed = answer.json().await?;
        let applied = pushed
            .results
            .iter()
            .filter(|result| matches!(result.outcome, Outcome::Applied { .. }))
            .count();
        ensure!(applied == count, "{applied} of {count} entries were applied");
        Ok(())
    }
}

/// Twice a day since `start`.
pub fn twice_daily(start: &str) -> Result<Schedule> {
    let wire = json!({
        "zone": {"kind": "home", "tz": "Africa/Lagos"},
        "start": start, "end": null, "max_count": null,
        "rule": {"kind": "wall", "times": [{"slot": "am", "at": "08:00"}, {"slot": "pm", "at": "20:00"}], "days": {"kind": "every"}},
        "dose": {"kind": "fixed", "amount": {"value": "1", "unit": "tablet"}},
        "window": {"early_min": 60, "late_min": 60, "miss_after_min": null}
    });
    Ok(serde_json::from_value(wire)?)
}
