//! *Today*: what now, and what was already taken.

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::DoseState,
    id::PatientId,
    record::Medication,
    schedule::{Rule, as_needed::Allowance},
};

use crate::{
    ask::Fault,
    core::Core,
    dose::{
        allowance,
        slate::{Due, all_due, is_active, revision_now},
        time::{before, date_of, day, day_start, local},
    },
    host::Host,
    people::rights::may_log,
    regimen::list::{fixed_amount, name_of, row},
    replica::Chart,
    state::State,
    vault::Vault,
    view::{AsNeededView, DayPart, DayPartView, DoseView, Timing, TodayView},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// *Today* of a patient, or of the signed-in person.
    pub(crate) async fn open_today(&self, patient: Option<PatientId>) -> Result<TodayView, Fault> {
        let patient = self.patient_or_own(patient)?;
        self.ensure_held(patient).await?;
        let me = self.me()?;
        let now = self.now();
        let state = self.state.borrow();
        let zone = self.clock_of(&state, patient, now);
        let doses = doses_today(&state, patient, now, zone);
        let chart = state.replica.chart(patient);
        let today = date_of(now, zone);
        let active: Vec<_> = chart
            .into_iter()
            .flat_map(|chart| chart.medications().map(move |medication| (chart, medication)))
            .filter(|(_, medication)| is_active(medication, today))
            .collect();
        Ok(TodayView {
            patient,
            name: name_of(&state, patient),
            own: me.patient == Some(patient),
            may_log: may_log(&state, patient, now),
            now: local(now, zone),
            network: self.network(),
            attention: self.attention(&state),
            next: next(&doses).cloned(),
            parts: parts(doses, today),
            as_needed: active
                .iter()
                .filter_map(|(chart, medication)| as_needed(chart, medication, now, zone))
                .collect(),
            without_times: active
                .iter()
                .filter(|(_, medication)| medication.plan.is_empty())
                .map(|(chart, medication)| row(chart, medication, (now, zone)))
                .collect(),
            empty: active.is_empty(),
        })
    }
}

/// The doses of the local date, and those of the day before that can still be taken.
pub(crate) fn doses_today(state: &State, patient: PatientId, now: DateTime<Utc>, zone: Tz) -> Vec<DoseView> {
    let Some(chart) = state.replica.chart(patient) else {
        return Vec::new();
    };
    let today = date_of(now, zone);
    let begins = day_start(today, zone);
    all_due(chart, day_start(before(today, 1), zone)..day(today, zone).end)
        .iter()
        .filter(|due| due.occurrence.due >= begins || (due.open() && now < due.ends()))
        .map(|due| dose_view(state, due, now, zone))
        .collect()
}

/// One dose as it is shown.
pub(crate) fn dose_view(state: &State, due: &Due<'_>, now: DateTime<Utc>, zone: Tz) -> DoseView {
    let entry = due.entry();
    let medication = due.medication;
    let taken = match &due.state {
        DoseState::Taken { amount, .. } => amount.clone(),
        DoseState::Scheduled {}
        | DoseState::Notified {}
        | DoseState::NotNotified {}
        | DoseState::Snoozed { .. }
        | DoseState::Skipped { .. }
        | DoseState::Missed {}
        | DoseState::Held {} => None,
    };
    DoseView {
        medication: medication.id,
        occurrence: due.occurrence.id.clone(),
        name: medication.name.clone(),
        look: medication.look,
        amount: taken.or_else(|| due.occurrence.amount.clone()),
        instruction: medication.instruction.clone(),
        critical: medication.critical,
        due: local(due.occurrence.due, zone),
        state: due.state.clone(),
        timing: due.timing(now),
        entry,
        sent: entry.is_none_or(|entry| !state.unsent.contains(&entry.uuid())),
    }
}

/// The dose to act on: the earliest that is due or late, else the next to come.
fn next(doses: &[DoseView]) -> Option<&DoseView> {
    let open = |dose: &&DoseView| match dose.state {
        DoseState::Scheduled {} | DoseState::Notified {} | DoseState::NotNotified {} | DoseState::Snoozed { .. } => {
            true
        }
        DoseState::Taken { .. } | DoseState::Skipped { .. } | DoseState::Missed {} | DoseState::Held {} => false,
    };
    let now = |dose: &&DoseView| matches!(dose.timing, Timing::Due {} | Timing::Late { .. });
    let ahead = |dose: &&DoseView| matches!(dose.timing, Timing::Ahead { .. });
    let mut waiting = doses.iter().filter(open);
    waiting.clone().find(now).or_else(|| waiting.find(ahead))
}

fn parts(doses: Vec<DoseView>, today: chrono::NaiveDate) -> Vec<DayPartView> {
    let mut parts: Vec<DayPartView> = Vec::new();
    for dose in doses {
        let part = if dose.due.date_naive() < today {
            DayPart::Early
        } else {
            part_of(dose.due.hour())
        };
        match parts.last_mut().filter(|last| last.part == part) {
            Some(last) => last.doses.push(dose),
            None => parts.push(DayPartView {
                part,
                doses: vec![dose],
            }),
        }
    }
    parts
}

const fn part_of(hour: u32) -> DayPart {
    match hour {
        0..5 => DayPart::Early,
        5..12 => DayPart::Morning,
        12..17 => DayPart::Afternoon,
        17..21 => DayPart::Evening,
        _ => DayPart::Night,
    }
}

fn as_needed(chart: &Chart, medication: &Medication, now: DateTime<Utc>, zone: Tz) -> Option<AsNeededView> {
    let today = date_of(now, zone);
    let schedule = &revision_now(medication, today)?.schedule;
    if !schedule.is_as_needed() || today < schedule.start || schedule.end.is_some_and(|end| end < today) {
        return None;
    }
    let Rule::AsNeeded { per_min, max_count, .. } = &schedule.rule else {
        return None;
    };
    let since = now - chrono::Duration::minutes(i64::from(*per_min));
    let doses = chart.doses(medication.id);
    let last = doses.and_then(|doses| {
        let mut newest = doses.newest().filter(|event| {
            matches!(event.what, doseline_shared::dose::DoseAct::Taken { .. }) && !doses.retracted(event.id)
        });
        newest.next().map(|event| event.at.to_utc())
    });
    Some(AsNeededView {
        medication: medication.id,
        name: medication.name.clone(),
        look: medication.look,
        amount: fixed_amount(&schedule.dose),
        instruction: medication.instruction.clone(),
        last: last.map(|at| local(at, zone)),
        next_allowed: match allowance(chart, medication, schedule, None, now) {
            Allowance::Allowed | Allowance::NotBefore { at: None, .. } => None,
            Allowance::NotBefore { at: Some(at), .. } => Some(local(at, zone)),
        },
        taken: doses.map_or(0, |doses| {
            u32::try_from(doses.taken(since).iter().filter(|event| event.at > since).count()).unwrap_or(u32::MAX)
        }),
        max: *max_count,
    })
}
