//! Takes an entry about a side effect back: as *undo*, or later from the list. It stays in the record beside its retraction.

use doseline_shared::{
    api::ErrorCode,
    id::SideEffectEntryId,
    record::{SideEffectAct, SideEffectEntry},
};

use crate::{
    ask::{Fault, RetractSideEffect},
    core::Core,
    host::Host,
    people::rights::may_log,
    replica::Chart,
    vault::Vault,
    view::FeltView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Takes an entry back. With one that says that a side effect has stopped goes every other that says so of the same: two
    /// devices may have said it, and the person means the side effect. The same again changes nothing.
    ///
    /// # Errors
    /// `NotFound` where the device does not hold the entry; `TooLate` where it is itself a retraction; `Forbidden` where the
    /// person may not record for this patient.
    pub(crate) async fn retract_side_effect(&self, ask: RetractSideEffect) -> Result<FeltView, Fault> {
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let entries = {
            let state = self.state.borrow();
            if !may_log(&state, ask.patient, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            the_same(chart, ask.entry)?
        };
        if !entries.is_empty() {
            let entries = entries
                .into_iter()
                .map(|entry| self.side_effect_entry(ask.patient, SideEffectAct::Retracted { entry }, now))
                .collect::<Result<_, _>>()?;
            self.record_side_effects(entries).await?;
        }
        Ok(self.felt(ask.entry, now))
    }
}

/// The entry, and the others that say the same of the same side effect, as far as they still count.
fn the_same(chart: &Chart, id: SideEffectEntryId) -> Result<Vec<SideEffectEntryId>, Fault> {
    let counts = |other: &&SideEffectEntry| {
        !chart
            .side_effects()
            .any(|one| matches!(one.what, SideEffectAct::Retracted { entry } if entry == other.id))
    };
    let entry = chart.side_effects().find(|entry| entry.id == id);
    let alike = |other: &&SideEffectEntry| match (&entry.map(|entry| &entry.what), &other.what) {
        (Some(SideEffectAct::Ended { entry: of, .. }), SideEffectAct::Ended { entry, .. }) => of == entry,
        _ => other.id == id,
    };
    match entry.ok_or(Fault::of(ErrorCode::NotFound))?.what {
        SideEffectAct::Retracted { .. } => Err(Fault::of(ErrorCode::TooLate)),
        SideEffectAct::Reported { .. } | SideEffectAct::Ended { .. } => Ok(chart
            .side_effects()
            .filter(alike)
            .filter(counts)
            .map(|other| other.id)
            .collect()),
    }
}
