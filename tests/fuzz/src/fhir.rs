//! The import of FHIR bundles: files of other systems.

use chrono::DateTime;
use chrono_tz::Tz;
use doseline_backend::import::fhir::{Place, read};
use doseline_shared::{id::ClinicId, record::Record};
use uuid::Uuid;

use crate::expansion;

/// Refuses with the place of the fault, or makes the same valid records of it every time.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let place = Place {
        clinic: ClinicId::from_uuid(Uuid::from_u128(1)),
        zone: Tz::Africa__Lagos,
        now: DateTime::from_timestamp(1_772_352_000, 0).unwrap_or_default(),
    };
    let intake = match read(text, &place) {
        Ok(intake) => intake,
        Err(fault) => {
            assert!(!fault.path.is_empty() && !fault.problem.is_empty(), "{fault}");
            return;
        }
    };
    for taken in &intake.records {
        let valid = match &taken.record {
            Record::Patient(patient) => patient.validate(),
            Record::Allergy(allergy) => allergy.validate(),
            Record::Condition(condition) => condition.validate(),
            Record::Medication(medication) => {
                expansion::hold_plan(medication);
                medication.validate()
            }
            Record::DoseEvent(_)
            | Record::Grant(_)
            | Record::AlertRule(_)
            | Record::Alert(_)
            | Record::Dispense(_)
            | Record::StockEntry(_)
            | Record::SideEffectEntry(_) => panic!("{} becomes a record that no file holds", taken.source),
        };
        assert_eq!(
            valid,
            Ok(()),
            "{} becomes a record that is refused elsewhere",
            taken.source
        );
    }
    let again = read(text, &place).expect("a file is read as it was the first time");
    let records = |intake: &doseline_backend::import::fhir::Intake| -> Vec<Record> {
        intake.records.iter().map(|taken| taken.record.clone()).collect()
    };
    assert_eq!(records(&again), records(&intake));
}
