//! Travel: a floating schedule follows the patient's answers and no device, loses no dose and doubles none.

use std::collections::BTreeMap;

use chrono::{DateTime, Days as Ahead, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    id::DeviceId,
    merge,
    record::Patient,
    schedule::{Days, Occurrence, OccurrenceKey, Schedule, Zone, plan_occurrences},
    travel::{Travel, Zones, first_free_date, is_unsafe},
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use crate::build::{at, date, dues, elapsed, medication, wall};

const LAGOS: Tz = Tz::Africa__Lagos;
const NEW_YORK: Tz = Tz::America__New_York;

fn device(number: u128) -> DeviceId {
    DeviceId::from_uuid(Uuid::from_u128(number))
}

fn travel(when: &str, zone: Tz, from: &str) -> Travel {
    Travel {
        at: at(when),
        device: device(1),
        there: zone,
        zone,
        from: date(from),
    }
}

fn floating(times: &[(&str, &str)]) -> Schedule {
    Schedule {
        zone: Zone::Floating {},
        ..wall("UTC", times, Days::Every {})
    }
}

fn patient(travels: Vec<Travel>) -> Patient {
    Patient {
        id: doseline_shared::id::PatientId::from_uuid(Uuid::from_u128(2)),
        version: 1,
        person: None,
        name: "Ada".to_owned(),
        birth_date: None,
        zone: LAGOS,
        travels,
    }
}

#[test]
fn times_stay_on_the_clock_at_home_until_the_date_of_the_answer_and_follow_it_from_there() {
    let pills = medication(vec![("2026-01-01", floating(&[("am", "08:00"), ("pm", "20:00")]))]);
    let travels = [travel("2026-06-10T17:00:00Z", NEW_YORK, "2026-06-11")];
    let zones = Zones::new(LAGOS, &travels);
    let found = plan_occurrences(
        &pills,
        at("2026-06-10T00:00:00Z")..at("2026-06-12T00:00:00Z"),
        zones,
        &[],
    );
    // Lagos is at +1, New York at -4 in summer.
    assert_eq!(
        dues(&found),
        ["2026-06-10T07:00:00Z", "2026-06-10T19:00:00Z", "2026-06-11T12:00:00Z"]
    );
    assert_eq!(
        zones.at(at("2026-06-10T23:30:00Z")),
        LAGOS,
        "it is the 11th in Lagos, and not yet in New York"
    );
    assert_eq!(zones.at(at("2026-06-11T04:00:00Z")), NEW_YORK);

    let home = medication(vec![(
        "2026-01-01",
        wall("Africa/Lagos", &[("am", "08:00")], Days::Every {}),
    )]);
    let range = at("2026-06-10T00:00:00Z")..at("2026-06-13T00:00:00Z");
    assert_eq!(
        plan_occurrences(&home, range.clone(), zones, &[]),
        plan_occurrences(&home, range, LAGOS.into(), &[]),
        "what has a home does not travel"
    );
}

#[test]
fn a_fixed_distance_stays_one_on_every_clock() {
    let floats = Schedule {
        zone: Zone::Floating {},
        ..elapsed("Africa/Lagos", 480, "2026-06-01T06:00:00Z", None)
    };
    let pills = medication(vec![("2026-06-01", floats)]);
    let travels = [travel("2026-06-10T17:00:00Z", NEW_YORK, "2026-06-11")];
    let range = at("2026-06-05T00:00:00Z")..at("2026-06-20T00:00:00Z");
    let found = plan_occurrences(&pills, range, Zones::new(LAGOS, &travels), &[]);
    let gaps: Vec<_> = found.windows(2).map(|pair| pair[1].due - pair[0].due).collect();
    // On the way west some hours belong to no date that is still read at home, and to none that is read there already.
    assert!(gaps.iter().all(|gap| *gap == TimeDelta::hours(8)), "{:?}", dues(&found));
}

#[test]
fn the_later_answer_holds_whatever_order_they_come_in() {
    let there = travel("2026-06-10T17:00:00Z", NEW_YORK, "2026-06-12");
    let back = travel("2026-06-10T18:00:00Z", LAGOS, "2026-06-11");
    for travels in [[there, back], [back, there]] {
        assert_eq!(Zones::new(LAGOS, &travels).on(date("2026-06-20")), LAGOS);
    }
    let (base, one, other) = (patient(vec![]), patient(vec![there]), patient(vec![back]));
    let merged = merge::patient(&base, &one, &other).unwrap();
    assert_eq!(merged.travels, [there, back]);
    assert_eq!(merge::patient(&base, &other, &one).unwrap(), merged);
    assert_eq!(merge::patient(&one, &merged, &one).unwrap(), merged);
    merged.validate().unwrap();
    assert_eq!(
        patient(vec![back, there])
            .validate()
            .unwrap_err()
            .to_string()
            .split(' ')
            .next(),
        Some("travels:")
    );
}

#[test]
fn a_device_asks_once_for_each_place_and_not_where_the_clocks_agree() {
    let now = at("2026-06-10T17:00:00Z");
    let home = Zones::new(LAGOS, &[]);
    assert!(home.asks(device(1), NEW_YORK, now));
    assert!(
        !home.asks(device(1), Tz::Africa__Douala, now),
        "the same clock by another name"
    );
    let in_winter = at("2026-01-10T12:00:00Z");
    assert!(!home.asks(device(1), Tz::Europe__Paris, in_winter));
    assert!(
        home.asks(device(1), Tz::Europe__Paris, at("2026-03-10T12:00:00Z")),
        "they part in the coming weeks"
    );

    let kept = [Travel {
        zone: LAGOS,
        ..travel("2026-06-10T17:00:00Z", NEW_YORK, "2026-06-10")
    }];
    let kept = Zones::new(LAGOS, &kept);
    assert!(!kept.asks(device(1), NEW_YORK, now) && kept.differs(NEW_YORK, now));
    assert!(kept.asks(device(1), Tz::Asia__Tokyo, now), "the journey goes on");

    let moved = [travel("2026-06-10T17:00:00Z", NEW_YORK, "2026-06-11")];
    let moved = Zones::new(LAGOS, &moved);
    assert!(
        !moved.asks(device(1), NEW_YORK, now),
        "though it holds from tomorrow only"
    );
    assert!(moved.asks(device(1), LAGOS, now), "and at home again");
}

#[test]
fn an_answer_holds_from_the_first_date_of_which_no_dose_has_come() {
    let today = date("2026-06-10");
    assert_eq!(first_free_date(today, std::iter::empty()), today);
    assert_eq!(first_free_date(today, [date("2026-06-08")].into_iter()), today);
    assert_eq!(
        first_free_date(today, [today, date("2026-06-09")].into_iter()),
        date("2026-06-11")
    );
}

#[test]
fn a_dose_is_held_under_half_and_over_one_and_a_half_of_its_gap_and_not_at_them() {
    let last = at("2026-06-10T08:00:00Z");
    let nominal = TimeDelta::hours(12);
    for (minutes, held) in [(359, true), (360, false), (720, false), (1_080, false), (1_081, true)] {
        assert_eq!(
            is_unsafe(last, last + TimeDelta::minutes(minutes), nominal),
            held,
            "{minutes}"
        );
    }
}

fn a_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec())
}

