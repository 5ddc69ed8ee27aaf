//! Writes what a look has found, and the patient's next moment, in one transaction; or only the moments of many.

use chrono::{DateTime, Utc};
use doseline_shared::{
    dose::SYSTEM_DEVICE,
    record::{Record, Version},
};

use super::{Watcher, look::Looked};
use crate::store::{
    self, StoreError, Tx,
    record::Writer,
    watch::{Moment, Turn},
};

/// What was written of one patient: the moments at which it should have been.
#[derive(Default)]
pub(super) struct Written {
    pub missed: Vec<DateTime<Utc>>,
    pub raised: Vec<DateTime<Utc>>,
    pub changed: usize,
}

impl Watcher {
    /// Writes what was found, unless the patient's record has moved on since or another backend has taken over: then the
    /// patient is looked at again.
    pub(super) async fn write(&self, looked: Looked) -> Result<Written, StoreError> {
        let (node, at) = (self.node.clone(), self.now());
        self.store
            .write(async move |tx: &mut Tx| {
                let turn = looked.turn;
                if !store::watch::unchanged(tx, &node, turn.patient, looked.link).await? {
                    store::watch::let_one_go(tx, &node, turn.patient).await?;
                    return Ok(Written::default());
                }
                let writer = Writer {
                    device: Some(SYSTEM_DEVICE),
                    ..Writer::system(at, "the watch over missed doses")
                };
                for (base, record) in records(&looked) {
                    // The record has not moved on, so nothing stands in the way.
                    store::record::put(tx, &writer, base, record).await?;
                }
                store::watch::settle(tx, &node, &[(turn, looked.moment)]).await?;
                let findings = &looked.findings;
                Ok(Written {
                    missed: findings.missed.iter().map(|event| event.at.to_utc()).collect(),
                    raised: findings.raised.iter().map(|(_, moment)| *moment).collect(),
                    changed: findings.changed.len(),
                })
            })
            .await
    }

    /// Writes the next moments of patients of whom nothing was found.
    pub(super) async fn settle(&self, mut quiet: Vec<(Turn, Moment)>) -> Result<(), StoreError> {
        if quiet.is_empty() {
            return Ok(());
        }
        // In the order in which the feed touches them, so that the two never wait for each other in a ring.
        quiet.sort_unstable_by_key(|(turn, _)| turn.patient);
        let node = self.node.clone();
        self.store
            .write(async move |tx: &mut Tx| store::watch::settle(tx, &node, &quiet).await)
            .await
    }
}

fn records(looked: &Looked) -> Vec<(Version, Record)> {
    let findings = &looked.findings;
    let missed = findings
        .missed
        .iter()
        .map(|event| (0, Record::DoseEvent(event.clone())));
    let raised = findings
        .raised
        .iter()
        .map(|(alert, _)| (0, Record::Alert(alert.clone())));
    let changed = findings
        .changed
        .iter()
        .map(|alert| (alert.version, Record::Alert(alert.clone())));
    missed.chain(raised).chain(changed).collect()
}
