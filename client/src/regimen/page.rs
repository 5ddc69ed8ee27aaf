//! A medicine's page: its schedule, the next due times, four weeks of history, the latest entries.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    access::Action,
    api::ErrorCode,
    dose::{DoseAct, DoseEvent, Doses},
    record::Medication,
    schedule::{Dose, Schedule},
};

use super::{draft, list::row};
use crate::{
    ask::{Draft, Fault, OpenMedicine},
    caregiver::measure::{DAYS, history, taking, weeks},
    core::Core,
    dose::{
        slate::{Regimen, due, revision_now},
        time::{date_of, local},
    },
    feel::listed,
    host::Host,
    interaction::met_by,
    people::rights::{may, may_log},
    replica::Chart,
    state::State,
    vault::Vault,
    view::{EntryView, Mark, MedicineView, NextDose},
};

/// Due times shown.
const NEXT: usize = 6;
/// How far ahead they are looked for, in days.
const AHEAD: i64 = 35;
/// Entries shown.
const ENTRIES: usize = 50;

impl<H: Host, V: Vault> Core<H, V> {
    /// A medicine's page.
    pub(crate) async fn open_medicine(&self, ask: OpenMedicine) -> Result<MedicineView, Fault> {
        let patient = self.patient_or_own(ask.patient)?;
        self.ensure_held(patient).await?;
        let now = self.host.now();
        let state = self.state.borrow();
        let zone = self.clock_of(&state, patient, now);
        let home = self.zone_of(&state, patient);
        let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
        let medication = chart.medication(ask.medication).ok_or(Fault::of(ErrorCode::NotFound))?;
        let today = date_of(now, zone);
        let schedule = revision_now(medication, today).map(|revision| &revision.schedule);
        let completes = medication.plan.is_empty() && may(&state, patient, Action::CompleteTimes, now);
        let only = [medication];
        let last = ask.until.map_or(today, |until| until.min(today));
        Ok(MedicineView {
            patient,
            row: row(chart, medication, (now, zone)),
            schedule: schedule.cloned(),
            draft: draft_of(medication, today, home),
            interactions: met_by(&state, chart, medication.id, now, today),
            next: next(chart, medication, schedule, NEXT, now, zone),
            history: history(chart, &only, last, DAYS, zone),
            entries: chart
                .doses(medication.id)
                .map(|doses| entries(&state, chart, medication, doses, now, zone))
                .unwrap_or_default(),
            taking: taking(chart, &only, last, DAYS, now, zone),
            weeks: weeks(chart, &only, today, now, zone),
            side_effects: listed(&state, chart, |one| one.concerns(medication)),
            may_log: may_log(&state, patient, now),
            may_edit: completes || may(&state, patient, Action::EditRegimen, now),
            network: self.network(),
        })
    }
}

/// The next `most` doses that are open, on the clock of a zone. The amount is told
/// where it changes.
pub(super) fn next(
    regimen: &impl Regimen,
    medication: &Medication,
    schedule: Option<&Schedule>,
    most: usize,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<NextDose> {
    let changes = schedule.is_some_and(|schedule| matches!(schedule.dose, Dose::Taper { .. } | Dose::Table { .. }));
    due(regimen, medication, now..now + Duration::days(AHEAD))
        .iter()
        .filter(|due| due.open())
        .take(most)
        .map(|due| NextDose {
            at: local(due.occurrence.due, zone),
            amount: due.occurrence.amount.clone().filter(|_| changes),
        })
        .collect()
}

/// A draft to edit the medicine from.
fn draft_of(medication: &Medication, today: chrono::NaiveDate, zone: Tz) -> Draft {
    let schedule = revision_now(medication, today).map(|revision| &revision.schedule);
    Draft {
        name: medication.name.clone(),
        instruction: medication.instruction.clone(),
        look: medication.look,
        critical: medication.critical,
        ingredients: medication.ingredients.clone(),
        dose: draft::dose(schedule),
        when: draft::when(schedule, zone),
        start: schedule.map(|schedule| schedule.start),
        end: schedule.and_then(|schedule| schedule.end),
        max_count: schedule.and_then(|schedule| schedule.max_count),
        travels: draft::travels(schedule),
    }
}

fn entries(
    state: &State,
    chart: &Chart,
    medication: &Medication,
    doses: &Doses,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<EntryView> {
    let shown: Vec<&DoseEvent> = doses
        .newest()
        .filter(|event| mark_of(&event.what).is_some())
        .take(ENTRIES)
        .collect();
    let Some(oldest) = shown.iter().filter_map(|event| event.due).min() else {
        return shown
            .into_iter()
            .filter_map(|event| entry(state, doses, event, false, zone))
            .collect();
    };
    let dues = due(chart, medication, oldest..now + Duration::days(2));
    let late = |event: &DoseEvent| {
        dues.iter()
            .find(|due| Some(&due.occurrence.id) == event.occurrence.as_ref())
            .is_some_and(|due| due.mark() == Mark::TakenLate || event.at >= due.misses_at)
    };
    shown
        .into_iter()
        .filter_map(|event| entry(state, doses, event, late(event), zone))
        .collect()
}

fn entry(state: &State, doses: &Doses, event: &DoseEvent, late: bool, zone: Tz) -> Option<EntryView> {
    let mark = mark_of(&event.what)?;
    Some(EntryView {
        event: event.id,
        mark: if late && mark == Mark::Taken {
            Mark::TakenLate
        } else {
            mark
        },
        due: event.due.map(|due| local(due, zone)),
        at: event.at,
        amount: match &event.what {
            DoseAct::Taken { amount, .. } => amount.clone(),
            DoseAct::Notified {}
            | DoseAct::NotNotified { .. }
            | DoseAct::Skipped { .. }
            | DoseAct::Snoozed { .. }
            | DoseAct::Missed {}
            | DoseAct::Held {}
            | DoseAct::Retracted { .. } => None,
        },
        retracted: doses.retracted(event.id),
        sent: !state.unsent.contains(&event.id.uuid()),
    })
}

/// The dot of an entry that people care to see in a history.
const fn mark_of(what: &DoseAct) -> Option<Mark> {
    match what {
        DoseAct::Taken { .. } => Some(Mark::Taken),
        DoseAct::Skipped { .. } => Some(Mark::Skipped),
        DoseAct::Missed {} => Some(Mark::Missed),
        DoseAct::NotNotified { .. } => Some(Mark::NotNotified),
        DoseAct::Held {} => Some(Mark::Held),
        DoseAct::Notified {} | DoseAct::Snoozed { .. } | DoseAct::Retracted { .. } => None,
    }
}
