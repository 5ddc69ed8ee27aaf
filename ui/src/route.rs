//! Which screen an address names, and the address of each screen. Owns the browser's history; draws nothing.

use doseline_shared::id::{ClinicId, MedicationId, PatientId};

/// Whose record a screen is about, and through which door the person came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// One's own.
    Own,
    /// Of someone one cares for.
    Cared(PatientId),
    /// Of a clinic's patient.
    Clinic(ClinicId, PatientId),
}

impl Whose {
    /// The patient, where it is not one's own record.
    pub fn patient(self) -> Option<PatientId> {
        match self {
            Self::Own => None,
            Self::Cared(patient) | Self::Clinic(_, patient) => Some(patient),
        }
    }

    /// Where the pages of this record begin.
    fn path(self) -> String {
        match self {
            Self::Own => String::new(),
            Self::Cared(patient) => format!("/caregiver/{patient}"),
            Self::Clinic(clinic, patient) => format!("/clinic/{clinic}/{patient}"),
        }
    }
}

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Wherever this person begins.
    Home,
    /// *Today*.
    Today,
    /// The list of medicines.
    Medicines(Whose),
    /// A medicine's page.
    Medicine(Whose, MedicationId),
    /// The form for a new medicine.
    NewMedicine(Whose),
    /// The form for a known medicine.
    EditMedicine(Whose, MedicationId),
    /// A report for the doctor.
    Report(Whose),
    /// How someone feels, and which medicine they suspect.
    Feel(Whose, Option<MedicationId>),
    /// Caregivers and clinics.
    People,
    /// Who looked at one's own record.
    Audit,
    /// Using a code, perhaps one that came with the link.
    Join(String),
    /// The people one cares for.
    Caregiver,
    /// One of them.
    Person(PatientId),
    /// A clinic's worklist.
    Clinic(ClinicId),
    /// A clinic's staff.
    Staff(ClinicId),
    /// The systems that a clinic has connected.
    Systems(ClinicId),
    /// A clinic's list of interactions.
    Interactions(ClinicId),
    /// A clinic's patient.
    ClinicPatient(ClinicId, PatientId),
    /// Whom to call for help.
    Help,
    /// Settings.
    Settings,
    /// No screen has this address.
    Unknown,
}

impl Route {
    /// Reads an address: the path, and the query with or without its question mark.
    pub fn parse(path: &str, query: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        Self::read(&parts, query).unwrap_or(Self::Unknown)
    }

    fn read(parts: &[&str], query: &str) -> Option<Self> {
        Some(match parts {
            [] | ["index.html"] => Self::Home,
            ["today"] => Self::Today,
            ["people"] => Self::People,
            ["people", "audit"] => Self::Audit,
            ["join"] => Self::Join(code(query)),
            ["report"] => Self::Report(Whose::Own),
            ["help"] => Self::Help,
            ["settings"] => Self::Settings,
            ["medicines", rest @ ..] => Self::medicines(Whose::Own, rest)?,
            ["feel", rest @ ..] => Self::feel(Whose::Own, rest)?,
            ["caregiver"] => Self::Caregiver,
            ["caregiver", patient] => Self::Person(patient.parse().ok()?),
            ["caregiver", patient, "report"] => Self::Report(Whose::Cared(patient.parse().ok()?)),
            ["caregiver", patient, "medicines", rest @ ..] => {
                Self::medicines(Whose::Cared(patient.parse().ok()?), rest)?
            }
            ["caregiver", patient, "feel", rest @ ..] => Self::feel(Whose::Cared(patient.parse().ok()?), rest)?,
            ["clinic", clinic] => Self::Clinic(clinic.parse().ok()?),
            ["clinic", clinic, "staff"] => Self::Staff(clinic.parse().ok()?),
            ["clinic", clinic, "systems"] => Self::Systems(clinic.parse().ok()?),
            ["clinic", clinic, "interactions"] => Self::Interactions(clinic.parse().ok()?),
            ["clinic", clinic, patient] => Self::ClinicPatient(clinic.parse().ok()?, patient.parse().ok()?),
            ["clinic", clinic, patient, "report"] => {
                Self::Report(Whose::Clinic(clinic.parse().ok()?, patient.parse().ok()?))
            }
            ["clinic", clinic, patient, "medicines", rest @ ..] => {
                Self::medicines(Whose::Clinic(clinic.parse().ok()?, patient.parse().ok()?), rest)?
            }
            ["clinic", clinic, patient, "feel", rest @ ..] => {
                Self::feel(Whose::Clinic(clinic.parse().ok()?, patient.parse().ok()?), rest)?
            }
            _ => return None,
        })
    }

    fn feel(whose: Whose, rest: &[&str]) -> Option<Self> {
        Some(match rest {
            [] => Self::Feel(whose, None),
            [medication] => Self::Feel(whose, Some(medication.parse().ok()?)),
            _ => return None,
        })
    }

