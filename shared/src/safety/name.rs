//! Names of ingredients, brought to one form so that they can be compared.

use std::collections::BTreeSet;

use crate::{record::Medication, schedule::Rule};

/// Words for a salt or its water, which do not make another ingredient.
const SALTS: &[&str] = &[
    "acetate",
    "anhydrous",
    "besilate",
    "besylate",
    "bitartrate",
    "calcium",
    "carbonate",
    "chloride",
    "citrate",
    "dihydrate",
    "dihydrochloride",
    "fumarate",
    "gluconate",
    "hcl",
    "hydrobromide",
    "hydrochloride",
    "magnesium",
    "maleate",
    "mesilate",
    "mesylate",
    "monohydrate",
    "phosphate",
    "potassium",
    "sodium",
    "succinate",
    "sulfate",
    "sulphate",
    "tartrate",
    "trihydrate",
];

/// Most words in the name of an ingredient that is looked for in the name of a medicine.
const LONGEST: usize = 4;

/// Other names of one ingredient, each with its international nonproprietary name.
const SYNONYMS: &[(&str, &str)] = &[
    ("acetaminophen", "paracetamol"),
    ("adrenaline", "epinephrine"),
    ("albuterol", "salbutamol"),
    ("amoxycillin", "amoxicillin"),
    ("aspirin", "acetylsalicylic acid"),
    ("cephalexin", "cefalexin"),
    ("cyclosporine", "ciclosporin"),
    ("frusemide", "furosemide"),
    ("glyburide", "glibenclamide"),
    ("lignocaine", "lidocaine"),
    ("meperidine", "pethidine"),
    ("noradrenaline", "norepinephrine"),
    ("phenobarbitone", "phenobarbital"),
    ("rifampin", "rifampicin"),
    ("valproate", "valproic acid"),
];

/// The name in one form: lower case, single spaces, no punctuation, no salt where more than a salt is named, and the
/// international nonproprietary name where another is known. Empty where there is no word in it.
pub fn normal(name: &str) -> String {
    let words = words(name);
    let kept: Vec<_> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !SALTS.contains(word))
        .collect();
    let name = if kept.is_empty() {
        words.join(" ")
    } else {
        kept.join(" ")
    };
    let known = SYNONYMS.iter().find(|(other, _)| *other == name);
    known.map_or(name, |(_, inn)| (*inn).to_owned())
}

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let split = lower.split(|letter: char| !letter.is_alphanumeric());
    split.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The ingredients of a medication in their normal form: those listed, and those whose amounts its rule sums.
pub fn ingredients(medication: &Medication) -> BTreeSet<String> {
    let of_rules = medication
        .plan
        .iter()
        .flat_map(|revision| match &revision.schedule.rule {
            Rule::AsNeeded { ingredients, .. } => ingredients.as_slice(),
            Rule::Wall { .. } | Rule::Elapsed { .. } | Rule::After { .. } => &[],
        });
    let names = medication.ingredients.iter().chain(of_rules).map(|name| normal(name));
    names.filter(|name| !name.is_empty()).collect()
}

/// The names under which a list of interactions may know the medication: its ingredients, and whatever stands in its own
/// name, word by word, since few people write the ingredients down beside it. A salt counts where the name begins with it:
/// `Potassium chloride 600 mg`, and not `Losartan potassium`.
pub(super) fn names(medication: &Medication) -> BTreeSet<String> {
    let words = words(&medication.name);
    let mut names = ingredients(medication);
    for from in 0..words.len() {
        for part in (1..=LONGEST).filter_map(|length| words.get(from..from + length)) {
            if from == 0 || part.iter().any(|word| !SALTS.contains(&word.as_str())) {
                names.insert(normal(&part.join(" ")));
            }
        }
    }
    names
}

/// Whether two medications have an ingredient in common, under whatever name.
pub fn share_an_ingredient(one: &Medication, other: &Medication) -> bool {
    !ingredients(one).is_disjoint(&ingredients(other))
}
