//! `Patient`: name and date of birth. Telecom, addresses and identifiers stay where they are.

use doseline_shared::{
    id::PatientId,
    record::{Patient, Record},
};
use fhirkit::r4;

use super::{
    Intake, Malformed, Note,
    bundle::{Named, Reading, malformed, taken},
    date, text,
};

/// Takes a patient in.
pub(super) fn take(
    reading: &Reading<'_>,
    resource: r4::Patient,
    named: Named,
    intake: &mut Intake,
) -> Result<(), Malformed> {
    let name =
        full_name(&resource.name).ok_or_else(|| malformed(format!("{}.name", named.path), "a patient needs a name"))?;
    if matches!(&resource.deceased, Some(r4::PatientDeceased::DateTime(_)))
        || matches!(&resource.deceased, Some(r4::PatientDeceased::Boolean(yes)) if yes.value == Some(true))
    {
        intake.notes.push((named.source.clone(), Note::Deceased));
    }
    let record = Patient {
        id: id(reading, &named.identity),
        version: 0,
        person: None,
        name,
        birth_date: text(&resource.birth_date).and_then(date),
        zone: reading.place.zone,
        travels: Vec::new(),
    };
    taken(intake, &named, Record::Patient(record));
    Ok(())
}

/// The record that the patient `identity` becomes.
pub(super) fn id(reading: &Reading<'_>, identity: &str) -> PatientId {
    PatientId::from_uuid(reading.place.id("Patient", identity))
}

/// The official name before a usual one before any, given names first.
fn full_name(names: &[r4::HumanName]) -> Option<String> {
    let rank = |name: &&r4::HumanName| match text(&name.use_) {
        Some("official") => 0,
        Some("usual") => 1,
        None => 2,
        Some("old" | "anonymous") => 9,
        Some(_) => 3,
    };
    let name = names.iter().min_by_key(rank)?;
    if let Some(whole) = text(&name.text).map(str::trim).filter(|whole| !whole.is_empty()) {
        return Some(whole.to_owned());
    }
    let parts: Vec<&str> = name
        .given
        .iter()
        .chain(&name.family)
        .filter_map(|part| part.value.as_deref())
        .collect();
    let whole = parts.join(" ").trim().to_owned();
    (!whole.is_empty()).then_some(whole)
}
