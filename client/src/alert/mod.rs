//! Missed doses that someone is told of: seeing them, and choosing who is told how soon.
//!
//! Raising them is the backend's watch, which needs no device.

mod acknowledge;
mod choose;

use chrono::{DateTime, Utc};
use doseline_shared::record::{AlertFor, AlertRule, Grantee, Tell};

pub(crate) use self::acknowledge::standing;
use crate::{replica::Chart, view::Telling};

/// How soon each of those who may see the record is told.
pub(crate) fn telling(chart: &Chart, now: DateTime<Utc>) -> Vec<Telling> {
    let Some(patient) = chart.patient() else {
        return Vec::new();
    };
    let tell = |to: Grantee, of: AlertFor, critical: bool| {
        let rule = chart.alert_rule(AlertRule::id_of(patient.id, to, of));
        rule.map_or(Tell::usual(critical), |rule| rule.tell)
    };
    chart
        .grants()
        .filter(|grant| grant.holds(now))
        .map(|grant| Telling {
            to: grant.to,
            critical: tell(grant.to, AlertFor::Critical {}, true),
            others: tell(grant.to, AlertFor::Others {}, false),
        })
        .collect()
}
