//! What a draft would do: its sentence and the next due times, while it is being typed.

use chrono::{DateTime, Duration, Utc};
use doseline_shared::schedule::{Context, Schedule, expand};

use super::{
    draft::{Setting, schedule},
    when::when_text,
};
use crate::{
    ask::{Draft, Fault},
    core::Core,
    dose::time::{date_of, local},
    host::Host,
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
        Ok(match schedule(draft, &setting) {
            Ok(None) => DraftView {
                when: WhenText::NotYet {},
                next: Vec::new(),
                faults: Vec::new(),
            },
            Ok(Some(schedule)) => DraftView {
                when: when_text(&schedule, None),
                next: next_dues(&schedule, now, self.host.zone())
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

fn next_dues(schedule: &Schedule, now: DateTime<Utc>, device_zone: chrono_tz::Tz) -> Vec<DateTime<Utc>> {
    expand(schedule, now..now + Duration::days(DAYS), &Context::new(device_zone))
        .take(SHOWN)
        .map(|occurrence| occurrence.due)
        .collect()
}
