//! Who looked at one's record. All of it is the backend's; nothing is kept on the device.

use chrono_tz::Tz;
use doseline_shared::{
    api::{
        ErrorCode,
        audit::{AUDIT, Audit, AuditEvent},
    },
    id::PatientId,
};

use crate::{
    ask::{Fault, OpenAudit},
    core::Core,
    dose::time::local,
    host::Host,
    vault::Vault,
    view::{AuditRow, AuditView},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Who looked at the record of the signed-in person, the newest first.
    ///
    /// # Errors
    /// `NotFound` where the person has no record of their own.
    pub(crate) async fn open_audit(&self, ask: OpenAudit) -> Result<AuditView, Fault> {
        let patient = self.me()?.patient.ok_or(Fault::of(ErrorCode::NotFound))?;
        // The record says on which clock a day is counted.
        self.ensure_held(patient).await?;
        let audit: Audit = self.get(&path(patient, ask.before)).await?;
        let zone = self.zone_of(&self.state.borrow(), patient);
        Ok(AuditView {
            rows: folded(&audit.events, zone),
            before: audit.before,
        })
    }
}

fn path(patient: PatientId, before: Option<u64>) -> String {
    let path = AUDIT.replace("{patient}", &patient.to_string());
    match before {
        Some(link) => format!("{path}?before={link}"),
        None => path,
    }
}

/// What follows on each other and is alike but for its time of day, as one row each. In the order of the events.
fn folded(events: &[AuditEvent], zone: Tz) -> Vec<AuditRow> {
    events
        .chunk_by(|one, next| alike(one, next, zone))
        .filter_map(|events| row(events, zone))
        .collect()
}

fn alike(one: &AuditEvent, other: &AuditEvent, zone: Tz) -> bool {
    let of = |event: &AuditEvent| {
        let date = local(event.at, zone).date_naive();
        (event.person, event.way, event.clinic, event.refused.is_some(), date)
    };
    of(one) == of(other)
}

