//! Writing an intake into the store, in one transaction.

use chrono::{DateTime, Utc};
use doseline_shared::{
    id::GrantId,
    merge,
    record::{Grant, Grantee, Medication, MedicationStatus, Patient, Record, RecordKind, Scope, Version},
    schedule::{Rule, Schedule},
};

use super::{
    fhir::{Note, Place, Taken},
    report::Did,
};
use crate::{
    fault::Fault,
    random,
    store::{
        self, Store, Tx,
        access::System,
        record::{Put, Writer},
    },
};

type Applied = (Vec<(RecordKind, Did)>, Vec<(String, Note)>);

/// Writes the records of one file.
pub(super) async fn apply(store: &Store, place: Place, records: Vec<Taken>) -> Result<Applied, Fault> {
    store
        .write(async move |tx: &mut Tx| {
            let writer = Writer::system(place.now, "import from another system");
            let mut did = Vec::with_capacity(records.len());
            let mut notes = Vec::new();
            for taken in &records {
                let done = one(tx, &writer, place, &taken.record).await?;
                if done == Did::Kept {
                    notes.push((taken.source.clone(), Note::Kept));
                }
                did.push((taken.record.kind(), done));
                if let Record::Patient(patient) = &taken.record {
                    reach(tx, &writer, place, patient).await?;
                }
            }
            Ok((did, notes))
        })
        .await
}

/// Writes one record: new, merged with what is there, or not at all.
async fn one(tx: &mut Tx, writer: &Writer, place: Place, incoming: &Record) -> Result<Did, Fault> {
    let system = System::new("import: what is there of a resource that is imported again");
    let current = store::record::get(tx, &system, incoming.kind(), incoming.id()).await?;
    let Some(current) = current else {
        if matches!(incoming, Record::Medication(medication) if medication.status != MedicationStatus::Active {}) {
            return Ok(Did::Left);
        }
        store::imported::put(tx, place.clinic, incoming).await?;
        written(store::record::put(tx, writer, 0, incoming.clone()).await?)?;
        return Ok(Did::Added);
    };
    let base = store::imported::get(tx, &system, incoming.id()).await?;
    let base = base.unwrap_or_else(|| current.clone());
    let incoming = as_before(&base, incoming);
    if incoming == base {
        return Ok(Did::Unchanged);
    }
    let merged = merged(&base, &incoming, &current);
    store::imported::put(tx, place.clinic, &incoming).await?;
    match merged {
        None => Ok(Did::Kept),
        Some(merged) if same(&merged, &current) => Ok(Did::Unchanged),
        Some(merged) => {
            written(store::record::put(tx, writer, current.version(), merged).await?)?;
            Ok(Did::Changed)
        }
    }
}

/// `incoming` without what differs only because it was imported on another day.
fn as_before(base: &Record, incoming: &Record) -> Record {
    match (base, incoming) {
        (Record::Medication(base), Record::Medication(incoming)) => {
            let mut incoming = incoming.clone();
            let same_plan = match (base.plan.as_slice(), incoming.plan.as_slice()) {
                ([.., old], [new]) => undated(&old.schedule) == undated(&new.schedule),
                ([], []) => true,
                _ => false,
            };
            if same_plan {
                incoming.plan.clone_from(&base.plan);
            } else if let ([.., last], [new]) = (base.plan.as_slice(), incoming.plan.as_mut_slice()) {
                // A changed timing holds from today on; the past stays as it was prescribed then.
                let mut plan = base.plan.clone();
                new.number = last.number + 1;
                new.since = last.since;
                plan.push(new.clone());
                incoming.plan = plan;
            }
            match (base.status, incoming.status) {
                (MedicationStatus::Stopped { .. }, MedicationStatus::Stopped { .. }) => incoming.status = base.status,
                (MedicationStatus::Active {}, _) | (_, MedicationStatus::Active {}) => {}
            }
            // Times that it says no more are its past, which is not taken away.
            if incoming.plan.is_empty() {
                incoming.plan.clone_from(&base.plan);
            }
            Record::Medication(Medication {
                version: base.version,
                ..incoming
            })
        }
        // The zone is the import's own setting, and a person is linked in Doseline only.
        (Record::Patient(base), Record::Patient(incoming)) => Record::Patient(Patient {
            zone: base.zone,
            person: base.person,
            version: base.version,
            ..incoming.clone()
        }),
        _ => incoming.clone(),
    }
}

