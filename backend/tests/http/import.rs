//! Importing FHIR bundles: real input, twice, changed, malformed.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use doseline_backend::import::{Did, ImportError, Report, import_fhir};
use doseline_shared::id::ClinicId;
use serde_json::{Value, json};

use crate::world::{Someone, World, synthea, twice_daily};

async fn import(world: &World, file: &Path, clinic: ClinicId) -> Result<Report, ImportError> {
    let store = &world.running.app.store;
    import_fhir(store, &world.clock(), file, clinic, chrono_tz::America::New_York).await
}

/// The records of all patients that `who` sees, by type.
async fn all(world: &World, who: &Someone, kind: &str) -> Vec<Value> {
    let pulled: Value = world.get("/v1/sync/changes", who).await.ok();
    let mut all = std::collections::BTreeMap::new();
    for patient in pulled["scope"]["patients"].as_array().unwrap() {
        let patient = serde_json::from_value(patient.clone()).unwrap();
        for record in world.pull(who, patient).await {
            if record["type"] == kind {
                all.insert(record["id"].to_string(), record);
            }
        }
    }
    all.into_values().collect()
}

fn named<'a>(records: &'a [Value], name: &str) -> Vec<&'a Value> {
    records
        .iter()
        .filter(|record| record["name"].as_str().unwrap().starts_with(name))
        .collect()
}

#[tokio::test]
async fn the_three_bundles_become_patients_with_what_was_prescribed() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let begun = world.now();
    let mut left = 0;
    for file in synthea() {
        let report = import(&world, &file, clinic).await.unwrap();
        left += report.left.values().sum::<usize>() + report.left_each.len();
        let text = report.to_string();
        assert!(
            text.contains("Observation: ") && text.contains("not used by Doseline"),
            "{text}"
        );
    }
    // Every resource is accounted for: those of the four types that are read, and all others with a reason.
    let count = |kind: &str| {
        let text: String = synthea()
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect();
        text.matches(&format!("\"resourceType\": \"{kind}\"")).count()
    };
    let patients = all(&world, &admin, "patient").await;
    let medications = all(&world, &admin, "medication").await;
    let (allergies, conditions) = (
        all(&world, &admin, "allergy").await,
        all(&world, &admin, "condition").await,
    );
    assert_eq!(patients.len(), 3);
    assert_eq!(medications.len() + 3, count("MedicationRequest"), "three are stopped");
    assert_eq!(allergies.len(), count("AllergyIntolerance"));
    assert_eq!(conditions.len(), count("Condition"));
    let read = patients.len() + medications.len() + allergies.len() + conditions.len();
    assert_eq!(read + left, total(), "imported and left out make the whole");
    assert!(
        patients
            .iter()
            .any(|patient| patient["name"] == "Dennis Durgan" && patient["zone"] == "America/New_York")
    );

    let today = world.now().with_timezone(&chrono_tz::America::New_York).date_naive();
    for daily in named(&medications, "24 HR metoprolol") {
        let schedule = &daily["plan"][0]["schedule"];
        assert_eq!(schedule["rule"]["times"], json!([{"slot": "am", "at": "08:00"}]));
        assert_eq!(schedule["start"], json!(today), "followed from the import on");
        let since: DateTime<Utc> = serde_json::from_value(daily["plan"][0]["since"].clone()).unwrap();
        assert!(
            begun <= since && since <= world.now(),
            "no dose is expected from before the import: {since}"
        );
        assert_eq!(schedule["dose"]["amount"], json!({"value": "1", "unit": "tablet"}));
        assert_eq!(daily["ingredients"], json!(["metoprolol"]));
    }
    assert_eq!(named(&medications, "24 HR metoprolol").len(), 3);
    let six_hourly = named(&medications, "Acetaminophen 325 MG / oxyCODONE")[0];
    assert_eq!(six_hourly["plan"][0]["schedule"]["rule"]["every_min"], 360);
    assert_eq!(six_hourly["ingredients"], json!(["paracetamol", "oxycodone"]));
    let needed = named(&medications, "200 ACTUAT Albuterol")[0];
    assert_eq!(needed["plan"][0]["schedule"]["rule"]["kind"], "as_needed");
    assert_eq!(needed["look"]["form"], "inhaler");
    for untimed in named(&medications, "Hydrochlorothiazide") {
        assert_eq!(untimed["plan"], json!([]), "no times set yet");
    }
    // What is prescribed is due today or tomorrow.
    for medication in &medications {
        let medication: doseline_shared::record::Medication = {
            let mut bare = medication.clone();
            bare.as_object_mut().unwrap().remove("type");
            serde_json::from_value(bare).unwrap()
        };
        let range = world.now()..world.now() + TimeDelta::days(2);
        let due = doseline_shared::schedule::plan_occurrences(&medication, range, chrono_tz::Tz::UTC.into(), &[]);
        let rule = medication.plan.first().map(|revision| &revision.schedule.rule);
        let timed = !matches!(rule, None | Some(doseline_shared::schedule::Rule::AsNeeded { .. }));
        assert_eq!(!due.is_empty(), timed, "{}", medication.name);
    }
}

