//! Adherence: what share of the prescribed doses was taken, when, for how long, and what share of days was supplied.
//!
//! Owns the measures, one in a file. A figure from dose logs is never called PDC: that one, and MPR, come from dispensing
//! data only. Counts and ratios of counts, never floats, so that every figure can be read back to the doses behind it;
//! each says which measure it is, with the parameters it was taken under. There is no questionnaire among them.

mod correct_dosing;
mod covered;
mod definition;
mod fills;
mod persistence;
mod possession;
mod taking;
mod timing;

pub use self::{
    correct_dosing::correct_dosing,
    covered::{Covered, pdc},
    definition::Measure,
    fills::{Fill, NoFigure, fills},
    persistence::{Persistence, persistence},
    possession::mpr,
    taking::{Taking, taking},
    timing::{TOLERANCE_PERCENT, timing},
};

/// A share as two counts. With `den` 0 there is nothing to measure, and no figure is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// The part.
    pub num: u32,
    /// The whole.
    pub den: u32,
}

impl Ratio {
    /// The share in whole percent, rounded down; none where there is nothing to measure. May pass 100.
    pub fn percent(self) -> Option<u32> {
        (u64::from(self.num) * 100)
            .checked_div(u64::from(self.den))
            .map(|share| u32::try_from(share).unwrap_or(u32::MAX))
    }

    /// Whether the share is at least `percent`, without rounding; never where there is nothing to measure.
    pub const fn reaches(self, percent: u32) -> bool {
        self.den > 0 && self.num as u64 * 100 >= self.den as u64 * percent as u64
    }
}

/// A share, and what it is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Which measure it is.
    pub measure: Measure,
    /// The counts.
    pub ratio: Ratio,
}
