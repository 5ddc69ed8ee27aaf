//! *MPR*, the medication possession ratio: days' supply ÷ days.
//!
//! Source: Hess et al., "Measurement of adherence in pharmacy administrative databases", Ann Pharmacother
//! 2006;40:1280–1288; Andrade et al., "Methods for evaluation of medication adherence and persistence using automated
//! databases", Pharmacoepidemiol Drug Saf 2006;15:565–574. Authors differ in where the days end; here they are those of
//! PDC, so that the two can be held beside each other.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::{Figure, Fill, Measure, NoFigure, Ratio, fills::observed};

/// The days of supply of the fills that begin in `period`, whole ÷ the days from the first of them to the end of the
/// period, without those of `inpatient`, both ends included. Uncapped.
///
/// # Errors
/// [`NoFigure`].
pub fn mpr(
    fills: &[Fill],
    period: &RangeInclusive<NaiveDate>,
    inpatient: &[RangeInclusive<NaiveDate>],
) -> Result<Figure, NoFigure> {
    let observed = observed(fills, period, inpatient)?;
    let supply = observed
        .fills
        .iter()
        .fold(0_u32, |sum, fill| sum.saturating_add(fill.days));
    Ok(Figure {
        measure: Measure::Mpr {},
        ratio: Ratio {
            num: supply,
            den: u32::try_from(observed.days.len()).unwrap_or(u32::MAX),
        },
    })
}
