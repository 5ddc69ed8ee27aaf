//! Reminders: what should be announced now, when to look again, and the doses that passed with no entry.
//!
//! Only for the signed-in person's own medicines. The host owns the timer and the notifications; what they mean for the
//! record is decided here.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use doseline_shared::{
    dose::{Closing, DoseAct, DoseEvent, DoseState, NotNotified, SYSTEM_DEVICE, closing_id},
    id::{MedicationId, PatientId},
    quantity::Quantity,
    schedule::OccurrenceKey,
};
use serde::{Deserialize, Serialize};

use crate::{
    ask::Fault,
    cache::Batch,
    core::Core,
    dose::slate::{Due, all_due, find},
    host::Host,
    state::value,
    vault::Vault,
};

/// How far back a device closes doses after it was away; what lies further back stays unknown.
const LOOK_BACK: TimeDelta = Duration::hours(48);
/// How far ahead the next moment is looked for.
const LOOK_AHEAD: TimeDelta = Duration::hours(48);

/// What should be announced, and when to look again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminders {
    /// Every dose that should have a notification standing, the earliest first.
    pub due: Vec<Reminder>,
    /// When this can next change by time alone.
    pub wake: Option<DateTime<Utc>>,
}

/// A dose to announce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Whose.
    pub patient: PatientId,
    /// The medication.
    pub medication: MedicationId,
    /// The due time's identity.
    pub occurrence: OccurrenceKey,
    /// The medication's name.
    pub name: String,
    /// How much; none where the patient enters it.
    pub amount: Option<Quantity>,
    /// What to heed.
    pub instruction: Option<String>,
    /// When it is due.
    pub due: DateTime<Utc>,
}

impl<H: Host, V: Vault> Core<H, V> {
    /// What should be announced at `now`. Records on the way what `now` has closed: doses whose time has passed with no
    /// entry.
    ///
    /// # Errors
    /// None at present: where the cache refuses those entries, reminders go on, and they are made at the next call.
    pub async fn reminders(&self, now: DateTime<Utc>) -> Result<Reminders, Fault> {
        let own = self.state.borrow().me().and_then(|me| me.patient);
        let Some(patient) = own.filter(|_| self.is_open()) else {
            return Ok(Reminders::default());
        };
        self.close_own(now).await;
        let state = self.state.borrow();
        let Some(chart) = state.replica.chart(patient) else {
            return Ok(Reminders::default());
        };
        let dues = all_due(chart, now - LOOK_BACK..now + LOOK_AHEAD);
        let mut due: Vec<_> = dues
            .iter()
            .filter(|due| stands(due, now))
            .map(|due| reminder(patient, due))
            .collect();
        if !state.preferences.remind {
            due.clear();
        }
        let wake = dues.iter().flat_map(turning_points).filter(|at| *at > now).min();
        Ok(Reminders { due, wake })
    }

