//! A schedule in the terms of a sentence.

use doseline_shared::schedule::{Days, ElapsedFrom, Rule, Schedule};

use crate::{replica::Chart, view::WhenText};

/// The sentence of a schedule. `chart` knows the name of the medicine that another one follows.
pub(crate) fn when_text(schedule: &Schedule, chart: Option<&Chart>) -> WhenText {
    match &schedule.rule {
        Rule::Wall { times, days } => {
            let times = times.iter().map(|time| time.at).collect();
            match days {
                Days::Every {} => WhenText::Daily { times },
                Days::Weekdays { on } => WhenText::Weekly {
                    times,
                    days: on.clone(),
                },
                Days::MonthDays { on, .. } => WhenText::Monthly {
                    times,
                    days: on.clone(),
                },
                Days::EveryN { n, .. } => WhenText::EveryDays { times, n: *n },
                Days::Cycle { on, off, .. } => WhenText::Cycle {
                    times,
                    on: *on,
                    off: *off,
                },
            }
        }
        Rule::Elapsed { every_min, from, .. } => WhenText::Every {
            minutes: *every_min,
            from_last: matches!(from, ElapsedFrom::LastTaken),
        },
        Rule::After { schedule, delay_min } => WhenText::After {
            name: chart
                .and_then(|chart| chart.medication(*schedule))
                .map(|medication| medication.name.clone()),
            minutes: *delay_min,
        },
        Rule::AsNeeded {
            min_gap_min,
            max_count,
            per_min,
            ..
        } => WhenText::AsNeeded {
            gap_minutes: *min_gap_min,
            max: *max_count,
            per_minutes: *per_min,
        },
    }
}
