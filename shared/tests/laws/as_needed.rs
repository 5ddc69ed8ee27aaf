//! As-needed medication: each limit holds a dose back for exactly as long as it must.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    quantity::Quantity,
    schedule::{
        Days, Dose, Rule, Schedule,
        as_needed::{Allowance, Limit, PastDose, check},
    },
};
use proptest::{collection::vec, prelude::*};

use crate::build::{at, wall};

/// Two tablets of 500 mg of paracetamol: 4 h apart, 4 times and 4 g in 24 h.
fn paracetamol() -> Schedule {
    let mut schedule = wall("Africa/Lagos", &[], Days::Every {});
    schedule.rule = Rule::AsNeeded {
        min_gap_min: 240,
        max_count: Some(4),
        max_amount: Some(mg(4_000)),
        per_min: 1_440,
        ingredients: vec!["paracetamol".to_owned()],
    };
    schedule.dose = Dose::Fixed { amount: mg(1_000) };
    schedule
}

fn mg(value: i64) -> Quantity {
    Quantity::new(value, "mg")
}

fn past(doses: &[(&str, i64)]) -> Vec<PastDose> {
    let dose = |(text, value): &(&str, i64)| PastDose {
        at: at(&format!("2026-03-{text}:00Z")),
        amount: Some(mg(*value)),
    };
    doses.iter().map(dose).collect()
}

fn not_before(text: &str, why: Limit) -> Allowance {
    Allowance::NotBefore {
        at: Some(at(text)),
        why,
    }
}

#[test]
fn the_first_dose_is_allowed_and_the_next_after_the_gap_to_the_minute() {
    let now = at("2026-03-02T12:00:00Z");
    assert_eq!(check(&paracetamol(), None, &[], now), Allowance::Allowed);
    let one = past(&[("02T08:01", 500)]);
    assert_eq!(
        check(&paracetamol(), None, &one, now),
        not_before("2026-03-02T12:01:00Z", Limit::MinGap)
    );
    let one = past(&[("02T08:00", 500)]);
    assert_eq!(check(&paracetamol(), None, &one, now), Allowance::Allowed);
}

#[test]
fn the_fifth_dose_waits_until_the_first_of_the_four_has_left_the_day() {
    let four = past(&[
        ("02T01:00", 500),
        ("01T21:00", 500),
        ("02T06:00", 500),
        ("01T15:30", 500),
    ]);
    let now = at("2026-03-02T12:00:00Z");
    assert_eq!(
        check(&paracetamol(), None, &four, now),
        not_before("2026-03-02T15:30:00Z", Limit::MaxCount)
    );
    assert_eq!(
        check(&paracetamol(), None, &four, at("2026-03-02T15:30:00Z")),
        Allowance::Allowed
    );
}

#[test]
fn the_amounts_of_the_day_are_summed_with_this_one() {
    let three = past(&[("01T14:00", 2_000), ("02T01:00", 1_000), ("02T06:00", 500)]);
    let now = at("2026-03-02T12:00:00Z");
    assert_eq!(
        check(&paracetamol(), None, &three, now),
        not_before("2026-03-02T14:00:00Z", Limit::MaxAmount)
    );
    assert_eq!(check(&paracetamol(), Some(&mg(500)), &three, now), Allowance::Allowed);
    let never = Allowance::NotBefore {
        at: None,
        why: Limit::MaxAmount,
    };
    assert_eq!(check(&paracetamol(), Some(&mg(4_001)), &[], now), never);
}

#[test]
fn the_limit_that_holds_longest_is_the_one_that_is_named() {
    let doses = past(&[("01T13:00", 4_000), ("02T11:00", 1)]);
    let now = at("2026-03-02T12:00:00Z");
    assert_eq!(
        check(&paracetamol(), None, &doses, now),
        not_before("2026-03-02T15:00:00Z", Limit::MinGap)
    );
}

#[test]
fn what_cannot_be_summed_is_not_allowed_in_silence() {
    let now = at("2026-03-02T12:00:00Z");
    let tablets = Quantity::new(2, "tablet");
    let never = Allowance::NotBefore {
        at: None,
        why: Limit::UnknownAmount,
    };
    assert_eq!(check(&paracetamol(), Some(&tablets), &[], now), never);
    let unknown = [PastDose {
        at: at("2026-03-02T02:00:00Z"),
        amount: None,
    }];
    let until = not_before("2026-03-03T02:00:00Z", Limit::UnknownAmount);
    assert_eq!(check(&paracetamol(), None, &unknown, now), until);
    let mut asked = paracetamol();
    asked.dose = Dose::Ask {};
    assert_eq!(check(&asked, None, &[], now), never);
}

#[test]
fn a_dose_at_fixed_times_has_no_such_limits() {
    let schedule = wall("Africa/Lagos", &[("am", "08:00")], Days::Every {});
    let now = at("2026-03-02T12:00:00Z");
    assert_eq!(
        check(&schedule, None, &past(&[("02T11:59", 9_000)]), now),
        Allowance::Allowed
    );
}

/// The rule as SCHEDULE.md puts it, in one line each.
fn allowed(now: DateTime<Utc>, dose: i64, past: &[(DateTime<Utc>, i64)]) -> bool {
    let recent: Vec<_> = past.iter().filter(|(at, _)| now - *at < TimeDelta::days(1)).collect();
    past.iter().all(|(at, _)| now - *at >= TimeDelta::hours(4))
        && recent.len() < 4
        && recent.iter().map(|(_, value)| value).sum::<i64>() + dose <= 4_000
}

proptest! {
    #[test]
    fn the_instant_that_is_named_is_the_first_that_is_allowed(
        doses in vec((0..3_000_i64, 1..2_000_i64), 0..8), dose in 1..4_000_i64
    ) {
        let now = at("2026-03-03T00:00:00Z");
        let plain: Vec<_> = doses.iter().map(|(ago, value)| (now - TimeDelta::minutes(*ago), *value)).collect();
        let past: Vec<_> = plain.iter().map(|(at, value)| PastDose { at: *at, amount: Some(mg(*value)) }).collect();
        match check(&paracetamol(), Some(&mg(dose)), &past, now) {
            Allowance::Allowed => prop_assert!(allowed(now, dose, &plain)),
            Allowance::NotBefore { at: Some(at), .. } => {
                prop_assert!(now < at);
                prop_assert!(!allowed(now, dose, &plain));
                prop_assert!(!allowed(at - TimeDelta::seconds(1), dose, &plain));
                prop_assert!(allowed(at, dose, &plain));
                prop_assert_eq!(check(&paracetamol(), Some(&mg(dose)), &past, at), Allowance::Allowed);
            }
            Allowance::NotBefore { at: None, .. } => prop_assert!(false, "waiting helps here"),
        }
    }
}
