//! Adherence: each measure counts what its definition says, and no figure is a float or a guess.

use std::ops::RangeInclusive;

use chrono::{NaiveDate, TimeDelta};
use doseline_shared::{
    adherence::{
        Figure, Fill, Measure, NoFigure, Ratio, TOLERANCE_PERCENT, Taking, correct_dosing, fills, mpr, pdc,
        persistence, timing,
    },
    dose::DoseState,
    id::{DispenseId, DoseEventId, MedicationId, PatientId},
    quantity::Quantity,
    record::{Dispense, DispenseStatus, DrugClass},
    schedule::{Context, Days, Occurrence, occurrences},
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use crate::build::{at, date, tz, wall};

/// The doses of twice a day from 2026-03-01 on, each with what became of it: `t` taken when due, `e` and `l` taken so
/// many hours early or late, `m` missed, `s` skipped, `h` held, `?` unknown.
fn twice_a_day(fates: &[&str]) -> Vec<(Occurrence, DoseState)> {
    let plan = wall("Africa/Lagos", &[("am", "08:00"), ("pm", "20:00")], Days::Every {});
    let range = at("2026-03-01T00:00:00Z")..at("2027-03-01T00:00:00Z");
    let state = |due: &Occurrence, fate: &str| {
        let taken = |hours: i64| DoseState::Taken {
            event: DoseEventId::from_uuid(Uuid::nil()),
            at: due.local + TimeDelta::hours(hours),
            late: false,
            amount: None,
        };
        let (kind, hours) = fate.split_at(1);
        let hours = hours.parse().unwrap_or(0);
        match kind {
            "t" => taken(0),
            "e" => taken(-hours),
            "l" => taken(hours),
            "m" => DoseState::Missed {},
            "s" => DoseState::Skipped {
                event: DoseEventId::from_uuid(Uuid::nil()),
                at: due.local,
                reason: None,
            },
            "h" => DoseState::Held {},
            _ => DoseState::NotNotified {},
        }
    };
    occurrences(&plan, range, &Context::new(tz("UTC")))
        .into_iter()
        .zip(fates)
        .map(|(due, fate)| {
            let state = state(&due, fate);
            (due, state)
        })
        .collect()
}

pub fn share(figure: Figure) -> (u32, u32) {
    (figure.ratio.num, figure.ratio.den)
}

pub fn drug(number: u128) -> MedicationId {
    MedicationId::from_uuid(Uuid::from_u128(number))
}

pub fn fill(start: &str, days: u32) -> Fill {
    Fill {
        start: date(start),
        drug: drug(1),
        days,
    }
}

pub fn period(from: &str, to: &str) -> RangeInclusive<NaiveDate> {
    date(from)..=date(to)
}

#[test]
fn a_day_is_correct_where_as_many_doses_were_taken_as_prescribed() {
    let closed = twice_a_day(&["t", "l5", "t", "m", "s", "h", "h", "h", "t", "?"]);
    let days = date("2026-03-01")..date("2026-03-06");
    let figure = correct_dosing(&closed, &[], days.clone());
    // The first, taken after midnight as it was, and the fourth, on which all was held.
    assert_eq!((figure.measure, share(figure)), (Measure::CorrectDosing {}, (2, 5)));
    let extra = [date("2026-03-01"), date("2026-03-02"), date("2026-03-09")];
    // One too many on the first; two on the second, one of them beside the plan; the last is out of range.
    assert_eq!(share(correct_dosing(&closed, &extra, days)), (2, 5));
    assert_eq!(
        share(correct_dosing(&[], &[], date("2026-03-02")..date("2026-03-01"))),
        (0, 0)
    );
}

#[test]
fn an_interval_is_in_time_within_the_tolerance_both_ends_inside() {
    // Twelve hours apart; a quarter of that is three.
    for (fates, inside) in [
        (["t", "t"], 1),
        (["t", "l3"], 1),
        (["t", "l4"], 0),
        (["t", "e3"], 1),
        (["t", "e4"], 0),
        (["l2", "e1"], 1),
        (["l2", "e2"], 0),
        (["l5", "l5"], 1),
    ] {
        let figure = timing(&twice_a_day(&fates), TOLERANCE_PERCENT);
        assert_eq!(share(figure), (inside, 1), "{fates:?}");
        assert_eq!(figure.measure, Measure::Timing { tolerance_percent: 25 });
    }
    assert_eq!(share(timing(&twice_a_day(&["t", "l4"]), 34)), (1, 1));
}

#[test]
fn a_dose_left_out_makes_one_interval_too_long_and_an_unknown_one_makes_none() {
    for (fates, counts) in [
        (["t", "m", "t", "t"], (1, 2)),
        (["t", "s", "m", "t"], (0, 1)),
        (["t", "?", "t", "t"], (1, 1)),
        (["t", "m", "?", "t"], (0, 0)),
        (["t", "m", "m", "m"], (0, 0)),
    ] {
        assert_eq!(
            share(timing(&twice_a_day(&fates), TOLERANCE_PERCENT)),
            counts,
            "{fates:?}"
        );
    }
    // What was held back was not due: the plan itself set the longer interval.
    assert_eq!(share(timing(&twice_a_day(&["t", "h", "t"]), TOLERANCE_PERCENT)), (1, 1));
}

#[test]
fn persistence_runs_to_the_last_dose_before_a_gap_that_is_too_long() {
    let dates = ["2026-03-20", "2026-03-01", "2026-03-05", "2026-03-02"].map(date);
    let going = |gap| persistence(&dates, gap, date("2026-04-01")).unwrap();
    // Two days without a dose before the fifth, fourteen before the twentieth, eleven after it.
    for (gap, last, num, ended) in [
        (1, "2026-03-02", 2, true),
        (2, "2026-03-05", 5, true),
        (13, "2026-03-05", 5, true),
        (14, "2026-03-20", 20, false),
    ] {
        let found = going(gap);
        assert_eq!((found.last, found.ended), (date(last), ended), "{gap}");
        assert_eq!(share(found.figure), (num, 31), "{gap}");
        assert_eq!(found.figure.measure, Measure::Persistence { gap_days: gap });
    }
    let stopped = persistence(&dates[1..2], 30, date("2026-04-02")).unwrap();
    assert!(stopped.ended);
    assert!(!persistence(&dates[1..2], 30, date("2026-04-01")).unwrap().ended);
    assert_eq!(persistence(&dates, 30, date("2026-03-01")), None);
}

#[test]
fn overlapping_fills_of_one_drug_shift_and_those_of_two_do_not() {
    let days = period("2026-01-01", "2026-03-01");
    let same = [fill("2026-01-01", 30), fill("2026-01-16", 30)];
    assert_eq!(
        share(pdc(&same, &days, &[], DrugClass::Other).unwrap().figure),
        (60, 60)
    );
    let other = Fill {
        drug: drug(2),
        ..same[1]
    };
    let covered = pdc(&[same[0], other], &days, &[], DrugClass::Other).unwrap();
    assert_eq!(share(covered.figure), (45, 60));
    assert_eq!(share(mpr(&[same[0], other], &days, &[]).unwrap()), (60, 60));
}

#[test]
fn who_is_adherent_is_told_without_rounding_and_more_strictly_of_antiretrovirals() {
    let days = period("2026-01-01", "2026-04-10");
    for (supply, other, antiretroviral) in [
        (49, false, false),
        (50, true, false),
        (59, true, false),
        (60, true, true),
    ] {
        let fills = [fill("2026-01-01", 30), fill("2026-01-31", supply)];
        let adherent = |class| pdc(&fills, &days, &[], class).unwrap().adherent;
        assert_eq!(adherent(DrugClass::Other), other, "{supply}");
        assert_eq!(adherent(DrugClass::Antiretroviral), antiretroviral, "{supply}");
    }
}

#[test]
fn without_two_fills_in_the_period_there_is_no_figure() {
    let days = period("2026-01-01", "2026-03-01");
    let none = |fills: &[Fill], stays: &[RangeInclusive<NaiveDate>]| {
        let pdc = pdc(fills, &days, stays, DrugClass::Other).err();
        assert_eq!(mpr(fills, &days, stays).err(), pdc);
        pdc
    };
    let one = fill("2026-01-01", 90);
    assert_eq!(none(&[], &[]), Some(NoFigure::TooFewFills { dates: 0 }));
    assert_eq!(none(&[one], &[]), Some(NoFigure::TooFewFills { dates: 1 }));
    assert_eq!(none(&[one, one], &[]), Some(NoFigure::TooFewFills { dates: 1 }));
    let before = fill("2025-12-31", 30);
    assert_eq!(none(&[before, one], &[]), Some(NoFigure::TooFewFills { dates: 1 }));
    let two = [one, fill("2026-02-01", 30)];
    assert_eq!(
        none(&two, &[period("2025-12-01", "2026-03-01")]),
        Some(NoFigure::NoDays)
    );
    assert_eq!(none(&two, &[]), None);
    let ages = date("2026-01-01")..=NaiveDate::MAX;
    assert_eq!(pdc(&two, &ages, &[], DrugClass::Other).err(), Some(NoFigure::TooLong));
}

#[test]
fn a_dispense_entered_in_error_is_no_fill() {
    let dispense = |id, on: &str, status| Dispense {
        id: DispenseId::from_uuid(Uuid::from_u128(id)),
        patient: PatientId::from_uuid(Uuid::from_u128(2)),
        medication: drug(1),
        clinic: None,
        version: 1,
        on: date(on),
        quantity: Quantity::new(30, "tablet"),
        days_supply: 30,
        class: DrugClass::Other,
        status,
    };
    let dispenses = [
        dispense(1, "2026-01-01", DispenseStatus::Completed),
        dispense(2, "2026-02-01", DispenseStatus::EnteredInError),
    ];
    assert_eq!(fills(&dispenses), [fill("2026-01-01", 30)]);
}

#[test]
fn every_figure_says_what_it_is_and_under_which_parameters() {
    let texts: Vec<String> = [
        Taking::default().measure(),
        Measure::CorrectDosing {},
        Measure::Timing { tolerance_percent: 30 },
        Measure::Persistence { gap_days: 45 },
        Measure::Pdc { adherent_percent: 90 },
        Measure::Mpr {},
    ]
    .map(Measure::definition)
    .into();
    for (text, parameter) in [(2, "within 30 %"), (3, "more than 45 days"), (4, "from 90 %")] {
        assert!(texts[text].contains(parameter), "{}", texts[text]);
    }
    for (place, text) in texts.iter().enumerate() {
        let dispensing = text.contains("from dispensing data");
        assert_eq!(dispensing, place >= 4, "{text}");
        assert_eq!(text.contains("from the record of doses"), !dispensing, "{text}");
        assert!(!text.contains("  "), "{text}");
    }
}

fn some_fills() -> impl Strategy<Value = Vec<Fill>> {
    let one = (0..300_i64, 1..120_u32, 1..3_u128).prop_map(|(start, days, which)| Fill {
        start: date("2026-01-01") + TimeDelta::days(start),
        drug: drug(which),
        days,
    });
    vec(one, 0..10)
}

fn some_stays() -> impl Strategy<Value = Vec<RangeInclusive<NaiveDate>>> {
    let day = |days| date("2026-01-01") + TimeDelta::days(days);
    vec(
        (0..300_i64, 0..30_i64).prop_map(move |(from, days)| day(from)..=day(from + days)),
        0..4,
    )
}

proptest! {
    #[test]
    fn pdc_is_never_above_one_nor_above_mpr_and_the_order_of_fills_does_not_matter(
        fills in some_fills(), stays in some_stays(), turn in 0..10_usize
    ) {
        let days = period("2026-01-01", "2026-12-31");
        let found = pdc(&fills, &days, &stays, DrugClass::Other);
        let mut turned = fills.clone();
        turned.rotate_left(turn.min(fills.len()));
        turned.reverse();
        prop_assert_eq!(pdc(&turned, &days, &stays, DrugClass::Other), found);
        prop_assert_eq!(mpr(&turned, &days, &stays), mpr(&fills, &days, &stays));
        if let (Ok(covered), Ok(possessed)) = (found, mpr(&fills, &days, &stays)) {
            let Ratio { num, den } = covered.figure.ratio;
            prop_assert!(num <= den && den > 0);
            prop_assert_eq!(den, possessed.ratio.den);
            prop_assert!(num <= possessed.ratio.num);
            prop_assert_eq!(covered.adherent, num * 5 >= den * 4);
        }
    }

    #[test]
    fn shifting_never_loses_supply(fills in some_fills(), stays in some_stays()) {
        let one_drug: Vec<_> = fills.iter().map(|fill| Fill { drug: drug(1), ..*fill }).collect();
        // Long enough for whatever the stays and the overlaps push on.
        let days = period("2026-01-01", "2032-12-31");
        if let Ok(covered) = pdc(&one_drug, &days, &stays, DrugClass::Other) {
            let supply: u32 = fills.iter().map(|fill| fill.days).sum();
            prop_assert_eq!(covered.figure.ratio.num, supply);
        }
    }

    #[test]
    fn one_more_fill_never_covers_fewer_days(fills in some_fills(), stays in some_stays(), more in some_fills()) {
        let days = period("2026-01-01", "2026-12-31");
        let first = fills.iter().map(|fill| fill.start).min();
        let both: Vec<_> = fills
            .iter()
            .chain(more.iter().filter(|fill| Some(fill.start) >= first))
            .copied()
            .collect();
        if let Ok(before) = pdc(&fills, &days, &stays, DrugClass::Other) {
            let after = pdc(&both, &days, &stays, DrugClass::Other).unwrap();
            prop_assert!(before.figure.ratio.num <= after.figure.ratio.num);
            prop_assert_eq!(before.figure.ratio.den, after.figure.ratio.den);
        }
    }

    #[test]
    fn no_measure_of_doses_has_more_than_there_is(
        fates in vec(select(vec!["t", "l1", "l5", "e2", "m", "s", "h", "?"]), 0..40),
        gap in 0..20_u32, tolerance in 0..100_u32, turn in 0..40_usize
    ) {
        let closed = twice_a_day(&fates);
        let mut turned = closed.clone();
        turned.rotate_left(turn.min(closed.len()));
        let days = date("2026-03-01")..date("2026-03-21");
        let correct = correct_dosing(&closed, &[], days.clone());
        prop_assert!(correct.ratio.num <= correct.ratio.den);
        prop_assert_eq!(correct_dosing(&turned, &[], days.clone()), correct);
        let timed = timing(&closed, tolerance);
        prop_assert!(timed.ratio.num <= timed.ratio.den);
        prop_assert!((timed.ratio.den as usize) < closed.len().max(1));
        prop_assert_eq!(timing(&turned, tolerance), timed);
        prop_assert!(timed.ratio.num <= timing(&closed, tolerance + 1).ratio.num);
        let taken: Vec<_> = closed
            .iter()
            .filter(|(_, state)| matches!(state, DoseState::Taken { .. }))
            .map(|(due, _)| due.local.date_naive())
            .collect();
        match (persistence(&taken, gap, days.end), persistence(&taken, gap + 1, days.end)) {
            (Some(shorter), Some(longer)) => {
                prop_assert!(shorter.figure.ratio.num <= shorter.figure.ratio.den);
                prop_assert!(shorter.last <= longer.last);
                prop_assert!(taken.contains(&shorter.first) && taken.contains(&shorter.last));
            }
            (None, None) => prop_assert!(taken.iter().all(|date| *date >= days.end)),
            (None, Some(_)) | (Some(_), None) => prop_assert!(false, "the gap does not decide whether there is a dose"),
        }
    }
}
