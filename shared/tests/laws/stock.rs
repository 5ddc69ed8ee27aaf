//! Stock: what is at hand follows from the ledger and the doses, and lasts as long as the plan has it.

use chrono::TimeDelta;
use doseline_shared::{
    dose::{DoseAct, DoseEvent},
    id::DoseEventId,
    quantity::Quantity,
    record::{Medication, MedicationStatus, StockAct, StockEntry, StockSettings},
    schedule::{Days, Dose, OccurrenceKey, Rule, Schedule, TaperStep},
    stock::{End, NoStock, on_hand, outlook},
};
use proptest::{collection::vec, prelude::*};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::build::{at, date, event, medication, stock_entry, taken, tz, wall};

/// Midnight of 2026-03-01 in the zone of the plan.
const NOW: &str = "2026-02-28T23:00:00Z";

fn tablets(value: i64) -> Quantity {
    Quantity::new(value, "tablet")
}

/// Kept in tablets, three days to get more.
fn kept(schedule: Schedule) -> Medication {
    Medication {
        stock: Some(StockSettings {
            unit: "tablet".to_owned(),
            lead_days: 3,
        }),
        ..medication(vec![("2026-01-01", schedule)])
    }
}

fn daily() -> Schedule {
    wall("Africa/Lagos", &[("am", "08:00")], Days::Every {})
}

fn as_needed() -> Schedule {
    Schedule {
        rule: Rule::AsNeeded {
            min_gap_min: 0,
            max_count: None,
            max_amount: None,
            per_min: 1_440,
            ingredients: vec!["metformin".to_owned()],
        },
        ..daily()
    }
}

fn refill(id: u128, when: &str, value: i64) -> StockEntry {
    stock_entry(id, when, StockAct::Refill { amount: tablets(value) })
}

fn count(id: u128, when: &str, value: i64) -> StockEntry {
    stock_entry(id, when, StockAct::Count { amount: tablets(value) })
}

/// A dose of the plan taken on a date, or one beside it at an instant.
fn dose(id: u128, day: &str) -> DoseEvent {
    let due = at(&format!("{day}T07:00:00Z"));
    DoseEvent {
        occurrence: Some(OccurrenceKey::Wall {
            date: date(day),
            slot: "am".to_owned(),
        }),
        due: Some(due),
        at: due.fixed_offset(),
        recorded_at: due,
        ..event(id, 0, taken())
    }
}

fn beside(id: u128, when: &str, amount: Option<Quantity>) -> DoseEvent {
    DoseEvent {
        occurrence: None,
        due: None,
        at: at(when).fixed_offset(),
        recorded_at: at(when),
        ..event(
            id,
            0,
            DoseAct::Taken {
                amount,
                override_reason: None,
            },
        )
    }
}

fn left(medication: &Medication, entries: &[StockEntry], events: &[DoseEvent]) -> Result<Quantity, NoStock> {
    let events: Vec<_> = events.iter().collect();
    on_hand(medication, entries, &events, tz("Africa/Lagos"), at(NOW))
}

fn end(medication: &Medication, value: i64, events: &[DoseEvent]) -> Result<End, NoStock> {
    let events: Vec<_> = events.iter().collect();
    let entries = [count(1, "2026-02-28T23:59:00+01:00", value)];
    outlook(medication, &entries, &events, tz("Africa/Lagos"), at(NOW)).map(|outlook| outlook.end)
}

fn on(day: &str, days_left: u32) -> Result<End, NoStock> {
    Ok(End::On {
        date: date(day),
        days_left,
    })
}

#[test]
fn refills_come_in_and_doses_go_out_from_the_first_entry_on() {
    let entries = [
        refill(1, "2026-02-10T12:00:00+01:00", 30),
        refill(2, "2026-02-20T12:00:00+01:00", 28),
        refill(3, "2026-03-20T12:00:00+01:00", 500),
    ];
    let mut doses = vec![
        dose(11, "2026-02-09"),
        dose(12, "2026-02-11"),
        dose(13, "2026-02-12"),
        // Another device has logged the same dose, and the same entry has come twice.
        dose(14, "2026-02-12"),
        dose(13, "2026-02-12"),
        beside(15, "2026-02-13T10:00:00Z", Some(tablets(2))),
        // After now.
        dose(16, "2026-03-01"),
    ];
    assert_eq!(left(&kept(daily()), &entries, &doses), Ok(tablets(58 - 4)));
    let retracted = DoseAct::Retracted {
        event: DoseEventId::from_uuid(Uuid::from_u128(12)),
    };
    doses.push(event(17, 0, retracted));
    assert_eq!(left(&kept(daily()), &entries, &doses), Ok(tablets(58 - 3)));
    assert_eq!(
        left(&kept(daily()), &entries[..0], &doses),
        Err(NoStock::NothingEntered)
    );
    assert_eq!(
        left(&kept(daily()), &entries[2..], &doses),
        Err(NoStock::NothingEntered)
    );
    assert_eq!(left(&medication(Vec::new()), &entries, &doses), Err(NoStock::NotKept));
}

