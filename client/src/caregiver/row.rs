//! One person at a glance, and the list of those one cares for.

use chrono::{DateTime, Utc};
use doseline_shared::{id::PatientId, order, record::Grantee, side_effect::side_effects};

use super::{
    measure::{DAYS, days_of, dues, extra, taking_of},
    need::need,
};
use crate::{
    alert::standing,
    ask::Fault,
    core::Core,
    dose::{
        slate::{Regimen, is_active},
        time::{before, date_of, local},
    },
    host::Host,
    regimen::list::name_of,
    replica::Chart,
    state::State,
    vault::Vault,
    view::{CaregiverView, PersonRow},
};

/// Local dates, today included, on which a severe side effect that goes on asks for someone.
const PRESSING_DAYS: u64 = 7;

impl<H: Host, V: Vault> Core<H, V> {
    /// The people one cares for, what needs attention first.
    pub(crate) async fn open_caregiver(&self) -> Result<CaregiverView, Fault> {
        let me = self.me()?;
        self.ensure_all_held().await?;
        let now = self.host.now();
        let state = self.state.borrow();
        let mine = |chart: &Chart| {
            chart
                .grants()
                .any(|grant| grant.holds(now) && grant.to == Grantee::Caregiver { person: me.person })
        };
        let mut people: Vec<_> = state
            .replica
            .charts()
            .filter(|(_, chart)| mine(chart))
            .map(|(patient, chart)| person_row(&state, patient, chart, now))
            .collect();
        sort(&mut people);
        Ok(CaregiverView {
            people,
            network: self.network(),
        })
    }

    /// Waits for the first fetch of everyone whom the person may see. What is there already is shown when it fails.
    pub(crate) async fn ensure_all_held(&self) -> Result<(), Fault> {
        let missing = |core: &Self| {
            let state = core.state.borrow();
            let scope = core.scope();
            let known = core.value(crate::state::value::FEED).is_some();
            !known || scope.iter().any(|patient| !state.held(*patient))
        };
        if !missing(self) {
            return Ok(());
        }
        match self.sync_once().await {
            Err(fault) if self.state.borrow().replica.charts().next().is_none() => Err(fault),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// By need, the most urgent first, then by name.
pub(crate) fn sort(rows: &mut [PersonRow]) {
    order::by(rows, |one, other| {
        let urgency = |row: &PersonRow| (row.need.is_none(), row.need.as_ref().map(crate::view::Need::rank));
        (urgency(one), &one.name).cmp(&(urgency(other), &other.name))
    });
}

/// One person at a glance.
pub(crate) fn person_row(state: &State, patient: PatientId, chart: &Chart, now: DateTime<Utc>) -> PersonRow {
    let zone = chart.zones().at(now);
    let today = date_of(now, zone);
    let medications: Vec<_> = chart.medications().collect();
    let range = (before(today, DAYS - 1), today);
    let dues = dues(chart, &medications, range, zone);
    let taking = taking_of(&dues, range, extra(chart, &medications, range, zone), now);
    let without_times = medications
        .iter()
        .filter(|medication| medication.plan.is_empty() && is_active(medication, today))
        .count();
    let without_times = u32::try_from(without_times).unwrap_or(u32::MAX);
    let alerts = standing(state, chart, zone);
    let pressing: Vec<_> = side_effects(chart.side_effects())
        .into_iter()
        .filter(|one| one.is_pressing(before(today, PRESSING_DAYS - 1)))
        .collect();
    PersonRow {
        patient,
        name: name_of(state, patient),
        birth_date: chart.patient().and_then(|patient| patient.birth_date),
        need: need(&alerts, &pressing, &dues, &taking, without_times, now, zone),
        alerts,
        today: dues
            .iter()
            .filter(|due| date_of(due.occurrence.due, zone) == today)
            .map(crate::dose::slate::Due::mark)
            .collect(),
        week: days_of(&dues, before(today, 6), 7, zone),
        taking,
        last_seen: chart.last_recorded().map(|at| local(at, zone)),
        without_times,
    }
}
