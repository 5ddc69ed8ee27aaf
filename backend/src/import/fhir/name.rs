//! What the name of a medication says about its form and ingredients. Where it says nothing certain, nothing is taken.
//!
//! Names from RxNorm are systematic ("Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet", "Diazepam
//! [Valium]"): ingredients are read from those only, by the strength in capitals or the brand in brackets. A brand such
//! as "Lasix 40mg" gives none. Ingredients feed the limits of as-needed medicines, where a wrong one would be worse than
//! a missing one.

use doseline_shared::record::{Colour, Form, Look};

/// How the medication is drawn; the colour is not known from a name.
pub(super) fn look(name: &str) -> Look {
    Look {
        form: form(name),
        colour: Colour::White,
    }
}

/// The form that the name states.
pub(super) fn form(name: &str) -> Form {
    const FORMS: &[(&str, Form)] = &[
        ("tablet", Form::Tablet),
        ("capsule", Form::Capsule),
        ("inhaler", Form::Inhaler),
        ("inhalation", Form::Inhaler),
        ("injection", Form::Injection),
        ("injectable", Form::Injection),
        ("syringe", Form::Injection),
        ("auto-injector", Form::Injection),
        ("pen injector", Form::Injection),
        ("cream", Form::Cream),
        ("ointment", Form::Cream),
        ("lotion", Form::Cream),
        ("topical gel", Form::Cream),
        ("ophthalmic solution", Form::Drops),
        ("otic solution", Form::Drops),
        ("drops", Form::Drops),
        ("oral solution", Form::Liquid),
        ("oral suspension", Form::Liquid),
        ("syrup", Form::Liquid),
    ];
    let name = name.to_lowercase();
    FORMS
        .iter()
        .find(|(word, _)| name.contains(word))
        .map_or(Form::Other, |(_, form)| *form)
}

/// The unit of a dose that states only a number.
pub(super) fn unit(name: &str) -> &'static str {
    match form(name) {
        Form::Tablet => "tablet",
        Form::Capsule => "capsule",
        Form::Inhaler => "puff",
        Form::Drops => "drop",
        Form::Liquid | Form::Injection | Form::Cream | Form::Other => "dose",
    }
}

/// The ingredients that a systematic name states, in lower case and by their international names.
pub(super) fn ingredients(name: &str) -> Vec<String> {
    let (plain, branded) = match name.split_once('[') {
        Some((plain, _)) => (plain, true),
        None => (name, false),
    };
    let parts: Option<Vec<String>> = plain.split(" / ").map(|part| ingredient(part, branded)).collect();
    parts.unwrap_or_default()
}

/// The words of `part` before its strength, without the words for a package before them and the salt after them.
fn ingredient(part: &str, branded: bool) -> Option<String> {
    const STRENGTHS: &[&str] = &[
        "MG",
        "MCG",
        "UNT",
        "MEQ",
        "MG/ML",
        "MCG/ML",
        "UNT/ML",
        "MG/ACTUAT",
        "MG/HR",
        "%",
    ];
    const PACKAGES: &[&str] = &["HR", "ML", "ACTUAT", "DAY"];
    let mut words: Vec<&str> = part.split_whitespace().collect();
    while let [count, package, ..] = words.as_slice()
        && is_number(count)
        && PACKAGES.contains(package)
    {
        words.drain(..2);
    }
    let strength = words
        .windows(2)
        .position(|pair| matches!(pair, [count, unit] if is_number(count) && STRENGTHS.contains(unit)));
    let before = match strength {
        Some(0) => return None,
        Some(at) => words.get(..at)?,
        None if branded => &words,
        None => return None,
    };
    if before.iter().any(|word| word.chars().any(|c| c == '/' || c == ',')) {
        return None;
    }
    let name: Vec<String> = before
        .iter()
        .map(|word| word.to_lowercase())
        .filter(|word| !SALTS.contains(&word.as_str()))
        .collect();
    let name = name.join(" ");
    (!name.is_empty()).then(|| international(&name).to_owned())
}

const SALTS: &[&str] = &[
    "acetate",
    "besylate",
    "calcium",
    "citrate",
    "fumarate",
    "hydrobromide",
    "hydrochloride",
    "maleate",
    "mesylate",
    "phosphate",
    "potassium",
    "propionate",
    "sodium",
    "succinate",
    "sulfate",
    "tartrate",
];

/// The international name where the one used in the United States differs, so that one ingredient is one word.
fn international(name: &str) -> &str {
    match name {
        "acetaminophen" => "paracetamol",
        "albuterol" => "salbutamol",
        "meperidine" => "pethidine",
        "glyburide" => "glibenclamide",
        "rifampin" => "rifampicin",
        other => other,
    }
}

fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit() || c == '.') && word.chars().any(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systematic_names_give_their_ingredients() {
        let cases: &[(&str, &[&str])] = &[
            (
                "Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet",
                &["paracetamol", "oxycodone"],
            ),
            (
                "24 HR metoprolol succinate 100 MG Extended Release Oral Tablet [Toprol]",
                &["metoprolol"],
            ),
            (
                "200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler",
                &["salbutamol"],
            ),
            ("10 ML Furosemide 10 MG/ML Injection", &["furosemide"]),
            ("Vitamin B 12 5 MG/ML Injectable Solution", &["vitamin b 12"]),
            ("Diazepam [Valium]", &["diazepam"]),
            ("Carbamazepine[Tegretol]", &["carbamazepine"]),
            ("Hydrochlorothiazide 25 MG", &["hydrochlorothiazide"]),
        ];
        for (name, expected) in cases {
            assert_eq!(ingredients(name), *expected, "{name}");
        }
    }

    #[test]
    fn other_names_give_none() {
        for name in [
            "Lasix 40mg",
            "Sertraline 100MG",
            "Acetaminophen/Hydrocodone",
            "Some tablets",
            "500 MG",
        ] {
            assert!(ingredients(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn the_form_is_what_the_name_states() {
        assert_eq!(form("Naproxen sodium 220 MG Oral Tablet"), Form::Tablet);
        assert_eq!(form("Hydrocortisone 10 MG/ML Topical Cream"), Form::Cream);
        assert_eq!(
            form("200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
            Form::Inhaler
        );
        assert_eq!(form("Lasix 40mg"), Form::Other);
        assert_eq!(unit("Lasix 40mg"), "dose");
    }
}
