//! Adds a medicine, or edits one: a change of times holds from today on and leaves the past alone.

use chrono::{DateTime, NaiveDate, Utc};
use doseline_shared::{
    access::Action,
    api::{ErrorCode, sync::OperationBody},
    id::MedicationId,
    record::{Medication, MedicationStatus, Record, RecordKind, Revision},
    schedule::Schedule,
};

use super::draft::{self, Setting};
use crate::{
    ask::{Draft, Fault, OpenMedicine, SaveMedicine},
    core::Core,
    dose::{slate::revision_now, time::date_of},
    host::Host,
    people::rights::{clinic_for, may},
    vault::Vault,
    view::MedicineView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Adds a medicine, or edits one from today on.
    ///
    /// # Errors
    /// The first field at fault; `Forbidden` where the person may not change this regimen.
    pub(crate) async fn save_medicine(&self, ask: SaveMedicine) -> Result<MedicineView, Fault> {
        let patient = self.patient_or_own(ask.patient)?;
        self.ensure_held(patient).await?;
        let id = {
            let _writing = self.writing.lock().await;
            let now = self.now();
            let medication = {
                let state = self.state.borrow();
                let zone = self.zone_of(&state, patient);
                let today = date_of(now, zone);
                let before = match ask.medication {
                    Some(id) => Some(
                        state
                            .replica
                            .chart(patient)
                            .and_then(|chart| chart.medication(id))
                            .ok_or(Fault::of(ErrorCode::NotFound))?,
                    ),
                    None => None,
                };
                let completes = before.is_some_and(|before| before.plan.is_empty());
                let allowed = may(&state, patient, Action::EditRegimen, now)
                    || completes && may(&state, patient, Action::CompleteTimes, now);
                if !allowed {
                    return Err(Fault::of(ErrorCode::Forbidden));
                }
                let setting = Setting {
                    zone,
                    today,
                    before: before
                        .and_then(|before| revision_now(before, today))
                        .map(|revision| &revision.schedule),
                };
                let schedule = draft::schedule(&ask.draft, &setting).map_err(draft::first)?;
                let id = match before {
                    Some(before) => before.id,
                    None => MedicationId::from_uuid(self.new_id()),
                };
                draft::follows(id, schedule.as_ref(), state.replica.chart(patient))?;
                let medication = applied(before, &ask.draft, schedule, today, now);
                match before {
                    Some(_) => medication,
                    None => Medication {
                        id,
                        patient,
                        clinic: clinic_for(&state, patient, now),
                        authored: Some(now),
                        ..medication
                    },
                }
            };
            let id = medication.id;
            self.put_medication(medication).await?;
            id
        };
        self.open_medicine(OpenMedicine {
            patient: Some(patient),
            medication: id,
            until: None,
        })
        .await
    }

    /// Writes a medication and its way to the backend in one batch. The caller holds `writing`.
    pub(super) async fn put_medication(&self, medication: Medication) -> Result<(), Fault> {
        let (patient, id) = (medication.patient, medication.id);
        let (base, version) = {
            let state = self.state.borrow();
            let stored = state.replica.stored(patient, RecordKind::Medication, id.uuid());
            let version = stored.as_ref().map_or(0, Record::version);
            // An edit on top of one that still waits starts from that one.
            let waiting = state
                .replica
                .chart(patient)
                .and_then(|chart| chart.medication(id))
                .cloned();
            (waiting.map(Record::Medication).or(stored), version)
        };
        let same = matches!(&base, Some(Record::Medication(base)) if *base == medication);
        if same {
            return Ok(());
        }
        let edit = OperationBody::PutMedication {
            base: version,
            medication,
        };
        self.enqueue([(edit, base)]).await
    }
}

/// The medicine as the draft says. A new one has no identity yet.
pub(super) fn applied(
    before: Option<&Medication>,
    draft: &Draft,
    schedule: Option<Schedule>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Medication {
    match before {
        Some(before) => edit(before, draft, schedule, today, now),
        None => Medication {
            plan: schedule
                .into_iter()
                .map(|schedule| first_revision(schedule, today, now))
                .collect(),
            ..described(draft)
        },
    }
}

/// The medicine as edited. Times that have changed make a new revision from today on.
fn edit(
    before: &Medication,
    draft: &Draft,
    schedule: Option<Schedule>,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Medication {
    let mut plan = before.plan.clone();
    let held = revision_now(before, today).map(|revision| &revision.schedule);
    if let Some(schedule) = schedule
        && held != Some(&schedule)
    {
        let number = plan.iter().map(|revision| revision.number).max().unwrap_or(0) + 1;
        let revision = match plan.is_empty() {
            true => first_revision(schedule, today, now),
            false => Revision {
                number,
                from: today.max(schedule.start),
                since: None,
                schedule,
            },
        };
        // One that has not begun yet is replaced; its number is not used again.
        plan.retain(|other| other.from <= revision.from);
        plan.push(revision);
    }
    Medication {
        id: before.id,
        patient: before.patient,
        clinic: before.clinic,
        version: before.version,
        codes: before.codes.clone(),
        plan,
        status: before.status,
        authored: before.authored,
        stock: before.stock.clone(),
        ..described(draft)
    }
}

/// A first plan holds from its start, which may lie in the past: what was taken before it was entered can be logged. Only
/// what is due from now on is expected.
fn first_revision(schedule: Schedule, today: NaiveDate, now: DateTime<Utc>) -> Revision {
    Revision {
        number: 1,
        from: schedule.start.min(today),
        since: Some(now),
        schedule,
    }
}

/// What the draft says of the medicine itself. The rest of the fields are for the caller to fill.
pub(super) fn described(draft: &Draft) -> Medication {
    let nil = uuid::Uuid::nil();
    Medication {
        id: MedicationId::from_uuid(nil),
        patient: doseline_shared::id::PatientId::from_uuid(nil),
        clinic: None,
        version: 0,
        name: draft.name.trim().to_owned(),
        codes: Vec::new(),
        ingredients: draft::ingredients(draft),
        instruction: draft
            .instruction
            .as_ref()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty()),
        look: draft.look,
        critical: draft.critical,
        plan: Vec::new(),
        status: MedicationStatus::Active {},
        authored: None,
        stock: None,
    }
}
