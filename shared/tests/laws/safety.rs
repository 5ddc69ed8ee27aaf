//! Safety: what a person is warned of when a medicine is added, and what a clinic's list may say.

use doseline_shared::{
    id::{AllergyId, MedicationId, PatientId},
    record::{Allergy, Medication, MedicationStatus},
    safety::{
        InteractionPair, Interactions, ListFaults, MAX_BYTES, MAX_FAULTS, MAX_PAIRS, Met, Severity, Warning, in_use,
        interacting, list_text, normal, read_list, share_an_ingredient, warnings,
    },
    schedule::{Days, Schedule},
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use crate::build::{date, medication, wall};

const HEAD: &str = "a,b,severity,text,source";
const LIST: &str = "a,b,severity,text,source\n\
    Warfarin sodium,ibuprofen,Major,Bleeding: watch it,Formulary\n\
    lisinopril,potassium chloride,moderate,Watch potassium,Formulary";

fn of(id: u128, name: &str, ingredients: &[&str]) -> Medication {
    Medication {
        id: MedicationId::from_uuid(Uuid::from_u128(id)),
        name: name.to_owned(),
        ingredients: ingredients.iter().map(|&name| name.to_owned()).collect(),
        ..medication(Vec::new())
    }
}

fn allergy(substance: &str) -> Allergy {
    Allergy {
        id: AllergyId::from_uuid(Uuid::from_u128(9)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        clinic: None,
        version: 1,
        substance: substance.to_owned(),
        codes: Vec::new(),
        active: true,
    }
}

/// Reads a file whose cells hold no commas.
fn read(file: &str) -> Result<Vec<InteractionPair>, ListFaults> {
    read_list((1..).zip(file.lines().map(|line| line.split(',').collect())))
}

fn list() -> Interactions {
    Interactions::new(read(LIST).unwrap())
}

fn of_regimen(added: &Medication, regimen: &[Medication]) -> Vec<Warning> {
    warnings(added, regimen, &[], &[&list()], date("2026-03-01"))
}

#[test]
fn one_ingredient_under_several_names_is_one() {
    for (name, same) in [
        ("  Metformin  Hydrochloride", "metformin"),
        ("METFORMIN-HCl", "metformin"),
        ("acetaminophen", "paracetamol"),
        ("potassium chloride", "potassium chloride"),
        (" - ", ""),
    ] {
        assert_eq!(normal(name), same);
        assert_eq!(normal(&normal(name)), same);
    }
}

#[test]
fn the_same_ingredient_twice_is_warned_of_while_both_are_taken() {
    let added = of(1, "Panadol", &["Paracetamol"]);
    let cold = of(2, "Cold relief", &["acetaminophen", "phenylephrine"]);
    let duplicate = vec![Warning::Duplicate {
        with: cold.id,
        ingredient: "paracetamol".to_owned(),
    }];
    assert_eq!(of_regimen(&added, std::slice::from_ref(&cold)), duplicate);
    for (from, warned) in [("2026-03-01", false), ("2026-03-02", true)] {
        let stopped = Medication {
            status: MedicationStatus::Stopped { from: date(from) },
            ..cold.clone()
        };
        assert_eq!(!of_regimen(&added, &[stopped]).is_empty(), warned);
    }
    assert_eq!(of_regimen(&added, std::slice::from_ref(&added)), []);
    assert_eq!(of_regimen(&added, &[of(3, "Glucophage", &["metformin"])]), []);
}

#[test]
fn an_allergy_is_found_in_the_ingredients_and_in_the_words_of_the_name() {
    let plain = of(1, "Penicillin V 250 mg", &[]);
    let listed = of(1, "Ospen", &["Phenoxymethylpenicillin potassium"]);
    for (substance, medication, warned) in [
        ("penicillin", &plain, true),
        ("Penicillin V", &plain, true),
        ("penicill", &plain, false),
        ("phenoxymethylpenicillin", &listed, true),
        ("Phenoxymethylpenicillin tablets", &listed, true),
        ("ibuprofen", &listed, false),
        ("?", &listed, false),
    ] {
        let found = |allergy| warnings(medication, &[], &[allergy], &[&list()], date("2026-03-01"));
        assert_eq!(!found(allergy(substance)).is_empty(), warned, "{substance}");
        let over = Allergy {
            active: false,
            ..allergy(substance)
        };
        assert_eq!(found(over), []);
    }
}

#[test]
fn a_pair_is_warned_of_from_both_sides_where_both_are_taken() {
    let (warfarin, ibuprofen) = (of(1, "Coumadin", &["warfarin"]), of(2, "Brufen", &["Ibuprofen"]));
    for (added, other) in [(&warfarin, &ibuprofen), (&ibuprofen, &warfarin)] {
        let found = of_regimen(added, std::slice::from_ref(other));
        let [Warning::Interaction { with, pair }] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!((*with, pair.severity), (other.id, Severity::Major));
        assert_eq!(pair.text, "Bleeding: watch it");
        assert_eq!(of_regimen(added, &[]), []);
    }
    let both = of(3, "Both", &["warfarin", "ibuprofen"]);
    let found = of_regimen(&both, &[]);
    assert!(matches!(found.as_slice(), [Warning::Interaction { with, .. }] if *with == both.id));
}

#[test]
fn two_ingredients_under_other_names_are_still_shared() {
    let (panadol, tylenol) = (of(1, "Panadol", &["Paracetamol"]), of(2, "Tylenol", &["Acetaminophen"]));
    assert!(share_an_ingredient(&panadol, &tylenol));
    assert!(!share_an_ingredient(&panadol, &of(3, "Brufen", &["ibuprofen"])));
    assert!(!share_an_ingredient(&of(4, "?", &[]), &of(5, "?", &[])));
}

#[test]
fn an_ingredient_that_stands_only_in_the_name_of_a_medicine_is_found_there() {
    let lisinopril = of(1, "Zestril (Lisinopril)", &[]);
    for (name, ingredients, warned) in [
        ("Ibuprofen 400 mg", &[][..], false),
        ("Potassium chloride 600 mg", &[], true),
        ("Slow-K", &["potassium chloride"], true),
        ("Losartan potassium chloride", &[], false),
        ("Losartan potassium", &[], false),
    ] {
        let found = interacting(
            &[lisinopril.clone(), of(2, name, ingredients)],
            &[&list()],
            date("2026-03-01"),
        );
        assert_eq!(!found.is_empty(), warned, "{name}");
    }
    let found = of_regimen(&of(3, "IBUPROFEN 400 mg", &[]), &[of(4, "Warfarin sodium 3 mg", &[])]);
    assert!(matches!(found.as_slice(), [Warning::Interaction { .. }]), "{found:?}");
}

fn planned(id: u128, name: &str, plan: Vec<(&str, Schedule)>) -> Medication {
    Medication {
        id: MedicationId::from_uuid(Uuid::from_u128(id)),
        ingredients: vec![name.to_owned()],
        ..medication(plan)
    }
}

fn daily(start: &str, end: Option<&str>, max_count: Option<u32>) -> Schedule {
    Schedule {
        start: date(start),
        end: end.map(date),
        max_count,
        ..wall("Africa/Lagos", &[("am", "08:00")], Days::Every {})
    }
}

#[test]
fn a_medicine_is_in_use_until_it_is_stopped_or_its_plan_is_over() {
    let without_times = of(1, "Warfarin", &["warfarin"]);
    let course = planned(
        2,
        "warfarin",
        vec![("2026-03-01", daily("2026-03-01", Some("2026-03-10"), None))],
    );
    let counted = planned(3, "warfarin", vec![("2026-03-01", daily("2026-03-01", None, Some(10)))]);
    let to_come = planned(4, "warfarin", vec![("2026-04-01", daily("2026-04-01", None, None))]);
    let again = planned(
        5,
        "warfarin",
        vec![
            ("2026-03-01", daily("2026-03-01", Some("2026-03-10"), None)),
            ("2026-05-01", daily("2026-05-01", None, None)),
        ],
    );
    let replaced = planned(
        6,
        "warfarin",
        vec![
            ("2026-01-01", daily("2026-01-01", None, None)),
            ("2026-03-01", daily("2026-03-01", Some("2026-03-10"), None)),
        ],
    );
    for (medication, on, expected) in [
        (&without_times, "2026-03-01", true),
        (&course, "2026-03-10", true),
        (&course, "2026-03-11", false),
        (&counted, "2026-03-10", true),
        (&counted, "2026-03-12", false),
        (&to_come, "2026-03-01", true),
        (&again, "2026-03-20", true),
        (&replaced, "2026-03-10", true),
        (&replaced, "2026-03-11", false),
    ] {
        assert_eq!(in_use(medication, date(on)), expected, "{:?} on {on}", medication.id);
        let stopped = Medication {
            status: MedicationStatus::Stopped { from: date(on) },
            ..medication.clone()
        };
        assert!(!in_use(&stopped, date(on)));
        let ibuprofen = of(9, "Brufen", &["ibuprofen"]);
        assert_eq!(
            !interacting([medication, &ibuprofen], &[&list()], date(on)).is_empty(),
            expected
        );
    }
}

#[test]
fn what_two_clinics_say_is_told_with_both_sources_the_gravest_first() {
    let ours = list();
    let theirs = Interactions::new(
        read(&format!("{HEAD}\nibuprofen,warfarin,contraindicated,Never,Other clinic\nlisinopril,ibuprofen,minor,Pressure,Other clinic"))
            .unwrap(),
    );
    let regimen = [
        of(1, "Coumadin", &["warfarin"]),
        of(2, "Brufen", &["ibuprofen"]),
        of(3, "Zestril", &["lisinopril"]),
    ];
    let found = interacting(&regimen, &[&ours, &theirs, &ours], date("2026-03-01"));
    let told: Vec<_> = found
        .iter()
        .map(|met| (met.pair.severity, met.pair.source.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Severity::Contraindicated, "Other clinic"),
            (Severity::Major, "Formulary"),
            (Severity::Minor, "Other clinic"),
        ]
    );
    assert_eq!(interacting(&regimen, &[], date("2026-03-01")), []);
}

#[test]
fn a_list_of_an_older_version_is_brought_to_the_names_of_this_one() {
    let old = |a: &str, b: &str, severity| InteractionPair {
        a: a.to_owned(),
        b: b.to_owned(),
        severity,
        text: "t".to_owned(),
        source: "s".to_owned(),
    };
    let list = Interactions::new([
        old("Acetaminophen", "warfarin", Severity::Major),
        old("warfarin sodium", "paracetamol", Severity::Minor),
    ]);
    let pairs: Vec<_> = list.pairs().cloned().collect();
    assert_eq!(pairs, [old("paracetamol", "warfarin", Severity::Major)]);
}

#[test]
fn a_list_with_faults_names_each_by_line_and_column_and_leaves_nothing() {
    assert_eq!(list().pairs().count(), 2);
    let good = "warfarin,ibuprofen,major,t,s";
    let long = "x".repeat(2_001);
    for (file, faults) in [
        (String::new(), vec!["line 1: the first line must be a,b,severity"]),
        (
            "a;b;severity;text;source".to_owned(),
            vec!["line 1: the first line must be"],
        ),
        (HEAD.to_owned(), vec!["line 1: the file has no pairs"]),
        (
            format!("{HEAD}\nx,y,grave,t,s"),
            vec!["line 2, column severity: write minor, moderate, major or"],
        ),
        (
            format!("{HEAD}\nx,y,major,t"),
            vec!["line 2: the line must have five columns"],
        ),
        (
            format!("{HEAD}\nx,y,major,t,s,"),
            vec!["line 2: the line must have five columns"],
        ),
        (
            format!("{HEAD}\nx,,major,t,s"),
            vec!["line 2, column b: the cell is empty"],
        ),
        (
            format!("{HEAD}\n-,y,major,t,s"),
            vec!["line 2, column a: the cell is empty"],
        ),
        (
            format!("{HEAD}\nx,y,major,{long},s"),
            vec!["line 2, column text: the cell has more than 2000"],
        ),
        (
            format!("{HEAD}\nx,X sodium,major,t,s"),
            vec!["line 2, column b: both names are of one ingredient"],
        ),
        (
            format!("{HEAD}\n{good}\nibuprofen,warfarin,minor,t,s\nx,y,major,,s"),
            vec![
                "line 3, column b: the pair is on line 2 already",
                "line 4, column text: the cell is empty",
            ],
        ),
    ] {
        let found = read(&file).unwrap_err();
        assert_eq!((found.first.len(), found.more), (faults.len(), 0), "{found:?}");
        for (found, expected) in found.first.iter().zip(faults) {
            assert!(found.to_string().starts_with(expected), "{found}");
        }
    }
}

#[test]
fn the_first_faults_are_named_and_the_others_counted() {
    let wrong = "x,y,grave,t,s\n".repeat(MAX_FAULTS + 7);
    let found = read(&format!("{HEAD}\n{wrong}")).unwrap_err();
    assert_eq!((found.first.len(), found.more), (MAX_FAULTS, 7));
}

#[test]
fn a_list_has_room_for_its_most_pairs_and_no_more() {
    let rows = |count: usize| {
        let names: Vec<_> = (0..count).map(|number| format!("x{number}")).collect();
        let all = std::iter::once((1, HEAD.split(',').map(str::to_owned).collect::<Vec<_>>())).chain(
            (2..).zip(
                names
                    .iter()
                    .map(|name| ["y", name, "minor", "t", "s"].map(str::to_owned).to_vec()),
            ),
        );
        let all: Vec<_> = all.collect();
        read_list(
            all.iter()
                .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect())),
        )
    };
    assert_eq!(rows(MAX_PAIRS).unwrap().len(), MAX_PAIRS);
    let found = rows(MAX_PAIRS + 5).unwrap_err();
    assert_eq!((found.first.len(), found.first[0].line), (1, MAX_PAIRS as u64 + 2));
    assert!(found.first[0].to_string().contains("more than 20000 pairs"));
}

