//! Records a dose taken as needed, after its limits have been checked.

use chrono::{DateTime, Duration, Utc};
use doseline_shared::{
    api::ErrorCode,
    dose::DoseAct,
    quantity::Quantity,
    record::Medication,
    safety::share_an_ingredient,
    schedule::{
        Dose, Rule, Schedule,
        as_needed::{Allowance, PastDose, check},
    },
};

use super::{slate::revision_now, time::date_of};
use crate::{
    ask::{Fault, LogAsNeeded},
    core::Core,
    host::Host,
    people::rights::may_log,
    replica::Chart,
    vault::Vault,
    view::LoggedView,
};

/// A second tap within this time on the same medicine is the same dose.
pub(crate) const DOUBLE_TAP_S: i64 = 2;

impl<H: Host, V: Vault> Core<H, V> {
    /// Records a dose taken as needed.
    ///
    /// # Errors
    /// `AboveLimit`, with the time of the next allowed dose, where a limit would be passed and no reason is given.
    pub(crate) async fn log_as_needed(&self, ask: LogAsNeeded) -> Result<LoggedView, Fault> {
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let event = {
            let state = self.state.borrow();
            if !may_log(&state, ask.patient, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            let medication = chart.medication(ask.medication).ok_or(Fault::of(ErrorCode::NotFound))?;
            let zone = chart.patient().map_or_else(|| self.host.zone(), |patient| patient.zone);
            let schedule = revision_now(medication, date_of(now, zone))
                .map(|revision| &revision.schedule)
                .filter(|schedule| schedule.is_as_needed())
                .ok_or_else(|| Fault::field("medication"))?;
            let last = chart.doses(medication.id).and_then(|doses| {
                let just_now = now - Duration::seconds(DOUBLE_TAP_S);
                doses
                    .newest()
                    .take_while(|event| event.recorded_at > just_now)
                    .find(|event| {
                        event.occurrence.is_none()
                            && matches!(event.what, DoseAct::Taken { .. })
                            && !doses.retracted(event.id)
                    })
            });
            if let Some(last) = last {
                return Ok(self.logged(last.id, now));
            }
            let reason = ask
                .override_reason
                .map(|reason| reason.trim().to_owned())
                .filter(|reason| !reason.is_empty());
            let allowance = allowance(chart, medication, schedule, ask.amount.as_ref(), now);
            let override_reason = match allowance {
                Allowance::Allowed => None,
                Allowance::NotBefore { at, .. } => match reason {
                    Some(reason) => Some(reason),
                    None => return Err(Fault::above_limit(at)),
                },
            };
            let taken = DoseAct::Taken {
                amount: ask.amount,
                override_reason,
            };
            self.event(ask.patient, ask.medication, None, taken, now)?
        };
        let id = event.id;
        self.record(vec![event]).await?;
        Ok(self.logged(id, now))
    }
}

/// Whether a dose may be taken now, held against what was taken of everything that shares an ingredient.
pub(crate) fn allowance(
    chart: &Chart,
    medication: &Medication,
    schedule: &Schedule,
    amount: Option<&Quantity>,
    now: DateTime<Utc>,
) -> Allowance {
    let Rule::AsNeeded {
        min_gap_min, per_min, ..
    } = &schedule.rule
    else {
        return Allowance::Allowed;
    };
    let since = now - Duration::minutes(i64::from(*min_gap_min.max(per_min)));
    let past: Vec<PastDose> = chart
        .medications()
        .filter(|other| other.id == medication.id || share_an_ingredient(medication, other))
        .flat_map(|other| past_doses(chart, other, since))
        .collect();
    check(schedule, amount, &past, now)
}

/// The doses of a medication that were taken since, each with its amount where it is known.
fn past_doses(chart: &Chart, medication: &Medication, since: DateTime<Utc>) -> Vec<PastDose> {
    let Some(doses) = chart.doses(medication.id) else {
        return Vec::new();
    };
    doses
        .taken(since)
        .into_iter()
        .map(|event| {
            let entered = match &event.what {
                DoseAct::Taken { amount, .. } => amount.clone(),
                DoseAct::Notified {}
                | DoseAct::NotNotified { .. }
                | DoseAct::Skipped { .. }
                | DoseAct::Snoozed { .. }
                | DoseAct::Missed {}
                | DoseAct::Held {}
                | DoseAct::Retracted { .. } => None,
            };
            let date = event.at.date_naive();
            PastDose {
                at: event.at.to_utc(),
                amount: entered.or_else(|| planned_amount(medication, date)),
            }
        })
        .collect()
}

/// The amount that the plan names for a local date.
fn planned_amount(medication: &Medication, date: chrono::NaiveDate) -> Option<Quantity> {
    let schedule = &revision_now(medication, date)?.schedule;
    let day = (date - schedule.start).num_days();
    match &schedule.dose {
        Dose::Fixed { amount } => Some(amount.clone()),
        Dose::Taper { steps } => steps
            .iter()
            .rev()
            .find(|step| i64::from(step.from_day) <= day)
            .map(|step| step.amount.clone()),
        Dose::Table { days } => {
            let length = i64::try_from(days.len()).ok().filter(|length| *length > 0)?;
            days.get(usize::try_from(day.rem_euclid(length)).ok()?).cloned()
        }
        Dose::Ask {} => None,
    }
}