fn row(events: &[AuditEvent], zone: Tz) -> Option<AuditRow> {
    let one = events.first()?;
    // Several backends write into one trail, each by its own clock.
    let first = events.iter().map(|event| event.at).min()?;
    let last = events.iter().map(|event| event.at).max()?;
    Some(AuditRow {
        person: one.person,
        name: one.name.clone(),
        way: one.way,
        clinic: one.clinic_name.clone(),
        refused: one.refused.is_some(),
        first: local(first, zone),
        last: local(last, zone),
        times: u32::try_from(events.len()).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use doseline_shared::{
        audit::Way,
        id::{ClinicId, PersonId},
    };
    use uuid::Uuid;

    use super::*;

    const CHIDI: PersonId = PersonId::from_uuid(Uuid::from_u128(1));
    const BOLA: PersonId = PersonId::from_uuid(Uuid::from_u128(2));
    const HARMONY: ClinicId = ClinicId::from_uuid(Uuid::from_u128(3));
    const UNITY: ClinicId = ClinicId::from_uuid(Uuid::from_u128(4));

    /// Chidi has looked, as a caregiver.
    fn look(at: &str) -> AuditEvent {
        AuditEvent {
            link: 1,
            at: instant(at),
            person: Some(CHIDI),
            name: Some("Chidi Eze".to_owned()),
            way: Some(Way::Caregiver),
            clinic: None,
            clinic_name: None,
            asked: "GET /v1/sync/changes".to_owned(),
            refused: None,
        }
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn in_lagos(events: &[AuditEvent]) -> Vec<AuditRow> {
        folded(events, Tz::Africa__Lagos)
    }

    /// From when to when on the clock of the row, and how often.
    fn span(row: &AuditRow) -> (String, String, u32) {
        let clock = |at: crate::view::Local| at.format("%d %H:%M").to_string();
        (clock(row.first), clock(row.last), row.times)
    }

    #[test]
    fn looks_of_one_person_on_one_day_are_one_row() {
        let rows = in_lagos(&[
            look("2026-03-02T10:02:00Z"),
            look("2026-03-02T09:00:00Z"),
            look("2026-03-02T08:14:00Z"),
        ]);
        let [row] = rows.as_slice() else {
            panic!("one row: {rows:?}");
        };
        assert_eq!(span(row), ("02 09:14".to_owned(), "02 11:02".to_owned(), 3));
        assert_eq!((row.person, row.name.as_deref()), (Some(CHIDI), Some("Chidi Eze")));
        assert_eq!(
            (row.way, row.clinic.as_deref(), row.refused),
            (Some(Way::Caregiver), None, false)
        );
    }

    #[test]
    fn whatever_differs_but_the_time_of_day_begins_a_row() {
        let at = "2026-03-02T09:00:00Z";
        let staff = |clinic| AuditEvent {
            way: Some(Way::Staff),
            clinic: Some(clinic),
            clinic_name: Some("A clinic".to_owned()),
            ..look(at)
        };
        let differently = [
            AuditEvent {
                person: Some(BOLA),
                ..look(at)
            },
            AuditEvent {
                person: None,
                ..look(at)
            },
            AuditEvent {
                way: Some(Way::Code),
                ..look(at)
            },
            AuditEvent { way: None, ..look(at) },
            AuditEvent {
                refused: Some(ErrorCode::Forbidden),
                ..look(at)
            },
            look("2026-03-01T09:00:00Z"),
            staff(HARMONY),
        ];
        for other in differently {
            assert_eq!(in_lagos(&[look(at), other.clone()]).len(), 2, "{other:?}");
        }
        assert_eq!(in_lagos(&[staff(HARMONY), staff(UNITY)]).len(), 2);
        assert_eq!(in_lagos(&[staff(HARMONY), staff(HARMONY)]).len(), 1);
        // What was asked for, and why it was refused, makes no difference to who did what.
        let refused = |code| AuditEvent {
            refused: Some(code),
            ..look(at)
        };
        let rows = in_lagos(&[refused(ErrorCode::Forbidden), refused(ErrorCode::NotFound)]);
        assert_eq!((rows.len(), rows[0].refused), (1, true));
    }

    #[test]
    fn a_day_ends_at_midnight_in_the_patients_home_zone() {
        // 23:30 and 00:30 in Lagos; one evening in London.
        let events = [look("2026-03-02T23:30:00Z"), look("2026-03-02T22:30:00Z")];
        let spans: Vec<_> = in_lagos(&events).iter().map(span).collect();
        assert_eq!(
            spans,
            [
                ("03 00:30".to_owned(), "03 00:30".to_owned(), 1),
                ("02 23:30".to_owned(), "02 23:30".to_owned(), 1)
            ]
        );
        assert_eq!(folded(&events, Tz::Europe__London).len(), 1);
    }

    #[test]
    fn who_comes_in_between_is_a_row_in_between() {
        let nobody = AuditEvent {
            person: None,
            name: None,
            way: None,
            refused: Some(ErrorCode::SignedOut),
            ..look("2026-03-02T09:00:00Z")
        };
        let rows = in_lagos(&[look("2026-03-02T10:00:00Z"), nobody, look("2026-03-02T08:00:00Z")]);
        let who: Vec<_> = rows.iter().map(|row| (row.person, row.refused)).collect();
        assert_eq!(who, [(Some(CHIDI), false), (None, true), (Some(CHIDI), false)]);
    }

    #[test]
    fn a_row_spans_its_times_also_where_clocks_disagree() {
        let rows = in_lagos(&[
            look("2026-03-02T09:00:00Z"),
            look("2026-03-02T09:05:00Z"),
            look("2026-03-02T08:00:00Z"),
            look("2026-03-02T08:30:00Z"),
        ]);
        let spans: Vec<_> = rows.iter().map(span).collect();
        assert_eq!(spans, [("02 09:00".to_owned(), "02 10:05".to_owned(), 4)]);
    }

    #[test]
    fn the_newest_are_asked_for_by_the_path_alone() {
        let patient = PatientId::from_uuid(Uuid::from_u128(5));
        let newest = format!("/v1/patients/{patient}/audit");
        assert_eq!(path(patient, None), newest);
        assert_eq!(path(patient, Some(17)), format!("{newest}?before=17"));
    }
}