#[test]
fn a_count_sets_what_is_there_at_its_own_time_whenever_it_was_recorded() {
    let mut late = dose(12, "2026-02-14");
    late.recorded_at = at("2026-02-20T08:00:00Z");
    let doses = [dose(11, "2026-02-11"), late, dose(13, "2026-02-16")];
    let entries = [
        refill(1, "2026-02-10T12:00:00+01:00", 30),
        count(2, "2026-02-15T12:00:00+01:00", 20),
        refill(3, "2026-02-17T12:00:00+01:00", 10),
    ];
    assert_eq!(left(&kept(daily()), &entries, &doses), Ok(tablets(29)));
    let recount = count(4, "2026-02-18T12:00:00+01:00", 0);
    let entries = [entries.as_slice(), &[recount]].concat();
    assert_eq!(left(&kept(daily()), &entries, &doses), Ok(tablets(0)));
    // Taken with nothing there: none is left, and not less than that.
    let doses = [doses.as_slice(), &[dose(14, "2026-02-19")]].concat();
    assert_eq!(left(&kept(daily()), &entries, &doses), Ok(tablets(0)));
}

#[test]
fn another_unit_is_an_answer_and_not_a_guess() {
    let mg = Quantity::new(500, "mg");
    let other = Err(NoStock::OtherUnit { unit: "mg".to_owned() });
    let bottle = stock_entry(1, "2026-02-10T12:00:00+01:00", StockAct::Refill { amount: mg.clone() });
    let entries = [bottle, refill(2, "2026-02-11T12:00:00+01:00", 30)];
    assert_eq!(left(&kept(daily()), &entries, &[]), other);
    let in_mg = [beside(11, "2026-02-13T10:00:00Z", Some(mg.clone()))];
    assert_eq!(left(&kept(daily()), &entries[1..], &in_mg), other);
    // A count says what is there, whatever came before it.
    let counted = [entries.as_slice(), &[count(3, "2026-02-14T12:00:00+01:00", 7)]].concat();
    assert_eq!(left(&kept(daily()), &counted, &in_mg), Ok(tablets(7)));

    let mut strength = daily();
    strength.dose = Dose::Fixed { amount: mg };
    assert_eq!(
        end(&kept(strength), 30, &[]),
        Err(NoStock::OtherUnit { unit: "mg".to_owned() })
    );
    let mut asked = daily();
    asked.dose = Dose::Ask {};
    let unknown = left(&kept(asked), &entries[1..], &[dose(11, "2026-02-13")]);
    assert_eq!(unknown, Err(NoStock::UnknownAmount));
}

#[test]
fn it_lasts_until_the_first_dose_that_there_is_not_enough_for() {
    assert_eq!(end(&kept(daily()), 10, &[]), on("2026-03-11", 10));
    assert_eq!(end(&kept(daily()), 0, &[]), on("2026-03-01", 0));
    let mut two = daily();
    two.dose = Dose::Fixed { amount: tablets(2) };
    assert_eq!(end(&kept(two), 11, &[]), on("2026-03-06", 5));
    // Today's was taken ahead of its time, and is not taken again.
    let mut ahead = dose(11, "2026-03-01");
    ahead.at = at(NOW).fixed_offset();
    assert_eq!(end(&kept(daily()), 11, &[ahead]), on("2026-03-12", 11));
    assert_eq!(end(&kept(daily()), 730, &[]), Ok(End::NotInSight));
    assert_eq!(end(&kept(daily()), 729, &[]), on("2028-02-28", 729));
}

#[test]
fn a_taper_and_days_off_count_as_they_are() {
    let mut taper = daily();
    taper.start = date("2026-03-01");
    taper.dose = Dose::Taper {
        steps: [(0, 4), (3, 2), (6, 1)]
            .map(|(from_day, value)| TaperStep {
                from_day,
                amount: tablets(value),
            })
            .into(),
    };
    // 3 × 4, 3 × 2, then one a day.
    assert_eq!(end(&kept(taper.clone()), 20, &[]), on("2026-03-09", 8));
    taper.end = Some(date("2026-03-08"));
    assert_eq!(end(&kept(taper), 20, &[]), Ok(End::NotInSight));
    let cycle = wall(
        "Africa/Lagos",
        &[("am", "08:00")],
        Days::Cycle {
            on: 21,
            off: 7,
            anchor: date("2026-03-01"),
        },
    );
    assert_eq!(end(&kept(cycle.clone()), 21, &[]), on("2026-03-29", 28));
    assert_eq!(end(&kept(cycle), 25, &[]), on("2026-04-02", 32));
    // A new revision takes more from its own date on.
    let mut raised = kept(daily());
    raised.plan.push(doseline_shared::record::Revision {
        number: 2,
        from: date("2026-03-05"),
        since: None,
        schedule: Schedule {
            dose: Dose::Fixed { amount: tablets(3) },
            ..daily()
        },
    });
    assert_eq!(end(&raised, 10, &[]), on("2026-03-07", 6));
}

