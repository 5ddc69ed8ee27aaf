//! Takes an entry back: as *undo*, or later from the history. The entry stays in the record beside its retraction.

use doseline_shared::{
    api::ErrorCode,
    dose::{DoseAct, DoseEvent, Doses},
};

use crate::{
    ask::{Fault, Retract},
    core::Core,
    host::Host,
    people::rights::may_log,
    vault::Vault,
    view::LoggedView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Takes an entry back, and with it every other that says the same of the same dose: two devices may have recorded
    /// one dose, and the person means the dose. The same again changes nothing.
    ///
    /// # Errors
    /// `NotFound` where the device does not hold the entry; `TooLate` where it is of a kind that is not taken back.
    pub(crate) async fn retract(&self, ask: Retract) -> Result<LoggedView, Fault> {
        self.ensure_held(ask.patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let events = {
            let state = self.state.borrow();
            if !may_log(&state, ask.patient, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            let chart = state.replica.chart(ask.patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            let event = chart.event(ask.event).ok_or(Fault::of(ErrorCode::NotFound))?;
            match event.what {
                DoseAct::Taken { .. } | DoseAct::Skipped { .. } | DoseAct::Snoozed { .. } | DoseAct::Held {} => {}
                DoseAct::Notified {} | DoseAct::NotNotified { .. } | DoseAct::Missed {} | DoseAct::Retracted { .. } => {
                    return Err(Fault::of(ErrorCode::TooLate));
                }
            }
            let doses = chart.doses(event.medication).ok_or(Fault::of(ErrorCode::NotFound))?;
            let mut events = Vec::new();
            for other in the_same(event, doses)
                .into_iter()
                .filter(|other| !doses.retracted(other.id))
            {
                let occurrence = other.occurrence.clone().zip(other.due);
                let retraction = DoseAct::Retracted { event: other.id };
                events.push(self.event(ask.patient, other.medication, occurrence, retraction, now)?);
            }
            events
        };
        let id = events.first().map_or(ask.event, |event| event.id);
        if !events.is_empty() {
            self.record(events).await?;
        }
        Ok(self.logged(id, now))
    }
}

/// The entry, and the others that say the same of the same dose.
fn the_same<'a>(event: &'a DoseEvent, doses: &'a Doses) -> Vec<&'a DoseEvent> {
    let alike = |other: &DoseEvent| match (&event.what, &other.what) {
        (DoseAct::Taken { .. }, DoseAct::Taken { .. }) | (DoseAct::Skipped { .. }, DoseAct::Skipped { .. }) => true,
        _ => other.id == event.id,
    };
    match &event.occurrence {
        Some(occurrence) => doses.of(occurrence).into_iter().filter(|other| alike(other)).collect(),
        None => vec![event],
    }
}
