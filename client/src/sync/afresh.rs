//! A backend that was restored from a backup lacks what came after it. The device fetches everything again, and sends
//! again what the person had recorded and the backend no longer has.

use std::collections::{HashMap, HashSet};

use doseline_shared::{
    api::{ErrorCode, sync::OperationBody},
    id::{MedicationId, OperationId, PatientId},
    order,
    record::{Medication, Record, RecordKind},
};
use uuid::Uuid;

use super::page::Page;
use crate::{
    ask::Fault,
    cache::{Batch, Pending},
    core::Core,
    host::Host,
    people::rights::may_edit,
    state::{State, edited, value},
    vault::Vault,
};

/// What a fetch from the beginning has found.
#[derive(Default)]
pub(super) struct Afresh {
    seen: HashSet<Uuid>,
    /// Medications that the backend has in an older version than the device.
    older: HashMap<MedicationId, Medication>,
}

impl Afresh {
    /// Notes what a page holds, and takes out what would replace something newer.
    pub(super) fn note(&mut self, page: &mut Page, state: &State) {
        page.records.retain(|record| {
            self.seen.insert(record.id());
            let Record::Medication(theirs) = record else {
                return true;
            };
            let ours = state
                .replica
                .stored(theirs.patient, RecordKind::Medication, theirs.id.uuid());
            let older = ours.is_some_and(|ours| ours.version() > theirs.version);
            if older {
                self.older.insert(theirs.id, theirs.clone());
            } else {
                self.older.remove(&theirs.id);
            }
            !older
        });
    }
}

impl<H: Host, V: Vault> Core<H, V> {
    /// Forgets where the feeds stood. The records stay and serve until they have been compared.
    pub(super) async fn begin_afresh(&self) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        let mut batch = Batch {
            values: vec![(value::FEED.to_owned(), None), (value::SCOPE.to_owned(), None)],
            ..Batch::default()
        };
        for (patient, _) in self.state.borrow().replica.charts() {
            batch.values.push((value::held(patient), None));
            batch.values.push((value::cursor(patient), None));
            batch.values.push((value::afresh(patient), Some("1".to_owned())));
        }
        self.commit(batch).await
    }

    /// Makes operations of what the backend lacks.
    pub(super) async fn end_afresh(&self, patient: PatientId, afresh: Afresh) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        let batch = self.made_again(patient, &afresh)?;
        tracing::info!(sync.again = batch.pending.len(), "a patient was fetched afresh");
        self.commit(batch).await
    }

    fn made_again(&self, patient: PatientId, afresh: &Afresh) -> Result<Batch, Fault> {
        let me = self.me()?;
        let mut batch = Batch {
            values: vec![
                (value::afresh(patient), None),
                (value::held(patient), Some("1".to_owned())),
            ],
            ..Batch::default()
        };
        let pending = |body, base| Pending {
            id: OperationId::from_uuid(self.new_id()),
            person: me.person,
            body,
            base,
            trouble: None,
        };
        let state = self.state.borrow();
        let Some(chart) = state.replica.chart(patient) else {
            return Err(Fault::of(ErrorCode::NotFound));
        };
        let waiting: HashSet<_> = state.mine().map(|pending| edited(&pending.body).id()).collect();
        let editable = may_edit(&state, patient, self.host.now());
        for ours in chart.stored_medications() {
            let theirs = match (afresh.older.get(&ours.id), afresh.seen.contains(&ours.id.uuid())) {
                (Some(theirs), _) => Some(theirs.clone()),
                (None, true) => continue,
                (None, false) => None,
            };
            if editable && !waiting.contains(&ours.id.uuid()) {
                let body = OperationBody::PutMedication {
                    base: theirs.as_ref().map_or(0, |theirs| theirs.version),
                    medication: ours.clone(),
                };
                batch
                    .pending
                    .push(pending(body, theirs.clone().map(Record::Medication)));
            }
            match theirs {
                Some(theirs) => batch.put.push(Record::Medication(theirs)),
                None => batch.remove.push((RecordKind::Medication, ours.id.uuid())),
            }
        }
        let mut lost: Vec<_> = chart
            .stored_events()
            .filter(|event| event.by == me.person && !afresh.seen.contains(&event.id.uuid()))
            .filter(|event| !waiting.contains(&event.id.uuid()))
            .collect();
        order::by_key(&mut lost, |event| (event.recorded_at, event.id));
        for event in lost {
            batch
                .pending
                .push(pending(OperationBody::LogDose { event: event.clone() }, None));
        }
        let mut lost: Vec<_> = chart
            .stored_stock()
            .filter(|entry| entry.by == me.person && !afresh.seen.contains(&entry.id.uuid()))
            .filter(|entry| !waiting.contains(&entry.id.uuid()))
            .collect();
        lost.sort_by_key(|entry| (entry.recorded_at, entry.id));
        for entry in lost {
            batch
                .pending
                .push(pending(OperationBody::LogStock { entry: entry.clone() }, None));
        }
        let mut lost: Vec<_> = chart
            .stored_side_effects()
            .filter(|entry| entry.by == me.person && !afresh.seen.contains(&entry.id.uuid()))
            .filter(|entry| !waiting.contains(&entry.id.uuid()))
            .collect();
        order::by_key(&mut lost, |entry| (entry.recorded_at, entry.id));
        for entry in lost {
            batch
                .pending
                .push(pending(OperationBody::LogSideEffect { entry: entry.clone() }, None));
        }
        Ok(batch)
    }
}
