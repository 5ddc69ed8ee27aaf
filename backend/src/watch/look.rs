//! Looks at patients: reads each and asks the domain what has passed. Writes nothing.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::watch::{Findings, Watched, look};

use super::{Watcher, chart::Chart};
use crate::store::{
    StoreError, Tx,
    watch::{Moment, Turn},
};

/// When a patient is looked at again whose records cannot be read.
const UNREADABLE: TimeDelta = TimeDelta::hours(1);

/// A patient who was looked at.
#[derive(Clone)]
pub(super) struct Looked {
    pub turn: Turn,
    /// Where the patient's chain ended at that time.
    pub link: u64,
    pub findings: Findings,
    pub moment: Moment,
}

impl Watcher {
    /// Looks at these patients on one snapshot.
    pub(super) async fn look(&self, turns: Vec<Turn>) -> Result<Vec<Looked>, StoreError> {
        let now = self.now();
        self.store
            .read(async move |tx: &mut Tx| {
                let mut all = Vec::with_capacity(turns.len());
                for turn in &turns {
                    all.push(match Chart::load(tx, turn.patient, now).await {
                        Ok(chart) => at(*turn, &chart, now),
                        Err(StoreError::Damaged(what)) => {
                            // One patient whose records are damaged must not keep the others from being watched.
                            tracing::error!(store.damaged = what, "a patient cannot be watched");
                            unreadable(*turn, now)
                        }
                        Err(error) => return Err(error),
                    });
                }
                Ok(all)
            })
            .await
    }
}

fn at(turn: Turn, chart: &Chart, now: DateTime<Utc>) -> Looked {
    let owned = chart.patient.as_ref().filter(|patient| patient.person.is_some());
    let since = owned.map(|_| turn.since.unwrap_or(now));
    let findings = match (owned, since) {
        (Some(patient), Some(since)) => look(
            &Watched {
                patient,
                regimen: chart,
                grants: &chart.grants,
                rules: &chart.rules,
                alerts: &chart.alerts,
                since,
            },
            now,
        ),
        (None, _) | (_, None) => Findings::default(),
    };
    let moment = Moment {
        next: findings.next.map(|next| next.at),
        critical: findings.next.is_some_and(|next| next.critical),
        heed: findings.heed,
        since,
    };
    Looked {
        turn,
        link: chart.link,
        findings,
        moment,
    }
}

fn unreadable(turn: Turn, now: DateTime<Utc>) -> Looked {
    Looked {
        turn,
        link: 0,
        findings: Findings::default(),
        moment: Moment {
            next: Some(now + UNREADABLE),
            critical: false,
            heed: false,
            since: turn.since,
        },
    }
}
