//! What Ada takes: diabetes and blood pressure, a course that is over, and something for pain.

use chrono::{DateTime, Days as CalendarDays, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use doseline_shared::{
    id::{MedicationId, PatientId},
    quantity::Quantity,
    record::{Colour, Form, Look, Medication, MedicationStatus, Revision},
    schedule::{Days, Dose, Rule, Schedule, SlotTime, Window, Zone},
};

use crate::random;

/// How many days of history there are.
const HISTORY_DAYS: u64 = 28;

/// Ada's medications, the schedules beginning four weeks before `now`.
pub(super) fn of(patient: PatientId, zone: Tz, now: DateTime<Utc>) -> Vec<Medication> {
    let today = now.with_timezone(&zone).date_naive();
    let start = today - CalendarDays::new(HISTORY_DAYS);
    let one = |name: &str, ingredient: &str, look: (Form, Colour), instruction: Option<&str>, schedule: Schedule| {
        Medication {
            id: random::id(now, MedicationId::new),
            patient,
            clinic: None,
            version: 0,
            name: name.to_owned(),
            codes: Vec::new(),
            ingredients: vec![ingredient.to_owned()],
            instruction: instruction.map(str::to_owned),
            look: Look {
                form: look.0,
                colour: look.1,
            },
            critical: false,
            plan: vec![Revision {
                number: 1,
                from: schedule.start,
                schedule,
            }],
            status: MedicationStatus::Active {},
            authored: Some(now),
            stock: None,
        }
    };
    let wall = |times: &[(&str, u32)], days, amount: Quantity| schedule(zone, start, times, days, amount);
    let metformin = wall(&[("am", 8), ("pm", 20)], Days::Every {}, Quantity::new(1, "tablet"));
    let amlodipine = wall(&[("am", 8)], Days::Every {}, Quantity::new(1, "tablet"));
    let insulin = wall(&[("night", 22)], Days::Every {}, Quantity::new(12, "units"));
    let sundays = Days::Weekdays { on: vec![Weekday::Sun] };
    let vitamin = wall(&[("am", 9)], sundays, Quantity::new(1, "capsule"));
    let mut course = wall(&[("am", 8), ("pm", 20)], Days::Every {}, Quantity::new(1, "capsule"));
    course.start = start + CalendarDays::new(5);
    course.end = Some(start + CalendarDays::new(9));
    let mut paracetamol = wall(&[("am", 8)], Days::Every {}, Quantity::new(500, "mg"));
    paracetamol.rule = Rule::AsNeeded {
        min_gap_min: 240,
        max_count: Some(8),
        max_amount: Some(Quantity::new(4_000, "mg")),
        per_min: 1_440,
        ingredients: vec!["paracetamol".to_owned()],
    };
    let food = Some("with food");
    vec![
        one(
            "Metformin 500 mg",
            "metformin",
            (Form::Tablet, Colour::White),
            food,
            metformin,
        ),
        one(
            "Amlodipine 5 mg",
            "amlodipine",
            (Form::Tablet, Colour::Yellow),
            None,
            amlodipine,
        ),
        Medication {
            critical: true,
            ..one(
                "Insulin glargine 100 units/ml",
                "insulin glargine",
                (Form::Injection, Colour::Blue),
                Some("under the skin of the belly, a new place each night"),
                insulin,
            )
        },
        one(
            "Vitamin D3 20,000 IU",
            "colecalciferol",
            (Form::Capsule, Colour::Orange),
            None,
            vitamin,
        ),
        one(
            "Nitrofurantoin 100 mg",
            "nitrofurantoin",
            (Form::Capsule, Colour::Brown),
            food,
            course,
        ),
        one(
            "Paracetamol 500 mg",
            "paracetamol",
            (Form::Tablet, Colour::Pink),
            None,
            paracetamol,
        ),
    ]
}

fn schedule(zone: Tz, start: NaiveDate, times: &[(&str, u32)], days: Days, amount: Quantity) -> Schedule {
    Schedule {
        zone: Zone::Home { tz: zone },
        start,
        end: None,
        max_count: None,
        rule: Rule::Wall {
            times: times
                .iter()
                .map(|(slot, hour)| SlotTime {
                    slot: (*slot).to_owned(),
                    at: NaiveTime::from_hms_opt(*hour, 0, 0).expect("the hours of this file are hours of a day"),
                })
                .collect(),
            days,
        },
        dose: Dose::Fixed { amount },
        window: Window {
            early_min: 60,
            late_min: 60,
            miss_after_min: None,
        },
    }
}
