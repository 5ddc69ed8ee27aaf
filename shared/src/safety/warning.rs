//! The warnings of one medicine that is added to a regimen, and the interactions within a regimen as it stands.

use std::{cmp::Reverse, collections::BTreeSet};

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::{
    interaction::{InteractionPair, Interactions},
    name::{ingredients, names, normal, words},
};
use crate::{
    dose::slate::{is_active, revision_on},
    id::{AllergyId, MedicationId},
    order,
    record::{Allergy, Medication, Revision},
    schedule::{Context, Rule, Schedule, dues},
};

/// No two doses of a plan by the clock are further apart: the longest distance that a plan names in days, and some.
const LONGEST_GAP: TimeDelta = TimeDelta::days(800);

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

/// An interaction of two medications that are both taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// One of them.
    pub one: MedicationId,
    /// The other; the same where both ingredients are in it.
    pub other: MedicationId,
    /// What the clinic's list says.
    pub pair: InteractionPair,
}

/// The warnings where `added` joins `regimen` on the local date `today`: what it has in common with others, allergies,
/// and what each of the lists says, the gravest first. What is not taken any more on that date, an allergy that is not
/// current, and `added` itself in an older version do not count.
pub fn warnings(
    added: &Medication,
    regimen: &[Medication],
    allergies: &[Allergy],
    lists: &[&Interactions],
    today: NaiveDate,
) -> Vec<Warning> {
    let own = ingredients(added);
    let others: Vec<&Medication> = regimen
        .iter()
        .filter(|other| other.id != added.id && in_use(other, today))
        .collect();
    let mut found = Vec::new();
    for other in &others {
        found.extend(
            ingredients(other)
                .intersection(&own)
                .map(|ingredient| Warning::Duplicate {
                    with: other.id,
                    ingredient: ingredient.clone(),
                }),
        );
    }
    let current = allergies.iter().filter(|allergy| allergy.active);
    found.extend(
        current
            .filter(|allergy| concerns(&allergy.substance, added))
            .map(|allergy| Warning::Allergy { allergy: allergy.id }),
    );
    let (own, mut met) = (names(added), Vec::new());
    for other in std::iter::once(added).chain(others) {
        let pairs = between(lists, &own, &names(other));
        met.extend(pairs.into_iter().map(|pair| (other.id, pair)));
    }
    order::by_key(&mut met, |(_, pair)| Reverse(pair.severity));
    found.extend(met.into_iter().map(|(with, pair)| Warning::Interaction { with, pair }));
    found
}

/// The interactions within a regimen as it is taken on the local date `today`, the gravest first.
pub fn interacting<'a>(
    regimen: impl IntoIterator<Item = &'a Medication>,
    lists: &[&Interactions],
    today: NaiveDate,
) -> Vec<Met> {
    if lists.is_empty() {
        return Vec::new();
    }
    let taken: Vec<_> = regimen
        .into_iter()
        .filter(|medication| in_use(medication, today))
        .map(|medication| (medication.id, names(medication)))
        .collect();
    let mut found = Vec::new();
    for (place, (one, mine)) in taken.iter().enumerate() {
        for (other, theirs) in taken.iter().skip(place) {
            found.extend(between(lists, mine, theirs).into_iter().map(|pair| Met {
                one: *one,
                other: *other,
                pair,
            }));
        }
    }
    order::by_key(&mut found, |met| Reverse(met.pair.severity));
    found
}

/// What the lists say of two sets of names. What two clinics say in the same words is said once.
fn between(lists: &[&Interactions], mine: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<InteractionPair> {
    let mut found: Vec<InteractionPair> = Vec::new();
    for pair in lists.iter().flat_map(|list| list.between(mine, theirs)) {
        if !found.contains(pair) {
            found.push(pair.clone());
        }
    }
    found
}

/// Whether the medication is taken on the local date `today`, or is to be later: neither stopped, nor at the end of its
/// plan. One without times counts: it may be taken all the same.
pub fn in_use(medication: &Medication, today: NaiveDate) -> bool {
    let goes_on = |revision: &Revision| !over(&revision.schedule, today);
    let later = |revision: &&Revision| revision.from > today;
    is_active(medication, today)
        && revision_on(medication, today)
            .into_iter()
            .chain(medication.plan.iter().filter(later))
            .map(goes_on)
            .reduce(|one, other| one || other)
            .unwrap_or(true)
}

/// Whether the last dose was due on an earlier date. Of doses that count from the one before nobody can say which is the
/// last until it is taken, so those end by a date only.
fn over(schedule: &Schedule, today: NaiveDate) -> bool {
    let by_date = schedule.end.is_some_and(|end| end < today);
    let by_count = || {
        let counts = schedule.max_count.is_some() && matches!(schedule.rule, Rule::Wall { .. });
        // From a day before, since the clock that the times are on may be behind.
        let from = (today.max(schedule.start) - Days::new(1))
            .and_time(NaiveTime::MIN)
            .and_utc();
        counts
            && dues(schedule, from..from + LONGEST_GAP, &Context::new(Tz::UTC))
                .next()
                .is_none()
    };
    by_date || by_count()
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