fn a_journey() -> impl Strategy<Value = Travel> {
    (0..400_i64, a_zone(), 0..3_u64).prop_map(|(day, zone, later)| {
        let when: DateTime<Utc> = at("2026-01-05T10:00:00Z") + TimeDelta::days(day);
        Travel {
            at: when,
            device: device(1),
            there: zone,
            zone,
            from: when.date_naive() + Ahead::new(later),
        }
    })
}

proptest! {
    #[test]
    fn every_date_and_slot_comes_exactly_once_on_the_clock_that_the_answers_name(
        mut travels in vec(a_journey(), 0..6),
        home in a_zone(),
    ) {
        travels.sort();
        let zones = Zones::new(home, &travels);
        let times = [("am", "02:30"), ("noon", "12:00"), ("pm", "23:45")];
        let pills = medication(vec![("2026-01-01", floating(&times))]);
        let (first, last) = (date("2026-01-03"), date("2027-03-01"));
        let range = at("2026-01-01T00:00:00Z")..at("2027-03-05T00:00:00Z");
        let found = plan_occurrences(&pills, range, zones, &[]);
        let mut by_date: BTreeMap<NaiveDate, Vec<&Occurrence>> = BTreeMap::new();
        for one in &found {
            let OccurrenceKey::Wall { date, .. } = &one.id else { unreachable!("a wall rule") };
            by_date.entry(*date).or_default().push(one);
        }
        let mut day = first;
        while day < last {
            let that = &by_date[&day];
            prop_assert_eq!(that.len(), 3, "{}", day);
            // The answers read plainly: of those that hold on the date, the one given last.
            let zone = travels.iter().rev().find(|travel| travel.from <= day).map_or(home, |travel| travel.zone);
            let alone = medication(vec![("2026-01-01", Schedule { zone: Zone::Home { tz: zone }, ..floating(&times) })]);
            let around = at("2026-01-01T00:00:00Z")..at("2027-03-05T00:00:00Z");
            let wanted: Vec<_> = plan_occurrences(&alone, around, Tz::UTC.into(), &[])
                .into_iter()
                .filter(|one| matches!(&one.id, OccurrenceKey::Wall { date, .. } if *date == day))
                .collect();
            prop_assert_eq!(that.iter().map(|one| one.due).collect::<Vec<_>>(), wanted.iter().map(|one| one.due).collect::<Vec<_>>());
            day = day + Ahead::new(29);
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].due <= pair[1].due));
    }
}
