//! *Timing*: inter-dose intervals within a tolerance of nominal ÷ intervals.
//!
//! Source: "timing adherence", the percentage of inter-dose intervals within ±25 % of the prescribed one, in Vrijens et
//! al., Br J Clin Pharmacol 2012;73:691–705, and the electronic-monitoring studies that it reviews.

use chrono::{DateTime, Utc};

use super::{Figure, Measure, Ratio};
use crate::{dose::DoseState, schedule::Occurrence};

/// The tolerance where nobody asks for another.
pub const TOLERANCE_PERCENT: u32 = 25;

/// What a dose says about the intervals beside it.
#[derive(Clone, Copy)]
enum At {
    Taken(DateTime<Utc>),
    NotTaken,
    Unknown,
}

/// Counts the intervals from one dose taken to the next that are within `tolerance_percent` of nominal, both ends inside.
/// `closed` are the occurrences of one medication whose time is over, in any order, each with its state.
///
/// The nominal length of an interval is what the plan sets from its first dose to the next one due, so that a dose left
/// out makes the interval too long. Where nothing is known of a dose in between, there is no telling whether the interval
/// was one, and it does not count. Neither do doses held back, nor two that are due at one instant.
pub fn timing(closed: &[(Occurrence, DoseState)], tolerance_percent: u32) -> Figure {
    let mut doses: Vec<(DateTime<Utc>, At)> = closed
        .iter()
        .filter_map(|(occurrence, state)| {
            let at = match state {
                DoseState::Taken { at, .. } => At::Taken(at.to_utc()),
                DoseState::Skipped { .. } | DoseState::Missed {} => At::NotTaken,
                DoseState::Scheduled {}
                | DoseState::Notified {}
                | DoseState::NotNotified {}
                | DoseState::Snoozed { .. } => At::Unknown,
                DoseState::Held {} => return None,
            };
            Some((occurrence.due, at))
        })
        .collect();
    doses.sort_by_key(|(due, _)| *due);

    let mut ratio = Ratio { num: 0, den: 0 };
    for (place, (due, at)) in doses.iter().enumerate() {
        let (At::Taken(from), Some(later)) = (at, doses.get(place + 1..)) else {
            continue;
        };
        let Some((next_due, _)) = later.first() else {
            continue;
        };
        let nominal = millis(*due, *next_due);
        let next = later.iter().find(|(_, at)| !matches!(at, At::NotTaken));
        let Some((_, At::Taken(to))) = next else {
            continue;
        };
        if nominal > 0 {
            let off = (millis(*from, *to) - nominal).abs();
            ratio.den += 1;
            ratio.num += u32::from(off * 100 <= nominal * i128::from(tolerance_percent));
        }
    }
    Figure {
        measure: Measure::Timing { tolerance_percent },
        ratio,
    }
}

fn millis(from: DateTime<Utc>, to: DateTime<Utc>) -> i128 {
    i128::from(to.signed_duration_since(from).num_milliseconds())
}
