//! A push: one operation at fault is refused by its path, and the others stand.

use doseline_shared::{
    api::sync::{MAX_OPERATIONS, Operation, OperationBody, Push, read_operations},
    dose::DoseAct,
    id::{DispenseId, MedicationId, OperationId, PatientId},
    quantity::Quantity,
    record::{Dispense, DispenseStatus, DrugClass, Medication, Record, StockAct, StockSettings},
    schedule::Days,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::build::{date, event, medication, stock_entry, taken, wall};

fn push() -> Value {
    let body = |place: u128| match place {
        0 => OperationBody::LogDose {
            event: event(1, 0, taken()),
        },
        _ => OperationBody::PutMedication {
            base: 0,
            medication: medication(vec![
                ("2026-03-01", wall("Africa/Lagos", &[("am", "08:00")], Days::Every {})),
                ("2026-04-01", wall("Africa/Lagos", &[("am", "08:00")], Days::Every {})),
            ]),
        },
    };
    let operation = |place| Operation {
        id: OperationId::from_uuid(Uuid::from_u128(place)),
        body: body(place),
    };
    serde_json::to_value(Push {
        operations: (0..2).map(operation).collect(),
    })
    .unwrap()
}

#[test]
fn a_good_push_reads_as_it_was_written() {
    let read = read_operations(&push()).unwrap();
    let plain: Push = serde_json::from_value(push()).unwrap();
    let again: Vec<_> = read
        .into_iter()
        .map(|one| Operation {
            id: one.id,
            body: one.body.unwrap(),
        })
        .collect();
    assert_eq!(again, plain.operations);
}

#[test]
fn what_is_at_fault_is_named_and_the_rest_stands() {
    for (pointer, value, path) in [
        (
            "/medication/plan/1/schedule/rule/times/0/at",
            json!("25:00"),
            "body.medication.plan[1].schedule.rule.times[0].at",
        ),
        (
            "/medication/plan/0/schedule/zone/tz",
            json!("Africa/Atlantis"),
            "body.medication.plan[0].schedule.zone.tz",
        ),
        ("/medication/plan/1/number", json!(1), "body.medication.plan[1].number"),
        ("/medication/plan/0/number", json!(0), "body.medication.plan[0].number"),
        (
            "/medication/plan/1/from",
            json!("2026-02-01"),
            "body.medication.plan[1].from",
        ),
        ("/medication/name", json!("  "), "body.medication.name"),
        ("/medication/name", json!(7), "body.medication"),
        ("/medication/ingredients/0", json!(""), "body.medication.ingredients[0]"),
        ("/base", json!(-1), "body.base"),
        ("/kind", json!("put_everything"), "body.kind"),
    ] {
        let mut spoilt = push();
        *spoilt["operations"][1]["body"].pointer_mut(pointer).unwrap() = value;
        let read = read_operations(&spoilt).unwrap();
        assert!(read[0].body.is_ok(), "{pointer}");
        assert_eq!(read[1].body.as_ref().unwrap_err().path, path, "{pointer}");
    }
}

#[test]
fn the_amount_of_a_dose_is_a_decimal_text() {
    for (value, accepted) in [
        (json!("2.5"), true),
        (json!(2.5), false),
        (json!("1e3"), false),
        (json!("-1"), false),
    ] {
        let mut one = push();
        one["operations"][0]["body"]["event"]["what"]["amount"] = json!({"value": value, "unit": "tablet"});
        let read = read_operations(&one).unwrap();
        let error = read[0].body.as_ref().err().map(|error| error.path.as_str());
        assert_eq!(error, (!accepted).then_some("body.event.what.amount.value"), "{value}");
    }
}

#[test]
fn an_amount_that_cannot_be_is_refused() {
    let mut entry = event(
        1,
        0,
        DoseAct::Taken {
            amount: Some(Quantity::new(-2, "tablet")),
            override_reason: None,
        },
    );
    assert_eq!(entry.validate().unwrap_err().path, "what.amount.value");
    entry.what = DoseAct::Skipped {
        reason: Some("x".repeat(2_001)),
    };
    assert_eq!(entry.validate().unwrap_err().path, "what.reason");
}

#[test]
fn only_a_push_that_is_no_list_of_operations_is_refused_as_a_whole() {
    assert_eq!(read_operations(&json!({})).unwrap_err().path, "operations");
    assert_eq!(
        read_operations(&json!({"operations": [], "more": 1})).unwrap_err().path,
        "more"
    );
    let mut nameless = push();
    nameless["operations"][1]["id"] = json!("first");
    assert_eq!(read_operations(&nameless).unwrap_err().path, "operations[1].id");
    let many: Vec<Value> = (0..=MAX_OPERATIONS).map(|_| push()["operations"][0].clone()).collect();
    assert_eq!(
        read_operations(&json!({"operations": many})).unwrap_err().path,
        "operations"
    );
}

fn supplies() -> Value {
    let dispense = Dispense {
        id: DispenseId::from_uuid(Uuid::from_u128(10)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        medication: MedicationId::from_uuid(Uuid::from_u128(1)),
        clinic: None,
        version: 1,
        on: date("2026-03-01"),
        quantity: Quantity::new(60, "tablet"),
        days_supply: 30,
        class: DrugClass::Antiretroviral,
        status: DispenseStatus::Completed,
    };
    let entry = stock_entry(
        11,
        "2026-03-01T08:00:00+01:00",
        StockAct::Refill {
            amount: Quantity::new(60, "tablet"),
        },
    );
    let bodies = [
        OperationBody::PutDispense { base: 0, dispense },
        OperationBody::LogStock { entry },
    ];
    let operations = (0..).zip(bodies).map(|(place, body)| Operation {
        id: OperationId::from_uuid(Uuid::from_u128(place)),
        body,
    });
    serde_json::to_value(Push {
        operations: operations.collect(),
    })
    .unwrap()
}

#[test]
fn a_dispense_and_a_stock_entry_read_as_they_were_written() {
    let plain: Push = serde_json::from_value(supplies()).unwrap();
    let read = read_operations(&supplies()).unwrap();
    for (read, plain) in read.into_iter().zip(plain.operations) {
        let body = read.body.unwrap();
        assert_eq!(body, plain.body);
        assert_eq!(body.patient(), PatientId::from_uuid(Uuid::from_u128(2)));
    }
    for (kind, record) in [("dispense", "dispense"), ("stock_entry", "entry")] {
        let place = usize::from(kind == "stock_entry");
        let mut value = supplies()["operations"][place]["body"][record].clone();
        value["type"] = json!(kind);
        let read: Record = serde_json::from_value(value).unwrap();
        assert_eq!((read.kind().name(), read.version()), (kind, 1));
    }
}

#[test]
fn what_is_wrong_with_a_dispense_or_a_stock_entry_is_named() {
    for (place, pointer, value, path) in [
        (0, "/dispense/days_supply", json!(0), "body.dispense.days_supply"),
        (0, "/dispense/days_supply", json!(3_661), "body.dispense.days_supply"),
        (
            0,
            "/dispense/quantity/value",
            json!("-1"),
            "body.dispense.quantity.value",
        ),
        (0, "/dispense/quantity/value", json!(60), "body.dispense.quantity.value"),
        (0, "/dispense/on", json!("1890-01-01"), "body.dispense.on"),
        (0, "/dispense/class", json!("statin"), "body.dispense"),
        (0, "/base", json!(null), "body.base"),
        (
            1,
            "/entry/what/amount/value",
            json!("1e3"),
            "body.entry.what.amount.value",
        ),
        (1, "/entry/what/amount/unit", json!(""), "body.entry.what.amount.unit"),
        (1, "/entry/what/kind", json!("taken"), "body.entry"),
    ] {
        let mut spoilt = supplies();
        *spoilt["operations"][place]["body"].pointer_mut(pointer).unwrap() = value;
        let read = read_operations(&spoilt).unwrap();
        assert_eq!(read[place].body.as_ref().unwrap_err().path, path, "{pointer}");
        assert!(read[1 - place].body.is_ok(), "{pointer}");
    }
}

#[test]
fn a_medication_without_a_stock_reads_and_writes_as_before_there_was_any() {
    let plain = medication(Vec::new());
    let written = serde_json::to_value(&plain).unwrap();
    assert!(written.get("stock").is_none());
    assert_eq!(serde_json::from_value::<Medication>(written).unwrap(), plain);
    for (unit, lead_days, path) in [
        ("tablet", 3, None),
        ("", 3, Some("stock.unit")),
        ("tablet", 3_661, Some("stock.lead_days")),
    ] {
        let kept = Medication {
            stock: Some(StockSettings {
                unit: unit.to_owned(),
                lead_days,
            }),
            ..plain.clone()
        };
        let error = kept.validate().err().map(|error| error.path);
        assert_eq!(error.as_deref(), path);
    }
}
