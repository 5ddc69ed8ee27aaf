//! The laws on which the clocks bear, at every change of every zone of the world from 2020 to 2035.
//!
//! What is expected follows by addition from the change alone (when, and the offsets before and after it), as `chrono-tz`
//! knows it. So nothing here shares a search, a table or a shortcut with the engine.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use doseline_shared::{
    quantity::Quantity,
    schedule::{
        Context, DailyWindow, Days, Dose, OccurrenceKey, Rule, Schedule, SlotTime, TaperStep, Zone, occurrences,
    },
};

use crate::{
    build::{at, elapsed, time, wall},
    elapsed::{chain, number, the_slow_way},
    zones::{by_chrono_tz, changes_within},
};

/// A change of the clocks of a zone, with the offsets in seconds east.
struct Change {
    tz: Tz,
    at: i64,
    before: i64,
    after: i64,
}

impl Change {
    /// Every change from 2020 to 2035, and of a zone that has none, a day in the middle on which nothing changes.
    fn all() -> impl Iterator<Item = Self> {
        let years = at("2020-01-01T00:00:00Z").timestamp()..at("2036-01-01T00:00:00Z").timestamp();
        TZ_VARIANTS.into_iter().flat_map(move |tz| {
            let mut before = by_chrono_tz(tz, years.start);
            let mut found: Vec<_> = changes_within(tz, years.clone())
                .into_iter()
                .map(|(at, after)| {
                    let change = Self { tz, at, before, after };
                    before = after;
                    change
                })
                .collect();
            if found.is_empty() {
                let at = years.start + (years.end - years.start) / 2;
                found.push(Self {
                    tz,
                    at,
                    before,
                    after: before,
                });
            }
            found
        })
    }

    fn instant(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.at, 0).unwrap()
    }

    /// The local date on which the clocks change, by the clock from before.
    fn date(&self) -> NaiveDate {
        self.date_at(self.at - 1)
    }

    /// The local date at an instant near the change.
    fn date_at(&self, instant: i64) -> NaiveDate {
        let offset = if instant < self.at { self.before } else { self.after };
        DateTime::from_timestamp(instant + offset, 0).unwrap().date_naive()
    }

    /// When a local time near the change is: as the clock from before reads it, where that is before the change; else as
    /// the one from after does; and where neither shows it, moved on by the gap, which is as the clock from before reads it.
    fn due(&self, date: NaiveDate, time: NaiveTime) -> i64 {
        let local = date.and_time(time).and_utc().timestamp();
        let (first, second) = (local - self.before, local - self.after);
        if first >= self.at && second >= self.at {
            return second;
        }
        first
    }

    fn home(&self, schedule: Schedule) -> Schedule {
        Schedule {
            zone: Zone::Home { tz: self.tz },
            ..schedule
        }
    }

    fn named(&self) -> String {
        format!("{} at {}", self.tz, self.instant())
    }
}

/// Four days on both sides of a change.
fn around(change: &Change) -> std::ops::Range<DateTime<Utc>> {
    change.instant() - TimeDelta::days(4)..change.instant() + TimeDelta::days(4)
}

/// Every half hour of the day, the last first, so that the order of the list is not that of the clock.
fn half_hours() -> Vec<SlotTime> {
    let half_hour = |place: u32| SlotTime {
        slot: format!("s{place}"),
        at: NaiveTime::from_num_seconds_from_midnight_opt(place * 1_800, 0).unwrap(),
    };
    (0..48).rev().map(half_hour).collect()
}

#[test]
fn each_date_and_slot_comes_once_in_order_in_a_gap_moved_on_and_in_a_fold_the_first_time() {
    let times = half_hours();
    let mut changes = 0;
    for change in Change::all() {
        let (first, last) = (change.date() - TimeDelta::days(1), change.date() + TimeDelta::days(1));
        let mut wanted = Vec::new();
        for date in first.iter_days().take_while(|date| *date <= last) {
            for (place, time) in times.iter().enumerate() {
                wanted.push((change.due(date, time.at), place, date));
            }
        }
        let rule = Rule::Wall {
            times: times.clone(),
            days: Days::Every {},
        };
        let mut schedule = change.home(Schedule {
            rule,
            start: first,
            end: Some(last),
            ..wall("UTC", &[], Days::Every {})
        });
        let found = |schedule: &Schedule| -> Vec<_> {
            occurrences(schedule, around(&change), &Context::new(Tz::UTC))
                .into_iter()
                .map(|one| (one.due.timestamp(), one.id))
                .collect()
        };
        let keys = |mut wanted: Vec<(i64, usize, NaiveDate)>| -> Vec<_> {
            wanted.sort_unstable();
            let key = |(due, place, date): (i64, usize, NaiveDate)| {
                let slot = times[place].slot.clone();
                (due, OccurrenceKey::Wall { date, slot })
            };
            wanted.into_iter().map(key).collect()
        };
        assert_eq!(found(&schedule), keys(wanted.clone()), "{}", change.named());

        // A limit counts date by date, then by due, then by the list; here it ends within the date of the change.
        schedule.max_count = Some(48 + 7);
        wanted.sort_by_key(|(due, place, date)| (*date, *due, *place));
        wanted.truncate(48 + 7);
        assert_eq!(found(&schedule), keys(wanted), "{}, limited", change.named());
        changes += 1;
    }
    assert!(changes > 5_000, "{changes}");
}

