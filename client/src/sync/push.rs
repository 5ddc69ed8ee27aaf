//! Sending: operations in the order they were made, in batches, each until the backend has answered for it.

use std::collections::{HashMap, HashSet};

use doseline_shared::{
    api::{
        ErrorCode,
        sync::{MAX_OPERATIONS, Operation, OperationBody, Outcome, PUSH, Push, Pushed},
    },
    id::OperationId,
    merge,
    record::{Record, Version},
};

use crate::{
    ask::Fault,
    cache::{Batch, Pending, Trouble},
    core::Core,
    host::Host,
    state::{State, edited},
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Sends what waits. Ends where nothing more can go out by itself.
    pub(super) async fn push(&self) -> Result<(), Fault> {
        let Some(_pushing) = self.pushing.try_lock() else {
            // Someone is at it, and goes on until nothing is left.
            return Ok(());
        };
        let mut tried = HashSet::new();
        loop {
            let sitting = self.sitting.get();
            let operations = sendable(&self.state.borrow(), &tried);
            if operations.is_empty() {
                return Ok(());
            }
            tried.extend(operations.iter().map(|operation| operation.id));
            let pushed: Pushed = self.post(PUSH, &Push { operations }).await?;
            let _writing = self.writing.lock().await;
            if sitting != self.sitting.get() {
                return Err(Fault::of(ErrorCode::SignedOut));
            }
            let mut settled = Settled::default();
            for result in pushed.results {
                let pending = self
                    .state
                    .borrow()
                    .mine()
                    .find(|pending| pending.id == result.id)
                    .cloned();
                if let Some(pending) = pending {
                    settled.take(pending, result.outcome, &self.state.borrow(), || {
                        OperationId::from_uuid(self.new_id())
                    });
                }
            }
            let unavailable = settled.unavailable;
            let batch = settled.into_batch(&self.state.borrow());
            self.commit(batch).await?;
            if let Some(code) = unavailable {
                return Err(Fault::of(code));
            }
        }
    }
}

/// The operations that can go out now. Of edits of one record only the first: the next builds on its result.
fn sendable(state: &State, tried: &HashSet<OperationId>) -> Vec<Operation> {
    let mut edited_records = HashSet::new();
    state
        .mine()
        .filter(|pending| match &pending.body {
            OperationBody::LogDose { .. } | OperationBody::LogStock { .. } | OperationBody::LogSideEffect { .. } => {
                true
            }
            OperationBody::PutMedication { .. }
            | OperationBody::PutPatient { .. }
            | OperationBody::PutAllergy { .. }
            | OperationBody::PutAlertRule { .. }
            | OperationBody::AckAlert { .. }
            | OperationBody::PutDispense { .. } => edited_records.insert(edited(&pending.body).id()),
        })
        .filter(|pending| pending.trouble.is_none() && !tried.contains(&pending.id))
        .take(MAX_OPERATIONS)
        .map(|pending| Operation {
            id: pending.id,
            body: pending.body.clone(),
        })
        .collect()
}

/// What the results of a push come to.
#[derive(Default)]
struct Settled {
    batch: Batch,
    /// By record: what later edits of the same record start from.
    moved: HashMap<uuid::Uuid, Record>,
    unavailable: Option<ErrorCode>,
}

impl Settled {
    fn take(&mut self, mut pending: Pending, outcome: Outcome, state: &State, new_id: impl FnOnce() -> OperationId) {
        match outcome {
            Outcome::Applied { version } => {
                let record = at_version(edited(&pending.body), version, state);
                self.moved.insert(record.id(), record.clone());
                self.batch.acknowledged.push(pending.id);
                self.put(record, state);
            }
            Outcome::Conflict { current } => {
                self.put(current.as_ref().clone(), state);
                let mine = at_version(edited(&pending.body), current.version(), state);
                if is_entry(&mine) || mine == *current {
                    // Another device of this person has made the same entry.
                    self.moved.insert(current.id(), *current);
                    self.batch.acknowledged.push(pending.id);
                } else if let Some(body) = merged(&pending, &current) {
                    self.batch.acknowledged.push(pending.id);
                    self.batch.pending.push(Pending {
                        id: new_id(),
                        body,
                        base: Some(*current),
                        ..pending
                    });
                } else {
                    pending.trouble = Some(Trouble::Conflict { current });
                    self.batch.pending.push(pending);
                }
            }
            Outcome::Refused { code, .. } if matches!(code, ErrorCode::Unavailable | ErrorCode::Internal) => {
                self.unavailable = Some(code);
            }
            Outcome::Refused { code, .. } => {
                pending.trouble = Some(Trouble::Refused { code });
                self.batch.pending.push(pending);
            }
        }
    }

    fn put(&mut self, record: Record, state: &State) {
        let newer = state
            .replica
            .stored(record.patient(), record.kind(), record.id())
            .is_none_or(|stored| stored.version() <= record.version());
        if newer {
            self.batch.put.push(record);
        }
    }

