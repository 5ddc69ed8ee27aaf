//! Merge: idempotent, the same from both sides, and nothing lost in silence.

use chrono_tz::Tz;
use doseline_shared::{
    id::{AllergyId, DispenseId, PatientId},
    merge::{MergeConflict, allergy, dispense, medication, patient},
    quantity::Quantity,
    record::{
        Allergy, Coding, Dispense, DispenseStatus, DrugClass, Medication, MedicationStatus, Patient, Revision,
        StockSettings,
    },
    schedule::Days,
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use crate::build::{date, medication as a_medication, wall};

fn revision(number: u32, from: &str, time: &str) -> Revision {
    Revision {
        number,
        from: date(from),
        since: None,
        schedule: wall("Africa/Lagos", &[("am", time)], Days::Every {}),
    }
}

fn base() -> Medication {
    a_medication(vec![("2026-01-01", revision(1, "2026-01-01", "08:00").schedule)])
}

#[test]
fn two_edits_of_different_fields_both_hold() {
    let renamed = Medication {
        name: "Glucophage".to_owned(),
        version: 2,
        ..base()
    };
    let stopped = Medication {
        status: MedicationStatus::Stopped {
            from: date("2026-05-01"),
        },
        version: 3,
        ..base()
    };
    let merged = medication(&base(), &renamed, &stopped).unwrap();
    assert_eq!(
        (merged.name.as_str(), merged.status, merged.version),
        ("Glucophage", stopped.status, 3)
    );
}

#[test]
fn two_edits_of_one_field_are_shown_to_a_person_with_all_that_clash() {
    let one = Medication {
        name: "Glucophage".to_owned(),
        critical: true,
        instruction: Some("with food".to_owned()),
        ..base()
    };
    let other = Medication {
        name: "Diabex".to_owned(),
        critical: true,
        instruction: Some("after meals".to_owned()),
        ..base()
    };
    let clash = MergeConflict {
        fields: vec!["name", "instruction"],
    };
    assert_eq!(medication(&base(), &one, &other), Err(clash.clone()));
    assert_eq!(medication(&base(), &other, &one), Err(clash));
}

#[test]
fn a_plan_is_one_unit_unless_one_side_only_appended() {
    let with = |plan: Vec<Revision>| Medication { plan, ..base() };
    let first = revision(1, "2026-01-01", "08:00");
    let second = revision(2, "2026-02-01", "09:00");
    let other_second = revision(2, "2026-02-01", "10:00");
    let appended = with(vec![first.clone(), second.clone()]);
    // One side appended, and the other appended more.
    let more = with(vec![first.clone(), second.clone(), revision(3, "2026-03-01", "07:00")]);
    assert_eq!(medication(&base(), &appended, &more).unwrap().plan, more.plan);
    assert_eq!(medication(&base(), &more, &appended).unwrap().plan, more.plan);
    // One side appended, the other corrected what was there.
    let corrected = with(vec![revision(1, "2026-01-01", "08:30")]);
    let both = vec![revision(1, "2026-01-01", "08:30"), second];
    assert_eq!(medication(&base(), &corrected, &appended).unwrap().plan, both);
    assert_eq!(medication(&base(), &appended, &corrected).unwrap().plan, both);
    // Both appended, each in its own way: which schedule holds is not for a program to say.
    let other = with(vec![first, other_second]);
    let clash = MergeConflict { fields: vec!["plan"] };
    assert_eq!(medication(&base(), &appended, &other), Err(clash.clone()));
    // Both corrected.
    let corrected_otherwise = with(vec![revision(1, "2026-01-01", "07:45")]);
    assert_eq!(medication(&base(), &corrected, &corrected_otherwise), Err(clash));
    // Two first plans for a medication that had no times.
    let empty = with(Vec::new());
    assert!(medication(&empty, &corrected, &corrected_otherwise).is_err());
    assert_eq!(medication(&empty, &corrected, &empty).unwrap().plan, corrected.plan);
}

fn a_plan() -> impl Strategy<Value = Vec<Revision>> {
    vec((1..4_u32, select(vec!["08:00", "09:00"])), 0..3).prop_map(|plan| {
        let one = |(place, (month, time)): (usize, (u32, &str))| {
            let number = u32::try_from(place).unwrap() + 1;
            revision(number, &format!("2026-0{}-01", month + number), time)
        };
        plan.into_iter().enumerate().map(one).collect()
    })
}

fn some_medication() -> impl Strategy<Value = Medication> {
    let name = select(vec!["Metformin", "Glucophage", "Diabex"]);
    let instruction = proptest::option::of(select(vec!["with food", "after meals"]));
    let codes = vec(select(vec!["6809", "860975"]), 0..2);
    (
        1..4_u64,
        name,
        instruction,
        codes,
        any::<bool>(),
        a_plan(),
        any::<bool>(),
    )
        .prop_map(
            |(version, name, instruction, codes, critical, plan, stopped)| Medication {
                version,
                name: name.to_owned(),
                instruction: instruction.map(str::to_owned),
                codes: codes
                    .into_iter()
                    .map(|code| Coding {
                        system: "rxnorm".to_owned(),
                        code: code.to_owned(),
                    })
                    .collect(),
                critical,
                plan,
                status: if stopped {
                    MedicationStatus::Stopped {
                        from: date("2026-06-01"),
                    }
                } else {
                    MedicationStatus::Active {}
                },
                ..base()
            },
        )
}

proptest! {
    #[test]
    fn which_side_is_called_local_does_not_matter(
        base in some_medication(), one in some_medication(), other in some_medication()
    ) {
        prop_assert_eq!(medication(&base, &one, &other), medication(&base, &other, &one));
    }

    #[test]
    fn what_was_merged_merges_into_itself(base in some_medication(), one in some_medication(), other in some_medication()) {
        prop_assert_eq!(medication(&base, &one, &one), Ok(one.clone()));
        if let Ok(merged) = medication(&base, &one, &other) {
            prop_assert_eq!(medication(&base, &merged, &merged), Ok(merged.clone()));
            // A device that merges what it merged before comes to the same.
            prop_assert_eq!(medication(&one, &merged, &one).map(|again| again.plan), Ok(merged.plan.clone()));
            prop_assert_eq!(medication(&other, &merged, &other).map(|again| again.name), Ok(merged.name));
        }
    }

    #[test]
    fn an_edit_on_one_side_only_is_that_side(base in some_medication(), edited in some_medication()) {
        let edited = Medication { version: base.version + 1, ..edited };
        prop_assert_eq!(medication(&base, &edited, &base), Ok(edited));
    }

    #[test]
    fn no_change_is_lost_in_silence(base in some_medication(), one in some_medication(), other in some_medication()) {
        let merged = medication(&base, &one, &other);
        let clash = merged.as_ref().err().map(|clash| clash.fields.clone()).unwrap_or_default();
        let differ = |field: &str, both: bool| prop_assert_eq_bool(clash.contains(&field), both);
        differ("name", one.name != base.name && other.name != base.name && one.name != other.name)?;
        differ("codes", one.codes != base.codes && other.codes != base.codes && one.codes != other.codes)?;
        differ("status", one.status != base.status && other.status != base.status && one.status != other.status)?;
        if let Ok(merged) = merged {
            for side in [&one, &other] {
                prop_assert!(side.name == base.name || merged.name == side.name);
                prop_assert!(side.instruction == base.instruction || merged.instruction == side.instruction);
                prop_assert!(side.critical == base.critical || merged.critical == side.critical);
                // Every revision that a side added is there.
                let added = side.plan.iter().filter(|revision| !base.plan.contains(revision));
                for revision in added {
                    prop_assert!(merged.plan.contains(revision));
                }
            }
        }
    }
}

fn prop_assert_eq_bool(found: bool, wanted: bool) -> Result<(), TestCaseError> {
    prop_assert_eq!(found, wanted);
    Ok(())
}

#[test]
fn patients_and_allergies_merge_by_field() {
    let ada = Patient {
        id: PatientId::from_uuid(Uuid::from_u128(2)),
        version: 1,
        person: None,
        name: "Ada".to_owned(),
        birth_date: None,
        zone: Tz::UTC,
        travels: Vec::new(),
    };
    let renamed = Patient {
        name: "Ada Obi".to_owned(),
        ..ada.clone()
    };
    let moved = Patient {
        zone: Tz::Africa__Lagos,
        version: 2,
        ..ada.clone()
    };
    let merged = patient(&ada, &renamed, &moved).unwrap();
    assert_eq!(
        merged,
        Patient {
            name: "Ada Obi".to_owned(),
            ..moved.clone()
        }
    );
    let elsewhere = Patient {
        zone: Tz::Europe__Paris,
        ..ada.clone()
    };
    assert_eq!(patient(&ada, &moved, &elsewhere).unwrap_err().fields, ["zone"]);

    let penicillin = Allergy {
        id: AllergyId::from_uuid(Uuid::from_u128(5)),
        patient: ada.id,
        clinic: None,
        version: 1,
        substance: "Penicillin".to_owned(),
        codes: Vec::new(),
        active: true,
    };
    let over = Allergy {
        active: false,
        ..penicillin.clone()
    };
    let named = Allergy {
        substance: "Penicillin V".to_owned(),
        ..penicillin.clone()
    };
    let merged = allergy(&penicillin, &over, &named).unwrap();
    assert_eq!((merged.active, merged.substance.as_str()), (false, "Penicillin V"));
}

#[test]
fn two_edits_of_a_dispense_fit_where_they_touch_different_fields() {
    let base = Dispense {
        id: DispenseId::from_uuid(Uuid::from_u128(10)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        medication: base().id,
        clinic: None,
        version: 1,
        on: date("2026-03-01"),
        quantity: Quantity::new(60, "tablet"),
        days_supply: 30,
        class: DrugClass::Other,
        status: DispenseStatus::Completed,
    };
    let longer = Dispense {
        days_supply: 60,
        version: 2,
        ..base.clone()
    };
    let mistaken = Dispense {
        status: DispenseStatus::EnteredInError,
        version: 2,
        ..base.clone()
    };
    let merged = dispense(&base, &longer, &mistaken).unwrap();
    assert_eq!(
        (merged.days_supply, merged.status),
        (60, DispenseStatus::EnteredInError)
    );
    assert_eq!(dispense(&base, &mistaken, &longer).unwrap(), merged);
    let shorter = Dispense {
        days_supply: 28,
        ..base.clone()
    };
    assert_eq!(
        dispense(&base, &longer, &shorter),
        Err(MergeConflict {
            fields: vec!["days_supply"]
        })
    );
}

#[test]
fn how_a_stock_is_kept_is_merged_with_the_rest() {
    let kept = Medication {
        stock: Some(StockSettings {
            unit: "tablet".to_owned(),
            lead_days: 3,
        }),
        ..base()
    };
    let renamed = Medication {
        name: "Glucophage".to_owned(),
        ..base()
    };
    let merged = medication(&base(), &kept, &renamed).unwrap();
    assert_eq!((merged.stock, merged.name.as_str()), (kept.stock, "Glucophage"));
}
