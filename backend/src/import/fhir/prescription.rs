//! `MedicationRequest`: an active prescription becomes a medication with its plan.
//!
//! The plan begins on the day of the import, however long ago it was authored: nothing is known about the doses before,
//! and nobody's adherence is to be counted over them. One that says no time arrives as "no times set yet".

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use doseline_shared::{
    id::MedicationId,
    record::{Coding, Medication, MedicationStatus, Record, Revision},
    schedule::{self, Dose, Rule, Schedule, Window, Zone},
};
use fhirkit::r4;

use super::{
    Intake, Malformed, Note, WhyLeft,
    bundle::{Named, Reading, left, malformed, taken},
    codings, dosage, name, patient, text, timing, value, words,
};

const KIND: &str = "MedicationRequest";

/// Takes a prescription in.
pub(super) fn take(
    reading: &Reading<'_>,
    resource: &r4::MedicationRequest,
    named: Named,
    intake: &mut Intake,
) -> Result<(), Malformed> {
    let status = text(&resource.status);
    let stopped = match wanted(resource, status, &named)? {
        Wanted::Active => false,
        Wanted::Stopped(why) => {
            left(intake, KIND, &named, why);
            // Where an earlier import made it a medication, that one stops today; elsewhere the record is not made.
            true
        }
        Wanted::No(why) => {
            left(intake, KIND, &named, why);
            return Ok(());
        }
    };
    let Some(patient) = reading.patient(resource.subject.as_ref()) else {
        if !stopped {
            left(intake, KIND, &named, WhyLeft::NoPatient);
        }
        return Ok(());
    };
    let Some((medication_name, codes)) = medication(reading, resource, &named)? else {
        if !stopped {
            left(intake, KIND, &named, WhyLeft::NoName);
        }
        return Ok(());
    };
    let today = reading.place.today();
    let ingredients = name::ingredients(&medication_name);
    let plan = plan(reading, resource, &medication_name, &ingredients);
    if plan.over && !stopped {
        left(intake, KIND, &named, WhyLeft::Over);
    }
    let stopped = stopped || plan.over;
    if !stopped && let Some(note) = plan.note {
        intake.notes.push((named.source.clone(), note));
    }
    let record = Medication {
        id: MedicationId::from_uuid(reading.place.id(KIND, &named.identity)),
        patient: patient::id(reading, &patient),
        clinic: Some(reading.place.clinic),
        version: 0,
        look: name::look(&medication_name),
        name: medication_name,
        codes,
        ingredients,
        instruction: plan.instruction,
        critical: false,
        plan: plan.revision.into_iter().collect(),
        status: if stopped {
            MedicationStatus::Stopped { from: today }
        } else {
            MedicationStatus::Active {}
        },
        authored: text(&resource.authored_on).and_then(instant),
        stock: None,
    };
    taken(intake, &named, Record::Medication(record));
    Ok(())
}

enum Wanted {
    Active,
    /// Not to be taken any more.
    Stopped(WhyLeft),
    /// Never was one to be taken.
    No(WhyLeft),
}

fn wanted(resource: &r4::MedicationRequest, status: Option<&str>, named: &Named) -> Result<Wanted, Malformed> {
    if value(&resource.do_not_perform) == Some(true) {
        return Ok(Wanted::No(WhyLeft::DoNotPerform));
    }
    if matches!(text(&resource.intent), Some("proposal" | "plan" | "option")) {
        return Ok(Wanted::No(WhyLeft::NotAnOrder));
    }
    match status {
        Some("active") => Ok(Wanted::Active),
        Some("stopped") => Ok(Wanted::Stopped(WhyLeft::Stopped)),
        Some("completed") => Ok(Wanted::Stopped(WhyLeft::Completed)),
        Some("cancelled") => Ok(Wanted::Stopped(WhyLeft::Cancelled)),
        Some("entered-in-error") => Ok(Wanted::Stopped(WhyLeft::InError)),
        Some("on-hold") => Ok(Wanted::Stopped(WhyLeft::OnHold)),
        Some("draft") => Ok(Wanted::No(WhyLeft::Draft)),
        Some("unknown") => Ok(Wanted::No(WhyLeft::UnknownStatus)),
        Some(_) => Err(malformed(
            format!("{}.status", named.path),
            "is none of active, on-hold, cancelled, completed, entered-in-error, stopped, draft, unknown",
        )),
        None => Err(malformed(format!("{}.status", named.path), "is missing")),
    }
}

