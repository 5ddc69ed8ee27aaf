//! FHIR R4 bundles: from text to Doseline's records, pure.
//!
//! Owns what of FHIR is understood and how. Wraps `fhirkit`: no other module sees its types. Refuses a file that is not
//! valid where it is read, with the path of the fault; resources of other types are not looked into.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    id::ClinicId,
    record::{Coding, Record},
};
use fhirkit::r4;
use uuid::Uuid;

mod bundle;
mod day;
mod dosage;
mod fit;
mod history;
mod name;
mod patient;
mod prescription;
mod timing;

pub use bundle::read;

/// Where and when an import takes place.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The clinic that imports.
    pub clinic: ClinicId,
    /// The patients' home zone.
    pub zone: Tz,
    /// The time of the import.
    pub now: DateTime<Utc>,
}

impl Place {
    /// The patients' local date of the import: what is prescribed is followed from here on, whenever it was authored,
    /// because nothing is known about the doses before.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The identity of the record that the resource `identity` becomes. The same resource always becomes the same
    /// record of this clinic, so that importing twice finds what is there. A UUID of version 8 (RFC 9562, section 5.8).
    fn id(&self, kind: &str, identity: &str) -> Uuid {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        for part in [
            self.clinic.uuid().as_bytes().as_slice(),
            kind.as_bytes(),
            identity.as_bytes(),
        ] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let digest = context.finish();
        let mut bytes = [0; 16];
        for (byte, of) in bytes.iter_mut().zip(digest.as_ref()) {
            *byte = *of;
        }
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

/// What a file holds for Doseline.
#[derive(Debug, Default)]
pub struct Intake {
    /// The records, patients first.
    pub records: Vec<Taken>,
    /// The resources that are not imported, and why.
    pub left: Vec<Left>,
    /// What an operator should know about resources that are imported.
    pub notes: Vec<(String, Note)>,
}

/// A record and the resource that it came from.
#[derive(Debug)]
pub struct Taken {
    /// Type and id of the resource.
    pub source: String,
    /// The record.
    pub record: Record,
}

/// A resource that is not imported.
#[derive(Debug)]
pub struct Left {
    /// The type of the resource.
    pub kind: String,
    /// Type and id, where the reason is its own and not its type's.
    pub source: Option<String>,
    /// Why.
    pub why: WhyLeft,
}

/// Why a resource is not imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum WhyLeft {
    /// Its type has no place in Doseline.
    #[error("not used by Doseline")]
    NotUsed,
    /// It stands for itself in no record: a prescription that refers to it takes its name and codes from it.
    #[error("read where a prescription refers to it")]
    ReferredTo,
    /// The prescription is not active.
    #[error("stopped")]
    Stopped,
    /// The prescription has run its course.
    #[error("completed")]
    Completed,
    /// The prescription is cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The prescription is on hold.
    #[error("on hold")]
    OnHold,
    /// The prescription is a draft.
    #[error("a draft")]
    Draft,
    /// The prescription's status is unknown.
    #[error("of unknown status")]
    UnknownStatus,
    /// Entered in error.
    #[error("entered in error, or refuted")]
    InError,
    /// The prescription is a proposal or a plan, not an order.
    #[error("a proposal or plan, not an order")]
    NotAnOrder,
    /// It says what must not be given.
    #[error("says what must not be given (doNotPerform)")]
    DoNotPerform,
    /// The time that it was prescribed for is over.
    #[error("the period that it was prescribed for is over")]
    Over,
    /// Its patient is not in the file.
    #[error("its patient is not in the file")]
    NoPatient,
    /// It has neither text nor a display to name it by.
    #[error("has no name in words")]
    NoName,
}

/// What an operator should know about an imported resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// The patient is recorded as deceased.
    #[error("is recorded as deceased; imported all the same")]
    Deceased,
    /// The prescription has no timing.
    #[error("has no timing: arrives as \"no times set yet\"")]
    NoTiming,
    /// The timing leaves something open that only a person may decide.
    #[error("{0}: arrives as \"no times set yet\"")]
    Open(&'static str),
    /// As needed, with no limits.
    #[error("is as needed and states no limits: taken without any")]
    NoLimits,
    /// A name or text is longer than a record may hold, or there are more codes.
    #[error("is too long in places and was cut off there: compare it with the file")]
    Shortened,
    /// The patient or the clinic has completed or changed it; that stands.
    #[error("differs from what was set in Doseline since; what was set stands")]
    Kept,
}

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where: a path such as `entry[3].resource.birthDate`, or a line and column where it is not JSON.
    pub path: String,
    /// What is wrong. From the structure of the file, not its content.
    pub problem: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

/// The codings of a concept that name both system and code.
fn codings(concept: &r4::CodeableConcept) -> Vec<Coding> {
    concept
        .coding
        .iter()
        .filter_map(|coding| {
            Some(Coding {
                system: text(&coding.system)?.to_owned(),
                code: text(&coding.code)?.to_owned(),
            })
        })
        .collect()
}

/// A concept in words.
fn words(concept: &r4::CodeableConcept) -> Option<String> {
    text(&concept.text)
        .or_else(|| concept.coding.iter().find_map(|coding| text(&coding.display)))
        .map(|words| words.trim().to_owned())
        .filter(|words| !words.is_empty())
}

/// Whether a concept has `code` in any system.
fn has_code(concept: &Option<r4::CodeableConcept>, codes: &[&str]) -> bool {
    concept.as_ref().is_some_and(|concept| {
        concept
            .coding
            .iter()
            .any(|coding| text(&coding.code).is_some_and(|code| codes.contains(&code)))
    })
}

/// The text of a primitive.
fn text(primitive: &Option<fhirkit::Primitive<String>>) -> Option<&str> {
    primitive.as_ref()?.value.as_deref()
}

/// The value of a primitive.
fn value<T: Copy>(primitive: &Option<fhirkit::Primitive<T>>) -> Option<T> {
    primitive.as_ref()?.value
}

/// A FHIR date or dateTime as a date; a year or a month stands for its first day.
fn date(text: &str) -> Option<NaiveDate> {
    let day = text.split('T').next()?;
    let mut parts = day.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next().map_or(Some(1), |month| month.parse().ok())?;
    let day = parts.next().map_or(Some(1), |day| day.parse().ok())?;
    NaiveDate::from_ymd_opt(year, month, day)
}
