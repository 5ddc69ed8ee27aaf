//! What a record may hold, beyond its shape: held at every boundary that lets a record in.

use chrono::{Days, NaiveDate};

use super::{
    Allergy, Coding, Condition, Dispense, Medication, Patient, SideEffectAct, SideEffectEntry, StockEntry, Symptom,
};
use crate::{
    dose::{DoseAct, DoseEvent},
    field::FieldError,
    quantity::Quantity,
    schedule,
};

/// Longest name, in characters.
pub const MAX_NAME: usize = 200;
/// Longest free text, in characters.
pub const MAX_TEXT: usize = 2_000;
/// Longest note on a side effect, in characters.
const NOTE: usize = 500;
/// Most codes or ingredients of one record.
pub const MAX_CODES: usize = 50;
/// Most revisions of one plan.
const REVISIONS: usize = 1_000;
/// Most answers on journeys.
const TRAVELS: usize = 1_000;
/// Longest supply and longest lead time, in days: ten years.
const DAYS: u32 = 3_660;

/// A text with something in it.
fn name(text: &str, field: &str) -> Result<(), FieldError> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_NAME {
        return Err(FieldError::new(field, format!("must have 1 to {MAX_NAME} characters")));
    }
    Ok(())
}

fn text(text: Option<&str>, field: &str) -> Result<(), FieldError> {
    match text {
        Some(text) if text.chars().count() > MAX_TEXT => Err(FieldError::new(
            field,
            format!("must have at most {MAX_TEXT} characters"),
        )),
        _ => Ok(()),
    }
}

fn codes(codes: &[Coding]) -> Result<(), FieldError> {
    if codes.len() > MAX_CODES {
        return Err(FieldError::new(
            "codes",
            format!("must have at most {MAX_CODES} entries"),
        ));
    }
    for (place, coding) in codes.iter().enumerate() {
        name(&coding.system, &format!("codes[{place}].system"))?;
        name(&coding.code, &format!("codes[{place}].code"))?;
    }
    Ok(())
}

impl Medication {
    /// Holds the medication and its plan against the rules; the path starts inside the medication.
    pub fn validate(&self) -> Result<(), FieldError> {
        name(&self.name, "name")?;
        codes(&self.codes)?;
        if self.ingredients.len() > MAX_CODES {
            return Err(FieldError::new(
                "ingredients",
                format!("must have at most {MAX_CODES} entries"),
            ));
        }
        for (place, ingredient) in self.ingredients.iter().enumerate() {
            name(ingredient, &format!("ingredients[{place}]"))?;
        }
        text(self.instruction.as_deref(), "instruction")?;
        if let Some(stock) = &self.stock {
            Quantity::new(0, stock.unit.as_str())
                .validate()
                .map_err(|error| error.within("stock"))?;
            if stock.lead_days > DAYS {
                return Err(FieldError::new("stock.lead_days", format!("must be at most {DAYS}")));
            }
        }
        if self.plan.len() > REVISIONS {
            return Err(FieldError::new(
                "plan",
                format!("must have at most {REVISIONS} entries"),
            ));
        }
        for (place, revision) in self.plan.iter().enumerate() {
            schedule::validate(&revision.schedule).map_err(|error| error.within(&format!("plan[{place}].schedule")))?;
            if revision.number == 0 {
                return Err(FieldError::new(format!("plan[{place}].number"), "must be at least 1"));
            }
        }
        for (place, pair) in (1..).zip(self.plan.windows(2)) {
            if let [earlier, later] = pair {
                if later.number <= earlier.number {
                    let problem = "must be greater than that of the revision before it";
                    return Err(FieldError::new(format!("plan[{place}].number"), problem));
                }
                if later.from < earlier.from {
                    let problem = "must not be before that of the revision before it";
                    return Err(FieldError::new(format!("plan[{place}].from"), problem));
                }
            }
        }
        Ok(())
    }
}

impl Patient {
    /// Holds the patient against the rules; the path starts inside the patient.
    pub fn validate(&self) -> Result<(), FieldError> {
        name(&self.name, "name")?;
        if self.travels.len() > TRAVELS {
            return Err(FieldError::new(
                "travels",
                format!("must have at most {TRAVELS} entries"),
            ));
        }
        match self.travels.is_sorted_by(|one, other| one < other) {
            true => Ok(()),
            false => Err(FieldError::new(
                "travels",
                "must be in the order they were given, each once",
            )),
        }
    }
}

impl Allergy {
    /// Holds the allergy against the rules; the path starts inside the allergy.
    pub fn validate(&self) -> Result<(), FieldError> {
        name(&self.substance, "substance")?;
        codes(&self.codes)
    }
}

impl Condition {
    /// Holds the condition against the rules; the path starts inside the condition.
    pub fn validate(&self) -> Result<(), FieldError> {
        name(&self.name, "name")?;
        codes(&self.codes)
    }
}

impl DoseEvent {
    /// Holds the entry against the rules; the path starts inside the entry.
    pub fn validate(&self) -> Result<(), FieldError> {
        match &self.what {
            DoseAct::Taken {
                amount,
                override_reason,
            } => {
                text(override_reason.as_deref(), "what.override_reason")?;
                let amount = amount.as_ref().map_or(Ok(()), Quantity::validate);
                amount.map_err(|error| error.within("what.amount"))
            }
            DoseAct::Skipped { reason } => text(reason.as_deref(), "what.reason"),
            DoseAct::Notified {}
            | DoseAct::NotNotified { .. }
            | DoseAct::Snoozed { .. }
            | DoseAct::Missed {}
            | DoseAct::Held {}
            | DoseAct::Retracted { .. } => Ok(()),
        }
    }
}

impl Dispense {
    /// Holds the dispense against the rules; the path starts inside the dispense.
    pub fn validate(&self) -> Result<(), FieldError> {
        self.quantity.validate().map_err(|error| error.within("quantity"))?;
        if !(1..=DAYS).contains(&self.days_supply) {
            return Err(FieldError::new("days_supply", format!("must be from 1 to {DAYS}")));
        }
        schedule::scalar::in_years(self.on).map_err(|error| error.within("on"))
    }
}

impl StockEntry {
    /// Holds the entry against the rules; the path starts inside the entry.
    pub fn validate(&self) -> Result<(), FieldError> {
        let amount = self.what.amount().validate();
        amount.map_err(|error| error.within("what.amount"))
    }
}

impl SideEffectEntry {
    /// Holds the entry against the rules; the path starts inside the entry.
    pub fn validate(&self) -> Result<(), FieldError> {
        // The patient's own date is one ahead of that of the device at most, whatever clocks the two are on.
        let recorded = self.recorded_at.date_naive();
        let latest = recorded.checked_add_days(Days::new(1)).unwrap_or(recorded);
        let known = |date: NaiveDate, field: &str| {
            schedule::scalar::in_years(date).map_err(|error| error.within(field))?;
            match date <= latest {
                true => Ok(()),
                false => Err(FieldError::new(field, "must not be after the entry was recorded")),
            }
        };
        match &self.what {
            SideEffectAct::Reported { report } => {
                if let Symptom::Other(words) = &report.symptom {
                    name(words, "what.report.symptom")?;
                }
                if report.note.as_ref().is_some_and(|note| note.chars().count() > NOTE) {
                    let problem = format!("must have at most {NOTE} characters");
                    return Err(FieldError::new("what.report.note", problem));
                }
                known(report.from, "what.report.from")
            }
            SideEffectAct::Ended { on, .. } => known(*on, "what.on"),
            SideEffectAct::Retracted { .. } => Ok(()),
        }
    }
}
