//! Amounts as typed: numbers with a comma or a point, steps and days, and every fault with its field.

use chrono::{Days, NaiveDate};
use doseline_shared::{
    quantity::Quantity,
    schedule::{Dose, TaperStep},
};

use super::{DraftAmount, DraftDose, DraftStep};
use crate::ask::Fault;

/// An amount as someone would type it.
pub(in crate::regimen) fn written(amount: &Quantity) -> DraftAmount {
    DraftAmount {
        value: amount.value.normalize().to_string(),
        unit: amount.unit.clone(),
    }
}

/// What the typed amounts stand for, and the last local date where the last step says how long it lasts.
pub(super) fn dose(typed: &DraftDose, start: NaiveDate) -> Result<(Dose, Option<NaiveDate>), Fault> {
    match typed {
        DraftDose::Same { amount } => {
            let amount = quantity(amount, "draft.dose.amount")?;
            if amount.value.is_zero() {
                return Err(Fault::field("draft.dose.amount.value"));
            }
            Ok((Dose::Fixed { amount }, None))
        }
        DraftDose::Ask => Ok((Dose::Ask {}, None)),
        DraftDose::Steps { steps } => taper(steps, start),
        DraftDose::Days { days } => {
            let days: Vec<Quantity> = days
                .iter()
                .map(|amount| quantity(amount, "draft.dose.days"))
                .collect::<Result<_, _>>()?;
            if days.iter().all(|amount| amount.value.is_zero()) {
                return Err(Fault::field("draft.dose.days"));
            }
            Ok((Dose::Table { days }, None))
        }
    }
}

fn taper(typed: &[DraftStep], start: NaiveDate) -> Result<(Dose, Option<NaiveDate>), Fault> {
    let wrong = || Fault::field("draft.dose.steps");
    let Some((last, before)) = typed.split_last() else {
        return Err(wrong());
    };
    if before
        .iter()
        .any(|step| step.days.is_none_or(|days| !(1..=3_660).contains(&days)))
    {
        return Err(wrong());
    }
    let mut from_day: u32 = 0;
    let mut steps = Vec::new();
    for step in typed {
        steps.push(TaperStep {
            from_day,
            amount: quantity(&step.amount, "draft.dose.steps")?,
        });
        from_day = from_day.saturating_add(step.days.unwrap_or(0));
    }
    let end = match last.days {
        Some(0) => return Err(wrong()),
        Some(_) => start.checked_add_days(Days::new(u64::from(from_day) - 1)),
        None => None,
    };
    Ok((Dose::Taper { steps }, end))
}

/// An amount as typed: a number with a comma or a point, and a unit. `field` is where it stands.
pub(in crate::regimen) fn quantity(typed: &DraftAmount, field: &str) -> Result<Quantity, Fault> {
    let number = typed.value.trim().replace(',', ".");
    let plain = !number.is_empty() && number.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
    let value = number
        .parse()
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| Fault::field(format!("{field}.value")))?;
    let unit = typed.unit.trim();
    if unit.is_empty() || unit.chars().count() > 40 {
        return Err(Fault::field(format!("{field}.unit")));
    }
    Ok(Quantity {
        value,
        unit: unit.to_owned(),
    })
}
