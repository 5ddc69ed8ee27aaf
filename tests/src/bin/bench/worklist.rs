//! A clinic's worklist, on the device of someone who works there: from the question to the answer that is drawn.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use doseline_client::ask::OpenWorklist;
use serde_json::{Value, json};

use doseline_tests::account::Account;
use doseline_tests::backend::{Backend, Engine};
use doseline_tests::device::Device;
use doseline_tests::seed::Seed;

use crate::backend;
use crate::table::Row;

const ADMIN: &str = "admin@bench.example";
/// A large clinic, and a small one beside it.
const MANY: usize = 500;
const FEW: usize = 50;
/// How long a new device may take to hold every record.
const PULLED: Duration = Duration::from_secs(180);

/// Measures both clinics.
pub async fn measure() -> Result<Vec<Row>> {
    let few = drawn_up(FEW).await?;
    let many = drawn_up(MANY).await?;
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    Ok(vec![
        Row::new(format!("worklist of {MANY} patients drawn up"), milliseconds(many)).beside(
            format!("of {FEW}: {}", milliseconds(few)),
            many.as_secs_f64() / few.as_secs_f64(),
        ),
    ])
}

/// The best of nine, once the device holds every record.
async fn drawn_up(patients: usize) -> Result<Duration> {
    let mut backend = Backend::start(Engine::Embedded).await;
    backend.found_clinic("Ngozi", ADMIN).await;
    backend.stop().await;
    let file = backend.folder().join("clinic.json");
    fs::write(&file, bundle(patients).to_string())?;
    let file = file.display().to_string();
    backend
        .succeed(&["import", "fhir", "--zone", "Africa/Lagos", &file])
        .await;
    backend.start_again().await;
    let staff = Account::sign_in(&backend, ADMIN).await.session.me.staff;
    let open = OpenWorklist {
        clinic: staff.first().context("the administrator works there")?.clinic,
        search: String::new(),
    };
    let program = backend::program("device")?.display().to_string();
    let device = Device::new(&program, chrono_tz::Africa::Lagos, Seed::new(1)).await;
    device.sign_in(&backend, ADMIN).await;
    device
        .until(PULLED, open.clone(), |list| list.rows.len() == patients)
        .await;
    let mut best = Duration::MAX;
    for _ in 0..9 {
        let begun = Instant::now();
        let list = device.ask(open.clone()).await;
        best = best.min(begun.elapsed());
        ensure!(list.rows.len() == patients, "{} patients are listed", list.rows.len());
    }
    Ok(best)
}

/// Patients with two daily medicines each, as another system would hand them over.
fn bundle(patients: usize) -> Value {
    let entries = (0..patients).flat_map(|number| {
        let subject = format!("urn:uuid:patient-{number}");
        let patient = json!({"fullUrl": subject, "resource": {"resourceType": "Patient", "id": format!("p{number}"),
            "name": [{"family": format!("Family{number}"), "given": ["Ada"]}], "birthDate": "1961-04-02"}});
        let medicines = ["Metformin 500 MG Oral Tablet", "Amlodipine 2.5 MG Oral Tablet"];
        let prescribed = medicines.into_iter().enumerate().map(move |(place, name)| {
            json!({"fullUrl": format!("urn:uuid:medicine-{number}-{place}"), "resource": {
                "resourceType": "MedicationRequest", "id": format!("m{number}-{place}"), "status": "active",
                "intent": "order", "subject": {"reference": subject}, "authoredOn": "2026-01-01",
                "medicationCodeableConcept": {"text": name},
                "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}]}})
        });
        std::iter::once(patient).chain(prescribed.collect::<Vec<_>>())
    });
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries.collect::<Vec<_>>()})
}
