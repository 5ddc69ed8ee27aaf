//! A schedule as a draft to edit from: in the form's terms where it fits them, as itself where it says more.

use chrono_tz::Tz;
use doseline_shared::{
    quantity::Quantity,
    schedule::{Days, Dose, ElapsedFrom, Rule, Schedule, ShortMonth, Zone},
};

use super::{DraftAmount, DraftDose, DraftStep, DraftWhen, amount::written, read::window};
use crate::dose::time::local;

/// How much, as a draft. An amount that nobody has stated is left empty.
pub(in crate::regimen) fn dose(schedule: Option<&Schedule>) -> DraftDose {
    match schedule.map(|schedule| &schedule.dose) {
        None => DraftDose::Same {
            amount: DraftAmount {
                value: String::new(),
                unit: "tablet".to_owned(),
            },
        },
        Some(Dose::Fixed { amount }) => DraftDose::Same {
            amount: written(amount),
        },
        Some(Dose::Ask {}) => DraftDose::Ask,
        Some(Dose::Taper { steps }) => {
            let next = steps.iter().skip(1).map(|step| Some(step.from_day)).chain([None]);
            DraftDose::Steps {
                steps: steps
                    .iter()
                    .zip(next)
                    .map(|(step, next)| DraftStep {
                        days: next.map(|next| next.saturating_sub(step.from_day)),
                        amount: written(&step.amount),
                    })
                    .collect(),
            }
        }
        Some(Dose::Table { days }) => DraftDose::Days {
            days: days.iter().map(written).collect(),
        },
    }
}

/// Whether the times go with the patient on a journey.
pub(in crate::regimen) fn travels(schedule: Option<&Schedule>) -> bool {
    schedule.is_some_and(|schedule| schedule.zone == Zone::Floating {})
}

/// When, as a draft.
pub(in crate::regimen) fn when(schedule: Option<&Schedule>, zone: Tz) -> DraftWhen {
    let Some(schedule) = schedule else {
        return DraftWhen::NotYet;
    };
    let home = schedule.zone == Zone::Home { tz: zone } || schedule.zone == Zone::Floating {};
    let usual = schedule.window == window(&schedule.rule);
    let exactly = || DraftWhen::Exactly {
        schedule: Box::new(schedule.clone()),
    };
    if !(home && usual) {
        return exactly();
    }
    let anchored = |anchor| (anchor != schedule.start).then_some(anchor);
    match &schedule.rule {
        Rule::Wall { times, days } => {
            let times = times.iter().map(|slot| slot.at).collect();
            match days {
                Days::Every {} => DraftWhen::Daily { times },
                Days::Weekdays { on } => DraftWhen::Weekly {
                    times,
                    days: on.clone(),
                },
                Days::MonthDays {
                    on,
                    short_month: ShortMonth::Clamp,
                } => DraftWhen::Monthly {
                    times,
                    days: on.clone(),
                },
                Days::EveryN { n, anchor } if *n <= 366 => DraftWhen::EveryDays {
                    times,
                    n: *n,
                    anchor: anchored(*anchor),
                },
                Days::Cycle { on, off, anchor } if *on <= 366 && (1..=366).contains(off) => DraftWhen::Cycle {
                    times,
                    on: *on,
                    off: *off,
                    anchor: anchored(*anchor),
                },
                Days::MonthDays { .. } | Days::EveryN { .. } | Days::Cycle { .. } => exactly(),
            }
        }
        Rule::Elapsed {
            every_min,
            anchor,
            from,
            daily,
        } if every_min % 60 == 0 && (60..=72 * 60).contains(every_min) => {
            let first = local(*anchor, zone);
            if first.date_naive() == schedule.start {
                DraftWhen::EveryHours {
                    hours: every_min / 60,
                    first: first.time(),
                    from_last: *from == ElapsedFrom::LastTaken,
                    between: daily.map(|daily| (daily.from, daily.to)),
                }
            } else {
                exactly()
            }
        }
        Rule::After { schedule, delay_min } if *delay_min <= 1_440 => DraftWhen::After {
            medication: *schedule,
            minutes: *delay_min,
        },
        Rule::AsNeeded {
            min_gap_min,
            max_count,
            max_amount,
            per_min: 1440,
            ..
        } if min_gap_min % 60 == 0 && in_unit_of_dose(schedule, max_amount.as_ref()) => DraftWhen::AsNeeded {
            gap_hours: min_gap_min / 60,
            max_per_day: *max_count,
            max_amount: max_amount.as_ref().map(written),
        },
        Rule::Elapsed { .. } | Rule::After { .. } | Rule::AsNeeded { .. } => exactly(),
    }
}

/// Whether the form, which has one unit for all amounts, can say this limit.
fn in_unit_of_dose(schedule: &Schedule, limit: Option<&Quantity>) -> bool {
    match (limit, &schedule.dose) {
        (None, _) => true,
        (Some(limit), Dose::Fixed { amount }) => amount.unit == limit.unit,
        (Some(_), Dose::Taper { .. } | Dose::Table { .. } | Dose::Ask {}) => false,
    }
}