/// A schedule as it would be if it began at no date.
fn undated(schedule: &Schedule) -> Schedule {
    let mut schedule = schedule.clone();
    schedule.start = chrono::NaiveDate::MIN;
    match &mut schedule.rule {
        Rule::Elapsed { anchor, .. } => *anchor = DateTime::<Utc>::UNIX_EPOCH,
        Rule::Wall { .. } | Rule::After { .. } | Rule::AsNeeded { .. } => {}
    }
    schedule
}

/// What both sides come to; none where both changed the same.
fn merged(base: &Record, incoming: &Record, current: &Record) -> Option<Record> {
    match (base, incoming, current) {
        (Record::Patient(base), Record::Patient(incoming), Record::Patient(current)) => {
            merge::patient(base, incoming, current).ok().map(Record::Patient)
        }
        (Record::Allergy(base), Record::Allergy(incoming), Record::Allergy(current)) => {
            merge::allergy(base, incoming, current).ok().map(Record::Allergy)
        }
        (Record::Condition(base), Record::Condition(incoming), Record::Condition(current)) => {
            merge::condition(base, incoming, current).ok().map(Record::Condition)
        }
        (Record::Medication(base), Record::Medication(incoming), Record::Medication(current)) => {
            merge::medication(base, incoming, current).ok().map(Record::Medication)
        }
        (Record::Dispense(base), Record::Dispense(incoming), Record::Dispense(current)) => {
            merge::dispense(base, incoming, current).ok().map(Record::Dispense)
        }
        _ => None,
    }
}

/// Whether two records say the same, whatever their versions.
fn same(merged: &Record, current: &Record) -> bool {
    let mut merged = merged.clone();
    let version = current.version();
    match &mut merged {
        Record::Patient(record) => record.version = version,
        Record::Allergy(record) => record.version = version,
        Record::Condition(record) => record.version = version,
        Record::Medication(record) => record.version = version,
        Record::Grant(record) => record.version = version,
        Record::AlertRule(record) => record.version = version,
        Record::Alert(record) => record.version = version,
        Record::Dispense(record) => record.version = version,
        Record::DoseEvent(_) | Record::StockEntry(_) | Record::SideEffectEntry(_) => {}
    }
    merged == *current
}

/// Lets the clinic reach a patient that it has imported. Once: a patient who has ended that keeps it ended.
async fn reach(tx: &mut Tx, writer: &Writer, place: Place, patient: &Patient) -> Result<(), Fault> {
    let system = System::new("import: whether the clinic ever had a grant of this patient");
    let to = Grantee::Clinic { clinic: place.clinic };
    let grants = store::grant::of_patient(tx, &system, patient.id).await?;
    if grants.iter().any(|grant| grant.to == to) {
        return Ok(());
    }
    let name = store::clinic::by_id(tx, place.clinic)
        .await?
        .ok_or(Fault::NotFound)?
        .name;
    let grant = Grant {
        id: random::id(place.now, GrantId::new),
        patient: patient.id,
        version: 0,
        to,
        name,
        scope: Scope::Manage,
        from: place.now,
        until: None,
        ended_at: None,
    };
    written(store::grant::put(tx, writer, 0, grant).await?)?;
    Ok(())
}

fn written(put: Put) -> Result<Version, Fault> {
    match put {
        Put::Written(version) => Ok(version),
        Put::Moved(_) => Err(Fault::Unavailable { retry_after: 1 }),
    }
}
