//! Amounts: a decimal number and a unit. Decimal strings on the wire, never floats.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{field::FieldError, schedule::scalar};

/// An amount of something, such as 2.5 mg or 1 tablet. The unit is free text, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// The number, as a decimal string on the wire.
    #[serde(with = "rust_decimal::serde::str")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DecimalText"))]
    pub value: Decimal,
    /// The unit, such as `mg`, `tablet` or `ml`.
    pub unit: String,
}

impl Quantity {
    /// `value` of `unit`.
    pub fn new(value: impl Into<Decimal>, unit: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            unit: unit.into(),
        }
    }

    /// Holds the amount against the rules of the wire format; the path starts inside the amount.
    pub fn validate(&self) -> Result<(), FieldError> {
        let wire = serde_json::to_value(self).map_err(|_| FieldError::new("", "has no wire form"))?;
        scalar::quantity(&wire).map(|_| ())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value.normalize(), self.unit)
    }
}