    fn medicines(whose: Whose, rest: &[&str]) -> Option<Self> {
        Some(match rest {
            [] => Self::Medicines(whose),
            ["new"] => Self::NewMedicine(whose),
            [medication] => Self::Medicine(whose, medication.parse().ok()?),
            [medication, "edit"] => Self::EditMedicine(whose, medication.parse().ok()?),
            _ => return None,
        })
    }

    /// The address.
    pub fn path(&self) -> String {
        match self {
            Self::Home | Self::Unknown => "/".to_owned(),
            Self::Today => "/today".to_owned(),
            Self::Medicines(whose) => format!("{}/medicines", whose.path()),
            Self::Medicine(whose, medication) => format!("{}/medicines/{medication}", whose.path()),
            Self::NewMedicine(whose) => format!("{}/medicines/new", whose.path()),
            Self::EditMedicine(whose, medication) => format!("{}/medicines/{medication}/edit", whose.path()),
            Self::Report(whose) => format!("{}/report", whose.path()),
            Self::Feel(whose, None) => format!("{}/feel", whose.path()),
            Self::Feel(whose, Some(medication)) => format!("{}/feel/{medication}", whose.path()),
            Self::People => "/people".to_owned(),
            Self::Audit => "/people/audit".to_owned(),
            Self::Join(code) if code.is_empty() => "/join".to_owned(),
            Self::Join(code) => format!("/join?code={code}"),
            Self::Caregiver => "/caregiver".to_owned(),
            Self::Person(patient) => format!("/caregiver/{patient}"),
            Self::Clinic(clinic) => format!("/clinic/{clinic}"),
            Self::Staff(clinic) => format!("/clinic/{clinic}/staff"),
            Self::Systems(clinic) => format!("/clinic/{clinic}/systems"),
            Self::Interactions(clinic) => format!("/clinic/{clinic}/interactions"),
            Self::ClinicPatient(clinic, patient) => format!("/clinic/{clinic}/{patient}"),
            Self::Help => "/help".to_owned(),
            Self::Settings => "/settings".to_owned(),
        }
    }

    /// The page of a patient, by the door the person came through.
    pub fn record(whose: Whose) -> Self {
        match whose {
            Whose::Own => Self::Medicines(Whose::Own),
            Whose::Cared(patient) => Self::Person(patient),
            Whose::Clinic(clinic, patient) => Self::ClinicPatient(clinic, patient),
        }
    }
}

/// The code in a query: letters, digits and hyphens, which is all that a code is made of.
fn code(query: &str) -> String {
    query
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("code="))
        .unwrap_or_default()
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .take(40)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: &str = "0190a5e0-0000-7000-8000-000000000001";
    const CLINIC: &str = "0190a5e0-0000-7000-8000-000000000002";
    const MEDICATION: &str = "0190a5e0-0000-7000-8000-000000000003";

    #[test]
    fn every_screen_is_found_again_by_its_own_address() {
        let (patient, clinic, medication) = (
            PATIENT.parse().unwrap(),
            CLINIC.parse().unwrap(),
            MEDICATION.parse().unwrap(),
        );
        let mut routes = vec![
            Route::Home,
            Route::Today,
            Route::People,
            Route::Audit,
            Route::Join("ABCD-EFGH-JKMN".to_owned()),
            Route::Join(String::new()),
            Route::Caregiver,
            Route::Person(patient),
            Route::Clinic(clinic),
            Route::Staff(clinic),
            Route::Systems(clinic),
            Route::Interactions(clinic),
            Route::ClinicPatient(clinic, patient),
            Route::Help,
            Route::Settings,
        ];
        for whose in [Whose::Own, Whose::Cared(patient), Whose::Clinic(clinic, patient)] {
            routes.extend([
                Route::Medicines(whose),
                Route::NewMedicine(whose),
                Route::Feel(whose, None),
                Route::Feel(whose, Some(medication)),
                Route::Medicine(whose, medication),
                Route::EditMedicine(whose, medication),
                Route::Report(whose),
            ]);
        }
        for route in routes {
            let address = route.path();
            let (path, query) = address.split_once('?').unwrap_or((&address, ""));
            assert_eq!(Route::parse(path, query), route, "{address}");
        }
    }

    #[test]
    fn a_link_with_a_code_keeps_only_what_a_code_is_made_of() {
        assert_eq!(
            Route::parse("/join", "?from=mail&code=abcd-<script>"),
            Route::Join("abcd-script".to_owned())
        );
    }

    #[test]
    fn an_address_that_names_nothing_is_unknown() {
        for path in ["/nowhere", "/medicines/17", "/clinic/x", "/today/more", "/people/x"] {
            assert_eq!(Route::parse(path, ""), Route::Unknown, "{path}");
        }
    }
}