#[test]
fn a_file_that_is_no_text_is_refused_by_its_line_and_one_that_is_too_large_at_once() {
    assert_eq!(list_text("a,b\né".into()).unwrap(), "a,b\né");
    let found = list_text(b"a,b\nx,y\ncaf\xe9".to_vec()).unwrap_err();
    assert_eq!(found.first[0].line, 3);
    assert!(found.first[0].to_string().contains("UTF-8"));
    assert!(list_text(vec![b'a'; MAX_BYTES]).is_ok());
    assert!(
        list_text(vec![b'a'; MAX_BYTES + 1]).unwrap_err().first[0]
            .to_string()
            .contains("5 MB")
    );
}

fn any_regimen() -> impl Strategy<Value = Vec<Medication>> {
    let names = select(vec![
        "warfarin",
        "Warfarin sodium",
        "ibuprofen",
        "lisinopril",
        "potassium chloride",
        "aspirin",
    ]);
    vec(vec(names, 0..3), 0..5).prop_map(|all| (1..).zip(all).map(|(id, names)| of(id, "x", &names)).collect())
}

proptest! {
    /// What is told of a regimen is what is warned of when its last medicine is added, and of the others without it.
    #[test]
    fn what_is_told_of_a_regimen_is_what_was_warned_of_as_it_grew(regimen in any_regimen()) {
        let (list, today) = (list(), date("2026-03-01"));
        let lists = [&list];
        let mut warned: Vec<Met> = Vec::new();
        for (place, added) in regimen.iter().enumerate() {
            for warning in warnings(added, &regimen[..place], &[], &lists, today) {
                if let Warning::Interaction { with, pair } = warning {
                    warned.push(Met { one: with, other: added.id, pair });
                }
            }
        }
        let mut told = interacting(&regimen, &lists, today);
        for all in [&mut warned, &mut told] {
            all.sort_by(|one, other| (one.one, one.other, &one.pair.a, &one.pair.b).cmp(&(other.one, other.other, &other.pair.a, &other.pair.b)));
        }
        prop_assert_eq!(told, warned);
    }
}