#[test]
fn what_is_taken_as_needed_or_by_measure_lasts_as_the_mean_of_30_days_has_it() {
    let used = [
        beside(11, "2026-01-29T22:59:00Z", Some(tablets(1_000))),
        beside(12, "2026-01-29T23:01:00Z", None),
        beside(13, "2026-02-10T10:00:00Z", Some(tablets(2))),
        beside(14, "2026-02-20T10:00:00Z", Some(tablets(3))),
    ];
    // Six in thirty days: one in five days.
    assert_eq!(end(&kept(as_needed()), 7, &used), on("2026-04-05", 35));
    assert_eq!(end(&kept(as_needed()), 7, &used[..1]), Ok(End::NotInSight));
    let stopped = Medication {
        status: MedicationStatus::Stopped {
            from: date("2026-03-01"),
        },
        ..kept(as_needed())
    };
    assert_eq!(end(&stopped, 7, &used), Ok(End::NotInSight));
    let mut asked = daily();
    asked.dose = Dose::Ask {};
    assert_eq!(end(&kept(asked.clone()), 7, &used[2..]), on("2026-04-12", 42));
    assert_eq!(end(&kept(asked), 7, &used[1..]), Err(NoStock::UnknownAmount));
}

#[test]
fn more_is_asked_for_at_the_lead_time_and_a_week_before_the_end() {
    let entries = [count(1, "2026-02-28T23:59:00+01:00", 12)];
    let seen = outlook(&kept(daily()), &entries, &[], tz("Africa/Lagos"), at(NOW)).unwrap();
    assert_eq!(seen.end, on("2026-03-13", 12).unwrap());
    assert_eq!(seen.refill_from, Some(date("2026-03-03")));
    assert!(!seen.refill_due(date("2026-03-02")));
    assert!(seen.refill_due(date("2026-03-03")));
    let never = Medication {
        plan: Vec::new(),
        ..kept(daily())
    };
    let seen = outlook(&never, &entries, &[], tz("Africa/Lagos"), at(NOW)).unwrap();
    assert!(!seen.refill_due(date("2199-01-01")));
}

fn some_entries() -> impl Strategy<Value = Vec<StockEntry>> {
    let one = (0..40_000_i64, 0..60_i64, any::<bool>());
    vec(one, 1..8).prop_map(|all| {
        (1..)
            .zip(all)
            .map(|(id, (minutes, value, counted))| {
                let when = (at(NOW) - TimeDelta::minutes(minutes)).to_rfc3339();
                match counted {
                    true => count(id, &when, value),
                    false => refill(id, &when, value),
                }
            })
            .collect()
    })
}

fn some_doses() -> impl Strategy<Value = Vec<DoseEvent>> {
    vec((0..40_000_i64, 1..4_i64), 0..12).prop_map(|all| {
        (100..)
            .zip(all)
            .map(|(id, (minutes, value))| {
                let when = (at(NOW) - TimeDelta::minutes(minutes)).to_rfc3339();
                beside(id, &when, Some(tablets(value)))
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn neither_order_nor_duplicates_matter(
        entries in some_entries(), doses in some_doses(), turn in 0..12_usize
    ) {
        let found = left(&kept(daily()), &entries, &doses).unwrap();
        prop_assert!(found.value >= Decimal::ZERO);
        let mut more = [entries.as_slice(), entries.as_slice()].concat();
        more.rotate_left(turn.min(entries.len()));
        let mut again = [doses.as_slice(), doses.as_slice()].concat();
        again.reverse();
        prop_assert_eq!(left(&kept(daily()), &more, &again), Ok(found));
    }

    #[test]
    fn since_the_last_count_every_refill_is_added_and_every_dose_taken_off(
        entries in some_entries(), doses in some_doses(), value in 500..900_i64
    ) {
        // Counted before all else, with enough that none of it runs out.
        let mut counted = vec![count(99, "2026-01-01T00:00:00Z", value)];
        counted.extend(entries.into_iter().filter(|entry| matches!(entry.what, StockAct::Refill { .. })));
        let found = left(&kept(daily()), &counted, &doses).unwrap();
        let refills: Decimal = counted.iter().map(|entry| entry.what.amount().value).sum();
        let out: Decimal = doses
            .iter()
            .filter_map(|dose| match &dose.what {
                DoseAct::Taken { amount, .. } => amount.as_ref().map(|amount| amount.value),
                _ => None,
            })
            .sum();
        prop_assert_eq!(found.value, refills - out);
        // A count now overrules it all.
        counted.push(count(98, NOW, 5));
        prop_assert_eq!(left(&kept(daily()), &counted, &doses), Ok(tablets(5)));
    }

    #[test]
    fn so_many_days_as_whole_doses_and_more_never_ends_sooner(value in 0..500_i64, each in 1..5_i64, more in 0..100_i64) {
        let mut schedule = daily();
        schedule.dose = Dose::Fixed { amount: tablets(each) };
        let days = |value| match end(&kept(schedule.clone()), value, &[]).unwrap() {
            End::On { days_left, date } => {
                assert_eq!(date, self::date("2026-03-01") + TimeDelta::days(i64::from(days_left)));
                i64::from(days_left)
            }
            End::NotInSight => i64::MAX,
        };
        prop_assert_eq!(days(value), value / each);
        prop_assert!(days(value) <= days(value + more));
    }
}
