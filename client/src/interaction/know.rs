//! Grave interactions on *Today*, until the person says that they know. That answer is this device's: it takes the notice
//! away, not the warning on the medicines' pages, and where the clinic changes what it says, the notice is back.

use chrono::{DateTime, Utc};
use doseline_shared::safety::Severity;

use super::met::{all, view};
use crate::{
    ask::{Fault, KnowInteraction},
    cache::Batch,
    core::Core,
    dose::{slate::Regimen, time::date_of},
    host::Host,
    state::{State, value},
    vault::Vault,
    view::{Attention, StartView},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Notes that the person knows of an interaction.
    pub(crate) async fn know_interaction(&self, ask: KnowInteraction) -> Result<StartView, Fault> {
        self.me()?;
        {
            let _writing = self.writing.lock().await;
            let name = value::known(ask.patient);
            let mut known = self.value(&name).unwrap_or_default();
            if !known.lines().any(|line| line == ask.key) {
                known.push_str(&ask.key);
                known.push('\n');
            }
            if self.keeps_records() {
                self.commit(Batch {
                    values: vec![(name, Some(known))],
                    ..Batch::default()
                })
                .await?;
            } else {
                // It names medicines, which a browser keeps no longer than its page.
                self.state.borrow_mut().values.insert(name, known);
            }
        }
        Ok(self.start().await)
    }
}

/// The grave interactions within the signed-in person's own regimen that they have not said they know of.
pub(crate) fn unknown(state: &State, now: DateTime<Utc>) -> Vec<Attention> {
    let Some(patient) = state.me().and_then(|me| me.patient) else {
        return Vec::new();
    };
    let Some(chart) = state.replica.chart(patient) else {
        return Vec::new();
    };
    let today = date_of(now, chart.zones().at(now));
    let known = state.values.get(&value::known(patient)).map_or("", String::as_str);
    all(state, chart, now, today)
        .iter()
        .filter(|met| met.pair.severity >= Severity::Major)
        .filter_map(|met| Some((met.one, view(chart, met)?)))
        .filter(|(_, met)| known.lines().all(|line| line != met.key))
        .map(|(medication, met)| Attention::Interaction {
            patient,
            medication,
            met,
        })
        .collect()
}