fn total() -> usize {
    synthea()
        .iter()
        .map(|file| {
            let bundle: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            bundle["entry"].as_array().unwrap().len()
        })
        .sum()
}

#[tokio::test]
async fn importing_twice_changes_nothing_even_on_another_day() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    for file in synthea() {
        import(&world, &file, clinic).await.unwrap();
    }
    let before: Value = world.get("/v1/sync/changes", &admin).await.ok();
    world.pass(TimeDelta::days(3));
    let admin = world.sign_in("Admin").await;
    for file in synthea() {
        let report = import(&world, &file, clinic).await.unwrap();
        assert_eq!(
            (
                report.count(Did::Added),
                report.count(Did::Changed),
                report.count(Did::Kept)
            ),
            (0, 0, 0)
        );
        assert!(report.count(Did::Unchanged) > 0);
    }
    let cursor = before["cursor"].as_str().unwrap();
    let after: Value = world
        .get(&format!("/v1/sync/changes?after={cursor}"), &admin)
        .await
        .ok();
    assert_eq!(after["changes"], json!([]));
}

/// A small bundle that a test can change.
fn bundle() -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "1",
            "name": [{"family": "Obi", "given": ["Ada"]}], "birthDate": "1961-04-02"}},
        {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "MedicationRequest", "id": "2", "status": "active",
            "intent": "order", "subject": {"reference": "urn:uuid:1"}, "authoredOn": "2026-01-01",
            "medicationCodeableConcept": {"text": "Metformin 500 MG Oral Tablet"}}},
        {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "MedicationRequest", "id": "3", "status": "active",
            "intent": "order", "subject": {"reference": "urn:uuid:1"}, "authoredOn": "2026-01-01",
            "medicationReference": {"reference": "urn:uuid:4"},
            "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 2.5, "unit": "mg"}}]}]}},
        {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "Medication", "id": "4",
            "code": {"text": "Amlodipine 2.5 MG Oral Tablet"}}},
        {"fullUrl": "urn:uuid:5", "resource": {"resourceType": "Observation", "id": "5"}},
    ]})
}

fn write(world: &World, bundle: &Value) -> std::path::PathBuf {
    let path = world
        .folder
        .path()
        .join(format!("bundle{}.json", crate::world::number()));
    std::fs::write(&path, bundle.to_string()).unwrap();
    path
}

