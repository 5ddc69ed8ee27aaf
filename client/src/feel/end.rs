//! Says that a side effect has stopped.

use doseline_shared::{api::ErrorCode, record::SideEffectAct, side_effect::side_effects};

use crate::{
    ask::{EndSideEffect, Fault},
    core::Core,
    dose::time::date_of,
    host::Host,
    people::rights::may_log,
    vault::Vault,
    view::FeltView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Says that a side effect has stopped, as of the patient's present date. The same again changes nothing.
    ///
    /// # Errors
    /// `NotFound` where no such report stands; `Forbidden` where the person may not record for this patient.
    pub(crate) async fn end_side_effect(&self, ask: EndSideEffect) -> Result<FeltView, Fault> {
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let ended = {
            let state = self.state.borrow();
            if !may_log(&state, ask.patient, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            let standing = side_effects(chart.side_effects());
            let one = standing.iter().find(|one| one.entry.id == ask.entry);
            let one = one.ok_or(Fault::of(ErrorCode::NotFound))?;
            if let Some((_, entry)) = one.ended {
                return Ok(self.felt(entry, now));
            }
            let today = date_of(now, self.clock_of(&state, ask.patient, now));
            SideEffectAct::Ended {
                entry: ask.entry,
                on: today.max(one.report.from),
            }
        };
        let entry = self.side_effect_entry(ask.patient, ended, now)?;
        let id = entry.id;
        self.record_side_effects(vec![entry]).await?;
        Ok(self.felt(id, now))
    }
}
