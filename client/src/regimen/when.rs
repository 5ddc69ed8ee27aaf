//! A schedule in the terms of a sentence.

use doseline_shared::schedule::{Days, Dose, ElapsedFrom, Rule, Schedule};

use crate::{
    replica::Chart,
    view::{DoseText, StepText, WhenText},
};

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
        Rule::Elapsed {
            every_min, from, daily, ..
        } => WhenText::Every {
            minutes: *every_min,
            from_last: matches!(from, ElapsedFrom::LastTaken),
            between: daily.map(|daily| (daily.from, daily.to)),
        },
        Rule::After { schedule, delay_min } => WhenText::After {
            name: chart.and_then(|chart| chart.medicine_name(*schedule)),
            minutes: *delay_min,
        },
        Rule::AsNeeded {
            min_gap_min,
            max_count,
            max_amount,
            per_min,
            ..
        } => WhenText::AsNeeded {
            gap_minutes: *min_gap_min,
            max: *max_count,
            max_amount: max_amount.clone(),
            per_minutes: *per_min,
        },
    }
}

/// The sentence of an amount.
pub(crate) fn dose_text(schedule: &Schedule) -> DoseText {
    match &schedule.dose {
        Dose::Fixed { amount } => DoseText::Same { amount: amount.clone() },
        Dose::Ask {} => DoseText::Ask {},
        Dose::Taper { steps } => {
            // The last one lasts until the end, where there is one.
            let lasts = schedule
                .end
                .and_then(|end| u32::try_from((end - schedule.start).num_days() + 1).ok());
            let next = steps.iter().skip(1).map(|step| Some(step.from_day)).chain([lasts]);
            DoseText::Steps {
                steps: steps
                    .iter()
                    .zip(next)
                    .map(|(step, next)| StepText {
                        days: next.map(|next| next.saturating_sub(step.from_day)),
                        amount: step.amount.clone(),
                    })
                    .collect(),
            }
        }
        Dose::Table { days } => DoseText::Days { days: days.clone() },
    }
}
