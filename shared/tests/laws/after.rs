//! Doses that follow another medication's.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use doseline_shared::{
    api::preview::Preview,
    dose::{
        DoseAct, DoseEvent, Doses,
        slate::{Regimen, due, find, unfollowed},
    },
    id::{DoseEventId, MedicationId},
    record::{Medication, MedicationStatus},
    schedule::{
        Days, OccurrenceKey, Rule, Schedule,
        after::{Unfollowed, may_follow},
    },
    travel::Zones,
};
use uuid::Uuid;

use crate::build::{at, date, elapsed, event, medication, taken, wall};

#[derive(Default)]
struct House {
    medications: BTreeMap<MedicationId, Medication>,
    doses: BTreeMap<MedicationId, Doses>,
}

impl Regimen for House {
    fn zones(&self) -> Zones<'_> {
        Tz::UTC.into()
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        self.medications.get(&id)
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        self.medications.values()
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.doses.get(&medication)
    }
}

fn id(number: u128) -> MedicationId {
    MedicationId::from_uuid(Uuid::from_u128(number))
}

fn after(leader: u128, delay_min: u32) -> Schedule {
    Schedule {
        rule: Rule::After {
            schedule: id(leader),
            delay_min,
        },
        ..wall("UTC", &[], Days::Every {})
    }
}

impl House {
    fn with(mut self, number: u128, plan: Vec<(&str, Schedule)>) -> Self {
        let medication = Medication {
            id: id(number),
            ..medication(plan)
        };
        self.medications.insert(medication.id, medication);
        self
    }

    /// The leader's dose with this key: what became of it, and when.
    fn logged(mut self, number: u128, key: &str, what: DoseAct, due_at: &str, when: &str) -> Self {
        let count = self.doses.values().map(|doses| doses.newest().count()).sum::<usize>() as u128;
        let entry = DoseEvent {
            id: DoseEventId::from_uuid(Uuid::from_u128(100 + count)),
            medication: id(number),
            occurrence: Some(key.parse().unwrap()),
            due: Some(at(due_at)),
            at: at(when).fixed_offset(),
            recorded_at: at(when),
            ..event(1, 0, what)
        };
        self.doses.entry(id(number)).or_default().insert(entry.into());
        self
    }

    fn dues(&self, number: u128, from: &str, to: &str) -> Vec<String> {
        let range = at(from)..at(to);
        let found = due(self, self.medications.get(&id(number)).unwrap(), range);
        found
            .iter()
            .map(|due| due.occurrence.due.format("%m-%d %H:%M").to_string())
            .collect()
    }

    fn march(&self, number: u128, first: &str, last: &str) -> Vec<String> {
        let midnight = |day| format!("2026-03-{day}T00:00:00Z");
        self.dues(number, &midnight(first), &midnight(last))
    }
}

/// One is at eight every day; two follows it.
fn house(two: Vec<(&str, Schedule)>) -> House {
    House::default()
        .with(1, vec![("2026-01-01", wall("UTC", &[("am", "08:00")], Days::Every {}))])
        .with(2, two)
}

#[test]
fn a_follower_is_due_one_delay_after_the_leader_was_taken_or_is_due() {
    let house = house(vec![("2026-01-01", after(1, 30))])
        .logged(
            1,
            "2026-03-01/am",
            taken(),
            "2026-03-01T08:00:00Z",
            "2026-03-01T07:10:00Z",
        )
        .logged(
            1,
            "2026-03-02/am",
            DoseAct::Skipped { reason: None },
            "2026-03-02T08:00:00Z",
            "2026-03-02T09:00:00Z",
        )
        .logged(
            1,
            "2026-03-03/am",
            DoseAct::Missed {},
            "2026-03-03T08:00:00Z",
            "2026-03-03T12:00:00Z",
        )
        .logged(
            1,
            "2026-03-04/am",
            taken(),
            "2026-03-04T08:00:00Z",
            "2026-03-07T23:45:00Z",
        );
    // A skip and a miss take nothing away; the dose logged days later moves its follower with it.
    assert_eq!(
        house.march(2, "01", "09"),
        [
            "03-01 07:40",
            "03-02 08:30",
            "03-03 08:30",
            "03-05 08:30",
            "03-06 08:30",
            "03-07 08:30",
            "03-08 00:15",
            "03-08 08:30"
        ]
    );
    // However the range is cut, each comes once.
    let cut: Vec<String> = (1..9)
        .flat_map(|day| house.march(2, &format!("{day:02}"), &format!("{:02}", day + 1)))
        .collect();
    assert_eq!(cut, house.march(2, "01", "09"));
}

