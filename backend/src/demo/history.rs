//! What Ada has logged in four weeks: mostly in time, now and then late, left out or missed, as people do.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::{DoseAct, DoseEvent},
    id::{DoseEventId, MedicationId, PatientId, SideEffectEntryId},
    quantity::Quantity,
    record::{Medication, Report, Severity, SideEffectAct, SideEffectEntry, Symptom},
    schedule::{Occurrence, plan_occurrences},
};

use crate::{app::Caller, random};

/// The events of every occurrence that is closed by now, and a few doses for pain.
pub(super) fn of(medications: &[Medication], ada: Caller, zone: Tz, now: DateTime<Utc>) -> Vec<DoseEvent> {
    let mut events = Vec::new();
    for (place, medication) in medications.iter().enumerate() {
        let write = |occurrence: Option<&Occurrence>, what, at: DateTime<Utc>| DoseEvent {
            id: random::id(at, DoseEventId::new),
            patient: medication.patient,
            medication: medication.id,
            occurrence: occurrence.map(|occurrence| occurrence.id.clone()),
            due: occurrence.map(|occurrence| occurrence.due),
            what,
            at: at.with_timezone(&zone).fixed_offset(),
            zone,
            recorded_at: at,
            by: ada.person,
            device: ada.device,
        };
        let last = medication.plan.last();
        if last.is_some_and(|revision| revision.schedule.is_as_needed()) {
            for (days, hour) in [(20, 14), (19, 9), (11, 19), (3, 16)] {
                let at = now - TimeDelta::days(days) - TimeDelta::hours(hour % 7);
                let what = DoseAct::Taken {
                    amount: Some(Quantity::new(500, "mg")),
                    override_reason: None,
                };
                events.push(write(None, what, at));
            }
            continue;
        }
        let from = now - TimeDelta::days(40);
        let closed = plan_occurrences(medication, from..now - TimeDelta::hours(4), zone.into(), &[]);
        for (number, occurrence) in closed.iter().enumerate() {
            let (what, after) = happened(place, number);
            events.push(write(
                Some(occurrence),
                what,
                occurrence.due + TimeDelta::minutes(after),
            ));
        }
    }
    events.sort_by_key(|event| event.recorded_at);
    events
}

/// What Ada has felt for eleven days, and which medicine she suspects.
pub(super) fn felt(
    patient: PatientId,
    suspected: Option<MedicationId>,
    ada: Caller,
    zone: Tz,
    now: DateTime<Utc>,
) -> SideEffectEntry {
    let at = now - TimeDelta::days(11);
    let recorded_at = at.with_timezone(&zone).fixed_offset();
    let report = Report {
        symptom: Symptom::Nausea,
        severity: Severity::Mild,
        from: recorded_at.date_naive(),
        medication: suspected,
        note: Some("in the morning, before breakfast".to_owned()),
    };
    SideEffectEntry {
        id: random::id(at, SideEffectEntryId::new),
        patient,
        what: SideEffectAct::Reported { report },
        recorded_at,
        by: ada.person,
        device: ada.device,
    }
}

/// What becomes of the `number`th dose of the `place`th medicine, and so many minutes after it was due.
fn happened(place: usize, number: usize) -> (DoseAct, i64) {
    // A fixed sequence without a visible rhythm (a linear congruence), so that each demonstration is alike.
    let drawn = (number * 7_919 + place * 104_729 + 12_345) % 100;
    let minutes = i64::try_from((number * 31 + place * 17) % 38).unwrap_or(0) - 8;
    let taken = DoseAct::Taken {
        amount: None,
        override_reason: None,
    };
    match drawn {
        0..=86 => (taken, minutes),
        87..=91 => (taken, 120 + minutes),
        92..=94 => {
            let reason = Some("felt unwell".to_owned());
            (DoseAct::Skipped { reason }, minutes)
        }
        _ => (DoseAct::Missed {}, 240),
    }
}
