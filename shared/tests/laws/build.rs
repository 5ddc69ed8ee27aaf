//! Builders for the data of the tests.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::{DoseAct, DoseEvent},
    id::{DeviceId, DoseEventId, MedicationId, PatientId, PersonId, SideEffectEntryId, StockEntryId},
    quantity::Quantity,
    record::{
        Colour, Form, Look, Medication, MedicationStatus, Revision, SideEffectAct, SideEffectEntry, StockAct,
        StockEntry,
    },
    schedule::{
        DailyWindow, Days, Dose, ElapsedFrom, Occurrence, OccurrenceKey, Rule, Schedule, SlotTime, Window, Zone,
    },
};
use uuid::Uuid;

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

pub fn tz(name: &str) -> Tz {
    name.parse().unwrap()
}

pub fn tablet() -> Quantity {
    Quantity::new(1, "tablet")
}

/// Every instant that a schedule can have.
pub fn ever() -> Range<DateTime<Utc>> {
    at("1969-01-01T00:00:00Z")..at("2201-01-01T00:00:00Z")
}

/// One tablet from 2026-01-01 on, at the home zone's times.
pub fn wall(zone: &str, times: &[(&str, &str)], days: Days) -> Schedule {
    Schedule {
        zone: Zone::Home { tz: tz(zone) },
        start: date("2026-01-01"),
        end: None,
        max_count: None,
        rule: Rule::Wall {
            times: times
                .iter()
                .map(|(slot, at)| SlotTime {
                    slot: (*slot).to_owned(),
                    at: time(at),
                })
                .collect(),
            days,
        },
        dose: Dose::Fixed { amount: tablet() },
        window: Window {
            early_min: 60,
            late_min: 60,
            miss_after_min: None,
        },
    }
}

/// One tablet every so many minutes from the anchor on.
pub fn elapsed(zone: &str, every_min: u32, anchor: &str, daily: Option<(&str, &str)>) -> Schedule {
    Schedule {
        start: at(anchor).with_timezone(&tz(zone)).date_naive(),
        rule: Rule::Elapsed {
            every_min,
            anchor: at(anchor),
            from: ElapsedFrom::Scheduled,
            daily: daily.map(|(from, to)| DailyWindow {
                from: time(from),
                to: time(to),
            }),
        },
        ..wall(zone, &[], Days::Every {})
    }
}

/// The same, counted from the last dose taken.
pub fn last_taken(zone: &str, every_min: u32, anchor: &str) -> Schedule {
    let mut schedule = elapsed(zone, every_min, anchor, None);
    if let Rule::Elapsed { from, .. } = &mut schedule.rule {
        *from = ElapsedFrom::LastTaken;
    }
    schedule
}

/// A medication with these schedules, from these dates on.
pub fn medication(plan: Vec<(&str, Schedule)>) -> Medication {
    Medication {
        id: MedicationId::from_uuid(Uuid::from_u128(1)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        clinic: None,
        version: 1,
        name: "Metformin".to_owned(),
        codes: Vec::new(),
        ingredients: vec!["metformin".to_owned()],
        instruction: None,
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: false,
        plan: (1..)
            .zip(plan)
            .map(|(number, (from, schedule))| Revision {
                number,
                from: date(from),
                since: None,
                schedule,
            })
            .collect(),
        status: MedicationStatus::Active {},
        authored: None,
        stock: None,
    }
}

/// An entry with this id, recorded so many minutes after 08:00 on 2026-03-01, when it also happened.
pub fn event(id: u128, minutes: i64, what: DoseAct) -> DoseEvent {
    let recorded_at = at("2026-03-01T08:00:00Z") + chrono::TimeDelta::minutes(minutes);
    DoseEvent {
        id: DoseEventId::from_uuid(Uuid::from_u128(id)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        medication: MedicationId::from_uuid(Uuid::from_u128(1)),
        occurrence: Some(OccurrenceKey::Wall {
            date: date("2026-03-01"),
            slot: "am".to_owned(),
        }),
        due: Some(at("2026-03-01T08:00:00Z")),
        what,
        at: recorded_at.fixed_offset(),
        zone: Tz::UTC,
        recorded_at,
        by: PersonId::from_uuid(Uuid::from_u128(3)),
        device: DeviceId::from_uuid(Uuid::from_u128(4)),
    }
}

/// An entry in the ledger of that medication's stock, recorded when it happened.
pub fn stock_entry(id: u128, when: &str, what: StockAct) -> StockEntry {
    let at = DateTime::parse_from_rfc3339(when).unwrap();
    StockEntry {
        id: StockEntryId::from_uuid(Uuid::from_u128(id)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        medication: MedicationId::from_uuid(Uuid::from_u128(1)),
        what,
        at,
        recorded_at: at.to_utc(),
        by: PersonId::from_uuid(Uuid::from_u128(3)),
        device: DeviceId::from_uuid(Uuid::from_u128(4)),
    }
}

/// An entry about that patient's side effects, recorded so many minutes after 08:00 on 2026-03-01.
pub fn side_effect_entry(id: u128, minutes: i64, what: SideEffectAct) -> SideEffectEntry {
    SideEffectEntry {
        id: SideEffectEntryId::from_uuid(Uuid::from_u128(id)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        what,
        recorded_at: (at("2026-03-01T08:00:00Z") + chrono::TimeDelta::minutes(minutes)).fixed_offset(),
        by: PersonId::from_uuid(Uuid::from_u128(3)),
        device: DeviceId::from_uuid(Uuid::from_u128(4)),
    }
}

pub fn taken() -> DoseAct {
    DoseAct::Taken {
        amount: None,
        override_reason: None,
    }
}

/// The due times, as text.
pub fn dues(occurrences: &[Occurrence]) -> Vec<String> {
    let text = |occurrence: &Occurrence| occurrence.due.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    occurrences.iter().map(text).collect()
}

/// The local readings, as text.
pub fn locals(occurrences: &[Occurrence]) -> Vec<String> {
    occurrences
        .iter()
        .map(|occurrence| occurrence.local.to_rfc3339())
        .collect()
}
