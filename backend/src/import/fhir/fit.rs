//! Bringing a record under the limits that every boundary holds: FHIR knows none for names and texts.

use doseline_shared::record::{Coding, MAX_CODES, MAX_NAME, MAX_TEXT, Record};

/// What stands at the end of a text that was cut off.
const CUT: char = '…';

/// Cuts off what is too long; whether anything was.
pub(super) fn shorten(record: &mut Record) -> bool {
    match record {
        Record::Patient(patient) => cut(&mut patient.name, MAX_NAME),
        Record::Allergy(allergy) => {
            let name = cut(&mut allergy.substance, MAX_NAME);
            codes(&mut allergy.codes) | name
        }
        Record::Condition(condition) => {
            let name = cut(&mut condition.name, MAX_NAME);
            codes(&mut condition.codes) | name
        }
        Record::Medication(medication) => {
            let name = cut(&mut medication.name, MAX_NAME);
            let instruction = medication.instruction.as_mut().is_some_and(|text| cut(text, MAX_TEXT));
            // Half an ingredient would be another one.
            let ingredients = fewer(&mut medication.ingredients, |ingredient| fits(ingredient));
            codes(&mut medication.codes) | name | instruction | ingredients
        }
        // None of these is read from a file.
        Record::DoseEvent(_)
        | Record::Grant(_)
        | Record::AlertRule(_)
        | Record::Alert(_)
        | Record::Dispense(_)
        | Record::StockEntry(_)
        | Record::SideEffectEntry(_) => false,
    }
}

fn cut(text: &mut String, most: usize) -> bool {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return false;
    };
    let keep = text.char_indices().nth(most - 1).map_or(end, |(at, _)| at);
    text.truncate(keep);
    text.truncate(text.trim_end().len());
    text.push(CUT);
    true
}

/// A part of a code is none.
fn codes(codes: &mut Vec<Coding>) -> bool {
    fewer(codes, |coding| fits(&coding.system) && fits(&coding.code))
}

fn fewer<T>(list: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> bool {
    let before = list.len();
    list.retain(fits);
    list.truncate(MAX_CODES);
    list.len() < before
}

fn fits(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= MAX_NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_at_a_character_and_shows_it() {
        for (length, kept) in [(MAX_NAME, MAX_NAME), (MAX_NAME + 1, MAX_NAME), (5_000, MAX_NAME)] {
            let mut name = "ọ".repeat(length);
            assert_eq!(cut(&mut name, MAX_NAME), length > MAX_NAME);
            assert_eq!(name.chars().count(), kept);
            assert_eq!(name.ends_with(CUT), length > MAX_NAME);
        }
    }

    #[test]
    fn a_code_that_does_not_fit_is_left_out_whole() {
        let coding = |code: &str| Coding {
            system: "urn:oid:1".to_owned(),
            code: code.to_owned(),
        };
        let mut list = vec![coding("1"), coding(&"2".repeat(MAX_NAME + 1)), coding(" ")];
        assert!(codes(&mut list));
        assert_eq!(list, [coding("1")]);
        assert!(!codes(&mut list));
    }
}