    /// Later edits of a record that has moved start from where it is now. They were never sent, so they keep their ids.
    fn into_batch(mut self, state: &State) -> Batch {
        let settled: HashSet<_> = self
            .batch
            .acknowledged
            .iter()
            .copied()
            .chain(self.batch.pending.iter().map(|pending| pending.id))
            .collect();
        for pending in state.mine().filter(|pending| !settled.contains(&pending.id)) {
            if let Some(record) = self.moved.get(&edited(&pending.body).id())
                && !is_entry(record)
            {
                self.batch.pending.push(Pending {
                    body: from_version(pending.body.clone(), record.version()),
                    base: Some(record.clone()),
                    ..pending.clone()
                });
            }
        }
        self.batch
    }
}

/// Whether it is an entry, which is never changed.
fn is_entry(record: &Record) -> bool {
    matches!(
        record,
        Record::DoseEvent(_) | Record::StockEntry(_) | Record::SideEffectEntry(_)
    )
}

/// What both sides come to together, as an edit of `current`; none where a person has to say.
fn merged(pending: &Pending, current: &Record) -> Option<OperationBody> {
    let base_version = current.version();
    match (&pending.body, pending.base.as_ref()?, current) {
        (OperationBody::PutMedication { medication, .. }, Record::Medication(base), Record::Medication(current)) => {
            let medication = merge::medication(base, medication, current).ok()?;
            Some(OperationBody::PutMedication {
                base: base_version,
                medication,
            })
        }
        (OperationBody::PutPatient { patient, .. }, Record::Patient(base), Record::Patient(current)) => {
            let patient = merge::patient(base, patient, current).ok()?;
            Some(OperationBody::PutPatient {
                base: base_version,
                patient,
            })
        }
        (OperationBody::PutAllergy { allergy, .. }, Record::Allergy(base), Record::Allergy(current)) => {
            let allergy = merge::allergy(base, allergy, current).ok()?;
            Some(OperationBody::PutAllergy {
                base: base_version,
                allergy,
            })
        }
        (OperationBody::PutAlertRule { rule, .. }, Record::AlertRule(base), Record::AlertRule(current)) => {
            let rule = merge::alert_rule(base, rule, current).ok()?;
            Some(OperationBody::PutAlertRule {
                base: base_version,
                rule,
            })
        }
        (OperationBody::AckAlert { alert, .. }, Record::Alert(base), Record::Alert(current)) => {
            let alert = merge::alert(base, alert, current).ok()?;
            Some(OperationBody::AckAlert {
                base: base_version,
                alert,
            })
        }
        (OperationBody::PutDispense { dispense, .. }, Record::Dispense(base), Record::Dispense(current)) => {
            let dispense = merge::dispense(base, dispense, current).ok()?;
            Some(OperationBody::PutDispense {
                base: base_version,
                dispense,
            })
        }
        _ => None,
    }
}

/// The record with the version that the backend gave it. Whose account a patient is stays as the backend has it.
fn at_version(mut record: Record, version: Version, state: &State) -> Record {
    match &mut record {
        Record::Patient(patient) => {
            patient.version = version;
            if let Some(stored) = state.replica.chart(patient.id).and_then(|chart| chart.patient()) {
                patient.person = stored.person;
            }
        }
        Record::Medication(medication) => medication.version = version,
        Record::Allergy(allergy) => allergy.version = version,
        Record::AlertRule(rule) => rule.version = version,
        Record::Alert(alert) => alert.version = version,
        Record::Dispense(dispense) => dispense.version = version,
        Record::Condition(_)
        | Record::DoseEvent(_)
        | Record::Grant(_)
        | Record::StockEntry(_)
        | Record::SideEffectEntry(_) => {}
    }
    record
}

/// The operation as an edit of this version.
pub(super) fn from_version(body: OperationBody, base: Version) -> OperationBody {
    match body {
        OperationBody::LogDose { event } => OperationBody::LogDose { event },
        OperationBody::PutMedication { medication, .. } => OperationBody::PutMedication { base, medication },
        OperationBody::PutPatient { patient, .. } => OperationBody::PutPatient { base, patient },
        OperationBody::PutAllergy { allergy, .. } => OperationBody::PutAllergy { base, allergy },
        OperationBody::PutAlertRule { rule, .. } => OperationBody::PutAlertRule { base, rule },
        OperationBody::AckAlert { alert, .. } => OperationBody::AckAlert { base, alert },
        OperationBody::PutDispense { dispense, .. } => OperationBody::PutDispense { base, dispense },
        OperationBody::LogStock { entry } => OperationBody::LogStock { entry },
        OperationBody::LogSideEffect { entry } => OperationBody::LogSideEffect { entry },
    }
}
