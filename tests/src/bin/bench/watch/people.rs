//! The patients of the simulated week, their doses, and what their devices log.

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_backend::store::{
    self, Store, StoreError, Tx,
    person::Person,
    record::{self, Writer},
};
use doseline_shared::{
    dose::{DoseAct, DoseEvent},
    id::{DeviceId, DoseEventId, GrantId, MedicationId, PatientId, PersonId},
    quantity::Quantity,
    record::{Colour, Form, Grant, Grantee, Look, Medication, MedicationStatus, Patient, Record, Revision, Scope},
    schedule::{Days, Dose, OccurrenceKey, Rule, Schedule, SlotTime, Window, Zone},
    zone,
};
use doseline_tests::seed::Seed;
use uuid::Uuid;

/// How long it is simulated.
pub const DAYS: i64 = 7;
/// Where everyone lives.
pub const ZONE: Tz = Tz::Europe__Paris;
/// A dose counts as missed so many minutes after it was due.
pub const MISSED_AFTER: u32 = 240;
/// Of a hundred doses, those that nobody logs, and of a hundred medications, those that are dangerous to miss.
const FORGOTTEN: u64 = 8;
const CRITICAL: u64 = 10;

/// One dose of the week.
pub struct DoseOfWeek {
    /// When it is due.
    pub due: DateTime<Utc>,
    /// Whose, by the place in the list.
    pub patient: u32,
    /// Of which medication.
    pub medication: MedicationId,
    /// Its identity.
    pub key: OccurrenceKey,
    /// When it was logged; none where nobody did.
    pub logged: Option<DateTime<Utc>>,
    /// Whether it is dangerous to miss.
    pub critical: bool,
}

/// The patients, each with someone who cares and two medications, and every dose of their week.
pub async fn people(
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
                travels: Vec::new(),
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
pub async fn log(store: &Store, ids: &[(PatientId, Grantee)], doses: &[DoseOfWeek]) -> Result<()> {
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
            since: None,
            schedule,
        }],
        status: MedicationStatus::Active {},
        authored: None,
        stock: None,
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
        first: None,
    }
}

const fn writer(at: DateTime<Utc>) -> Writer {
    Writer::system(at, "the bench")
}
