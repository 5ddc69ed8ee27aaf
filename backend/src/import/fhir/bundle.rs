//! A bundle: its entries, their identities, and what each of them becomes.

use std::collections::HashMap;

use doseline_shared::record::Record;
use fhirkit::{Decoder, FhirJson, Json, Severity, r4};

use super::{Intake, Left, Malformed, Note, Place, Taken, WhyLeft, fit, history, patient, prescription};

/// An entry: its type, its identity and its JSON.
struct Entry<'a> {
    at: usize,
    kind: &'a str,
    id: Option<&'a str>,
    full_url: Option<&'a str>,
    json: &'a Json,
}

/// A resource that is being read, with what it may refer to.
pub(super) struct Reading<'a> {
    pub(super) place: &'a Place,
    entries: &'a [Entry<'a>],
    by_reference: HashMap<String, usize>,
}

/// Reads `file` into records.
pub fn read(file: &str, place: &Place) -> Result<Intake, Malformed> {
    let json = Json::parse(file.trim_start_matches('\u{feff}')).map_err(|error| Malformed {
        path: format!("line {}, column {}", error.line, error.column),
        problem: format!("not JSON: {}", error.message),
    })?;
    if json.get("resourceType").and_then(Json::as_str) != Some("Bundle") {
        return Err(malformed("resourceType", "expected a Bundle"));
    }
    match json.get("type").and_then(Json::as_str) {
        Some("transaction" | "batch" | "collection" | "document" | "searchset" | "history" | "message") => {}
        _ => {
            return Err(malformed(
                "type",
                "expected a type of bundle that carries resources, such as transaction",
            ));
        }
    }
    let entries = entries(&json)?;
    let reading = Reading {
        place,
        entries: &entries,
        by_reference: references(&entries),
    };
    let mut intake = Intake::default();
    for entry in entries.iter().filter(|entry| entry.kind == "Patient") {
        patient::take(&reading, entry.decode()?, entry.named()?, &mut intake)?;
    }
    for entry in &entries {
        match entry.kind {
            "Patient" => {}
            "AllergyIntolerance" => history::take_allergy(&reading, &entry.decode()?, entry.named()?, &mut intake),
            "Condition" => history::take_condition(&reading, &entry.decode()?, entry.named()?, &mut intake),
            "MedicationRequest" => prescription::take(&reading, &entry.decode()?, entry.named()?, &mut intake)?,
            "Medication" => intake.left.push(Left {
                kind: entry.kind.to_owned(),
                source: None,
                why: WhyLeft::ReferredTo,
            }),
            other => intake.left.push(Left {
                kind: other.to_owned(),
                source: None,
                why: WhyLeft::NotUsed,
            }),
        }
    }
    Ok(intake)
}

fn entries(json: &Json) -> Result<Vec<Entry<'_>>, Malformed> {
    let list = match json.get("entry") {
        None => &[][..],
        Some(Json::Array(list)) => list,
        Some(other) => {
            return Err(malformed(
                "entry",
                &format!("expected an array, found {}", other.kind()),
            ));
        }
    };
    list.iter()
        .enumerate()
        .map(|(at, entry)| {
            let resource = entry
                .get("resource")
                .ok_or_else(|| malformed(format!("entry[{at}].resource"), "is missing"))?;
            let kind = resource.get("resourceType").and_then(Json::as_str).ok_or_else(|| {
                malformed(
                    format!("entry[{at}].resource.resourceType"),
                    "is missing or not a string",
                )
            })?;
            Ok(Entry {
                at,
                kind,
                id: resource.get("id").and_then(Json::as_str),
                full_url: entry.get("fullUrl").and_then(Json::as_str),
                json: resource,
            })
        })
        .collect()
}

fn references(entries: &[Entry<'_>]) -> HashMap<String, usize> {
    let mut by_reference = HashMap::new();
    for (place, entry) in entries.iter().enumerate() {
        if let Some(url) = entry.full_url {
            by_reference.insert(url.to_owned(), place);
        }
        if let Some(id) = entry.id {
            by_reference.insert(format!("{}/{id}", entry.kind), place);
        }
    }
    by_reference
}

/// What a resource is called: in the report, as a path, and as an identity.
pub(super) struct Named {
    /// Type and id.
    pub(super) source: String,
    /// The path of the resource in the file.
    pub(super) path: String,
    /// What stays the same over imports: the full URL where there is one, since ids alone can clash between systems.
    pub(super) identity: String,
}

impl Entry<'_> {
    fn named(&self) -> Result<Named, Malformed> {
        let identity = match (self.full_url, self.id) {
            (Some(url), _) => url.to_owned(),
            (None, Some(id)) => format!("{}/{id}", self.kind),
            (None, None) => {
                return Err(malformed(
                    format!("entry[{}]", self.at),
                    "has neither fullUrl nor resource.id: a second import could not find it again",
                ));
            }
        };
        let shown = self.id.unwrap_or(&identity);
        Ok(Named {
            source: format!("{} {shown}", self.kind),
            path: format!("entry[{}].resource", self.at),
            identity,
        })
    }

    fn decode<T: FhirJson>(&self) -> Result<T, Malformed> {
        let mut decoder = Decoder::new(&format!("entry[{}].resource", self.at));
        let decoded = T::decode(self.json, &mut decoder);
        let fault = decoder
            .issues
            .into_iter()
            .find(|issue| issue.severity == Severity::Error);
        match (decoded, fault) {
            (Some(resource), None) => Ok(resource),
            (_, Some(issue)) => Err(Malformed {
                path: issue.path,
                problem: without_values(&issue.message),
            }),
            (None, None) => Err(malformed(format!("entry[{}].resource", self.at), "cannot be read")),
        }
    }
}

/// A problem without what stands between quotation marks: fhirkit repeats the value there, which is a patient's.
fn without_values(problem: &str) -> String {
    match (problem.find('"'), problem.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let before = problem.get(..first).unwrap_or_default();
            let after = problem.get(last + 1..).unwrap_or_default();
            format!("{before}the value{after}")
        }
        _ => problem.to_owned(),
    }
}

impl Reading<'_> {
    /// The identity of the patient that `reference` names, where it is in the file.
    pub(super) fn patient(&self, reference: Option<&r4::Reference>) -> Option<String> {
        let entry = self.find(reference?, "Patient")?;
        entry.named().ok().map(|named| named.identity)
    }

    /// The medication that `reference` names, where it is in the file.
    pub(super) fn medication(&self, reference: &r4::Reference) -> Result<Option<r4::Medication>, Malformed> {
        self.find(reference, "Medication").map(Entry::decode).transpose()
    }

    fn find(&self, reference: &r4::Reference, kind: &str) -> Option<&Entry<'_>> {
        let named = super::text(&reference.reference)?;
        let entry = self.entries.get(*self.by_reference.get(named)?)?;
        (entry.kind == kind).then_some(entry)
    }
}

/// Takes a record in, cut down to what a record may hold.
pub(super) fn taken(intake: &mut Intake, named: &Named, mut record: Record) {
    if fit::shorten(&mut record) {
        intake.notes.push((named.source.clone(), Note::Shortened));
    }
    intake.records.push(Taken {
        source: named.source.clone(),
        record,
    });
}

/// Leaves a resource out.
pub(super) fn left(intake: &mut Intake, kind: &str, named: &Named, why: WhyLeft) {
    intake.left.push(Left {
        kind: kind.to_owned(),
        source: Some(named.source.clone()),
        why,
    });
}

pub(super) fn malformed(path: impl Into<String>, problem: &str) -> Malformed {
    Malformed {
        path: path.into(),
        problem: problem.to_owned(),
    }
}
