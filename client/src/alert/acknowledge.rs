//! Someone who is told of a missed dose has seen it.

use chrono_tz::Tz;
use doseline_shared::{
    api::{ErrorCode, sync::OperationBody},
    record::{Alert, Record, Seen},
};

use crate::{
    ask::{AckAlerts, Fault},
    core::Core,
    dose::time::local,
    host::Host,
    replica::Chart,
    state::State,
    vault::Vault,
    view::{AlertView, NetworkView},
};

/// The alerts for the signed-in person that still ask for someone: those of critical medicines first, then by due time.
pub(crate) fn standing(state: &State, chart: &Chart, zone: Tz) -> Vec<AlertView> {
    let mut alerts: Vec<_> = for_me(state, chart).filter(|alert| alert.stands()).collect();
    alerts.sort_by_key(|alert| (!alert.critical, alert.due, alert.id));
    alerts
        .into_iter()
        .map(|alert| AlertView {
            id: alert.id,
            name: chart.medicine_name(alert.medication).unwrap_or_default(),
            due: local(alert.due, zone),
            critical: alert.critical,
        })
        .collect()
}

fn for_me<'a>(state: &'a State, chart: &'a Chart) -> impl Iterator<Item = &'a Alert> {
    let me = state.me();
    chart.alerts().filter(move |alert| {
        me.is_some_and(|me| alert.is_for(me.person, me.staff.iter().map(|membership| membership.clinic)))
    })
}

impl<H: Host, V: Vault> Core<H, V> {
    /// Says that alerts were seen. One that somebody has seen already stays as it is.
    ///
    /// # Errors
    /// `NotFound` where one of them is not there, or is for someone else.
    pub(crate) async fn ack_alerts(&self, ask: AckAlerts) -> Result<NetworkView, Fault> {
        let me = self.me()?;
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let seen = Seen {
            at: self.now(),
            by: me.person,
        };
        let mut acks = Vec::new();
        {
            let state = self.state.borrow();
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            for id in ask.alerts {
                let alert = for_me(&state, chart).find(|alert| alert.id == id);
                let alert = alert.ok_or(Fault::of(ErrorCode::NotFound))?;
                if alert.seen.is_some() {
                    continue;
                }
                let ack = OperationBody::AckAlert {
                    base: alert.version,
                    alert: Alert {
                        seen: Some(seen),
                        ..alert.clone()
                    },
                };
                acks.push((ack, Some(Record::Alert(alert.clone()))));
            }
        }
        if !acks.is_empty() {
            self.enqueue(acks).await?;
        }
        Ok(self.network())
    }
}