    /// Records that a reminder was shown, or why it was not; once for each occurrence.
    ///
    /// # Errors
    /// The cache refused.
    pub async fn reminded(&self, reminder: &Reminder, shown: Result<(), NotNotified>) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        let event = {
            let state = self.state.borrow();
            let chart = state.replica.chart(reminder.patient);
            let medication = chart.and_then(|chart| chart.medication(reminder.medication));
            let (Some(chart), Some(medication)) = (chart, medication) else {
                return Ok(());
            };
            let Some(due) = find(chart, medication, &reminder.occurrence, now) else {
                return Ok(());
            };
            let device = self.device()?;
            let already = due.events.iter().any(|event| match (&event.what, shown) {
                (DoseAct::Notified {}, _) => true,
                (DoseAct::NotNotified { .. }, Err(_)) => event.device == device,
                _ => false,
            });
            if already || !due.open() {
                return Ok(());
            }
            let what = match shown {
                Ok(()) => DoseAct::Notified {},
                Err(reason) => DoseAct::NotNotified { reason },
            };
            let occurrence = Some((reminder.occurrence.clone(), reminder.due));
            self.event(reminder.patient, reminder.medication, occurrence, what, now)?
        };
        self.record(vec![event]).await
    }

    /// Closes what has passed of the signed-in person's own doses. Where the cache refuses, the next call does it.
    pub(crate) async fn close_own(&self, now: DateTime<Utc>) {
        let own = self.state.borrow().me().and_then(|me| me.patient);
        let Some(patient) = own else {
            return;
        };
        if let Err(fault) = self.close_passed(patient, now).await {
            tracing::warn!(cache.fault = fault.code.name(), "passed doses could not be recorded");
        }
    }

    /// Records what became of the doses whose time has passed with no entry: missed, or never announced because this
    /// device was asleep or off. Two devices make the same entry of the same dose.
    async fn close_passed(&self, patient: PatientId, now: DateTime<Utc>) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        if !self.state.borrow().held(patient) {
            // Before the record is whole, no entry says nothing.
            return Ok(());
        }
        let closed = self.value(&value::closed(patient));
        let from = match closed
            .and_then(|text| text.parse().ok())
            .and_then(DateTime::from_timestamp_millis)
        {
            Some(closed) => closed.max(now - LOOK_BACK),
            // From now on this device watches; what was before is not for it to say.
            None => now,
        };
        if from > now {
            return Ok(());
        }
        let events = {
            let state = self.state.borrow();
            let Some(chart) = state.replica.chart(patient) else {
                return Ok(());
            };
            let reminds = self.host.can_remind() && state.preferences.remind;
            // A dose due two days ago can still have been open until a moment ago.
            let mut events = Vec::new();
            for due in all_due(chart, from - LOOK_BACK..now) {
                let passed = from < due.ends() && due.ends() <= now;
                let announced = due
                    .events
                    .iter()
                    .any(|event| matches!(event.what, DoseAct::Notified {} | DoseAct::Snoozed { .. }));
                let unheard = reminds && !announced;
                // The backend's watch has seen the time pass, and could not know that nobody was reminded.
                let by_watch = matches!(due.state, DoseState::Missed {})
                    && due.events.iter().any(|event| event.device == SYSTEM_DEVICE);
                let unanswered = due.open() || by_watch && unheard;
                if !passed || !unanswered || matches!(due.state, DoseState::NotNotified {}) || !due.expected() {
                    continue;
                }
                let what = match unheard {
                    true => DoseAct::NotNotified {
                        reason: NotNotified::Asleep,
                    },
                    false => DoseAct::Missed {},
                };
                events.push(self.closing(patient, &due, what)?);
            }
            events
        };
        let mark = (value::closed(patient), Some(now.timestamp_millis().to_string()));
        if !events.is_empty() {
            self.record(events).await?;
        } else if (now - from) < Duration::minutes(10) && self.value(&value::closed(patient)).is_some() {
            // Nothing was closed, and it costs nothing to look at these minutes again.
            return Ok(());
        }
        self.commit(Batch {
            values: vec![mark],
            ..Batch::default()
        })
        .await
    }

    /// An entry whose identity follows from the dose.
    fn closing(&self, patient: PatientId, due: &Due<'_>, what: DoseAct) -> Result<DoseEvent, Fault> {
        let occurrence = Some((due.occurrence.id.clone(), due.occurrence.due));
        let closing = match what {
            DoseAct::Missed {} => Closing::Missed,
            DoseAct::Held {} => Closing::Held,
            DoseAct::NotNotified { .. }
            | DoseAct::Notified {}
            | DoseAct::Taken { .. }
            | DoseAct::Skipped { .. }
            | DoseAct::Snoozed { .. }
            | DoseAct::Retracted { .. } => Closing::NotNotified,
        };
        let id = closing_id(due.medication.id, &due.occurrence.id, closing);
        let event = self.event(patient, due.medication.id, occurrence, what, due.misses_at)?;
        Ok(DoseEvent { id, ..event })
    }
}

/// Whether a notification of this dose should stand.
fn stands(due: &Due<'_>, now: DateTime<Utc>) -> bool {
    if !due.open() || now < due.occurrence.due || now >= due.ends() || !due.expected() {
        return false;
    }
    match due.state {
        DoseState::Snoozed { until } => until <= now,
        DoseState::Scheduled {} | DoseState::Notified {} | DoseState::NotNotified {} => true,
        DoseState::Taken { .. } | DoseState::Skipped { .. } | DoseState::Missed {} | DoseState::Held {} => false,
    }
}

/// When what is announced of this dose changes by time alone.
fn turning_points(due: &Due<'_>) -> Vec<DateTime<Utc>> {
    if !due.open() {
        return Vec::new();
    }
    let mut points = vec![due.occurrence.due, due.ends()];
    if let DoseState::Snoozed { until } = due.state {
        points.push(until);
    }
    points
}

fn reminder(patient: PatientId, due: &Due<'_>) -> Reminder {
    Reminder {
        patient,
        medication: due.medication.id,
        occurrence: due.occurrence.id.clone(),
        name: due.medication.name.clone(),
        amount: due.occurrence.amount.clone(),
        instruction: due.medication.instruction.clone(),
        due: due.occurrence.due,
    }
}
