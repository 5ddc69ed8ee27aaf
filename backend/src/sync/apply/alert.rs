//! The operations on alerts: how soon someone is told of missed doses, and that they have seen it.

use chrono::{DateTime, Utc};
use doseline_shared::{
    access::{Action, Actor},
    api::{ErrorCode, sync::Outcome},
    record::{Alert, AlertFor, AlertRule, Record, RecordKind, Version},
};

use super::{Stop, current, invalid, put};
use crate::{
    access,
    store::{self, Tx, access::System, record::Writer},
};

/// Writes a rule. Whom to tell is part of letting someone care, and so the patient's to say.
pub(super) async fn put_rule(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    base: Version,
    rule: &AlertRule,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let allowed = access::allow(tx, actor, Action::Invite, rule.patient, now).await?;
    if !allowed.subject.grants.iter().any(|grant| grant.to == rule.to) {
        return invalid("body.rule.to");
    }
    match rule.of {
        AlertFor::Critical {} | AlertFor::Others {} => {}
        AlertFor::Medication { medication } => {
            let system = System::new("whose medication a rule is about");
            let owner = store::taken::owner(tx, &system, RecordKind::Medication, medication.uuid()).await?;
            if owner != Some(rule.patient) {
                return invalid("body.rule.of.medication");
            }
        }
    }
    match current(tx, RecordKind::AlertRule, rule.id.uuid()).await? {
        None if base > 0 => return Err(Stop::Refused(ErrorCode::NotFound, None)),
        Some(_) | None => {}
    }
    let writer = writer.because(allowed.why);
    put(tx, &writer, base, Record::AlertRule(rule.clone())).await
}

/// Keeps that someone for whom an alert is has seen it; of several, who saw it first.
pub(super) async fn acknowledge(
    tx: &mut Tx,
    actor: &Actor,
    writer: &Writer,
    base: Version,
    alert: &Alert,
    now: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let allowed = access::allow(tx, actor, Action::SeeRecord, alert.patient, now).await?;
    let existing = match current(tx, RecordKind::Alert, alert.id.uuid()).await? {
        Some(Record::Alert(existing)) if existing.patient == alert.patient => existing,
        Some(_) | None => return Err(Stop::Refused(ErrorCode::NotFound, None)),
    };
    if !existing.is_for(actor.person, actor.memberships.iter().map(|(clinic, _)| *clinic)) {
        return Err(Stop::Denied(ErrorCode::Forbidden, "the alert is for someone else"));
    }
    let asked = Alert {
        version: existing.version,
        ..alert.clone()
    };
    if asked == existing {
        return Ok(Outcome::Applied {
            version: existing.version,
        });
    }
    let seen = Alert {
        seen: asked.seen,
        ..existing.clone()
    };
    let first = match (asked.seen, existing.seen) {
        (Some(asked), Some(existing)) => asked < existing,
        (asked, None) => asked.is_some(),
        (None, Some(_)) => false,
    };
    if base != existing.version || !first && seen == asked {
        // Someone was first, or the dose was logged meanwhile: the device merges, and asks again for what is left.
        return Ok(Outcome::Conflict {
            current: Box::new(Record::Alert(existing)),
        });
    }
    if seen != asked {
        return invalid("body.alert");
    }
    if asked.seen.is_some_and(|seen| seen.by != actor.person) {
        return invalid("body.alert.seen.by");
    }
    put(tx, &writer.because(allowed.why), base, Record::Alert(asked)).await
}
