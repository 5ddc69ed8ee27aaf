//! The warnings of one medicine that is added to a regimen.

use chrono::NaiveDate;

use super::{
    interaction::{InteractionPair, Interactions},
    name::{ingredients, normal, words},
};
use crate::{
    id::{AllergyId, MedicationId},
    record::{Allergy, Medication, MedicationStatus},
};

/// Something that a person should know before a medicine is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Another medication has the same ingredient.
    Duplicate {
        /// Which medication.
        with: MedicationId,
        /// The ingredient, in its normal form.
        ingredient: String,
    },
    /// The patient is allergic to something that its ingredients or its name name.
    Allergy {
        /// Which allergy.
        allergy: AllergyId,
    },
    /// It interacts with another medication, or two of its own ingredients interact.
    Interaction {
        /// The other medication; the added one itself where both are in it.
        with: MedicationId,
        /// What the clinic's list says.
        pair: InteractionPair,
    },
}

/// The warnings where `added` joins `regimen` on the local date `today`. What is not taken any more on that date, an
/// allergy that is not current, and `added` itself in an older version do not count.
pub fn warnings(
    added: &Medication,
    regimen: &[Medication],
    allergies: &[Allergy],
    interactions: &Interactions,
    today: NaiveDate,
) -> Vec<Warning> {
    let active = |other: &&Medication| match other.status {
        MedicationStatus::Active {} => other.id != added.id,
        MedicationStatus::Stopped { from } => other.id != added.id && today < from,
    };
    let own = ingredients(added);
    let mut found = Vec::new();
    for other in regimen.iter().filter(active) {
        let shared = ingredients(other).into_iter().filter(|name| own.contains(name));
        found.extend(shared.map(|ingredient| Warning::Duplicate {
            with: other.id,
            ingredient,
        }));
    }
    let current = allergies.iter().filter(|allergy| allergy.active);
    found.extend(
        current
            .filter(|allergy| concerns(&allergy.substance, added))
            .map(|allergy| Warning::Allergy { allergy: allergy.id }),
    );
    let others = regimen
        .iter()
        .filter(active)
        .map(|other| (other.id, ingredients(other)));
    for (with, theirs) in std::iter::once((added.id, own.clone())).chain(others) {
        found.extend(interactions.between(&own, &theirs).map(|pair| Warning::Interaction {
            with,
            pair: pair.clone(),
        }));
    }
    found
}

/// Whether the substance is an ingredient of the medication, or is named in one or in the medication's name, word by word.
fn concerns(substance: &str, medication: &Medication) -> bool {
    let substance = words(&normal(substance));
    let within = |name: &[String]| !substance.is_empty() && name.windows(substance.len()).any(|part| part == substance);
    let of_ingredients = ingredients(medication);
    of_ingredients.iter().any(|name| {
        let name = words(name);
        within(&name) || substance.windows(name.len().max(1)).any(|part| part == name)
    }) || within(&words(&medication.name))
        || within(&words(&normal(&medication.name)))
}
