//! The single values of the wire format: amounts, texts, times, dates, instants, zones.
//!
//! Each is read to the letter: what is written in another way than the format says is refused, not guessed at.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    field::{Cursor, FieldError},
    quantity::Quantity,
};

/// First year of a date in a schedule; before it, the zone database is not to be relied on.
const FIRST_YEAR: i32 = 1970;
/// Last year of a date in a schedule; beyond a life, and near where the zone database ends.
const LAST_YEAR: i32 = 2199;
/// Longest text of a slot, a unit or an ingredient, in characters.
const MAX_TEXT: usize = 100;

/// Reads an amount, which may be 0.
pub(crate) fn quantity(value: &Value) -> Result<Quantity, FieldError> {
    amount(&Cursor::new(value), Zero::Allowed)
}

/// An IANA zone.
pub(crate) fn tz(at: &Cursor<'_>) -> Result<Tz, FieldError> {
    at.text()?
        .parse()
        .map_err(|_| at.refuse("is no zone of the IANA database"))
}

/// Whether an amount may be nothing, as on a day off in the middle of a table or at the end of a taper.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zero {
    Allowed,
    Refused,
}

pub(super) fn amount(at: &Cursor<'_>, zero: Zero) -> Result<Quantity, FieldError> {
    let fields = at.object(&["value", "unit"])?;
    let value_at = fields.need("value")?;
    let value = decimal(&value_at)?;
    if zero == Zero::Refused && value.is_zero() {
        return Err(value_at.refuse("must be more than 0"));
    }
    Ok(Quantity {
        value,
        unit: name(&fields.need("unit")?)?,
    })
}

/// A decimal number: up to ten digits, and up to nine more after a point. No sign, no exponent.
fn decimal(at: &Cursor<'_>) -> Result<Decimal, FieldError> {
    let Some(text) = at.value().as_str() else {
        return Err(at.refuse("must be a decimal number in a text, such as \"2.5\""));
    };
    if text.starts_with('-') {
        return Err(at.refuse("must not be negative"));
    }
    let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = match text.split_once('.') {
        Some((whole, part)) => digits(whole, 10) && digits(part, 9),
        None => digits(text, 10),
    };
    let value = if well_formed { text.parse().ok() } else { None };
    value.ok_or_else(|| at.refuse("must be a decimal number in a text, such as \"2.5\", of at most ten digits"))
}

/// A short text that a person may read: not empty, no control characters, no space around it.
pub(super) fn name(at: &Cursor<'_>) -> Result<String, FieldError> {
    let text = at.text()?;
    if text.is_empty() || text.chars().count() > MAX_TEXT {
        return Err(at.refuse(&format!("must have 1 to {MAX_TEXT} characters")));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(at.refuse("must have no space around it and no control characters"));
    }
    Ok(text.to_owned())
}

/// `HH:MM`, to the letter.
pub(super) fn clock_time(at: &Cursor<'_>) -> Result<NaiveTime, FieldError> {
    let read = |text: &str| {
        let [h1, h2, b':', m1, m2] = *text.as_bytes() else {
            return None;
        };
        let two = |tens: u8, ones: u8| {
            let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
            Some(digit(tens)? * 10 + digit(ones)?)
        };
        NaiveTime::from_hms_opt(two(h1, h2)?, two(m1, m2)?, 0)
    };
    read(at.text()?).ok_or_else(|| at.refuse("must be a time from 00:00 to 23:59, as HH:MM"))
}

/// `YYYY-MM-DD`, to the letter.
pub(super) fn date(at: &Cursor<'_>) -> Result<NaiveDate, FieldError> {
    let text = at.text()?;
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Option<NaiveDate> = if shaped { text.parse().ok() } else { None };
    let Some(date) = date else {
        return Err(at.refuse("must be a date, as YYYY-MM-DD"));
    };
    if !(FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return Err(at.refuse(&format!("must be from {FIRST_YEAR} to {LAST_YEAR}")));
    }
    Ok(date)
}

/// Holds a date that was read already against the same years.
pub(crate) fn in_years(date: NaiveDate) -> Result<(), FieldError> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return Ok(());
    }
    Err(FieldError::new("", format!("must be from {FIRST_YEAR} to {LAST_YEAR}")))
}

/// An instant, as RFC 3339 writes it; `Z` or an offset.
pub(crate) fn instant(at: &Cursor<'_>) -> Result<DateTime<Utc>, FieldError> {
    let instant = DateTime::parse_from_rfc3339(at.text()?)
        .map_err(|_| at.refuse("must be an instant, such as 2026-03-01T06:00:00Z"))?
        .to_utc();
    if !(FIRST_YEAR..=LAST_YEAR).contains(&instant.year()) {
        return Err(at.refuse(&format!("must be from {FIRST_YEAR} to {LAST_YEAR}")));
    }
    Ok(instant)
}
