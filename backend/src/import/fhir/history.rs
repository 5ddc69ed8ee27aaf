//! `AllergyIntolerance` and `Condition`: what it is in words and codes, and whether it is current.

use doseline_shared::{
    id::{AllergyId, ConditionId},
    record::{Allergy, Condition, Record},
};
use fhirkit::r4;

use super::{
    Intake, WhyLeft,
    bundle::{Named, Reading, left, taken},
    codings, date, has_code, patient, text, words,
};

const IN_ERROR: &[&str] = &["entered-in-error", "refuted"];

/// Takes an allergy in.
pub(super) fn take_allergy(
    reading: &Reading<'_>,
    resource: &r4::AllergyIntolerance,
    named: Named,
    intake: &mut Intake,
) {
    const KIND: &str = "AllergyIntolerance";
    if has_code(&resource.verification_status, IN_ERROR) {
        return left(intake, KIND, &named, WhyLeft::InError);
    }
    let Some(patient) = reading.patient(resource.patient.as_ref()) else {
        return left(intake, KIND, &named, WhyLeft::NoPatient);
    };
    let Some(substance) = resource.code.as_ref().and_then(words) else {
        return left(intake, KIND, &named, WhyLeft::NoName);
    };
    let record = Allergy {
        id: AllergyId::from_uuid(reading.place.id(KIND, &named.identity)),
        patient: patient::id(reading, &patient),
        clinic: Some(reading.place.clinic),
        version: 0,
        substance,
        codes: resource.code.as_ref().map(codings).unwrap_or_default(),
        active: !has_code(&resource.clinical_status, &["inactive", "resolved"]),
    };
    taken(intake, &named, Record::Allergy(record));
}

/// Takes a condition in.
pub(super) fn take_condition(reading: &Reading<'_>, resource: &r4::Condition, named: Named, intake: &mut Intake) {
    const KIND: &str = "Condition";
    if has_code(&resource.verification_status, IN_ERROR) {
        return left(intake, KIND, &named, WhyLeft::InError);
    }
    let Some(patient) = reading.patient(resource.subject.as_ref()) else {
        return left(intake, KIND, &named, WhyLeft::NoPatient);
    };
    let Some(name) = resource.code.as_ref().and_then(words) else {
        return left(intake, KIND, &named, WhyLeft::NoName);
    };
    let onset = match &resource.onset {
        Some(r4::ConditionOnset::DateTime(at)) => at.value.as_deref().and_then(date),
        Some(r4::ConditionOnset::Period(period)) => text(&period.start).and_then(date),
        Some(r4::ConditionOnset::Age(_) | r4::ConditionOnset::Range(_) | r4::ConditionOnset::String(_)) | None => None,
    };
    let record = Condition {
        id: ConditionId::from_uuid(reading.place.id(KIND, &named.identity)),
        patient: patient::id(reading, &patient),
        clinic: Some(reading.place.clinic),
        version: 0,
        name,
        codes: resource.code.as_ref().map(codings).unwrap_or_default(),
        onset,
        active: resource.abatement.is_none()
            && !has_code(&resource.clinical_status, &["inactive", "remission", "resolved"]),
    };
    taken(intake, &named, Record::Condition(record));
}
