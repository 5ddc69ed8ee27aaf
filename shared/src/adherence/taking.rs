//! *Taking*: doses taken ÷ doses prescribed, with the bounds of what is known.
//!
//! Source: "taking adherence" and the implementation phase of Vrijens et al., "A new taxonomy for describing and defining
//! adherence to medications", Br J Clin Pharmacol 2012;73:691–705. The bounds are our own: they say how much of the
//! figure rests on what nobody logged.

use serde::{Deserialize, Serialize};

use super::{Measure, Ratio};
use crate::{dose::DoseState, schedule::Occurrence};

/// The counts of the *taking* measure over one range.
///
/// E (`prescribed`) is the number of occurrences whose time is closed, without those held back. Of these, T (`taken`)
/// were taken, `skipped` were left out on purpose, and `missed` were confirmed missed: the patient had been reminded, or
/// at least nothing says that the reminder failed, and a device saw the time pass. The rest of E is unknown: nothing was
/// logged, or the device could not remind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Taking {
    /// E: closed, scheduled, non-held occurrences.
    pub prescribed: u32,
    /// T: those taken, late ones included.
    pub taken: u32,
    /// Those left out on purpose.
    pub skipped: u32,
    /// Those confirmed missed.
    pub missed: u32,
    /// Doses taken beside the prescribed ones; shown apart.
    pub extra: u32,
}

impl Taking {
    /// Which measure it is.
    pub const fn measure(&self) -> Measure {
        Measure::Taking {}
    }

    /// Doses taken ÷ doses prescribed, uncapped: extra doses count here, and may take it past one.
    pub const fn rate(&self) -> Ratio {
        Ratio {
            num: self.taken.saturating_add(self.extra),
            den: self.prescribed,
        }
    }

    /// T/E: as if no dose were taken that was not logged.
    pub const fn lower(&self) -> Ratio {
        Ratio {
            num: self.taken,
            den: self.prescribed,
        }
    }

    /// T/(T + skipped + confirmed missed): over the doses whose fate is known.
    pub const fn upper(&self) -> Ratio {
        Ratio {
            num: self.taken,
            den: self.taken.saturating_add(self.skipped).saturating_add(self.missed),
        }
    }

    /// (T + skipped)/E: how much of what was due was logged. Published beside the bounds, always.
    pub const fn completeness(&self) -> Ratio {
        Ratio {
            num: self.taken.saturating_add(self.skipped),
            den: self.prescribed,
        }
    }
}

/// Counts `closed`, the occurrences whose time is over, each with its state; `extra` is the number of doses taken beside
/// them.
pub fn taking(closed: &[(Occurrence, DoseState)], extra: u32) -> Taking {
    let mut counts = Taking {
        extra,
        ..Taking::default()
    };
    for (_, state) in closed {
        counts.prescribed = counts.prescribed.saturating_add(1);
        match state {
            DoseState::Taken { .. } => counts.taken += 1,
            DoseState::Skipped { .. } => counts.skipped += 1,
            DoseState::Missed {} => counts.missed += 1,
            DoseState::Scheduled {}
            | DoseState::Notified {}
            | DoseState::NotNotified {}
            | DoseState::Snoozed { .. } => {}
            DoseState::Held {} => counts.prescribed -= 1,
        }
    }
    counts
}
