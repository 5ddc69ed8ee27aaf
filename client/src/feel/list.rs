//! Side effects as they are shown, on every page that lists them.

use doseline_shared::{
    id::SideEffectEntryId,
    side_effect::{SideEffect, side_effects},
};

use crate::{replica::Chart, state::State, view::SideEffectView};

/// Those side effects of a patient that `wanted` names, what began last first.
pub(crate) fn listed(state: &State, chart: &Chart, wanted: impl Fn(&SideEffect<'_>) -> bool) -> Vec<SideEffectView> {
    let unsent = |entry: &SideEffectEntryId| state.unsent.contains(&entry.uuid());
    side_effects(chart.side_effects())
        .iter()
        .filter(|one| wanted(one))
        .map(|one| SideEffectView {
            entry: one.entry.id,
            report: one.report.clone(),
            medicine: one
                .report
                .medication
                .and_then(|suspected| chart.medicine_name(suspected)),
            ended: one.ended,
            recorded_at: one.entry.recorded_at,
            sent: !unsent(&one.entry.id) && !one.ended.is_some_and(|(_, entry)| unsent(&entry)),
        })
        .collect()
}
