//! Safety: what a person is warned of when a medicine is added, and what a clinic's list may say.

use doseline_shared::{
    id::{AllergyId, MedicationId, PatientId},
    record::{Allergy, Medication, MedicationStatus},
    safety::{Interactions, Severity, Warning, normal, warnings},
};
use uuid::Uuid;

use crate::build::{date, medication};

const LIST: &str = "\u{feff}a,b,severity,text,source\r\n\
    Warfarin sodium,ibuprofen,Major,\"Bleeding, watch it\",Formulary\r\n\
    lisinopril , potassium chloride,moderate,Watch potassium,Formulary\r\n";

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

fn list() -> Interactions {
    Interactions::read(LIST.as_bytes()).unwrap()
}

fn of_regimen(added: &Medication, regimen: &[Medication]) -> Vec<Warning> {
    warnings(added, regimen, &[], &list(), date("2026-03-01"))
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
        let found = |allergy| warnings(medication, &[], &[allergy], &list(), date("2026-03-01"));
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
        assert_eq!(pair.text, "Bleeding, watch it");
        assert_eq!(of_regimen(added, &[]), []);
    }
    let both = of(3, "Both", &["warfarin", "ibuprofen"]);
    let found = of_regimen(&both, &[]);
    assert!(matches!(found.as_slice(), [Warning::Interaction { with, .. }] if *with == both.id));
}

#[test]
fn a_list_with_faults_names_each_by_line_and_column_and_leaves_nothing() {
    assert_eq!(list().pairs().count(), 2);
    let head = "a,b,severity,text,source\n";
    let good = "warfarin,ibuprofen,major,t,s\n";
    for (file, faults) in [
        (String::new(), vec![(1, "a", "first line")]),
        ("a;b;severity;text;source\n".to_owned(), vec![(1, "a", "first line")]),
        (format!("{head}x,y,grave,t,s\n"), vec![(2, "severity", "write minor")]),
        (format!("{head}x,y,major,t\n"), vec![(2, "source", "five columns")]),
        (format!("{head}x,,major,t,s\n"), vec![(2, "b", "empty")]),
        (
            format!("{head}x,X sodium,major,t,s\n"),
            vec![(2, "b", "one ingredient")],
        ),
        (
            format!("{head}{good}ibuprofen,warfarin,minor,\"t\nu\",s\nx,y,major,,s\n"),
            vec![(3, "b", "line 2 already"), (5, "text", "empty")],
        ),
    ] {
        let found = Interactions::read(file.as_bytes()).unwrap_err();
        assert_eq!(found.len(), faults.len(), "{found:?}");
        for (found, (line, column, problem)) in found.iter().zip(faults) {
            assert_eq!((found.line, found.column), (line, column), "{found}");
            assert!(found.to_string().contains(problem), "{found}");
        }
    }
    let bytes = [head.as_bytes(), b"caf\xe9,y,major,t,s\n"].concat();
    let found = Interactions::read(&bytes).unwrap_err();
    assert_eq!(found[0].line, 2);
    assert!(found[0].to_string().contains("UTF-8"));
}