#[test]
fn a_follower_is_found_by_the_leader_and_its_occurrence() {
    let house = house(vec![("2026-01-01", after(1, 30))])
        .with(3, vec![("2026-01-01", after(2, 60))])
        .logged(
            1,
            "2026-03-04/am",
            taken(),
            "2026-03-04T08:00:00Z",
            "2026-03-07T23:45:00Z",
        );
    let text = format!("after/{}/after/{}/2026-03-04/am", id(2), id(1));
    let key: OccurrenceKey = text.parse().unwrap();
    assert_eq!(key.to_string(), text);
    let three = house.medications.get(&id(3)).unwrap();
    let found = find(&house, three, &key, at("2026-03-04T09:00:00Z")).unwrap();
    assert_eq!(found.occurrence.id, key);
    assert_eq!(found.occurrence.due, at("2026-03-08T01:15:00Z"));
    // The texts of before mean what they meant, and none is read without end.
    assert_eq!(
        "2026-03-04/am".parse::<OccurrenceKey>().unwrap().to_string(),
        "2026-03-04/am"
    );
    assert_eq!("r2/17".parse::<OccurrenceKey>().unwrap().to_string(), "r2/17");
    let deep = format!("{}2026-03-04/am", format!("after/{}/", id(1)).repeat(100_000));
    for wrong in [
        "after/2026-03-04/am",
        "after//r1/1",
        deep.as_str(),
        &format!("after/{}/am", id(1)),
    ] {
        assert!(wrong.parse::<OccurrenceKey>().is_err(), "{:.40}", wrong);
    }
}

#[test]
fn dates_and_limits_count_the_leaders_date() {
    let bounded = Schedule {
        start: date("2026-03-02"),
        end: Some(date("2026-03-05")),
        ..after(1, 20 * 60)
    };
    // Twenty hours on it is the next day already; the date is the leader's.
    let house = house(vec![("2026-01-01", bounded.clone())]);
    assert_eq!(
        house.march(2, "01", "20"),
        ["03-03 04:00", "03-04 04:00", "03-05 04:00", "03-06 04:00"]
    );
    let limited = Schedule {
        end: None,
        max_count: Some(3),
        ..bounded
    };
    let house = House::default()
        .with(
            1,
            vec![("2026-01-01", elapsed("UTC", 720, "2026-03-01T08:00:00Z", None))],
        )
        .with(2, vec![("2026-01-01", limited)]);
    assert_eq!(
        house.march(2, "01", "20"),
        ["03-03 04:00", "03-03 16:00", "03-04 04:00"]
    );
    assert_eq!(house.march(2, "04", "20"), ["03-04 04:00"], "whatever is asked for");
}

#[test]
fn an_edit_of_the_delay_neither_loses_a_dose_nor_doubles_it() {
    let mut house = house(vec![("2026-01-01", after(1, 30)), ("2026-03-03", after(1, 17 * 60))]);
    assert_eq!(
        house.march(2, "01", "06"),
        ["03-01 08:30", "03-02 08:30", "03-04 01:00", "03-05 01:00"]
    );
    let back = house.with(2, vec![("2026-01-01", after(1, 17 * 60)), ("2026-03-03", after(1, 30))]);
    assert_eq!(
        back.march(2, "02", "05"),
        ["03-02 01:00", "03-03 01:00", "03-03 08:30", "03-04 08:30"]
    );
    house = back;
    house.medications.get_mut(&id(2)).unwrap().status = MedicationStatus::Stopped {
        from: date("2026-03-04"),
    };
    assert_eq!(
        house.march(2, "02", "20"),
        ["03-02 01:00", "03-03 01:00", "03-03 08:30"]
    );
}

