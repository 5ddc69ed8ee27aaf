//! What a draft would do: its sentence and the next due times, while it is being typed.

use chrono::{DateTime, Duration, Utc};
use doseline_shared::{
    dose::slate,
    id::MedicationId,
    record::Medication,
    schedule::{Context, Rule, Schedule, expand},
};

use super::{
    draft::{Setting, follows, schedule},
    save::{described, first_revision},
    when::when_text,
};
use crate::{
    ask::{Draft, Fault},
    core::Core,
    dose::time::{date_of, local},
    host::Host,
    replica::Chart,
    vault::Vault,
    view::{DraftView, WhenText},
};

/// Most due times shown.
const SHOWN: usize = 12;
/// How far ahead they are looked for.
const DAYS: i64 = 14;

impl<H: Host, V: Vault> Core<H, V> {
    /// What a draft would do, in the signed-in person's own zone where they are a patient.
    pub(crate) fn preview_draft(&self, draft: &Draft) -> Result<DraftView, Fault> {
        let me = self.me()?;
        let state = self.state.borrow();
        let zone = me
            .patient
            .map_or_else(|| self.host.zone(), |patient| self.zone_of(&state, patient));
        let now = self.host.now();
        let setting = Setting {
            zone,
            today: date_of(now, zone),
            before: None,
        };
        let chart = me.patient.and_then(|patient| state.replica.chart(patient));
        // A draft has no identity yet, so nothing can follow it.
        let id = MedicationId::from_uuid(uuid::Uuid::nil());
        let read = schedule(draft, &setting).and_then(|schedule| {
            follows(id, schedule.as_ref(), chart).map_err(|fault| vec![fault])?;
            Ok(schedule)
        });
        Ok(match read {
            Ok(None) => DraftView {
                when: WhenText::NotYet {},
                next: Vec::new(),
                faults: Vec::new(),
            },
            Ok(Some(schedule)) => DraftView {
                when: when_text(&schedule, chart),
                next: next_dues(draft, &schedule, chart, now, self.host.zone())
                    .into_iter()
                    .map(|due| local(due, zone))
                    .collect(),
                faults: Vec::new(),
            },
            Err(faults) => DraftView {
                when: WhenText::NotYet {},
                next: Vec::new(),
                faults,
            },
        })
    }
}

fn next_dues(
    draft: &Draft,
    schedule: &Schedule,
    chart: Option<&Chart>,
    now: DateTime<Utc>,
    device_zone: chrono_tz::Tz,
) -> Vec<DateTime<Utc>> {
    let range = now..now + Duration::days(DAYS);
    match (&schedule.rule, chart) {
        (Rule::After { .. }, Some(chart)) => {
            let medication = Medication {
                plan: vec![first_revision(schedule.clone(), schedule.start)],
                ..described(draft)
            };
            let dues = slate::due(chart, &medication, range, device_zone);
            dues.iter().take(SHOWN).map(|due| due.occurrence.due).collect()
        }
        (Rule::After { .. } | Rule::Wall { .. } | Rule::Elapsed { .. } | Rule::AsNeeded { .. }, _) => {
            expand(schedule, range, &Context::new(device_zone))
                .take(SHOWN)
                .map(|occurrence| occurrence.due)
                .collect()
        }
    }
}