#[test]
fn a_chain_in_real_time_knows_no_change_but_its_dates_do() {
    for change in Change::all() {
        let anchor = change.instant() - TimeDelta::minutes(2 * 1_440 + 17);
        let day = change.date();
        let mut schedule = change.home(elapsed("UTC", 95, &anchor.to_rfc3339(), None));
        (schedule.start, schedule.end) = (day, Some(day));
        let found: Vec<_> = occurrences(&schedule, around(&change), &Context::new(Tz::UTC))
            .iter()
            .map(|one| (number(one), one.due))
            .collect();
        let mut wanted: Vec<_> = (0..60_u64)
            .zip(0..)
            .map(|(number, links)| (number, anchor + TimeDelta::minutes(95 * links)))
            .filter(|(_, due)| change.date_at(due.timestamp()) == day)
            .collect();
        assert_eq!(found, wanted, "{}", change.named());
        schedule.max_count = Some(3);
        wanted.truncate(3);
        assert_eq!(
            occurrences(&schedule, around(&change), &Context::new(Tz::UTC)).len(),
            wanted.len(),
            "{}",
            change.named()
        );
    }
}

#[test]
fn a_daily_window_opens_by_the_clock_of_its_day() {
    for change in Change::all() {
        // So that on one of the days around the change an instant falls outside, whatever the hour of the change.
        let anchor = change.instant() - TimeDelta::minutes(2 * 1_440 + 43);
        let mut schedule = change.home(elapsed("UTC", 250, &anchor.to_rfc3339(), None));
        if let Rule::Elapsed { daily, .. } = &mut schedule.rule {
            *daily = Some(DailyWindow {
                from: time("00:30"),
                to: time("22:10"),
            });
        }
        schedule.start = change.date() - TimeDelta::days(4);
        let range = around(&change);
        let found: Vec<_> = occurrences(&schedule, range.clone(), &Context::new(Tz::UTC))
            .iter()
            .map(|one| (number(one), one.due))
            .collect();
        let wanted = the_slow_way(&schedule, (0, chain(&schedule).0), range.end);
        assert_eq!(found, wanted, "{}", change.named());
    }
}

#[test]
fn days_are_counted_by_local_dates_through_every_change() {
    let amounts: Vec<_> = [5, 7, 11].map(|value| Quantity::new(value, "mg")).into();
    for change in Change::all() {
        // Anchored behind the change, so that the dates before it count by the Euclidean remainder.
        let (start, anchor) = (change.date() - TimeDelta::days(6), change.date() + TimeDelta::days(1));
        let end = change.date() + TimeDelta::days(6);
        let patterns = [
            (
                Days::Cycle { on: 2, off: 3, anchor },
                Dose::Table { days: amounts.clone() },
            ),
            (
                Days::EveryN { n: 4, anchor },
                Dose::Taper {
                    steps: (0..)
                        .step_by(5)
                        .zip(&amounts)
                        .map(|(from_day, amount)| TaperStep {
                            from_day,
                            amount: amount.clone(),
                        })
                        .collect(),
                },
            ),
        ];
        for (place, (days, dose)) in patterns.into_iter().enumerate() {
            let falls = |date: NaiveDate| {
                let away = (date - anchor).num_days();
                if place == 0 {
                    away.rem_euclid(5) < 2
                } else {
                    away.rem_euclid(4) == 0
                }
            };
            let amount = |date: NaiveDate| {
                let day = usize::try_from((date - start).num_days()).unwrap();
                &amounts[if place == 0 { day % 3 } else { day / 5 }]
            };
            let wanted: Vec<_> = start
                .iter_days()
                .take_while(|date| *date <= end)
                .filter(|date| falls(*date))
                .map(|date| (date, Some(amount(date).clone())))
                .collect();
            let schedule = change.home(Schedule {
                start,
                end: Some(end),
                dose,
                ..wall("UTC", &[("night", "02:30")], days)
            });
            let range = change.instant() - TimeDelta::days(9)..change.instant() + TimeDelta::days(9);
            let found: Vec<_> = occurrences(&schedule, range, &Context::new(Tz::UTC))
                .into_iter()
                .map(|one| (one.day(), one.amount))
                .collect();
            assert_eq!(found, wanted, "{}", change.named());
        }
    }
}
