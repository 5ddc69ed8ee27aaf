//! `Dosage`: how much, and the limits of what is taken as needed.

use chrono::NaiveDate;
use doseline_shared::{
    quantity::Quantity,
    schedule::{Dose, Rule},
};
use fhirkit::r4;

use super::{
    name, text,
    timing::{self, Often},
    value, words,
};

/// Whether a dosage is taken as needed only.
pub(super) fn as_needed(dosage: &r4::Dosage) -> bool {
    match &dosage.as_needed {
        Some(r4::DosageAsNeeded::Boolean(yes)) => yes.value == Some(true),
        Some(r4::DosageAsNeeded::CodeableConcept(_)) => true,
        None => false,
    }
}

/// The amount of each dose. Where the prescription states none, or a range, the patient enters it.
pub(super) fn dose(dosage: &r4::Dosage, medication: &str) -> Dose {
    let stated = dosage.dose_and_rate.iter().find_map(|rate| match &rate.dose {
        Some(r4::DosageDoseAndRateDose::Quantity(quantity)) => amount(quantity, Some(medication)),
        Some(r4::DosageDoseAndRateDose::Range(_)) | None => None,
    });
    match stated {
        Some(amount) => Dose::Fixed { amount },
        None => Dose::Ask {},
    }
}

/// A quantity with its unit; a bare number counts what `medication` is.
fn amount(quantity: &r4::Quantity, medication: Option<&str>) -> Option<Quantity> {
    if quantity.comparator.is_some() {
        return None;
    }
    let number = quantity.value.as_ref()?.value.as_ref()?.as_str();
    let value: rust_decimal::Decimal = number.parse().ok()?;
    let unit = match text(&quantity.unit).or(text(&quantity.code)).map(str::trim) {
        Some("1" | "{dose}" | "") | None => name::unit(medication?),
        Some(unit) => unit,
    };
    let amount = Quantity::new(value, unit);
    (!amount.value.is_zero() && amount.value.is_sign_positive()).then_some(amount)
}

/// The rule of a dosage taken as needed, and whether it states any limit.
pub(super) fn as_needed_rule(dosage: &r4::Dosage, ingredients: Vec<String>) -> (Rule, bool) {
    let (min_gap_min, mut max_count) = match dosage.timing.as_ref().and_then(timing::often) {
        Some(Often::Gap(minutes)) => (minutes, None),
        Some(Often::PerDay(times)) => (0, Some(times)),
        None => (0, None),
    };
    let (mut max_amount, mut per_min) = (None, 1_440);
    if let Some((most, minutes)) = dosage.max_dose_per_period.as_ref().and_then(limit) {
        // A rule has one window; a count per day cannot stand beside an amount per other time. The amount is stricter.
        if minutes != per_min {
            max_count = None;
        }
        (max_amount, per_min) = (Some(most), minutes);
    }
    let limited = min_gap_min > 0 || max_count.is_some() || max_amount.is_some();
    let rule = Rule::AsNeeded {
        min_gap_min,
        max_count,
        max_amount,
        per_min,
        ingredients,
    };
    (rule, limited)
}

/// The greatest amount in so many minutes.
fn limit(ratio: &r4::Ratio) -> Option<(Quantity, u32)> {
    let most = amount(ratio.numerator.as_ref()?, None)?;
    let per = ratio.denominator.as_ref()?;
    let count: u32 = per.value.as_ref()?.value.as_ref()?.as_str().parse().ok()?;
    let minutes = match text(&per.code).or(text(&per.unit))? {
        "min" => 1,
        "h" | "hour" | "hours" => 60,
        "d" | "day" | "days" => 1_440,
        "wk" | "week" | "weeks" => 10_080,
        _ => return None,
    };
    Some((most, count.checked_mul(minutes).filter(|minutes| *minutes > 0)?))
}

/// What to heed, in the prescriber's words.
pub(super) fn instruction(dosage: &r4::Dosage, meals: Option<&'static str>) -> Option<String> {
    let reason = match &dosage.as_needed {
        Some(r4::DosageAsNeeded::CodeableConcept(reason)) => words(reason).map(|reason| format!("for {reason}")),
        Some(r4::DosageAsNeeded::Boolean(_)) | None => None,
    };
    let mut parts: Vec<String> = Vec::new();
    let stated = text(&dosage.patient_instruction)
        .or(text(&dosage.text))
        .map(str::to_owned);
    let additional = dosage.additional_instruction.iter().filter_map(words);
    for part in stated
        .into_iter()
        .chain(additional)
        .chain(reason)
        .chain(meals.map(str::to_owned))
    {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let whole = parts.join("; ");
    (!whole.is_empty()).then_some(whole)
}

/// The date from which the prescription's own counting begins.
pub(super) fn authored(on: Option<&str>) -> Option<NaiveDate> {
    on.and_then(super::date)
}

/// Whether the first of several dosages is the only one that says anything.
pub(super) fn only(dosages: &[r4::Dosage]) -> Option<&r4::Dosage> {
    let mut telling = dosages
        .iter()
        .filter(|dosage| dosage.timing.is_some() || as_needed(dosage) || !dosage.dose_and_rate.is_empty());
    let first = telling.next().or(dosages.first())?;
    telling.next().is_none().then_some(first)
}

/// The order of a dosage among several.
pub(super) fn in_order(dosages: &[r4::Dosage]) -> Vec<&r4::Dosage> {
    let mut ordered: Vec<&r4::Dosage> = dosages.iter().collect();
    ordered.sort_by_key(|dosage| value(&dosage.sequence).unwrap_or(i32::MAX));
    ordered
}