#[tokio::test]
async fn a_changed_file_does_not_take_back_what_was_completed() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let nurse = world.staff(clinic, &admin, "Nurse", "nurse").await;
    import(&world, &write(&world, &bundle()), clinic).await.unwrap();
    let medications = all(&world, &nurse, "medication").await;
    let metformin = named(&medications, "Metformin")[0].clone();
    assert_eq!(named(&medications, "Amlodipine").len(), 1, "by reference");

    // The nurse gives times to what has none.
    let mut completed = metformin.clone();
    completed.as_object_mut().unwrap().remove("type");
    completed["plan"] = json!([{"number": 1, "from": "2026-03-01", "schedule": twice_daily()}]);
    let put = json!({"kind": "put_medication", "base": 1, "medication": completed});
    assert_eq!(world.push_new(&nurse, &put).await["kind"], "applied");

    // The other system corrects the name, changes one timing, and sends all again.
    let mut changed = bundle();
    changed["entry"][1]["resource"]["medicationCodeableConcept"]["text"] = json!("metFORMIN 500 MG Oral Tablet");
    changed["entry"][2]["resource"]["dosageInstruction"][0]["timing"]["repeat"]["frequency"] = json!(2);
    world.pass(TimeDelta::days(1));
    let nurse = world.sign_in("Nurse").await;
    let report = import(&world, &write(&world, &changed), clinic).await.unwrap();
    assert_eq!(
        (report.count(Did::Changed), report.count(Did::Kept)),
        (2, 0),
        "{report}"
    );
    let medications = all(&world, &nurse, "medication").await;
    let metformin = named(&medications, "metFORMIN")[0];
    assert_eq!(
        metformin["plan"][0]["schedule"]["rule"]["times"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let amlodipine = named(&medications, "Amlodipine")[0];
    assert_eq!(
        amlodipine["plan"].as_array().unwrap().len(),
        2,
        "the past stays as it was prescribed then"
    );
    assert_eq!(amlodipine["plan"][1]["number"], 2);

    // It now gives times of its own to what the nurse has given times: hers stand, and the report says so.
    changed["entry"][1]["resource"]["dosageInstruction"] =
        json!([{"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}]);
    let report = import(&world, &write(&world, &changed), clinic).await.unwrap();
    assert_eq!(
        (report.count(Did::Changed), report.count(Did::Kept)),
        (0, 1),
        "{report}"
    );

    // A timing that is sent no more does not take the times away.
    let mut bare = changed.clone();
    bare["entry"][2]["resource"]
        .as_object_mut()
        .unwrap()
        .remove("dosageInstruction");
    let report = import(&world, &write(&world, &bare), clinic).await.unwrap();
    assert_eq!(report.count(Did::Changed), 0, "{report}");

    // And stops one.
    changed["entry"][2]["resource"]["status"] = json!("stopped");
    let report = import(&world, &write(&world, &changed), clinic).await.unwrap();
    assert_eq!(report.count(Did::Changed), 1, "{report}");
    let medications = all(&world, &nurse, "medication").await;
    assert_eq!(named(&medications, "Amlodipine")[0]["status"]["kind"], "stopped");
}

#[tokio::test]
async fn what_is_longer_than_a_record_may_hold_is_cut_off_and_named() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    let mut long = bundle();
    let (name, code) = ("Ọlá ".repeat(200), "7".repeat(300));
    long["entry"][0]["resource"]["name"][0]["text"] = json!(name);
    let concept =
        json!({"text": name, "coding": [{"system": "urn:oid:1", "code": code}, {"system": "urn:oid:1", "code": "7"}]});
    long["entry"][1]["resource"]["medicationCodeableConcept"] = concept;
    long["entry"][2]["resource"]["dosageInstruction"][0]["text"] = json!("x".repeat(5_000));
    let report = import(&world, &write(&world, &long), clinic).await.unwrap();
    let text = report.to_string();
    assert_eq!(text.matches("was cut off there").count(), 3, "{text}");

    let patients = all(&world, &admin, "patient").await;
    let medications = all(&world, &admin, "medication").await;
    for record in [&patients[0], named(&medications, "Ọlá")[0]] {
        let kept = record["name"].as_str().unwrap();
        assert!(kept.chars().count() <= 200 && kept.ends_with('…'), "{kept}");
    }
    assert_eq!(
        named(&medications, "Ọlá")[0]["codes"],
        json!([{"system": "urn:oid:1", "code": "7"}])
    );
    // It is a record like any other: it can be edited, and the same file changes nothing.
    let doctor = world.staff(clinic, &admin, "Doctor", "doctor").await;
    let mut edited = named(&medications, "Ọlá")[0].clone();
    edited.as_object_mut().unwrap().remove("type");
    edited["critical"] = json!(true);
    let put = json!({"kind": "put_medication", "base": 1, "medication": edited});
    assert_eq!(world.push_new(&doctor, &put).await["kind"], "applied");
    let report = import(&world, &write(&world, &long), clinic).await.unwrap();
    assert_eq!(
        (report.count(Did::Changed), report.count(Did::Kept)),
        (0, 0),
        "{report}"
    );
}

#[tokio::test]
async fn a_malformed_file_is_refused_with_its_path_and_leaves_nothing_behind() {
    let world = World::new().await;
    let (clinic, admin) = world.clinic("Harmony", "Admin").await;
    type Spoil = fn(&mut Value);
    let cases: [(Spoil, &str); 8] = [
        (|b| b["resourceType"] = json!("Patient"), "resourceType"),
        (|b| b["type"] = json!("nonsense"), "type"),
        (
            |b| b["entry"][4] = json!({"fullUrl": "urn:uuid:5"}),
            "entry[4].resource",
        ),
        (
            |b| b["entry"][0]["resource"]["birthDate"] = json!("02.04.1961"),
            "entry[0].resource.birthDate",
        ),
        (
            |b| b["entry"][0]["resource"]["name"] = json!([]),
            "entry[0].resource.name",
        ),
        (
            |b| b["entry"][1]["resource"]["status"] = json!("going on"),
            "entry[1].resource.status",
        ),
        (
            |b| b["entry"][2]["resource"]["dosageInstruction"][0]["timing"]["repeat"]["frequency"] = json!("daily"),
            "entry[2].resource.dosageInstruction[0].timing.repeat.frequency",
        ),
        (
            |b| {
                b["entry"][1].as_object_mut().unwrap().remove("fullUrl");
                b["entry"][1]["resource"].as_object_mut().unwrap().remove("id");
            },
            "entry[1]",
        ),
    ];
    for (spoil, path) in cases {
        let mut bundle = bundle();
        spoil(&mut bundle);
        let file = write(&world, &bundle);
        match import(&world, &file, clinic).await {
            Err(ImportError::Malformed { path: of, fault }) => {
                assert_eq!(of, file);
                assert!(fault.path.starts_with(path), "{} is not {path}", fault.path);
                assert!(
                    !fault.to_string().contains("1961"),
                    "the content of a field is not repeated: {fault}"
                );
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    let cut = world.folder.path().join("cut.json");
    let whole = std::fs::read_to_string(&synthea()[0]).unwrap();
    std::fs::write(&cut, whole.chars().take(whole.len() / 2).collect::<String>()).unwrap();
    let refused = import(&world, &cut, clinic).await.err().unwrap().to_string();
    assert!(refused.contains("cut.json") && refused.contains("line "), "{refused}");
    let pulled: Value = world.get("/v1/sync/changes", &admin).await.ok();
    assert_eq!(pulled["scope"]["patients"], json!([]));
}
