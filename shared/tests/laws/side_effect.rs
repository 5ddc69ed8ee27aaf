//! Side effects: the fold does not care how the entries arrived, and what cannot be is refused by its path.

use doseline_shared::{
    api::sync::{Operation, OperationBody, Push, read_operations},
    id::{MedicationId, OperationId, SideEffectEntryId},
    record::{Medication, MedicationStatus, Record, Report, Severity, SideEffectAct, SideEffectEntry, Symptom},
    schedule::Days,
    side_effect::side_effects,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::build::{at, date, medication, side_effect_entry, wall};

fn id(number: u128) -> SideEffectEntryId {
    SideEffectEntryId::from_uuid(Uuid::from_u128(number))
}

fn nausea(from: &str) -> Report {
    Report {
        symptom: Symptom::Nausea,
        severity: Severity::Moderate,
        from: date(from),
        medication: None,
        note: None,
    }
}

fn reported(from: &str) -> SideEffectAct {
    SideEffectAct::Reported { report: nausea(from) }
}

fn ended(entry: u128, on: &str) -> SideEffectAct {
    SideEffectAct::Ended {
        entry: id(entry),
        on: date(on),
    }
}

fn retracted(entry: u128) -> SideEffectAct {
    SideEffectAct::Retracted { entry: id(entry) }
}

/// The reports that stand after these entries, each recorded so many minutes after 08:00, and when each has stopped.
fn after(entries: &[(u128, i64, SideEffectAct)]) -> Vec<(u128, Option<String>)> {
    let entries: Vec<SideEffectEntry> = entries
        .iter()
        .map(|(id, minutes, what)| side_effect_entry(*id, *minutes, what.clone()))
        .collect();
    side_effects(&entries)
        .into_iter()
        .map(|one| (one.entry.id.uuid().as_u128(), one.ended.map(|(on, _)| on.to_string())))
        .collect()
}

#[test]
fn those_that_began_last_come_first() {
    let all = [
        (1, 0, reported("2026-02-27")),
        (2, 1, reported("2026-03-01")),
        (3, 2, reported("2026-02-27")),
    ];
    assert_eq!(after(&all), [(2, None), (3, None), (1, None)]);
}

#[test]
fn of_two_ends_the_one_recorded_first_stands_and_taken_back_the_other() {
    let begun = (1, 0, reported("2026-02-27"));
    let one = (2, 20, ended(1, "2026-03-01"));
    let other = (3, 10, ended(1, "2026-02-28"));
    let said = |on: &str| vec![(1, Some(on.to_owned()))];
    assert_eq!(after(&[begun.clone(), one.clone()]), said("2026-03-01"));
    assert_eq!(after(&[begun.clone(), one.clone(), other.clone()]), said("2026-02-28"));
    let back = (4, 30, retracted(3));
    assert_eq!(
        after(&[begun.clone(), one, other.clone(), back.clone()]),
        said("2026-03-01")
    );
    assert_eq!(after(&[begun, other, back]), [(1, None)]);
}

#[test]
fn a_report_that_is_taken_back_is_gone_whatever_was_said_of_it() {
    let entries = [
        (1, 0, reported("2026-02-27")),
        (2, 10, ended(1, "2026-03-01")),
        (3, 20, retracted(1)),
    ];
    assert!(after(&entries).is_empty());
    // A retraction of a retraction is none, and one that arrives first waits for what it names.
    assert!(
        after(&[
            (4, 30, retracted(3)),
            (3, 20, retracted(1)),
            (1, 0, reported("2026-02-27"))
        ])
        .is_empty()
    );
}

#[test]
fn it_concerns_the_medication_that_is_suspected_or_those_that_were_taken_when_it_began() {
    let daily = wall("Africa/Lagos", &[("am", "08:00")], Days::Every {});
    let taken_in_february = Medication {
        status: MedicationStatus::Stopped {
            from: date("2026-03-01"),
        },
        ..medication(vec![("2026-02-01", daily)])
    };
    let never_timed = Medication {
        authored: Some(at("2026-02-01T12:00:00Z")),
        plan: Vec::new(),
        ..taken_in_february.clone()
    };
    let other = MedicationId::from_uuid(Uuid::from_u128(9));
    for (suspected, began, concerned) in [
        (Some(taken_in_february.id), "2026-01-01", true),
        (Some(other), "2026-02-15", false),
        (None, "2026-01-31", false),
        (None, "2026-02-01", true),
        (None, "2026-02-28", true),
        (None, "2026-03-01", false),
    ] {
        let report = Report {
            medication: suspected,
            ..nausea(began)
        };
        let entries = [side_effect_entry(1, 0, SideEffectAct::Reported { report })];
        let all = side_effects(&entries);
        assert_eq!(all[0].concerns(&taken_in_february), concerned, "{began}");
        assert_eq!(all[0].concerns(&never_timed), concerned, "{began}");
    }
}

#[test]
fn what_is_severe_and_goes_on_presses_for_as_long_as_it_is_news() {
    let severe = |severity| SideEffectAct::Reported {
        report: Report {
            severity,
            ..nausea("2026-02-01")
        },
    };
    let presses = |entries: &[SideEffectEntry], since| side_effects(entries)[0].is_pressing(date(since));
    let report = side_effect_entry(1, 0, severe(Severity::Severe));
    assert!(presses(std::slice::from_ref(&report), "2026-03-01"));
    assert!(!presses(std::slice::from_ref(&report), "2026-03-02"));
    assert!(!presses(
        &[report, side_effect_entry(2, 1, ended(1, "2026-03-01"))],
        "2026-03-01"
    ));
    assert!(!presses(
        &[side_effect_entry(1, 0, severe(Severity::Moderate))],
        "2026-03-01"
    ));
}

fn an_act() -> impl Strategy<Value = SideEffectAct> {
    prop_oneof![
        select(vec!["2026-02-27", "2026-02-28"]).prop_map(reported),
        (0..10_u128, select(vec!["2026-02-28", "2026-03-01"])).prop_map(|(entry, on)| ended(entry, on)),
        (0..10_u128).prop_map(retracted),
    ]
}

/// Entries with distinct ids, at few enough instants that some collide.
fn entries() -> impl Strategy<Value = Vec<SideEffectEntry>> {
    vec((0..4_i64, an_act()), 0..10).prop_map(|acts| {
        let numbered = (0_u128..).zip(acts);
        numbered
            .map(|(id, (minutes, what))| side_effect_entry(id, minutes, what))
            .collect()
    })
}

proptest! {
    #[test]
    fn order_and_duplicates_do_not_matter(
        (entries, shuffled) in entries().prop_flat_map(|entries| {
            let places: Vec<usize> = (0..entries.len()).collect();
            let twice = [places.clone(), places].concat();
            (Just(entries), Just(twice).prop_shuffle())
        }),
    ) {
        let mixed = shuffled.iter().map(|place| &entries[*place]);
        prop_assert_eq!(side_effects(&entries), side_effects(mixed));
    }

    #[test]
    fn a_report_stands_until_it_is_taken_back_whatever_else_is_recorded(entries in entries(), more in an_act()) {
        let standing = |entries: &[SideEffectEntry]| -> Vec<SideEffectEntryId> {
            side_effects(entries).iter().map(|one| one.entry.id).collect()
        };
        let before = standing(&entries);
        let taken_back = match &more {
            SideEffectAct::Retracted { entry } => Some(*entry),
            SideEffectAct::Reported { .. } | SideEffectAct::Ended { .. } => None,
        };
        let after = standing(&[entries, vec![side_effect_entry(99, 9, more)]].concat());
        for id in before {
            prop_assert_eq!(after.contains(&id), taken_back != Some(id));
        }
    }
}

fn push() -> Value {
    let report = Report {
        symptom: Symptom::Other("Ringing in the ears".to_owned()),
        severity: Severity::Severe,
        from: date("2026-03-01"),
        medication: Some(MedicationId::from_uuid(Uuid::from_u128(1))),
        note: Some("since the morning".to_owned()),
    };
    let acts = [SideEffectAct::Reported { report }, ended(1, "2026-03-02"), retracted(2)];
    let operations = (1..).zip(acts).map(|(number, what)| Operation {
        id: OperationId::from_uuid(Uuid::from_u128(number)),
        body: OperationBody::LogSideEffect {
            entry: side_effect_entry(number, 0, what),
        },
    });
    serde_json::to_value(Push {
        operations: operations.collect(),
    })
    .unwrap()
}

#[test]
fn entries_read_as_they_were_written() {
    let plain: Push = serde_json::from_value(push()).unwrap();
    let read = read_operations(&push()).unwrap();
    for (read, plain) in read.into_iter().zip(plain.operations) {
        assert_eq!(read.body.unwrap(), plain.body);
    }
    let mut value = push()["operations"][0]["body"]["entry"].clone();
    assert_eq!(
        value["what"]["report"]["symptom"],
        json!({"other": "Ringing in the ears"})
    );
    value["type"] = json!("side_effect_entry");
    let read: Record = serde_json::from_value(value).unwrap();
    assert_eq!((read.kind().name(), read.version()), ("side_effect_entry", 1));
    for symptom in Symptom::NAMED {
        let text = serde_json::to_value(&symptom).unwrap();
        assert_eq!(serde_json::from_value::<Symptom>(text).unwrap(), symptom);
    }
}

#[test]
fn what_is_wrong_with_an_entry_is_named() {
    let (long, longer) = ("x".repeat(201), "x".repeat(501));
    for (place, pointer, value, path) in [
        (0, "/what/report/symptom", json!("sad"), "body.entry"),
        (
            0,
            "/what/report/symptom",
            json!({"other": " "}),
            "body.entry.what.report.symptom",
        ),
        (
            0,
            "/what/report/symptom",
            json!({"other": long}),
            "body.entry.what.report.symptom",
        ),
        (0, "/what/report/severity", json!("deadly"), "body.entry"),
        (0, "/what/report/note", json!(longer), "body.entry.what.report.note"),
        (
            0,
            "/what/report/from",
            json!("1890-01-01"),
            "body.entry.what.report.from",
        ),
        (
            0,
            "/what/report/from",
            json!("2026-03-03"),
            "body.entry.what.report.from",
        ),
        (1, "/what/on", json!("2026-03-03"), "body.entry.what.on"),
        (2, "/what/entry", json!("the last one"), "body.entry"),
    ] {
        let mut spoilt = push();
        *spoilt["operations"][place]["body"]["entry"]
            .pointer_mut(pointer)
            .unwrap() = value;
        let read = read_operations(&spoilt).unwrap();
        assert_eq!(read[place].body.as_ref().unwrap_err().path, path, "{pointer}");
        assert!(read[(place + 1) % 3].body.is_ok(), "{pointer}");
    }
}