/// The medication's name and codes, from the request itself or from what it refers to.
fn medication(
    reading: &Reading<'_>,
    resource: &r4::MedicationRequest,
    named: &Named,
) -> Result<Option<(String, Vec<Coding>)>, Malformed> {
    let concept = match &resource.medication {
        Some(r4::MedicationRequestMedication::CodeableConcept(concept)) => Some(concept.clone()),
        Some(r4::MedicationRequestMedication::Reference(reference)) => {
            let contained = text(&reference.reference)
                .and_then(|reference| reference.strip_prefix('#'))
                .and_then(|id| contained(resource, id));
            let found = match contained {
                Some(medication) => Some(medication.clone()),
                None => reading.medication(reference)?,
            };
            match (found.and_then(|medication| medication.code), text(&reference.display)) {
                (Some(concept), _) => Some(concept),
                (None, Some(display)) => return Ok(Some((display.trim().to_owned(), Vec::new()))),
                (None, None) => None,
            }
        }
        None => return Err(malformed(format!("{}.medication[x]", named.path), "is missing")),
    };
    Ok(concept.and_then(|concept| Some((words(&concept)?, codings(&concept)))))
}

fn contained<'a>(resource: &'a r4::MedicationRequest, id: &str) -> Option<&'a r4::Medication> {
    resource.contained.iter().find_map(|contained| match contained {
        r4::Resource::Medication(medication) if medication.id.as_deref() == Some(id) => Some(&**medication),
        _ => None,
    })
}

struct Plan {
    revision: Option<Revision>,
    instruction: Option<String>,
    note: Option<Note>,
    over: bool,
}

fn plan(reading: &Reading<'_>, resource: &r4::MedicationRequest, name: &str, ingredients: &[String]) -> Plan {
    let place = reading.place;
    let none = |instruction, note| Plan {
        revision: None,
        instruction,
        note: Some(note),
        over: false,
    };
    if resource.dosage_instruction.is_empty() {
        return none(None, Note::NoTiming);
    }
    let Some(only) = dosage::only(&resource.dosage_instruction) else {
        let all: Vec<String> = dosage::in_order(&resource.dosage_instruction)
            .into_iter()
            .filter_map(|dosage| dosage::instruction(dosage, None))
            .collect();
        let instruction = Some(all.join("; ")).filter(|all| !all.is_empty());
        return none(
            instruction,
            Note::Open("has several dosages, one after or beside the other"),
        );
    };
    let today = place.today();
    let amount = dosage::dose(only, name);
    if dosage::as_needed(only) {
        let (rule, limited) = dosage::as_needed_rule(only, ingredients.to_vec());
        let note = (!limited).then_some(Note::NoLimits);
        return scheduled(
            place,
            rule,
            amount,
            (today, None, None),
            dosage::instruction(only, None),
            note,
        );
    }
    let Some(timing) = &only.timing else {
        return none(dosage::instruction(only, None), Note::NoTiming);
    };
    let authored = dosage::authored(text(&resource.authored_on));
    match timing::read(timing, authored, today, place.zone) {
        timing::Read::Timed(timed) => {
            let instruction = dosage::instruction(only, timed.meals);
            let dates = (timed.start, timed.end, timed.max_count);
            scheduled(place, timed.rule, amount, dates, instruction, None)
        }
        timing::Read::Open(why) => none(dosage::instruction(only, None), Note::Open(why)),
        timing::Read::Over => Plan {
            revision: None,
            instruction: dosage::instruction(only, None),
            note: None,
            over: true,
        },
    }
}

/// A plan of one schedule, where the domain finds it valid.
fn scheduled(
    place: &super::Place,
    rule: Rule,
    dose: Dose,
    (start, end, max_count): (NaiveDate, Option<NaiveDate>, Option<u32>),
    instruction: Option<String>,
    note: Option<Note>,
) -> Plan {
    let schedule = Schedule {
        zone: Zone::Home { tz: place.zone },
        start,
        end,
        max_count,
        rule,
        dose,
        window: Window {
            early_min: 60,
            late_min: 60,
            miss_after_min: None,
        },
    };
    match schedule::validate(&schedule) {
        Ok(()) => Plan {
            revision: Some(Revision {
                number: 1,
                from: start,
                schedule,
            }),
            instruction,
            note,
            over: false,
        },
        Err(_) => Plan {
            revision: None,
            instruction,
            note: Some(Note::Open("has a timing that makes no valid schedule")),
            over: false,
        },
    }
}

/// A FHIR dateTime as an instant; a bare date stands for its beginning in UTC.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Some(at.to_utc()),
        Err(_) => super::date(text).map(|date| date.and_time(NaiveTime::MIN).and_utc()),
    }
}