#[test]
fn another_leaders_dose_is_another_dose() {
    let chain = |anchor| vec![("2026-01-01", elapsed("UTC", 1_440, anchor, None))];
    let house = House::default()
        .with(1, chain("2026-03-01T08:00:00Z"))
        .with(3, chain("2026-03-05T09:00:00Z"))
        .with(2, vec![("2026-01-01", after(1, 0)), ("2026-03-05", after(3, 0))]);
    let two = house.medications.get(&id(2)).unwrap();
    let found = due(&house, two, at("2026-03-01T00:00:00Z")..at("2026-03-07T00:00:00Z"));
    let mut keys: Vec<_> = found.iter().map(|due| due.occurrence.id.clone()).collect();
    assert_eq!(keys.len(), 6);
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 6, "no two doses share an identity");
}

#[test]
fn a_preview_says_that_it_knows_no_other_medication() {
    let request = serde_json::json!({
        "schedule": after(1, 30), "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"
    });
    assert_eq!(Preview::parse(&request).unwrap_err().path, "schedule.rule.schedule");
}

#[test]
fn what_cannot_be_followed_gives_none_and_says_why() {
    let why = |house: &House, number| unfollowed(house, house.medications.get(&id(number)).unwrap());
    let alone = House::default().with(2, vec![("2026-01-01", after(1, 30))]);
    assert_eq!(why(&alone, 2), Some(Unfollowed::Missing));
    let ring = alone
        .with(1, vec![("2026-01-01", after(3, 30))])
        .with(3, vec![("2026-01-01", after(2, 30))]);
    assert_eq!(why(&ring, 2), Some(Unfollowed::Cycle));
    assert!(ring.march(2, "01", "20").is_empty());
    let lookup = |id| ring.medications.get(&id);
    assert_eq!(may_follow(id(4), &after(4, 0), lookup), Err(Unfollowed::Cycle));
    assert_eq!(
        may_follow(id(4), &after(2, 0), lookup),
        Err(Unfollowed::TooLong),
        "a ring further up"
    );
    let needed = Rule::AsNeeded {
        min_gap_min: 60,
        max_count: None,
        max_amount: None,
        per_min: 1_440,
        ingredients: Vec::new(),
    };
    let needed = Schedule {
        rule: needed,
        ..after(1, 0)
    };
    let needed = house(vec![("2026-01-01", after(1, 30))]).with(1, vec![("2026-01-01", needed)]);
    assert_eq!(why(&needed, 2), Some(Unfollowed::AsNeeded));
    // What was due before the leader lost its times stays.
    let times = wall("UTC", &[("am", "08:00")], Days::Every {});
    let plan = needed
        .medications
        .get(&id(1))
        .unwrap()
        .plan
        .first()
        .unwrap()
        .schedule
        .clone();
    let needed = needed.with(1, vec![("2026-01-01", times), ("2026-03-03", plan)]);
    assert_eq!(why(&needed, 2), Some(Unfollowed::AsNeeded));
    assert_eq!(needed.march(2, "01", "20"), ["03-01 08:30", "03-02 08:30"]);
    let fine = house(vec![("2026-01-01", after(1, 30))]);
    assert_eq!((why(&fine, 1), why(&fine, 2)), (None, None));
    let mut long = fine;
    for number in 3..=9 {
        long = long.with(number, vec![("2026-01-01", after(number - 1, 1))]);
    }
    assert_eq!(long.march(9, "01", "02"), ["03-01 08:37"]);
    long = long.with(10, vec![("2026-01-01", after(9, 1))]);
    assert_eq!(why(&long, 10), Some(Unfollowed::TooLong));
}
