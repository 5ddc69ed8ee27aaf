//! What a change is to a system: which event, about what. By ids alone, and of nothing that no scope opens.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::webhook::{About, Event, EventKind},
    id::{ClinicId, DispenseId, DoseEventId, MedicationId, MessageId},
    record::{Grantee, Record, RecordKind},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    fault::Fault,
    random,
    store::webhook::{Fresh, NewMessage},
};

/// An entry of a dose or a supply, as far as an event needs it.
#[derive(Deserialize)]
struct OfMedication {
    medication: MedicationId,
    what: Option<Act>,
}

#[derive(Deserialize)]
struct Act {
    kind: String,
}

/// What a change is to a system of `clinic`; none where it is nothing to it, or cannot be read.
pub(super) fn of(fresh: &Fresh, clinic: ClinicId) -> Option<(EventKind, About)> {
    let about = About {
        patient: Some(fresh.patient),
        ..About::default()
    };
    match fresh.kind {
        RecordKind::Patient => Some((EventKind::PatientChanged, about)),
        RecordKind::Medication => {
            let medication = Some(MedicationId::from_uuid(fresh.record));
            Some((EventKind::MedicationChanged, About { medication, ..about }))
        }
        RecordKind::DoseEvent => {
            let entry: OfMedication = read(fresh)?;
            let about = About {
                medication: Some(entry.medication),
                dose: Some(DoseEventId::from_uuid(fresh.record)),
                ..about
            };
            match entry.what?.kind.as_str() {
                // What the device did, and not what became of the dose.
                "notified" | "not_notified" | "snoozed" => None,
                "missed" => Some((EventKind::DoseMissed, about)),
                _ => Some((EventKind::DoseChanged, about)),
            }
        }
        RecordKind::Dispense => {
            let supply: OfMedication = read(fresh)?;
            let about = About {
                medication: Some(supply.medication),
                dispense: Some(DispenseId::from_uuid(fresh.record)),
                ..about
            };
            Some((EventKind::DispenseChanged, about))
        }
        RecordKind::Grant => {
            let Record::Grant(grant) = read(fresh)? else {
                return None;
            };
            if grant.to != (Grantee::Clinic { clinic }) {
                return None;
            }
            match (fresh.seen, grant.version, grant.ended_at) {
                (true, 1, _) => Some((EventKind::PatientJoined, about)),
                // Where another grant to the clinic holds, the patient has not left.
                (false, _, Some(_)) => Some((EventKind::PatientLeft, about)),
                (_, _, _) => None,
            }
        }
        RecordKind::Allergy
        | RecordKind::Condition
        | RecordKind::AlertRule
        | RecordKind::Alert
        | RecordKind::StockEntry
        | RecordKind::SideEffectEntry => None,
    }
}

fn read<T: DeserializeOwned>(fresh: &Fresh) -> Option<T> {
    let read = serde_json::from_str(&fresh.body);
    if read.is_err() {
        // One record that is damaged must not keep the others back.
        tracing::error!(record.kind = fresh.kind.name(), "systems cannot be told of a change");
    }
    read.ok()
}

/// A message that says so.
pub(super) fn message(
    kind: EventKind,
    data: About,
    timestamp: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<NewMessage, Fault> {
    let event = Event { kind, timestamp, data };
    Ok(NewMessage {
        id: random::id(now, MessageId::new),
        kind,
        patient: data.patient,
        body: serde_json::to_string(&event).map_err(|_| Fault::Internal)?,
    })
}

#[cfg(test)]
mod tests {
    use doseline_shared::id::PatientId;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn fresh(kind: RecordKind, body: &Value, seen: bool) -> Fresh {
        Fresh {
            patient: PatientId::from_uuid(Uuid::from_u128(1)),
            kind,
            record: Uuid::from_u128(2),
            at: DateTime::UNIX_EPOCH,
            body: body.to_string(),
            seen,
            place: (1, 1),
        }
    }

    #[test]
    fn entries_of_doses_say_what_became_of_a_dose_and_nothing_else_does() {
        let clinic = ClinicId::from_uuid(Uuid::from_u128(9));
        let medication = MedicationId::from_uuid(Uuid::from_u128(3));
        for (kind, expected) in [
            ("taken", Some(EventKind::DoseChanged)),
            ("skipped", Some(EventKind::DoseChanged)),
            ("retracted", Some(EventKind::DoseChanged)),
            ("held", Some(EventKind::DoseChanged)),
            ("missed", Some(EventKind::DoseMissed)),
            ("notified", None),
            ("snoozed", None),
        ] {
            let body = json!({"medication": medication, "what": {"kind": kind, "reason": "I felt sick"}});
            let found = of(&fresh(RecordKind::DoseEvent, &body, true), clinic);
            assert_eq!(found.map(|(kind, _)| kind), expected, "{kind}");
            if let Some((kind, about)) = found {
                assert_eq!(about.medication, Some(medication));
                let sent = message(kind, about, DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH).unwrap();
                assert!(!sent.body.contains("sick"), "{}", sent.body);
            }
        }
        let damaged = fresh(RecordKind::DoseEvent, &json!({"what": 1}), true);
        assert_eq!(of(&damaged, clinic), None);
        assert_eq!(of(&fresh(RecordKind::SideEffectEntry, &json!({}), true), clinic), None);
    }

    #[test]
    fn a_patient_joins_by_a_first_grant_and_leaves_with_the_last() {
        let clinic = ClinicId::from_uuid(Uuid::from_u128(9));
        let grant = |to: Uuid, version: u64, ended: Option<&str>| {
            json!({"type": "grant", "id": Uuid::from_u128(2), "patient": Uuid::from_u128(1), "version": version,
                "to": {"kind": "clinic", "clinic": to}, "name": "Harmony", "scope": "view",
                "from": "2026-03-01T00:00:00Z", "until": null, "ended_at": ended})
        };
        let ended = Some("2026-03-02T00:00:00Z");
        for (to, version, ended, seen, expected) in [
            (clinic.uuid(), 1, None, true, Some(EventKind::PatientJoined)),
            (clinic.uuid(), 2, ended, false, Some(EventKind::PatientLeft)),
            (clinic.uuid(), 2, ended, true, None),
            (clinic.uuid(), 1, None, false, None),
            (Uuid::from_u128(8), 1, None, true, None),
        ] {
            let found = of(&fresh(RecordKind::Grant, &grant(to, version, ended), seen), clinic);
            assert_eq!(found.map(|(kind, _)| kind), expected, "{version} {seen}");
        }
    }
}
