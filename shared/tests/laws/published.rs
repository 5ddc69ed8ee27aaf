//! PDC and MPR of published examples: the fills and the figures are the sources', none of this engine.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, TimeDelta};
use doseline_shared::{
    adherence::{Fill, NoFigure, Ratio, mpr, pdc},
    record::DrugClass,
};

use crate::{
    adherence::{drug, fill, period, share},
    build::date,
};

/// The examples of the Pharmacy Quality Alliance beside its measure "Proportion of Days Covered: Diabetes All Class", for
/// the year 2018 (pqaalliance.org, assets/Measures/pdc-dr.js): for each claim the date of the fill, and the dates of the
/// first and the last dose as the measure reads it. The period runs from the first fill to the end of the year.
#[test]
fn pdc_of_the_claims_of_the_pharmacy_quality_alliance() {
    let end = date("2018-12-31");
    let days = |from: &str, to: &str| u32::try_from((date(to) - date(from)).num_days() + 1).unwrap();
    for claims in [
        // A second drug of the class when the first has run out: half of the year.
        vec![
            ("2018-01-01", 1, "2018-01-01", "2018-03-31"),
            ("2018-04-01", 2, "2018-04-01", "2018-06-29"),
        ],
        // The third fill comes early, and begins when the second has run out.
        vec![
            ("2018-03-25", 1, "2018-03-25", "2018-06-22"),
            ("2018-07-05", 1, "2018-07-05", "2018-10-02"),
            ("2018-09-25", 1, "2018-10-03", "2018-12-31"),
        ],
        // The second comes early; the fourth reaches past the end of the year.
        vec![
            ("2018-01-01", 1, "2018-01-01", "2018-03-31"),
            ("2018-03-25", 1, "2018-04-01", "2018-06-29"),
            ("2018-07-05", 1, "2018-07-05", "2018-10-02"),
            ("2018-10-15", 1, "2018-10-15", "2018-12-31"),
        ],
    ] {
        let fills: Vec<_> = claims
            .iter()
            .map(|(filled, which, ..)| Fill {
                drug: drug(*which),
                ..fill(filled, 90)
            })
            .collect();
        let covered = claims.iter().map(|(_, _, first, last)| days(first, last)).sum();
        let found = pdc(&fills, &period("2018-01-01", "2018-12-31"), &[], DrugClass::Other).unwrap();
        assert_eq!(
            share(found.figure),
            (covered, days(claims[0].0, &end.to_string())),
            "{claims:?}"
        );
    }
    // Two drugs on one date are no two fills on different dates.
    let other = Fill {
        drug: drug(2),
        ..fill("2018-01-01", 90)
    };
    assert_eq!(
        pdc(
            &[fill("2018-01-01", 90), other],
            &period("2018-01-01", "2018-12-31"),
            &[],
            DrugClass::Other
        )
        .err(),
        Some(NoFigure::TooFewFills { dates: 1 })
    );
}

/// R. Scott Leslie, "Using Arrays to Calculate Medication Utilization", SAS Global Forum 2007, paper 043-2007, example 1:
/// three claims of 30 days each over the 180 days from the first: days 1 to 30, 117 to 146, and from 176 on past the end.
#[test]
fn pdc_of_the_three_claims_of_leslie_2007() {
    let fills = [fill("2005-02-17", 30), fill("2005-06-13", 30), fill("2005-08-11", 30)];
    let days = period("2005-02-17", "2005-08-15");
    let covered = pdc(&fills, &days, &[], DrugClass::Other).unwrap();
    assert_eq!((share(covered.figure), covered.adherent), ((65, 180), false));
    assert_eq!(share(mpr(&fills, &days, &[]).unwrap()), (90, 180));
}

/// The rule of "Days Covered Modification for Inpatient Stays" (technical notes of the Medicare Part C & D Star Ratings;
/// Chang and Gillespie, SAS Global Forum 2015, paper 3560-2015): the days of the stay leave the count, and the supply they
/// had moves on, the fills after it with it. Over 15 days, with a gap after the stay, before it, and on both sides.
#[test]
fn pdc_of_the_inpatient_stays_of_the_medicare_star_ratings() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    for (supplied, stay, before, after) in [
        (vec![(1, 8), (12, 4)], 5..=6, (12, 15), (12, 13)),
        (vec![(1, 7), (12, 4)], 12..=13, (11, 15), (9, 13)),
        (vec![(1, 3), (6, 4), (12, 4)], 6..=7, (11, 15), (11, 13)),
    ] {
        let fills: Vec<_> = supplied
            .iter()
            .map(|(start, days)| Fill {
                start: day(*start),
                drug: drug(1),
                days: *days,
            })
            .collect();
        let stay = day(*stay.start())..=day(*stay.end());
        let of = |stays: &[RangeInclusive<NaiveDate>]| {
            share(
                pdc(&fills, &(day(1)..=day(15)), stays, DrugClass::Other)
                    .unwrap()
                    .figure,
            )
        };
        assert_eq!((of(&[]), of(&[stay])), (before, after));
    }
}

/// Valluri et al., "Drug utilization and cost in a Medicaid population: a simulation study of community vs. mail order
/// pharmacy", BMC Health Services Research 2007;7:122, table 2: days of supply, days, refills and MPR of three examples,
/// each by a community pharmacy and by mail order. Where the mean supply of a refill is no whole number, the refills here
/// are the two whole ones around it.
#[test]
fn mpr_of_the_examples_of_valluri_2007() {
    for (supply, over, refills, percent) in [
        (600, 600, 20, 100),
        (630, 630, 7, 100),
        (750, 600, 20, 125),
        (788, 630, 7, 125),
        (450, 600, 15, 75),
        (450, 600, 5, 75),
    ] {
        let start = date("2026-01-01");
        let fills: Vec<_> = (0..refills)
            .map(|refill| Fill {
                start: start + TimeDelta::days(i64::from(over / refills * refill)),
                drug: drug(1),
                days: supply / refills + u32::from(refill < supply % refills),
            })
            .collect();
        let days = start..=start + TimeDelta::days(i64::from(over) - 1);
        let found = mpr(&fills, &days, &[]).unwrap();
        assert_eq!(found.ratio, Ratio { num: supply, den: over });
        assert_eq!(
            found.ratio.percent(),
            Some(percent),
            "{supply} days of supply over {over}"
        );
    }
}
